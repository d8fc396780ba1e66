"""Reading: pictures of one digit, and whole pages of them; and saying so when something is not a digit."""

from glassnet.reading.collection import ReadPage, outputs_of_collection, read_labelled_pages
from glassnet.reading.crops import Crops, open_crops
from glassnet.reading.page import Line, Mark, Page, edit_distance
from glassnet.reading.reader import SHIPPED, Reader, explained_by_ink, shipped_model
from glassnet.reading.verdict import UNCALIBRATED, Calibration, Verdict, Verdicts, decide, fitted

__all__ = [
    "SHIPPED",
    "UNCALIBRATED",
    "Calibration",
    "Crops",
    "Line",
    "Mark",
    "Page",
    "ReadPage",
    "Reader",
    "Verdict",
    "Verdicts",
    "decide",
    "edit_distance",
    "explained_by_ink",
    "fitted",
    "open_crops",
    "outputs_of_collection",
    "read_labelled_pages",
    "shipped_model",
]
