"""The reader: pictures in, digits out, or "that is not a digit"."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from importlib import resources
from pathlib import Path

import numpy as np

from glassnet.digits.image_file import read_grey, read_pages
from glassnet.digits.normalise import SIDE_PX, find_ink, place_ink
from glassnet.engines import made_ready
from glassnet.errors import DivergedError, ImageError, SettingError, ShapeError
from glassnet.model_file import Model, load_model
from glassnet.network import Network
from glassnet.reading.cells import Cell, Frame, cell_at, frames_of_numbers, gaps_told
from glassnet.reading.cutting import with_touching_cut
from glassnet.reading.expected import Expected
from glassnet.reading.frames import without_frames
from glassnet.reading.inks import INKS, with_one_ink
from glassnet.reading.joining import one_in_each, with_parts_joined
from glassnet.reading.layout import in_reading_order, tilt_of
from glassnet.reading.letters import among_letters, single_letters
from glassnet.reading.marks import (
    find_marks,
    is_large_enough,
    is_stroke,
    normalised,
    stroke_of,
    usual_height,
    what_is_odd,
)
from glassnet.reading.page import (
    Line,
    Mark,
    Page,
    Thing,
    is_doubtful,
    joined_pages,
    moved,
    n_accepted,
    sense_of,
    without_stray,
)
from glassnet.reading.paper import Ink, find_page_ink
from glassnet.reading.pieces import Piece
from glassnet.reading.regions import Region
from glassnet.reading.seen import Seen
from glassnet.reading.sheet import Sheet, find_sheet
from glassnet.reading.signs import find_signs, place_in_line
from glassnet.reading.turning import box_on_page, straightened, turned_back
from glassnet.reading.verdict import (
    CUT_OFF,
    NOTHING,
    SIGN,
    TOO_LITTLE,
    UNCALIBRATED,
    Calibration,
    Verdict,
    Verdicts,
    decide,
)
from glassnet.reading.words import word_starts

SHIPPED = ("reader", "videos")
"""The networks that come with glassnet: the reader, and one trained the videos' way."""
N_INPUTS = SIDE_PX * SIDE_PX
LEAST_TILT = 0.03
"""Rows for each column: lines that rise or fall less than this are read as they are; digits may lean."""
FEWEST_TO_TURN, SENSE_TO_TURN, PLAINLY = 3, 0.8, 0.08
"""Digits that are read on a page turned otherwise at least, their mean confidence, and by how much that is larger."""
LEAST_INK_PX = 12.0
"""Full pixels of ink in a picture; with fewer than this there is too little to tell anything."""


