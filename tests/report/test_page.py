"""The page: whole, well-formed, escaped, alone; and it looks as it should."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn
from pronghorn.data.schema import ColumnSchema
from pronghorn.errors import ArgumentError, DataError
from pronghorn.report import Report, make_report

from .models import Fake, schema, table

SECTIONS = (
    "findings data training scores predictions importance worst net use method".split()
)
BAD = '<script>alert("1")</script>'
VOID = {"meta", "br", "hr"}


class Reader(HTMLParser):
    """Reads a page; an element that is not closed, or closed twice, is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        assert len(dict(attrs)) == len(attrs), f"<{tag}> has an attribute twice"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        """An element of SVG without content."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        """Words."""
        self.text.append(data)


def read(html: str) -> Reader:
    """The page, read to its end."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def regression(name: str = "x", rows: int = 120, town: str = "u") -> tuple[Any, ...]:
    """A model, its holdout and its training rows."""
    rng = np.random.default_rng(0)

    def part(count: int) -> Any:
        x = rng.normal(0, 1, count)
        towns = rng.choice([town, "v"], count).tolist()
        return table(**{name: x, "town": towns, "y": x + rng.normal(0, 0.3, count)})

    columns = [
        ColumnSchema(name, "numeric", rows, low=-3, high=3, distinct=rows),
        ColumnSchema("town", "categorical", rows, distinct=2, categories=(town, "v")),
        ColumnSchema("seven", "constant", rows, reason="always 7"),
    ]
    model = Fake(schema(columns), lambda data: data.columns[name].values)
    return model, part(rows), part(2 * rows)


def classification(count: int = 2, rows: int = 150) -> tuple[Any, ...]:
    """The same with classes."""
    rng = np.random.default_rng(1)
    labels = [f"class {chr(97 + i)}" for i in range(count)]

    def part(many: int) -> Any:
        x = rng.normal(0, 1, many)
        noisy = x + rng.normal(0, 0.7, many)
        places = np.clip(((noisy + 1.5) / 3 * count).astype(int), 0, count - 1)
        return table(x=x, y=[labels[i] for i in places])

    def told(data: Any) -> np.ndarray:
        at = (data.columns["x"].values[:, None] + 1.5) / 3 * count - 0.5
        chance = np.exp(-((at - np.arange(count)) ** 2))
        return np.asarray(chance / chance.sum(axis=1, keepdims=True))

    return Fake(schema(["x"], labels=labels), told), part(rows), part(2 * rows)


CASES = {
    "regression": regression,
    "two classes": classification,
    "five classes": lambda: classification(5),
    "many classes": lambda: classification(20, 600),
}


@pytest.fixture(scope="module", params=CASES)
def report(request: pytest.FixtureRequest) -> Report:
    """A report of each kind."""
    return make_report(*CASES[request.param]())


def test_every_section_is_there_and_named(report: Report) -> None:
    reader = read(report.html())
    found = [a for tag, a in reader.elements if tag == "section"]
    assert [a["id"] for a in found] == SECTIONS
    ids = {a["id"] for _, a in reader.elements if "id" in a}
    assert all(a["aria-labelledby"] in ids for a in found)
    links = [a["href"] for tag, a in reader.elements if tag == "a"]
    assert links == [f"#{name}" for name in SECTIONS]


def test_ids_are_met_once_and_labels_name_them(report: Report) -> None:
    reader = read(report.html())
    ids = [a["id"] for _, a in reader.elements if "id" in a]
    assert len(set(ids)) == len(ids)
    for _, a in reader.elements:
        for name in (a.get("aria-labelledby") or "").split():
            assert name in ids


