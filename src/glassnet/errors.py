"""The errors that a user can cause: each is one clear sentence saying what is wrong, where, and what to do."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

MOST_SAID = 300
"""Characters of what was found in a file that a sentence repeats: somebody else chose them, and how many."""
ABOUT_CONTENT = (None, errno.EINVAL, errno.EOVERFLOW)
"""Numbers of an OSError that is about what a file holds: no number, and those of a place that lies in no file."""


class GlassnetError(Exception):
    """Whatever glassnet refuses; its text is one sentence fit to be shown as it is."""


class ShapeError(GlassnetError, ValueError):
    """Arrays whose shapes do not belong together."""


class SettingError(GlassnetError, ValueError):
    """A setting outside what is possible, or two settings that exclude each other."""


class DigitsError(GlassnetError, ValueError):
    """Digits that cannot be loaded: a damaged IDX file, a folder without digits, labels that do not fit."""


class ImageError(GlassnetError, ValueError):
    """An image that cannot be read, or in which no digit can be found."""


class ModelFileError(GlassnetError, ValueError):
    """A file that is not a model, or a damaged one."""


class CheckpointError(GlassnetError, ValueError):
    """A checkpoint from which a run cannot go on."""


class DamagedError(GlassnetError, ValueError):
    """What is wrong with a file, without its name: `in_one_sentence` adds that where the file was opened."""


class DivergedError(GlassnetError, ArithmeticError):
    """A network or a cost whose numbers are no longer finite."""


class KernelMissingWarning(UserWarning):
    """There is no compiled kernel in this build, so everything takes several times as long as it could."""


@contextmanager
def in_one_sentence(
    kind: type[GlassnetError], about: str = "", otherwise: str = "it is damaged ({why})."
) -> Iterator[None]:
    """Turn whatever a parser raises over a file that somebody else wrote into an error of one sentence.

    Parameters
    ----------
    kind : type of GlassnetError
        What is raised instead.
    about : str, default ""
        What the sentence begins with, before a colon: "cannot read digits.npz". Empty adds nothing.
    otherwise : str, default "it is damaged ({why})."
        What is said of an error that is none of glassnet's; ``{why}`` stands for the beginning of its own words.

    Raises
    ------
    GlassnetError
        Of that kind. One of another kind, raised for a part of the file, keeps its words. One of the kind itself has
        been told already and passes.
    MemoryError
        As it came.
    OSError
        As it came, if it is the system's word about the file. Those without a number are a library's word about the
        content (``gzip.BadGzipFile``, ``PIL.UnidentifiedImageError``).

    Notes
    -----
    A list of exceptions would not do. What a damaged file makes a library stumble over is not documented: an array's
    header raised ``tokenize.TokenError``, a table ``AttributeError``, a checkpoint ``OverflowError``.

    Examples
    --------
    >>> with in_one_sentence(DigitsError, "cannot read a.csv"):
    ...     int("seven")
    Traceback (most recent call last):
    glassnet.errors.DigitsError: cannot read a.csv: it is damaged (invalid literal for int() with base 10: 'seven').
    """
    before = f"{about}: " if about else ""
    try:
        yield
    except (kind, MemoryError):
        raise
    except GlassnetError as error:
        raise kind(before + in_one_line(str(error))) from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno not in ABOUT_CONTENT:
            raise
        raise kind(before + otherwise.replace("{why}", in_one_line(words_of(error)))) from None


def words_of(error: Exception) -> str:
    """Return the first line of what an error says, or its name, as it stands within a sentence."""
    return ((str(error).splitlines() or [""])[0].strip() or type(error).__name__)[:100].rstrip(".")


def in_one_line(text: str) -> str:
    """Return a text that may repeat a file's content: short, its control characters shown and not obeyed."""
    printable = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text[: MOST_SAID + 1])
    return printable if len(printable) <= MOST_SAID else f"{printable[:MOST_SAID].rstrip('.')} ..."
