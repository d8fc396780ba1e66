"""How lines of handwritten digits are read beside general OCRs: rapidocr (PP-OCR, weights in its package, offline).

Run: pip install rapidocr onnxruntime && python benchmarks/beside_ocr.py --pages FOLDER [--model FILE]
Tesseract, which was made for print, joins where its command is installed, told that there are digits and signs alone.
FOLDER has labels.csv and the images it names, and may have hard/hard.csv with a text for each of its images: / ends
a line, a space is a gap, ? stands for any sign. A line is right if it is among the texts that were read, gaps apart; a
page of hard/ if its text is, gaps included, with rapidocr's boxes laid out in lines from the top. hard/ taught
glassnet's rules; the composed lines of writers that taught, tuned and judge its network are told apart.
"""

import argparse
import csv
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from glassnet import Reader
from glassnet.recipes.handwriting import split


def rapidocr() -> Callable[[Path], list[str]]:
    """Return what reads the lines of an image with rapidocr, from the top."""
    engine = import_module("rapidocr").RapidOCR(params={"Global.use_cls": False, "Global.log_level": "critical"})

    def lines_of(path: Path) -> list[str]:
        told = engine(str(path))
        if told.txts is None:
            return []
        places = [(box[:, 1].mean(), box[:, 0].min(), box[:, 1].max() - box[:, 1].min()) for box in told.boxes]
        lines: list[tuple[float, list[tuple[float, str]]]] = []
        for (y, x, height), text in sorted(zip(places, told.txts, strict=True)):
            if lines and y - lines[-1][0] < height / 2:
                lines[-1][1].append((x, text))
            else:
                lines.append((y, [(x, text)]))
        return [" ".join(text for _, text in sorted(texts)) for _, texts in lines]

    return lines_of


def tesseract() -> Callable[[Path], list[str]]:
    """Return what reads the lines of an image with Tesseract, from the top."""
    command = ["tesseract", "-", "-", "--psm", "6", "-c", "tessedit_char_whitelist=0123456789.,:-/ "]

    def lines_of(path: Path) -> list[str]:
        told = subprocess.run(command, input=path.read_bytes(), capture_output=True, check=False).stdout.decode()
        return [" ".join(line.split()) for line in told.splitlines() if line.strip()]

    return lines_of


def report(name: str, lines_of: Callable[[Path], list[str]], folder: Path) -> None:
    """Print how many lines and pages somebody reads right."""
    known = {writer: part for part, writers in split().items() for writer in writers}
    counts: dict[str, list[int]] = {}
    rows = list(csv.DictReader((folder / "labels.csv").open(newline="", encoding="utf-8")))
    lines_of(folder / rows[0]["file"])
    began = time.perf_counter()
    for row in rows:
        path = Path(row["file"])
        kind = path.parts[0] if path.parts[0] == "photos" else path.stem.split("_")[0]
        writer = "" if kind == "photos" else known.get("_".join(path.stem.split("_")[1:3]), "")
        texts = lines_of(folder / path)
        told = {text.replace(" ", "") for text in texts}
        if kind == "photos":  # two columns may be told as one line, with a gap
            told |= {part for text in texts for part in text.split()}
        for wanted in row["numbers"].split("|"):
            for key in {kind, f"{kind} {writer}".strip()}:
                count = counts.setdefault(key, [0, 0])
                count[0] += 1
                count[1] += wanted in told
    seconds = time.perf_counter() - began
    for key, (n, right) in sorted(counts.items()):
        print(f"{name:10} {key:12} lines right {right:3} of {n:3}, {100 * right / n:5.1f} %", flush=True)
    print(f"{name:10} {1000 * seconds / len(rows):.0f} ms a page")
    if (folder / "hard" / "hard.csv").is_file():
        right, n = 0, 0
        for file, wanted, *_ in list(csv.reader((folder / "hard" / "hard.csv").open(newline="", encoding="utf-8")))[1:]:
            pattern = re.escape(wanted).replace(r"\?", "[?.,:/-]")
            n, right = n + 1, right + bool(re.fullmatch(pattern, "/".join(lines_of(folder / "hard" / file))))
        print(f"{name:10} hard         pages right {right:3} of {n:3}", flush=True)


def main() -> None:
    """Print all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, required=True)
    parser.add_argument("--model", type=Path)
    given = parser.parse_args()
    reader = Reader(given.model)
    report("glassnet", lambda path: [line.text for line in reader.read(path).lines], given.pages)
    try:
        report("rapidocr", rapidocr(), given.pages)
    except ImportError:
        print("rapidocr is not installed: pip install rapidocr onnxruntime")
    if shutil.which("tesseract"):
        report("tesseract", tesseract(), given.pages)


if __name__ == "__main__":
    main()