def test_the_page_asks_for_nothing_and_runs_nothing(report: Report) -> None:
    html = report.html()
    assert "http" not in html.replace('http-equiv="', "")
    assert "//" not in re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    assert "@import" not in html and "url(" not in html and "javascript" not in html
    reader = read(html)
    tags = {tag for tag, _ in reader.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base"}
    for _, a in reader.elements:
        assert not any(key.startswith("on") or key == "src" for key in a)
    policies = [a for _, a in reader.elements if "http-equiv" in a]
    assert "default-src 'none'" in str(policies[0]["content"])


def test_pictures_and_tables_say_what_they_are(report: Report) -> None:
    reader = read(report.html())
    pictures = [a for tag, a in reader.elements if tag == "svg" and "role" in a]
    assert len(pictures) >= 3
    assert all(a["role"] == "img" and a["aria-labelledby"] for a in pictures)
    tables = sum(tag == "table" for tag, _ in reader.elements)
    assert tables == sum(tag == "caption" for tag, _ in reader.elements) >= 3
    for tag, a in reader.elements:
        if tag == "th":
            assert a["scope"] in ("row", "col")


def test_the_same_seed_makes_the_same_page() -> None:
    given = classification()
    first, again, other = (make_report(*given, seed=s).html() for s in (0, 0, 1))
    assert first == again != other


@pytest.mark.parametrize("with_training", [True, False])
def test_names_and_values_are_shown_and_not_run(with_training: bool) -> None:
    model, holdout, training = regression(name=BAD, town=BAD)
    given = training if with_training else None
    html = make_report(model, holdout, given, title=BAD, file=BAD).html()
    assert "<script" not in html and "&lt;script&gt;" in html
    reader = read(html)
    assert BAD in reader.text, "it is shown as it is"


def test_names_of_classes_are_escaped_too() -> None:
    model, holdout, training = classification()
    target = schema(["x"], target="y", labels=[BAD, "b&b"])
    model.schema = target

    def renamed(rows: Any) -> Any:
        words = {"class a": BAD, "class b": "b&b"}
        return table(
            x=rows.columns["x"].values, y=[words[t] for t in rows.columns["y"].text()]
        )

    html = make_report(model, renamed(holdout), renamed(training)).html()
    assert "<script" not in html
    assert BAD in read(html).text


def test_a_file_is_written_whole(tmp_path: Path, report: Report) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")
    report.save(path)
    assert path.read_text("utf-8") == report.html()


@pytest.mark.parametrize("name", ["page.pdf", "page", "none/page.html"])
def test_a_file_that_cannot_be_written(name: str, tmp_path: Path) -> None:
    given = make_report(*regression(rows=60))
    with pytest.raises(ArgumentError):
        given.save(tmp_path / name)


def test_a_folder_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "page.html").mkdir()
    with pytest.raises(ArgumentError, match="cannot be written"):
        make_report(*regression(rows=60)).save(tmp_path / "page.html")


def test_very_few_rows() -> None:
    for rows in (1, 2, 7):
        model, holdout, training = regression(rows=rows)
        made = make_report(model, holdout, training)
        assert made.values.judged == rows and "nan" not in read(made.html()).text
        read(make_report(model, holdout).html())


def test_a_table_without_the_target() -> None:
    model, _, training = regression(rows=60)
    with pytest.raises(DataError, match="no column named 'y'"):
        make_report(model, table(x=[1.0], town=["u"]), training)


def test_scores_are_shown_with_baseline_and_interval() -> None:
    made = make_report(*regression())
    words = " ".join(read(made.html()).text)
    score = made.values.scores[0]
    assert score.name == "RMSE" and score.model.value < score.baseline.value
    assert "95 %" in words and "the mean of the training rows" in words


def test_a_model_writes_its_own_report(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    size = rng.normal(size=240)
    kind = rng.choice(["a", "b"], 240)
    data = {"size": size, "kind": kind, "price": 3 * size + rng.normal(size=240)}
    parts = [
        {k: v[rows] for k, v in data.items()} for rows in (np.s_[:160], np.s_[160:])
    ]
    model = pronghorn.tabular.fit(parts[0], "price", preset="fast", epochs=15)
    path = tmp_path / "out.html"
    made = model.report(path, parts[1], parts[0], title="Prices", file="prices.keras")
    html = path.read_text("utf-8")
    assert isinstance(made, Report) and html == made.html()
    assert "TableModel.load(&#x27;prices.keras&#x27;)" in html
    assert "<h1>Prices</h1>" in html
    with pytest.raises(ArgumentError, match="HTML"):
        model.report(tmp_path / "out.txt", parts[1])
    # The lines that show how to use it work.
    example = {name: [value] for name, value in made.values.example.items()}
    assert model.predict(example).shape == (1,)
