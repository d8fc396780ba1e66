"""Export: a network as one web page that draws and recognises without a server."""

from glassnet.export.one_file import MOST_BYTES, OneFile, is_own_page, one_file
from glassnet.export.rounding import Rounded, rounded, rounded_to_fit

__all__ = ["MOST_BYTES", "OneFile", "Rounded", "is_own_page", "one_file", "rounded", "rounded_to_fit"]
