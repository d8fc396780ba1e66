"""How ``glassnet read`` tells what it read: as text, JSON, CSV, and as pictures."""

import csv
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.markup import escape

from glassnet.cli.console import out, plural, print_json, print_wide
from glassnet.reading.page import text_of

if TYPE_CHECKING:
    from glassnet.reading import Crops, Mark, Page, Reader, Verdict

PICTURE_WIDTH = 70
MOST_REASONS = 12
CSV_COLUMNS = (
    "file",
    "page",
    "line",
    "place",
    "digit",
    "confidence",
    "reason",
    "left",
    "top",
    "width",
    "height",
    "sign",
)


class Form:
    """Text for people; the other forms tell the same in other ways.

    Parameters
    ----------
    reader : Reader
        Reads crops, a few thousand at a time.
    one_digit : bool
        Whether every image is one digit.
    annotate : Path or None
        Where annotated images go.
    n_files : int
        How many files are read.
    """

    def __init__(self, reader: "Reader", one_digit: bool, annotate: Path | None, n_files: int) -> None:
        self.reader, self.one_digit, self.annotate, self.n_files = reader, one_digit, annotate, n_files

    def begin(self) -> None:
        """Print what comes first."""

    def page(self, path: Path, number: int, picture: np.ndarray, page: "Page") -> None:
        """Tell what is written on a page."""
        self.tell_page(path, number, page)
        if self.annotate is not None:
            target = self.annotate
            if target.is_dir() or self.n_files > 1 or number > 1:
                folder = target if target.is_dir() or self.n_files > 1 else target.parent
                folder.mkdir(parents=True, exist_ok=True)
                page_name = "" if number == 1 else f"-{number}"
                target = folder / f"{'image' if str(path) == '-' else path.stem}{page_name}.annotated.png"
            from glassnet.cli.annotation import save_annotated

            save_annotated(picture, page, target)

    def tell_page(self, path: Path, number: int, page: "Page") -> None:
        """Print the lines, and why marks were rejected."""
        if self.n_files > 1 or number > 1:
            out.print(f"[dim]{escape(str(path))}{f', page {number}' if number > 1 else ''}:[/]")
        if not page.lines:
            out.print("[dim]nothing there[/]")
        for line in page.lines:
            out.print(escape(line.text), soft_wrap=True)
        rejected = [mark for line in page.lines for mark in line.marks if mark.text == "?"]
        for mark in rejected[:MOST_REASONS]:
            left, top, width, height = mark.box
            out.print(f"[dim]? at {left + width // 2}, {top + height // 2}: {mark.verdict.reason}[/]")
        if len(rejected) > MOST_REASONS:
            out.print(f"[dim]and {plural(len(rejected) - MOST_REASONS, 'more mark')} like these[/]")

    def digit(self, path: Path, mark: "Mark") -> None:
        """Print what the network was shown, beside its ten outputs."""
        from rich.table import Table
        from rich.text import Text

        from glassnet.cli.pictures import bar, image_text

        verdict = mark.verdict
        bars = Text()
        for digit, output in enumerate(verdict.outputs.tolist()):
            bars.append(f"{digit}  {bar(output)} {output:.4f}\n", "bold" if digit == verdict.digit else "dim")
        side_by_side = Table.grid(padding=(0, 3))
        side_by_side.add_row(image_text(mark.image, out), bars)
        answer = ("?", "bold") if verdict.digit is None else (str(verdict.digit), "bold")
        why = f", {verdict.reason}" if verdict.reason else f", as {100 * verdict.confidence:.1f} % of such marks are"
        out.print(Text.assemble(f"\n{path}: ", answer, (why, "dim")))
        print_wide(side_by_side, PICTURE_WIDTH)

    def crops(self, path: Path, crops: "Crops") -> None:
        """Print a character for each crop, a hundred in a line."""
        rest = ""
        for images in crops.chunks:
            digits = self.reader.verdicts(images).digits
            rest += np.where(digits < 0, ord("?"), digits + ord("0")).astype(np.uint8).tobytes().decode()
            whole = len(rest) // 100 * 100
            write("".join(f"{rest[i : i + 100]}\n" for i in range(0, whole, 100)))
            rest = rest[whole:]
        if rest:
            write(f"{rest}\n")


