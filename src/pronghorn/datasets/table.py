"""What is known of a table before it is loaded."""

from __future__ import annotations

from dataclasses import dataclass

from pronghorn.datasets.recipes import Recipe, as_is

__all__ = ["Home", "Table"]

ADDRESS = "https://raw.githubusercontent.com/"  # then owner/name/commit/path


@dataclass(frozen=True)
class Home:
    """Where a table is published.

    Attributes:
        repository: owner and name, on GitHub.
        commit: of the files; at least 8 digits.
        paths: the files, within the repository.
        hashes: the SHA-256 of each file; empty where its bytes are not known.
        changed: how the table differs from them. "" for not at all.
        recipe: makes the table of the files; None where that cannot be done.
    """

    repository: str
    commit: str
    paths: tuple[str, ...]
    hashes: tuple[str, ...] = ()
    changed: str = ""
    recipe: Recipe | None = as_is

    def addresses(self, commit: str | None = None) -> list[str]:
        """Of the files, in order.

        Args:
            commit: default the one that is known.
        """
        at = f"{ADDRESS}{self.repository}/{commit or self.commit}/"
        return [at + path for path in self.paths]


@dataclass(frozen=True)
class Table:
    """A public table: what it holds, and what to know before a model is trained on it.

    Attributes:
        name: what `load` calls it.
        rows, columns: how many.
        target: the column to predict.
        task: "regression", "binary" or "multiclass".
        source: who collected the data.
        licence: as the repository states it; "none stated" where it does not. That of
            a repository need not cover the data in it.
        missing: the spellings of a missing value, which `load` reads as NaN.
        coded: what also stands for a missing value, and is left as it is.
        identifiers: columns that name a row; a model could learn them by heart.
        giveaways: columns that give the answer away, or are known only after it.
        groups: columns whose equal values belong into one part of a split.
        quirks: what else surprises.
        sha256: of the CSV, unpacked. "" for a set of scikit-learn's.
        home: where it is published; None for a set of scikit-learn's.
    """

    name: str
    rows: int
    columns: int
    target: str
    task: str
    source: str
    licence: str = "none stated"
    missing: tuple[str, ...] = ()
    coded: str = ""
    identifiers: tuple[str, ...] = ()
    giveaways: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    quirks: tuple[str, ...] = ()
    sha256: str = ""
    home: Home | None = None

    def __str__(self) -> str:
        """All of it as lines of text, without what does not apply."""
        spelt = ", ".join(repr(word) if word.strip() else _BLANK[word]
                          for word in self.missing)  # fmt: skip
        lines = [
            f"{self.name}: {self.rows} rows, {self.columns} columns",
            f"target: {self.target} ({self.task})",
            f"missing: {spelt or 'no value'}",
            f"coded: {self.coded}",
            f"identifiers: {', '.join(self.identifiers)}",
            f"give the answer away: {', '.join(self.giveaways)}",
            f"split by: {', '.join(self.groups)}",
            *(f"note: {quirk}" for quirk in self.quirks),
            f"source: {self.source}",
            f"licence: {self.licence}",
        ]
        if self.home is not None:
            at = f"{self.home.repository}, commit {self.home.commit[:8]}"
            lines += [f"published: {at}", f"changed: {self.home.changed}"]
        return "\n".join(line for line in lines if not line.endswith(": "))


_BLANK = {"": "an empty cell", " ": "one space"}