class Reader:
    """Reads digits, and says so when it is shown something else.

    Parameters
    ----------
    model : str, Path, Model, Network or None, default None
        None takes the reader that comes with glassnet. A model file or a network of 784 inputs and 10 outputs; one that
        was not taught about non-digits will take anything for a digit.
    at_least : float or None, default None
        The confidence at or above which a mark is accepted; None takes that of the model's calibration. 0 accepts all.
    signs : bool, default True
        Whether points, commas, colons, dashes and slashes between digits are told; otherwise they are left out.
    ink : str or None, default None
        "black", "blue", "green" or "red": only what is written in it is read on pages in colour; None reads all.
    expect : str, Expected or None, default None
        What each line of a page says: a pattern such as "dddd-dd-dd", a checksum ("luhn", "ean" or "isbn"), or both,
        "luhn:dddd dddd". A line that fits is told so (`Line.fits`); None expects nothing.

    Raises
    ------
    ModelFileError
        If the file is not a model, or is damaged.
    ShapeError
        If the network has other inputs or outputs.
    SettingError
        If `at_least` is not from 0 to 1, there is no such ink, or nothing can be as expected.
    OSError
        If the file cannot be read.

    Notes
    -----
    A reader may be used by several threads at once. Its network is made ready once: for other weights make another one.

    Examples
    --------
    >>> import glassnet
    >>> reader = glassnet.Reader()
    >>> digits = glassnet.load_digits()
    >>> reader.classify(digits.test_images[0]).digit
    7
    >>> reader.classify(np.zeros((28, 28), dtype=np.uint8)).reason
    'nothing there'
    """

    def __init__(
        self,
        model: str | Path | Model | Network | None = None,
        *,
        at_least: float | None = None,
        signs: bool = True,
        ink: str | None = None,
        expect: str | Expected | None = None,
    ) -> None:
        if model is None:
            model = shipped_model("reader")
        elif isinstance(model, (str, Path)):
            model = load_model(model)
        self.model = Model(model) if isinstance(model, Network) else model
        self.network = self.model.network.astype(np.float32)
        if self.network.layer_sizes[0] != N_INPUTS or self.network.layer_sizes[-1] != 10:
            sizes = "-".join(map(str, self.network.layer_sizes))
            raise ShapeError(f"to read digits a network needs {N_INPUTS} inputs and 10 outputs; this one is {sizes}.")
        self.calibration = Calibration.from_header(self.model.results) or UNCALIBRATED
        if at_least is not None and not 0 <= at_least <= 1:
            raise SettingError(f"at_least must be from 0 to 1, not {at_least}.")
        self.at_least = self.calibration.at_least if at_least is None else float(at_least)
        if ink is not None and ink not in INKS:
            raise SettingError(f"ink must be one of {', '.join(sorted(INKS))}, not {ink!r}.")
        self.signs, self.ink = signs, ink
        self.expect = Expected.from_text(expect) if isinstance(expect, str) else expect

    @cached_property
    def _answered(self) -> Callable[[np.ndarray], np.ndarray]:
        return made_ready(self.network)

    def __getstate__(self) -> dict[str, object]:
        """Return what a copy in another process needs: what is made ready belongs to this one."""
        return {name: value for name, value in vars(self).items() if name != "_answered"}

    def outputs(self, images: np.ndarray) -> np.ndarray:
        """Return the network's outputs for images that are normalised already.

        Parameters
        ----------
        images : ndarray of uint8, shape (n, 28, 28) or (28, 28)
            0 is paper, 255 is ink.

        Returns
        -------
        ndarray of float32, shape (n, 10)
            One row for each.

        Raises
        ------
        ShapeError
            If the images have another size.
        DivergedError
            If an output is not a finite number.
        """
        images = images[None] if images.ndim == 2 else images
        if images.ndim != 3 or images.shape[1:] != (SIDE_PX, SIDE_PX) or images.dtype != np.uint8:
            raise ShapeError(f"images must be of uint8, shape (n, 28, 28), not {images.dtype} {images.shape}.")
        outputs = self._answered(images)
        if not np.isfinite(outputs).all():
            raise DivergedError("the network's outputs are not finite numbers: its weights are too large.")
        return outputs

    def verdicts(self, images: np.ndarray) -> Verdicts:
        """Return the verdicts on images that are normalised already.

        Parameters
        ----------
        images : ndarray of uint8, shape (n, 28, 28)
            0 is paper, 255 is ink.

        Returns
        -------
        Verdicts
            One for each, in order.
        """
        verdicts = decide(self.outputs(images), self.calibration, self.at_least)
        is_blank = images.reshape(len(verdicts), -1).max(axis=1, initial=0) == 0
        verdicts.digits[is_blank], verdicts.confidences[is_blank], verdicts.reasons[is_blank] = -1, 0.0, NOTHING
        return verdicts

    def classify(self, image: np.ndarray | str | Path | bytes) -> Verdict:
        """Return the verdict on a picture of one mark.

        Parameters
        ----------
        image : ndarray of uint8, shape (height, width), or str, Path or bytes
            Shades of grey, or an image file or its content; ink on paper either way, of any size, anywhere in it.

        Returns
        -------
        Verdict
            A digit, or why it is not one.

        Raises
        ------
        ImageError
            If it is not an image.
        OSError
            If the file cannot be read.
        """
        return self.mark(image).verdict

    def mark(self, image: np.ndarray | str | Path | bytes) -> Mark:
        """Return the verdict on a picture of one mark, with its box and what the network was shown: see `classify`."""
        grey = image if isinstance(image, np.ndarray) else read_grey(image)
        blank = np.zeros((SIDE_PX, SIDE_PX), dtype=np.uint8)
        try:
            ink = find_ink(grey)
            shown, box, _ = place_ink(ink)
        except ImageError:
            if grey.ndim != 2 or grey.dtype != np.uint8 or min(grey.shape) < 3:
                raise
            return Mark(self.verdicts(blank[None])[0], (0, 0, 0, 0), blank)
        return Mark(explained_by_ink(self.verdicts(shown[None])[0], ink), box, shown)

    def read(self, source: np.ndarray | str | Path | bytes, regions: Sequence[Region] = ()) -> Page:
        """Return what is written on a page: on the first one, where there are several.

        Parameters
        ----------
        source : ndarray of uint8, shape (height, width, 3) or (height, width), or str, Path or bytes
            Colours or shades of grey; or an image file, a PDF, or the content of one.
        regions : sequence of Region, default ()
            Where to look; the lines come in their order, and know their names. Everywhere, where there are none.

        Returns
        -------
        Page
            Its lines in reading order. Finding nothing is not an error: such a page has no lines.

        Raises
        ------
        ImageError
            If it is not an image, or there are more marks on the page than can be read.
        SettingError
            If a region lies outside of the page.
        OSError
            If the file cannot be read.
        """
        return next(self.pages(source, regions))

    def pages(self, source: np.ndarray | str | Path | bytes, regions: Sequence[Region] = ()) -> Iterator[Page]:
        """Yield what is written on each page of an image file or PDF, one after the other: see `read`."""
        for page in [source] if isinstance(source, np.ndarray) else read_pages(source):
            yield self.read_photo(page, regions)

    def read_photo(self, photo: np.ndarray, regions: Sequence[Region] = ()) -> Page:
        """Return what is written on a page, or on a sheet that a photo shows on a table."""
        sheet = find_sheet(photo)
        if self.ink is not None:
            photo = with_one_ink(photo, self.ink)
            sheet = sheet and replace(sheet, page=with_one_ink(sheet.page, self.ink))
        if regions:
            return joined_pages([self.read_region(photo, sheet, region) for region in regions])
        page = self.as_expected(self.read_ink(find_page_ink(photo if sheet is None else sheet.page)), self.expect)
        return page if sheet is None else on_photo(page, sheet, photo)

    def as_expected(self, page: Page, expected: Expected | None) -> Page:
        """Return a page whose lines say what is expected, where they may."""
        if expected is None:
            return page
        lines = [expected.fitted(line, self.calibration, self.at_least) for line in page.lines]
        return replace(page, lines=tuple(lines))

    def read_region(self, photo: np.ndarray, sheet: Sheet | None, region: Region) -> Page:
        """Return what is written in a region: of the sheet, if there is one and it is in per cent, or of the photo."""
        whole = sheet.page if sheet is not None and region.is_share else photo
        height, width = whole.shape[:2]
        left, top, wide, high = region.on(width, height)
        part = self.read_ink(find_page_ink(whole[top : top + high, left : left + wide]))
        part = self.as_expected(part, region.expect or self.expect)
        page = moved(part, left, top, (width, height), region.label)
        return page if sheet is None or not region.is_share else on_photo(page, sheet, photo)

    def read_ink(self, ink: Ink) -> Page:
        """Return what the ink on a page says; one that makes little sense is read upside down and sideways, too."""
        best = self.read_upright(ink)
        if not is_doubtful(best):
            return best
        height, width = ink.strength.shape
        for quarters in (2, 1, 3):
            turned = replace(ink, strength=np.ascontiguousarray(np.rot90(ink.strength, quarters)))
            page = self.read_upright(turned)
            is_plain = sense_of(page) > max(sense_of(best) + PLAINLY, SENSE_TO_TURN)
            if is_plain and n_accepted(page) >= FEWEST_TO_TURN:
                back = partial(turned_back, quarters=quarters, size=(width, height))
                best = replace(page.with_boxes(back, (width, height)), turned=90 * quarters)
        return best

    def read_upright(self, ink: Ink) -> Page:
        """Return what the ink on a page says that is the right way up."""
        height, width = ink.strength.shape
        strength, frames = without_frames(ink.strength)
        lines, others = self.read_marks(replace(ink, strength=strength), frames)
        things = [Thing("frame", frame.box, frame.n_rows, frame.n_columns) for frame in frames]
        return Page(tuple(lines), (width, height), (*things, *others))

    def read_marks(self, ink: Ink, frames: list[Frame]) -> tuple[list[Line], list[Thing]]:
        """Return the lines of marks on a page whose frames were taken away, and what else is on it."""
        height, width = ink.strength.shape
        back = None

        def on_page(piece: Piece) -> tuple[int, int, int, int]:
            return box_on_page(piece, back, width, height)

        found = find_marks(ink)
        things = [Thing(kind, box) for kind, box in found.things]
        if not found.pieces:
            return [], things
        tilt = tilt_of(found.pieces, usual_height(found.pieces))
        if abs(tilt) > LEAST_TILT:
            ink, back = straightened(ink, found.pieces + found.specks, tilt)
            found = find_marks(ink)
        usual = usual_height(found.pieces) if found.pieces else 0.0
        pieces = [piece for piece in found.pieces if not is_stroke(piece, usual)]
        things += [Thing("stroke", on_page(piece)) for piece in found.pieces if is_stroke(piece, usual)]
        if not pieces:
            return [], things
        specks = found.specks
        usual = usual_height(pieces)

        def cells_of(pieces: list[Piece]) -> list[Cell | None]:
            return [cell_at(on_page(piece), frames) for piece in pieces]

        def with_numbers(pieces: list[Piece]) -> set[int]:  # crumbs beside a digit do not count
            large = [piece for piece in pieces if is_large_enough(piece, usual, 0.0)]
            return frames_of_numbers(frames, [cell for cell in cells_of(large) if cell is not None])

        of_numbers = with_numbers(pieces)
        signs = find_signs(pieces + specks, usual, stroke_of(pieces))
        cells = cells_of([piece for _, piece, _ in signs])
        signs = [
            sign for sign, cell in zip(signs, cells, strict=True) if cell is None or cell[0] in of_numbers
        ]  # where there is a cell for each digit, there is none for a sign
        of_signs = {part for _, _, parts in signs for part in parts}
        pieces = [piece for piece in pieces if piece not in of_signs]
        seen = Seen(self.outputs)
        pieces = with_parts_joined(pieces, usual, seen.largest_outputs)
        cells = cells_of(pieces)
        of_numbers = with_numbers(pieces)
        is_alone = [cell is not None and cell[0] not in of_numbers for cell in cells]
        alone = [piece for piece, its in zip(pieces, is_alone, strict=True) if its]
        pieces = [piece for piece, its in zip(pieces, is_alone, strict=True) if not its]
        letters = single_letters(pieces, seen.largest_outputs(pieces))
        whole = [piece for place, piece in enumerate(pieces) if place in letters]
        others = [piece for place, piece in enumerate(pieces) if place not in letters]
        pieces = whole + with_touching_cut(others, usual, seen.largest_outputs)
        pieces += one_in_each(alone, [cell_at(on_page(piece), frames) for piece in alone], usual, seen.largest_outputs)
        surely = seen.largest_outputs(pieces).tolist()
        pieces = [piece for piece, output in zip(pieces, surely, strict=True) if is_large_enough(piece, usual, output)]
        if not pieces:
            return [], things
        lines = in_reading_order(pieces, usual)
        shown = seen.images([piece for line in lines for piece in line])
        verdicts = self.verdicts(shown)
        read, place = [], 0
        for line in lines:
            marks = []
            for piece in line:
                box = on_page(piece)
                is_cut = box[0] == 0 or box[1] == 0 or box[0] + box[2] >= width or box[1] + box[3] >= height
                verdict = explained(verdicts[place], CUT_OFF if is_cut else None)
                marks.append(Mark(verdict, box, shown[place], cell_at(box, frames)))
                place += 1
            read.append(Line(tuple(marks)))
        kept, stray = without_stray(read)
        things += [Thing("stain", mark.box) for line in stray for mark in line.marks]
        if self.signs and signs:
            kept = self.with_signs(kept, [(sign, piece, on_page(piece)) for sign, piece, _ in signs], frames)
        told = [gaps_told([mark.cell for mark in line.marks], frames, of_numbers) for line in kept]
        told = [beside_signs(line, its) for line, its in zip(kept, told, strict=True)]
        starts = word_starts([[mark.box for mark in line.marks] for line in kept], told)
        return among_letters([replace(line, starts=its) for line, its in zip(kept, starts, strict=True)]), things

    def with_signs(
        self, lines: list[Line], signs: list[tuple[str, Piece, tuple[int, int, int, int]]], frames: list[Frame]
    ) -> list[Line]:
        """Return the lines with the signs that stand between their marks."""
        images = normalised([piece for _, piece, _ in signs])
        outputs = self.outputs(images)
        marks = [list(line.marks) for line in lines]
        for (sign, _, box), image, its in zip(signs, images, outputs, strict=True):
            place = place_in_line(box, [[mark.box for mark in line] for line in marks])
            if place is not None:
                mark = Mark(Verdict(None, 0.0, SIGN, its), box, image, cell_at(box, frames), sign)
                marks[place[0]].insert(place[1], mark)
        return [replace(line, marks=tuple(its)) for line, its in zip(lines, marks, strict=True)]


