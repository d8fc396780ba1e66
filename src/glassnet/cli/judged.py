"""What ``glassnet evaluate`` says beyond accuracy: rejection, what a threshold buys, and whole pages."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.cli.console import out, percent, print_wide

if TYPE_CHECKING:
    from glassnet.digits import Digits
    from glassnet.model_file import Model
    from glassnet.reading import ReadPage
    from glassnet.rejection import Choice, Rejection

THRESHOLDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99)
MOST_WRONG_PAGES = 10
TABLE_WIDTH = 76


@dataclass(frozen=True, slots=True)
class Judged:
    """What was measured.

    Parameters
    ----------
    rejections : dict of str to Rejection
        For each collection of non-digits.
    choices : tuple of Choice
        What thresholds of confidence buy, on the test digits.
    calibration_error : float
        Of the confidences, which are calibrated where the model's header says how.
    pages : list of ReadPage
        Whole pages.
    """

    rejections: "dict[str, Rejection]"
    choices: "tuple[Choice, ...]"
    calibration_error: float
    pages: "list[ReadPage]"

    @property
    def exactly_right(self) -> float:
        """Share of pages without a mistake."""
        return float(np.mean([page.text == page.wanted for page in self.pages]))

    @property
    def character_error_rate(self) -> float:
        """Mistakes on all pages, over their characters."""
        return sum(page.n_errors for page in self.pages) / max(1, sum(len(page.wanted) for page in self.pages))

    def summary(self) -> dict[str, Any]:
        """Return what ``--json`` adds."""
        told: dict[str, Any] = {
            "confidence_calibration_error": self.calibration_error,
            "risk_and_coverage": [
                {
                    "at_least": c.at_least,
                    "coverage": c.coverage,
                    "accuracy": c.accuracy if c.coverage else None,
                }
                for c in self.choices
            ],
        }
        if self.rejections:
            told["not_digits"] = {
                name: asdict(r) | {"false_acceptance": {str(c): share for c, share in r.false_acceptance.items()}}
                for name, r in self.rejections.items()
            }
        if self.pages:
            told["pages"] = {
                "n": len(self.pages),
                "exactly_right": self.exactly_right,
                "character_error_rate": self.character_error_rate,
                "wrong": [asdict(page) for page in self.pages if page.text != page.wanted],
            }
        return told

    def show(self) -> None:
        """Print the tables."""
        from glassnet.cli.pictures import plain_table

        out.print(
            f"\nWhat a threshold buys: digits at least so sure are accepted. Confidences are off by "
            f"{percent(self.calibration_error)} on the average."
        )
        table = plain_table("at least", "accepted", "of those right")
        for choice in self.choices:
            right = percent(choice.accuracy) if choice.coverage else "none there"
            table.add_row(f"{choice.at_least:.2f}", percent(choice.coverage), right)
        print_wide(table, TABLE_WIDTH)
        if self.rejections:
            out.print("\nNon-digits taken for digits, where that share of digits is accepted; and those above 0.9.")
            table = plain_table("", "marks", "at 95 %", "at 99 %", "AUROC", "above 0.9")
            for name, r in self.rejections.items():
                shares = [percent(share) for share in r.false_acceptance.values()]
                table.add_row(name, f"{r.n_others:,}", *shares, f"{r.auroc:.4f}", percent(r.confident_errors))
            print_wide(table, TABLE_WIDTH)
        if self.pages:
            out.print(
                f"\n{len(self.pages)} pages: {percent(self.exactly_right)} exactly right, "
                f"{percent(self.character_error_rate)} of the characters wrong."
            )
            wrong = [page for page in self.pages if page.text != page.wanted]
            for page in wrong[:MOST_WRONG_PAGES]:
                said, wanted = page.text.replace("\n", " | "), page.wanted.replace("\n", " | ")
                out.print(f"  {page.file}: {wanted} read as {said}", markup=False)


def judged(model: "Model", digits: "Digits", not_digits: list[Path], pages: Path | None) -> Judged | None:
    """Return the measurements asked for; None if none were and the model has no calibration."""
    from glassnet.evaluation import calibration_bins, expected_calibration_error
    from glassnet.reading import Calibration, Reader, outputs_of_collection, read_labelled_pages
    from glassnet.rejection import choices, rejection

    if not not_digits and pages is None and Calibration.from_header(model.results) is None:
        return None
    reader = Reader(model)
    outputs = reader.outputs(digits.test_images)
    confidences = reader.calibration.confidences(outputs)
    right = outputs.argmax(axis=1) == digits.test_labels
    most = outputs.max(axis=1)
    return Judged(
        {str(path): rejection(most, outputs_of_collection(reader, path).max(axis=1)) for path in not_digits},
        choices(confidences, right, THRESHOLDS),
        expected_calibration_error(calibration_bins(confidences, right)),
        [] if pages is None else list(read_labelled_pages(reader, pages)),
    )
