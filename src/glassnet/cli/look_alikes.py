"""Look-alikes: what replaces a block, a bar or a sign where the output has no such character.

A console with one of Windows' or DOS's code pages, a locale of plain ASCII, and every redirection on Windows have a few
hundred characters at most. Shades stay shades and curves stay curves there, column for column.
"""

import codecs
import io
from typing import IO, Any

LOOK_ALIKES = {
    # shades, the fuller the brighter; none is a sign for weights below 0, or marks a place on a surface
    **dict(zip("░▒▓█", ":*%@", strict=True)),
    # a column's top: the more of the line it fills, the more ink
    **dict(zip("▁▂▃▄▅▆▇", "_.:-=+*", strict=True)),
    # a bar's end: to the nearest whole character, but never to nothing
    **dict(zip("▏▎▍▌▋▊▉", "...@@@@", strict=True)),
    "▀": '"',
    "▕": "|",
    **dict.fromkeys("─━╸╺╴╶", "-"),
    **dict(zip("▶◀▲", "><^", strict=True)),
    "→": "->",  # the only one to take two columns: "0.2 > 0.1" would say something else
    **dict(zip("·•…", ".*~", strict=True)),
    **dict(zip("×−–—", "x---", strict=True)),
    **dict(zip("‘’“”", "''\"\"", strict=True)),
}
ERRORS = "glassnet-look-alikes"


def look_alike(error: UnicodeError) -> tuple[str, int]:
    """Return what replaces characters that an encoding lacks, and where to go on.

    One character for each, with one exception, as columns have been counted already. A letter has no look-alike: a file
    called ü is not the one called u. It is written as its number, as Python does.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(LOOK_ALIKES.get(c) or c.encode("ascii", "backslashreplace").decode() for c in missing), error.end


def degrade(stream: Any) -> None:
    """Let a text stream write look-alikes instead of failing."""
    codecs.register_error(ERRORS, look_alike)
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=ERRORS)


def has(stream: IO[str], text: str) -> bool:
    """Return whether a stream's encoding has all characters of a text."""
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