def on_photo(page: Page, sheet: Sheet, photo: np.ndarray) -> Page:
    """Return what was read on a sheet, with its boxes where they lie in the photo."""
    height, width = photo.shape[:2]
    return page.with_boxes(lambda box: sheet.box_in_photo(box, width, height), (width, height))


def beside_signs(line: Line, told: list[bool | None]) -> list[bool | None]:
    """Return what is told of a line's gaps: beside a sign there is none."""
    pairs = zip(line.marks, line.marks[1:], told, strict=False)
    return [False if one.sign or other.sign else answer for one, other, answer in pairs]


def explained_by_ink(verdict: Verdict, ink: np.ndarray) -> Verdict:
    """Return the verdict on a picture of one mark, rejected where there is too little ink; what is odd explains it."""
    if ink.sum() < LEAST_INK_PX:
        return replace(verdict, digit=None, reason=TOO_LITTLE)
    return verdict if verdict.digit is not None else explained(verdict, what_is_odd(ink))


def explained(verdict: Verdict, oddity: str | None) -> Verdict:
    """Return a verdict, its rejection explained by what else was seen in the mark."""
    return verdict if verdict.digit is not None or oddity is None else replace(verdict, reason=oddity)


def shipped_model(name: str) -> Model:
    """Return a model that comes with glassnet: "reader" or "videos"."""
    with resources.as_file(resources.files("glassnet.reading") / "models" / f"{name}.safetensors") as path:
        return load_model(path)
