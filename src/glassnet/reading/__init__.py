"""Reading: pictures of one digit, and whole pages of them; and saying so when something is not a digit."""

from glassnet.reading.collection import ReadPage, outputs_of_collection, read_labelled_pages
from glassnet.reading.crops import Crops, open_crops
from glassnet.reading.page import Line, Mark, Page, Thing, edit_distance
from glassnet.reading.reader import SHIPPED, Reader, explained_by_ink, shipped_model
from glassnet.reading.regions import Region, form_text, load_form
from glassnet.reading.tables import table_of
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
    "Region",
    "Thing",
    "Verdict",
    "Verdicts",
    "decide",
    "edit_distance",
    "explained_by_ink",
    "fitted",
    "form_text",
    "load_form",
    "open_crops",
    "outputs_of_collection",
    "read_labelled_pages",
    "shipped_model",
    "table_of",
]
