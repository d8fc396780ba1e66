"""Make the README's pictures anew: run the commands as they stand there and keep what the terminal shows.

Run: python scripts/pictures.py   (writes docs/pictures/*.svg; needs an installed glassnet)
"""

import io
import os
import shutil
import subprocess
import sys
import tempfile
from importlib import import_module
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


def page(path):
    """Write a page of numbers as somebody might have photographed it: ruled paper, blue ink, light from one side."""
    digits = glassnet.load_digits()
    rng = np.random.default_rng(8)
    height, width = 620, 1000
    ink = np.zeros((height, width))
    for row in range(40, height, 62):
        ink[row : row + 2] = 0.25
    for line in range(4):
        for column in range(10):
            image = Image.fromarray(digits.test_images[rng.integers(5000)])
            side = int(rng.integers(88, 104))
            large = np.asarray(image.resize((side, side), Image.Resampling.BICUBIC)) / 255
            top, left = 62 + 135 * line + int(rng.integers(-6, 7)), 50 + 84 * column + int(rng.integers(-8, 9))
            part = ink[top : top + side, left : left + side]
            np.maximum(part, large[: part.shape[0], : part.shape[1]], out=part)
    scribble = np.cumsum(rng.normal(0, 1, (260, 2)), axis=0)
    for down, right in np.rint(scribble * 3 + (300, 930)).astype(int):
        ink[max(down, 0) : down + 3, max(right, 0) : right + 3] = 1
    light = 1 - 0.35 * np.linspace(0, 1, width)[None, :, None]
    paper, pen = np.array([246, 240, 226]), np.array([38, 52, 122])
    colours = (paper + ink[:, :, None] * (pen - paper)) * light + rng.normal(0, 2.5, (height, width, 1))
    Image.fromarray(np.rint(colours).clip(0, 255).astype(np.uint8)).save(path, quality=90)


def everyday():
    """Write three of the pages that benchmarks/everyday.py makes, with what is read on them; one is misread."""
    sys.path.insert(0, str(DOCS.parent / "benchmarks"))
    pages = import_module("everyday")
    from glassnet.cli.annotation import save_annotated

    digits = glassnet.load_digits()
    hand = pages.hand_of(digits.test_images, digits.test_labels)
    for name, kind, seed in (("table", "sheet", 4), ("grid", "grid", 2), ("misread", "gaps", 11)):
        picture, _ = pages.KINDS[kind](np.random.default_rng([seed, 0]), hand)
        save_annotated(picture, glassnet.Reader().read(picture), PICTURES / f"page-{name}.webp")


def main():
    """Run the commands in a folder of their own."""
    PICTURES.mkdir(exist_ok=True)
    everyday()
    with tempfile.TemporaryDirectory() as folder:
        snapshot(Path(folder) / "photo.png")
        save("train", shown("glassnet train", folder))
        save("evaluate", shown("glassnet evaluate", folder))
        save("read", shown("glassnet read --digit photo.png", folder))
        page(Path(folder) / "page.jpg")
        shown("glassnet read --annotate seen.webp page.jpg", folder)
        shutil.copy(Path(folder) / "seen.webp", PICTURES / "page.webp")
        shutil.copy(DOCS / "guide" / "network.safetensors", folder)
        misread = "--model network.safetensors --test-index 33"
        save("neuron", shown(f"glassnet explain neuron 1 9 {misread}", folder))
        save("surface", shown("glassnet explain surface --along descent --model network.safetensors", folder))
        save("explain", shown("glassnet explain outputs --test-index 8", folder))


if __name__ == "__main__":
    main()