class JsonForm(Form):
    """One JSON object for each page or crop, a line each."""

    def tell_page(self, path: Path, number: int, page: "Page") -> None:
        """Print the lines with their marks."""
        lines = [
            {
                "text": line.text,
                "words": [text_of(word) for word in line.words],
                "marks": [mark_summary(mark) for mark in line.marks],
            }
            for line in page.lines
        ]
        things = [
            {"kind": thing.kind, "box": list(thing.box), "rows": thing.n_rows, "columns": thing.n_columns}
            for thing in page.things
        ]
        told = {"file": str(path), "page": number, "size": list(page.size), "lines": lines, "things": things}
        print_json(told)

    def digit(self, path: Path, mark: "Mark") -> None:
        """Print the mark as a line of its own."""
        text = "?" if mark.verdict.digit is None else str(mark.verdict.digit)
        print_json({"file": str(path), "lines": [{"text": text, "marks": [mark_summary(mark)]}]})

    def crops(self, path: Path, crops: "Crops") -> None:
        """Print an object for each crop."""
        place = 0
        for images in crops.chunks:
            verdicts = self.reader.verdicts(images)
            for i in range(len(verdicts)):
                print_json({"file": str(path), "place": place + i, **verdict_summary(verdicts[i])})
            place += len(verdicts)


class CsvForm(Form):
    """A line of CSV for each mark or crop."""

    def begin(self) -> None:
        """Print the names of the columns."""
        write(",".join(CSV_COLUMNS) + "\n")

    def tell_page(self, path: Path, number: int, page: "Page") -> None:
        """Print the marks."""
        for line_number, line in enumerate(page.lines, 1):
            for place, mark in enumerate(line.marks, 1):
                self.row(path, number, line_number, place, mark)

    def digit(self, path: Path, mark: "Mark") -> None:
        """Print the mark."""
        self.row(path, 1, 1, 1, mark)

    def row(self, path: Path, page: int, line: int, place: int, mark: "Mark") -> None:
        """Print one line."""
        verdict = mark.verdict
        digit = "" if verdict.digit is None else verdict.digit
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(
            [
                path,
                page,
                line,
                place,
                digit,
                f"{verdict.confidence:.4f}",
                verdict.reason or "",
                *mark.box,
                mark.sign or "",
            ]
        )
        write(text.getvalue())

    def crops(self, path: Path, crops: "Crops") -> None:
        """Print the crops; page, line and box stay empty."""
        text = io.StringIO()
        csv.writer(text, lineterminator="").writerow([path])
        name, place = text.getvalue(), 0
        for images in crops.chunks:
            verdicts = self.reader.verdicts(images)
            digits = np.where(verdicts.digits < 0, "", verdicts.digits.astype(str)).tolist()
            rows = zip(digits, verdicts.confidences.tolist(), verdicts.reasons.tolist(), strict=True)
            write(
                "".join(
                    f"{name},,,{n},{digit},{confidence:.4f},{reason or ''},,,,,\n"
                    for n, (digit, confidence, reason) in enumerate(rows, place + 1)
                )
            )
            place += len(verdicts)


def write(text: str) -> None:
    """Write to standard output as it is."""
    sys.stdout.write(text)


def form_of(
    reader: "Reader", *, as_json: bool, as_csv: bool, one_digit: bool, annotate: Path | None, n_files: int
) -> Form:
    """Return the form that was asked for."""
    kind = JsonForm if as_json else CsvForm if as_csv else Form
    return kind(reader, one_digit, annotate, n_files)


def verdict_summary(verdict: "Verdict") -> dict[str, Any]:
    """Return what JSON says of a verdict."""
    return {"digit": verdict.digit, "confidence": verdict.confidence, "reason": verdict.reason}


def mark_summary(mark: "Mark") -> dict[str, Any]:
    """Return what JSON says of a mark."""
    told = verdict_summary(mark.verdict)
    cell = None if mark.cell is None else list(mark.cell)
    return {**told, "box": list(mark.box), "cell": cell, "sign": mark.sign, "outputs": mark.verdict.outputs.tolist()}
