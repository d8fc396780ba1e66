"""Make the README's pictures anew: run the commands as they stand there and keep what the terminal shows.

Run: python scripts/pictures.py   (writes docs/pictures/*.svg; needs an installed glassnet)
"""

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.text import Text

import glassnet

DOCS = Path(__file__).parents[1] / "docs"
PICTURES = DOCS / "pictures"
COLUMNS = 84


def shown(command, folder):
    """Return what a command prints on a terminal with colours, below its own line."""
    environment = os.environ | {"FORCE_COLOR": "1", "COLORTERM": "truecolor", "TERM": "xterm", "COLUMNS": str(COLUMNS)}
    result = subprocess.run(
        [sys.executable, "-m", "glassnet", *command.split()[1:]],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return Text.assemble(("$ ", "dim"), (command, "bold"), "\n") + Text.from_ansi(result.stdout.decode())


def save(name, text):
    """Write a terminal's picture."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(text)
    console.save_svg(str(PICTURES / f"{name}.svg"), title="glassnet", unique_id=name)


def snapshot(path):
    """Write a test digit as somebody might have photographed it: large, off-centre, pencil on tinted paper."""
    digit = Image.fromarray(glassnet.load_digits().test_images[0]).resize((140, 140), Image.Resampling.BICUBIC)
    paper = Image.new("RGB", (420, 300), (233, 226, 208))
    ink = Image.new("RGB", digit.size, (52, 58, 96))
    paper.paste(ink, (240, 110), digit)
    grain = np.random.default_rng(0).normal(0, 4, (300, 420, 1))
    Image.fromarray((np.asarray(paper) + grain).clip(0, 255).astype(np.uint8)).save(path)


def main():
    """Run the commands in a folder of their own."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        snapshot(Path(folder) / "photo.png")
        save("train", shown("glassnet train", folder))
        save("evaluate", shown("glassnet evaluate", folder))
        save("read", shown("glassnet read photo.png", folder))
        shutil.copy(DOCS / "guide" / "network.safetensors", folder)
        misread = "--model network.safetensors --test-index 33"
        save("neuron", shown(f"glassnet explain neuron 1 9 {misread}", folder))
        save("surface", shown("glassnet explain surface --along descent --model network.safetensors", folder))
        save("explain", shown("glassnet explain outputs --test-index 8", folder))


if __name__ == "__main__":
    main()
