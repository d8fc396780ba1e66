"""How lines of digits that one hand wrote are read: exactly right or not, and whether a wrong one says so.

Run: python benchmarks/lines.py --data FOLDER [--writers test] [--n 200] [--seed 0] [--show FOLDER] [--model FILE]
Each line is 2 to 8 digits by one writer of handwriting/digits.npz ("tune" to choose by, "test" to judge), set out on
clean paper, and the same as a photo: tint, light from one side, tilt, blur, noise. rapidocr's recogniser is given the
same pictures where it is installed (pip install rapidocr onnxruntime). --show saves the lines that are read wrong.
--luhn gives each number a check digit, and tells the reader of it.
"""

import argparse
import math
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import cv2  # noqa: TID253 - all that it does is pictures
import numpy as np

from everyday import Hand, Sheet, digits, hand_of, inked, pen_and_paper, photographed
from glassnet import Reader
from glassnet.evaluation import calibration_bins, expected_calibration_error
from glassnet.reading.expected import luhn_term
from glassnet.recipes.handwriting import load_handwriting

SURE = 0.9
"""A wrong line that is surer than that, and has no ``?``, is one that nothing warns of."""


def hands(folder: Path, writers: str) -> list[Hand]:
    """Return the hands of a part that wrote all ten digits; a writer who left one out cannot write every number."""
    written = load_handwriting(folder)[0].part(writers)
    by_writer = [written[written.writers == writer] for writer in sorted({*written.writers.tolist()})]
    found = [hand_of(inked(some.images), some.labels) for some in by_writer]
    return [hand for hand in found if all(hand.glyphs)]


def line(rng: np.random.Generator, all_hands: list[Hand], luhn: bool = False) -> tuple[np.ndarray, np.ndarray, str]:
    """Return a line on clean paper, the same as a photo, and what it says."""
    hand = all_hands[int(rng.integers(len(all_hands)))]
    text = digits(rng, int(rng.integers(2, 9)))
    if luhn:
        rest = sum(luhn_term(place, int(digit), len(text)) for place, digit in enumerate(text[-2::-1], 1))
        text = text[:-1] + str(-rest % 10)
    height = rng.uniform(28, 80)
    sheet = Sheet(round(height * (1.35 * len(text) + 2)), round(2.4 * height))
    right, _ = sheet.write(rng, hand, text, 0.8 * height, 0.7 * height, height)
    sheet.ink = sheet.ink[:, : round(right + 0.8 * height)]
    clean = np.rint(255 * (1 - sheet.ink)).astype(np.uint8)
    pen, paper = pen_and_paper(rng)
    photo = photographed(rng, sheet, pen, paper, noise=rng.uniform(1, 5), light=0.2)
    turn = cv2.getRotationMatrix2D((photo.shape[1] / 2, photo.shape[0] / 2), rng.uniform(-4, 4), 1)
    photo = cv2.warpAffine(photo, turn, photo.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    return np.repeat(clean[..., None], 3, axis=2), np.asarray(photo), text


def recogniser() -> Callable[[np.ndarray], str]:
    """Return what reads a picture of one line with rapidocr's recogniser alone."""
    engine = import_module("rapidocr").RapidOCR(params={"Global.log_level": "critical"})

    def read(picture: np.ndarray) -> str:
        told = engine(picture[..., ::-1], use_det=False, use_cls=False, use_rec=True)
        return "".join(told.txts or ()).replace(" ", "")

    return read


def main() -> None:
    """Print how many lines are right, and how many of the wrong ones say so."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--writers", default="test", choices=["train", "tune", "test"])
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--at-least", type=float)
    parser.add_argument("--luhn", action="store_true")
    given = parser.parse_args()
    all_hands, reader = (
        hands(given.data, given.writers),
        Reader(given.model, at_least=given.at_least, expect="luhn" if given.luhn else None),
    )
    other = recogniser() if find_spec("rapidocr") else None
    for place, kind in enumerate(("clean", "photo")):
        right = split = doubted = unwarned = of_other = 0
        confidences: list[float] = []
        are_right: list[bool] = []
        for index in range(given.n):
            *pictures, wanted = line(np.random.default_rng([given.seed, index]), all_hands, given.luhn)
            page = reader.read(pictures[place])
            text = page.text
            confidences.append(math.prod(one.confidence for one in page.lines) if page.lines else 0.0)
            are_right.append(text == wanted)
            of_other += other is not None and other(pictures[place]) == wanted
            if text == wanted:
                right += 1
                continue
            split += len(text) != len(wanted)
            doubted += "?" in text
            unwarned += "?" not in text and confidences[-1] > SURE
            if given.show is not None:
                given.show.mkdir(parents=True, exist_ok=True)
                name = f"{kind}_{index}_{wanted}_{text.replace('/', '-').replace(chr(10), '_').replace('?', 'x')}.png"
                cv2.imwrite(str(given.show / name), pictures[place][..., ::-1])
        beside = f"; rapidocr's recogniser {100 * of_other / given.n:5.1f} %" if other is not None else ""
        wrong = given.n - right
        error = expected_calibration_error(calibration_bins(np.array(confidences), np.array(are_right)))
        print(
            f"{kind}: {given.n} lines by {len(all_hands)} hands ({given.writers}), exactly right "
            f"{100 * right / given.n:5.1f} %{beside}; of {wrong} wrong ones {split} of another length, "
            f"{doubted} with a ?, {unwarned} without and a confidence of the line above {SURE}; confidences of lines "
            f"are off by {100 * error:.1f} %",
            flush=True,
        )


if __name__ == "__main__":
    main()
