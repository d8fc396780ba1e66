"""How ``glassnet read`` tells what it read: as text, JSON, CSV, and as pictures."""

import csv
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.markup import escape

from glassnet.cli.console import out, plural, print_json, print_wide
from glassnet.errors import SettingError
from glassnet.reading.page import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glassnet.reading import Crops, Mark, Page, Reader, Verdict
    from glassnet.reading.regions import Region

PICTURE_WIDTH = 70
MOST_REASONS = 12
TURNS = {180: "upside down", 90: "turned to the left", 270: "turned to the right"}
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
    "region",
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
    regions : sequence of Region, default ()
        Where one looks; everywhere, where there are none.
    """

    def __init__(
        self,
        reader: "Reader",
        one_digit: bool,
        annotate: Path | None,
        n_files: int,
        regions: "Sequence[Region]" = (),
    ) -> None:
        self.reader, self.one_digit, self.annotate, self.n_files = reader, one_digit, annotate, n_files
        self.regions = regions

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
        for region in self.regions:
            texts = [line.text for line in page.lines if line.region == region.label]
            out.print(
                f"[dim]{escape(region.label)}:[/] {escape(' '.join(texts)) or '[dim]nothing there[/]'}", soft_wrap=True
            )
        if not page.lines and not self.regions:
            out.print("[dim]nothing there[/]")
        for line in () if self.regions else page.lines:
            out.print(escape(line.text), soft_wrap=True)
        if page.turned:
            out.print(f"[dim]read {TURNS[page.turned]}[/]")
        if page.is_mostly_words:
            out.print("[dim]most of this is no digits but words, it seems: --region says where to look[/]")
        if strange := [place for place, line in enumerate(page.lines, 1) if line.fits is False]:
            told = ", ".join(map(str, strange[:MOST_REASONS])) + (", ..." if len(strange) > MOST_REASONS else "")
            out.print(f"[dim]not as expected: line {told}[/]")
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
                "confidence": line.confidence,
                "region": line.region or None,
                "fits": line.fits,
                "words": [text_of(word) for word in line.words],
                "marks": [mark_summary(mark) for mark in line.marks],
            }
            for line in page.lines
        ]
        things = [
            {"kind": thing.kind, "box": list(thing.box), "rows": thing.n_rows, "columns": thing.n_columns}
            for thing in page.things
        ]
        told = {"file": str(path), "page": number, "size": list(page.size), "turned": page.turned}
        told["mostly_words"] = page.is_mostly_words
        print_json({**told, "lines": lines, "things": things})

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
                self.row(path, number, line_number, place, mark, line.region)

    def digit(self, path: Path, mark: "Mark") -> None:
        """Print the mark."""
        self.row(path, 1, 1, 1, mark)

    def row(self, path: Path, page: int, line: int, place: int, mark: "Mark", region: str = "") -> None:
        """Print one line."""
        verdict = mark.verdict
        digit = "" if verdict.digit is None else verdict.digit
        told = [digit, f"{verdict.confidence:.4f}", verdict.reason or "", *mark.box, mark.sign or "", region]
        write_row([path, page, line, place, *told])

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
                    f"{name},,,{n},{digit},{confidence:.4f},{reason or ''},,,,,,\n"
                    for n, (digit, confidence, reason) in enumerate(rows, place + 1)
                )
            )
            place += len(verdicts)


def write(text: str) -> None:
    """Write to standard output as it is."""
    sys.stdout.write(text)


class TableForm(Form):
    """CSV with a column for each cell, number or region."""

    def begin(self) -> None:
        """Print the names of the columns, where regions have some."""
        if self.regions:
            write_row(["file", "page", *(region.label for region in self.regions)])

    def tell_page(self, path: Path, number: int, page: "Page") -> None:
        """Print a row of regions, or the rows of the page's tables; with the file's name, where there are several."""
        from glassnet.reading.tables import table_of

        if self.regions:
            texts = (" ".join(line.text for line in page.lines if line.region == r.label) for r in self.regions)
            write_row([path, number, *texts])
            return
        of_file = [path, number] if self.n_files > 1 or number > 1 else []
        for row in table_of(page):
            write_row([*of_file, *row])

    def crops(self, path: Path, crops: "Crops") -> None:
        """Refuse: crops stand in no rows."""
        raise SettingError(f"{path} holds crops, which stand in no table: use --csv.")


def write_row(row: list[Any]) -> None:
    """Print a line of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(row)
    write(text.getvalue())


def verdict_summary(verdict: "Verdict") -> dict[str, Any]:
    """Return what JSON says of a verdict."""
    return {"digit": verdict.digit, "confidence": verdict.confidence, "reason": verdict.reason}


def mark_summary(mark: "Mark") -> dict[str, Any]:
    """Return what JSON says of a mark."""
    told = verdict_summary(mark.verdict)
    cell = None if mark.cell is None else list(mark.cell)
    return {**told, "box": list(mark.box), "cell": cell, "sign": mark.sign, "outputs": mark.verdict.outputs.tolist()}
