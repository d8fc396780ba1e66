"""Render letters, signs and digits of free fonts for the reader's recipe: what is printed is no handwriting.

Run: python scripts/printed.py FOLDER [FONT ...]
It writes FOLDER/printed.npz (by which the reader is taught) and FOLDER/printed_judges.npz (other families, by which it
is judged), each of the form of not_digits.npz, with the family as the writer. Without fonts it takes those that are
installed; the shipped reader was taught with these packages of Debian 12: fonts-cantarell, -comfortaa, -courier-prime,
-crosextra-caladea, -crosextra-carlito, -dejavu-core, -dejavu-extra, -ebgaramond, -firacode, -freefont-ttf, -hack,
-inconsolata, -junicode, -jura, -lato, -liberation, -linuxlibertine, -lobster, -noto-core, -ocr-a, -oldstandard,
-open-sans, -play, -quicksand, -roboto-unhinted, -urw-base35.
"""

import argparse
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SIDE_PX = 64
FONT_PX = 42
FACES = 4
"""At most, of one family: else one with all weights and widths would be most of it."""
JUDGES_OF_FIVE = 1
LIKE_A_DIGIT = frozenset("(),-/BDGIJLOQSZ[]bgijloqsz|'`.:;_·")
"""As they are marked in handwriting: nobody could tell them from digits, or from a speck."""
NO_DIGIT = '!#$%&*+<=>?@ACEFHKMNPRTUVWXY"^acdefhkmnprtuvwxy{}~§€£ßÄÖÜäöüéèçñøå'
TOGETHER = ("rn", "th", "ff", "fi", "ti", "tt", "ve", "an", "en", "nn", "ry", "av", "ct", "st", "mm", "re")
"""What touches in narrow print, so that it is one mark."""


SYMBOLS = ("D050000L", "Standard Symbols PS", "Linux Biolinum Keyboard O", "Noto Sans Symbols", "Noto Sans Math")
"""Families that have something else where others have letters and digits."""


def installed() -> list[Path]:
    """Return the fonts of this system."""
    kinds = (".ttf", ".otf", ".t1", ".pfb")
    return sorted(path for path in Path("/usr/share/fonts").rglob("*") if path.suffix.lower() in kinds)


def families(paths: list[Path]) -> dict[str, list[ImageFont.FreeTypeFont]]:
    """Return faces by their families, those that have Latin letters."""
    found = defaultdict(list)
    for path in paths:
        try:
            font = ImageFont.truetype(path, FONT_PX)
        except OSError:
            continue
        family = font.getname()[0] or path.stem
        if len(found[family]) < FACES and family not in SYMBOLS and has(font, "Ag3"):
            found[family].append(font)
    return {family: fonts for family, fonts in sorted(found.items()) if fonts}


def has(font: ImageFont.FreeTypeFont, text: str) -> bool:
    """Whether a font has all of these characters, rather than its sign for what it lacks."""
    missing = picture_of(font, "\uffff")
    return all(picture_of(font, one).any() and not np.array_equal(picture_of(font, one), missing) for one in text)


def picture_of(font: ImageFont.FreeTypeFont, text: str) -> np.ndarray:
    """Return a text on paper that it fits, shape (height, width), 255 being ink."""
    left, top, right, bottom = (round(side) for side in font.getbbox(text))
    picture = Image.new("L", (max(right - left, 1), max(bottom - top, 1)))
    ImageDraw.Draw(picture).text((-left, -top), text, fill=255, font=font)
    return np.asarray(picture)


def rendered(font: ImageFont.FreeTypeFont, text: str) -> np.ndarray | None:
    """Return a text in the middle of a picture, dark on light, shape (64, 64); None if it does not fit."""
    left, top, right, bottom = font.getbbox(text)
    if right - left > SIDE_PX - 2 or bottom - top > SIDE_PX - 2 or right <= left or bottom <= top:
        return None
    picture = Image.new("L", (SIDE_PX, SIDE_PX), 255)
    place = ((SIDE_PX - right - left) / 2, (SIDE_PX - bottom - top) / 2)
    ImageDraw.Draw(picture).text(place, text, fill=0, font=font)
    return np.asarray(picture)


def glyphs(fonts: dict[str, list[ImageFont.FreeTypeFont]]) -> Iterator[tuple[np.ndarray, str, str]]:
    """Give pictures, what they show, and their families."""
    for family, faces in fonts.items():
        for font in faces:
            for text in (*NO_DIGIT, *TOGETHER, *"0123456789", *sorted(LIKE_A_DIGIT)):
                picture = rendered(font, text) if has(font, text) else None
                if picture is not None:
                    yield picture, text, family


def judging(fonts: dict[str, list[ImageFont.FreeTypeFont]]) -> dict[str, list[ImageFont.FreeTypeFont]]:
    """Return the families that judge, by their names: every fifth."""
    return {name: faces for name, faces in fonts.items() if zlib.crc32(name.encode()) % 5 < JUDGES_OF_FIVE}


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("fonts", nargs="*", type=Path)
    given = parser.parse_args()
    fonts = families(given.fonts or installed())
    judges = set(judging(fonts))
    for name, some in (("printed", set(fonts) - judges), ("printed_judges", judges)):
        pictures, texts, writers = zip(*glyphs({family: fonts[family] for family in sorted(some)}), strict=True)
        like = np.array([text in LIKE_A_DIGIT for text in texts])
        path = given.folder / f"{name}.npz"
        np.savez_compressed(
            path, images=np.stack(pictures), labels=np.array(texts), writer=np.array(writers), looks_like_a_digit=like
        )
        print(f"{path}: {len(texts)} pictures, {len(some)} families: {', '.join(sorted(some))}")


if __name__ == "__main__":
    main()
