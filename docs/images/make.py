"""Draws the README's picture: what `pronghorn train` prints, as SVG.

python docs/images/make.py penguins.csv species
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 100


def main(data: str, target: str) -> None:
    """Trains on a copy of a file, in a folder of its own, and draws the output."""
    source = Path(data).resolve()
    command = ["train", source.name, "--target", target]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / source.name).write_bytes(source.read_bytes())
        run = [sys.executable, "-m", "pronghorn", *command]
        environment = {**os.environ, "COLUMNS": str(WIDTH), "FORCE_COLOR": "1"}
        done = subprocess.run(
            run, cwd=folder, env=environment, capture_output=True, text=True, check=True
        )
    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w"))  # noqa: SIM115
    console.print(f"[bold]$ pronghorn {' '.join(command)}[/bold]")
    lines = done.stdout.rstrip().splitlines()
    # Where the progress bar is drawn anew, a terminal shows one line.
    kept = [x for x in lines if "epoch" not in x or "trained" in x]
    console.print(Text.from_ansi("\n".join(kept)))
    picture = console.export_svg(title="Pronghorn")
    # The reader's own monospace font, not one from the network.
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    picture = picture.replace("Fira Code", "ui-monospace")
    (Path(__file__).parent / "train.svg").write_text(picture)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
