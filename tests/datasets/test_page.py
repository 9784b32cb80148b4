"""The page of the tables lists what there is.

After a change on purpose: `python -m tests.datasets.test_page`.
"""

from __future__ import annotations

from pathlib import Path

from pronghorn import datasets

PAGE = Path(__file__).parents[2] / "docs" / "data.md"
BEGIN, END = "<!-- tables -->\n", "<!-- end of tables -->\n"
TASKS = {"regression": "number", "binary": "2 classes", "multiclass": "classes"}


def listing() -> str:
    """The list, as the page has it."""
    lines = [
        "| name | rows x columns | target | missing | leave out of a model | from |",
        "|---|---|---|---|---|---|",
    ]
    for name in datasets.names():
        table = datasets.describe(name)
        spelt = [f"`{word}`" if word.strip() else WORDS[word] for word in table.missing]
        coded = [f"as {table.coded}"] if table.coded else []
        out = ", ".join(f"`{c}`" for c in (*table.identifiers, *table.giveaways))
        home = table.home
        at = f"{home.repository} @ {home.commit[:8]}" if home else "scikit-learn"
        lines.append(
            f"| `{name}` | {table.rows} x {table.columns} | `{table.target}`, "
            f"{TASKS[table.task]} | {'; '.join(spelt + coded)} | {out} | "
            f"{table.source}; {at}; licence: {table.licence} |"
        )
    return "\n".join(lines) + "\n"


WORDS = {"": "empty", " ": "one space"}


def test_the_page_lists_every_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert text.split(BEGIN)[1].split(END)[0] == listing()


if __name__ == "__main__":
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(before + BEGIN + listing() + END + after, encoding="utf-8")
