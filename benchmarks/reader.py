"""What the reader reads and what it rejects, on writers and sets that took no part in training or tuning.

Run: python benchmarks/reader.py --data FOLDER [--pages FOLDER] [--fashion FILE] [--printed FILE] [--model FILE]
                                 [--writers test]
FOLDER has digits.npz and not_digits.npz; --pages has labels.csv and the images it names; --fashion is Fashion-MNIST's
t10k-images-idx3-ubyte.gz (Debian's package dataset-fashion-mnist); --printed is the printed_judges.npz that
scripts/printed.py makes; --model may be videos, the videos' kind of network.
"""

import argparse
import csv
from pathlib import Path

import numpy as np

import glassnet
from glassnet.digits import read_idx
from glassnet.digits.deform import resample
from glassnet.evaluation import calibration_bins, expected_calibration_error
from glassnet.reading import SHIPPED, Reader, edit_distance, shipped_model
from glassnet.recipes.deform import deformed
from glassnet.recipes.handwriting import NOT_A_DIGIT, Handwriting, load_handwriting, load_printed, split
from glassnet.recipes.knobs import COLUMN, none
from glassnet.recipes.reader import fine_of_mnist
from other_scribbles import scribbles


def answers(reader: Reader, images: np.ndarray) -> np.ndarray:
    """Return the outputs for pictures of one mark each, normalised as `Reader.classify` does; 0 where nothing is."""
    return np.stack([reader.mark(image).verdict.outputs for image in images])


def shifted(images: np.ndarray, px: int) -> list[np.ndarray]:
    """Return the images in 40 x 40 pixels, moved by so many pixels each of eight ways."""
    result = []
    for down, right in ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)):
        sheet = np.zeros((len(images), 40, 40), dtype=np.uint8)
        sheet[:, 6 + px * down : 34 + px * down, 6 + px * right : 34 + px * right] = images
        result.append(sheet)
    return result


def turned(images: np.ndarray, degrees: float) -> np.ndarray:
    """Return the images turned about their middle."""
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return resample(images, np.broadcast_to([[cos, -sin], [sin, cos]], (len(images), 2, 2)))


def with_strokes(images: np.ndarray, px: float) -> np.ndarray:
    """Return MNIST's images with each edge of their strokes moved by so many of their pixels."""
    knobs, fields = none(len(images))
    knobs[:, COLUMN["stroke_px"]] = 2 * px
    return deformed(fine_of_mnist(images), np.arange(len(images)), knobs, fields)


