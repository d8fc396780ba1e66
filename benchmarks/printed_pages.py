"""What is read on pages of print: letters and signs that are taken for digits, though nobody wrote any.

Run: python benchmarks/printed_pages.py [--n 20] [--seed 0] [--marks 300] [--model FILE] [--show FOLDER] [FONT ...]
Pages of random words in an English text's frequencies of letters, no digits among them, in fonts whose families the
reader was not taught with, as scanned. A letter that looks like a digit (an o, an l) counts as well.
"""

import argparse
import sys
from pathlib import Path

import cv2  # noqa: TID253 - all that it does is pictures
import numpy as np
from PIL import Image, ImageDraw, ImageFont  # noqa: TID253 - likewise

from glassnet import Reader

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
from printed import families, installed, judging

LETTERS = "etaoinshrdlcumwfgypbvkjxqz"
SHARES = (12.7, 9.1, 8.2, 7.5, 7.0, 6.7, 6.3, 6.1, 6.0, 4.3, 4.0, 2.8, 2.8, 2.4, 2.4, 2.2, 2.0, 2.0, 1.9, 1.5, 1.0, 0.8)
"""Per cent, of the first 22 letters: Lewand, Cryptological Mathematics, 2000. Of the last four, 0.13 each."""


def words(rng: np.random.Generator, n_letters: int) -> list[str]:
    """Return words of so many letters together, some with a capital."""
    shares = np.array([*SHARES, *[0.13] * (len(LETTERS) - len(SHARES))])
    told: list[str] = []
    while sum(map(len, told)) < n_letters:
        word = "".join(rng.choice(list(LETTERS), int(rng.integers(2, 10)), p=shares / shares.sum()))
        told.append(word.capitalize() if rng.random() < 0.15 else word)
    return told


def page(rng: np.random.Generator, font: ImageFont.FreeTypeFont, n_letters: int) -> np.ndarray:
    """Return a page of words as it is scanned, shape (height, width, 3)."""
    sheet = Image.new("L", (1240, 1754), 250)
    pen, x, y = ImageDraw.Draw(sheet), 90.0, 90.0
    for word in words(rng, n_letters):
        width = pen.textlength(word, font=font)
        if x + width > 1150:
            x, y = 90.0, y + 1.5 * font.size
        pen.text((x, y), word, fill=25, font=font)
        x += width + 0.3 * font.size
    grey = np.asarray(sheet, dtype=np.float32)[: round(y + 2.5 * font.size)]
    grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), 0.6)) + rng.normal(0, 2, grey.shape)
    return np.repeat(np.rint(grey).clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def main() -> None:
    """Print how much of the print is taken for digits, font by font and together."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fonts", nargs="*", type=Path)
    parser.add_argument("--n", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--marks", type=int, default=300)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--show", type=Path)
    given = parser.parse_args()
    fonts = [face for _, faces in sorted(judging(families(given.fonts or installed())).items()) for face in faces]
    reader = Reader(given.model)
    n_digits = n_marks = 0
    for index in range(given.n):
        rng = np.random.default_rng([given.seed, index])
        font = fonts[index % len(fonts)].font_variant(size=int(rng.integers(28, 60)))
        made = page(rng, font, given.marks)
        read = reader.read(made)
        marks = [mark for line in read.lines for mark in line.marks]
        digits = sum(mark.verdict.digit is not None for mark in marks)
        n_digits, n_marks = n_digits + digits, n_marks + len(marks)
        print(f"{' '.join(filter(None, font.getname())):40} {len(marks):4} marks, {digits:3} taken for digits")
        if given.show is not None:
            given.show.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(given.show / f"{index}.png"), made)
            (given.show / f"{index}.txt").write_text(read.text + "\n", encoding="utf-8")
    print(f"together: {n_marks} marks, {n_digits} taken for digits, {100 * n_digits / max(n_marks, 1):.2f} %")


if __name__ == "__main__":
    main()
