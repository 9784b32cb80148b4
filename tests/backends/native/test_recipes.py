"""The chains that the engine has compiled ahead are those that the lowering writes."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def test_recipes_are_those_of_today() -> None:
    """After a change to the lowering: python native/make_recipes.py > recipes.def."""
    written = (ROOT / "native" / "recipes.def").read_text()
    command = [sys.executable, "-W", "ignore", str(ROOT / "native" / "make_recipes.py")]
    made = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert made == written


@pytest.mark.parametrize(
    "name", ["adam", "sgd", "rmsprop", "relu", "relu_dropout", "table_mish"]
)
def test_common_chains_have_one(name: str) -> None:
    assert f"PH_RECIPE({name}_1," in (ROOT / "native" / "recipes.def").read_text()