def share(outputs: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of right answers, none rejected, in percent."""
    return 100 * float(np.mean(outputs.argmax(axis=1) == labels))


def textures(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return stripes, checks, blots and slopes over the whole image, shape (n, 28, 28)."""
    rows, columns = np.mgrid[:28, :28] / 28
    made = []
    for i in range(n):
        a, b, c = rng.uniform(-12, 12, 3)
        pattern = [
            np.sin(a * rows + b * columns + c),
            np.sin(a * rows) * np.sin(b * columns + c),
            np.sin(a * np.hypot(rows - rng.random(), columns - rng.random()) * 2 + b),
            np.abs(np.sin(a * rows + np.sin(b * columns))),
        ][i % 4]
        made.append(np.rint(255 * (pattern - pattern.min()) / max(np.ptp(pattern), 1e-9)))
    return np.array(made, dtype=np.uint8)


def report_digits(reader: Reader, digits: glassnet.Digits, written: Handwriting) -> tuple[np.ndarray, np.ndarray]:
    """Print how digits are read; return the held-out writers' outputs and labels."""
    exact = reader.outputs(digits.test_images)
    plain = share(exact, digits.test_labels)
    print(f"MNIST test digits                         {plain:6.2f} %")
    outputs = answers(reader, written.images)
    for source in ("kensanata", "unipen"):
        own = written.sources == source
        print(f"  held-out writers, {source:12} {own.sum():5} {share(outputs[own], written.labels[own]):6.2f} %")
    print(f"  held-out writers, all          {len(outputs):5} {share(outputs, written.labels):6.2f} %")
    most = outputs.max(axis=1)
    kept = most >= np.quantile(most, 0.05)
    print(f"  the same at 95 % coverage                {share(outputs[kept], written.labels[kept]):6.2f} %")
    confidences = reader.calibration.confidences(outputs)
    error = expected_calibration_error(calibration_bins(confidences, outputs.argmax(axis=1) == written.labels))
    print(f"  calibration error of confidences         {100 * error:6.2f} %")
    some, labels = digits.test_images[:2000], digits.test_labels[:2000]
    undamaged = share(answers(reader, some), labels)
    print(f"damaged, of the first 2,000 (undamaged {undamaged:.2f} %)")
    worst = min(share(answers(reader, sheet), labels) for sheet in shifted(some, 4))
    print(f"  shifted by 4 px, worst of eight ways     {worst:6.2f} %")
    for px in (-0.7, 1.0):
        moved = share(reader.outputs(with_strokes(some, px)), labels)
        print(f"  edges of strokes moved by {px:4.1f} px        {moved:6.2f} %")
    for degrees in (-15, 15):
        right = share(answers(reader, turned(some, degrees)), labels)
        print(f"  turned by {degrees:3} degrees                   {right:6.2f} %")
    return outputs, written.labels


def report_non_digits(
    reader: Reader,
    digits: glassnet.Digits,
    digits_outputs: np.ndarray,
    others: Handwriting,
    fashion: Path | None,
    printed: Path | None,
) -> None:
    """Print how much of what is no digit is taken for one."""
    rng = np.random.default_rng(2026)
    thresholds = np.quantile(digits_outputs.max(axis=1), [0.05, 0.01])
    letters = np.array([character.isalpha() for character in others.characters])
    unlike = ~others.looks_like_a_digit
    sets = {
        "noise": rng.integers(0, 256, (2000, 28, 28), dtype=np.uint8),
        "sparse noise": (rng.integers(0, 256, (2000, 28, 28)) * (rng.random((2000, 28, 28)) < 0.1)).astype(np.uint8),
        "blank": np.zeros((1, 28, 28), dtype=np.uint8),
        "textures": textures(rng, 2000),
        "inverted MNIST test digits": 255 - digits.test_images,
    }
    if fashion is not None:
        sets["Fashion-MNIST, test"] = read_idx(fashion)
    found = {name: reader.outputs(images) for name, images in sets.items()}
    found["letters of held-out writers"] = answers(reader, others.images[letters & unlike])
    found["symbols of held-out writers"] = answers(reader, others.images[~letters & unlike])
    found["scribbles of another generator"] = answers(reader, scribbles(1200, rng))
    glyphs = None if printed is None else load_printed(printed)
    if glyphs is not None:
        unlike = (glyphs.labels == NOT_A_DIGIT) & ~glyphs.looks_like_a_digit
        found["printed letters and signs"] = answers(reader, glyphs.images[unlike])
    print("taken for digits, where of held-out writers' digits are accepted    95 %      99 %    by default")
    for name, outputs in {"(these digits)": digits_outputs, **found}.items():
        most_here = outputs.max(axis=1)
        shares = [100 * float(np.mean(most_here >= threshold)) for threshold in thresholds]
        at_least = reader.calibration.at_least
        shares.append(100 * float(np.mean(reader.calibration.confidences(outputs) >= at_least)))
        print(f"  {name:34} {len(outputs):6}                  " + "    ".join(f"{s:5.2f} %" for s in shares))
    if glyphs is not None:
        shown = glyphs.labels < 10
        print(
            f"  printed digits read right {share(answers(reader, glyphs.images[shown]), glyphs.labels[shown]):6.2f} %"
        )


def report_pages(reader: Reader, folder: Path) -> None:
    """Print how whole pages are read, those of held-out writers apart."""
    known = {writer: part for part, writers in split().items() for writer in writers}
    counts: dict[str, list[int]] = {}
    for row in csv.DictReader((folder / "labels.csv").open(newline="", encoding="utf-8")):
        name = Path(row["file"])
        wanted = row["numbers"].replace("|", "\n")
        text = reader.read(folder / name).text
        kind = name.parts[0] if name.parts[0] == "photos" else name.stem.split("_")[0]
        writer = "" if kind == "photos" else known.get("_".join(name.stem.split("_")[1:3]), "")
        for key in {kind, f"{kind} {writer}".strip()}:
            count = counts.setdefault(key, [0, 0, 0, 0])
            count[0] += 1
            count[1] += text == wanted
            count[2] += len(wanted)
            count[3] += edit_distance(text, wanted)
        if text != wanted:
            print(f"  {name}: {wanted!r} read as {text!r}")
    for key, (n, right, n_characters, errors) in sorted(counts.items()):
        characters = 100 - 100 * errors / n_characters
        print(f"pages {key:14} {n:4}  exactly right {100 * right / n:6.2f} %   characters right {characters:6.2f} %")


def main() -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--fashion", type=Path)
    parser.add_argument("--printed", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--writers", default="test", choices=["train", "tune", "test"])
    given = parser.parse_args()
    shipped = str(given.model) in SHIPPED
    reader = Reader(shipped_model(str(given.model)) if shipped else given.model)
    digits = glassnet.load_digits()
    written, others = (part.part(given.writers) for part in load_handwriting(given.data))
    print(f"{'-'.join(map(str, reader.network.layer_sizes))}, writers: {given.writers}")
    outputs, _ = report_digits(reader, digits, written)
    report_non_digits(reader, digits, outputs, others, given.fashion, given.printed)
    if given.pages is not None:
        report_pages(reader, given.pages)


if __name__ == "__main__":
    main()
