"""Left out: what could not be built when glassnet was installed, and why; cmake/leave_out.cmake writes it."""

from pathlib import Path

FOLDER = Path(__file__).parent / "left_out"
KERNEL, PAGE = "kernel", "page"
WITHOUT = {
    KERNEL: (
        "glassnet was installed without its compiled kernel ({reason}): the reference engine does everything, several "
        "times slower. A wheel of glassnet has the kernel; to build it, install GCC 12 or Clang 14, or later, and then "
        "glassnet again (pip install --no-cache-dir --force-reinstall --no-deps .)."
    ),
    PAGE: (
        "glassnet was installed without the studio's page ({reason}). A wheel of glassnet has it, and so has its "
        "source distribution; to build it, install Node 20.19 or later and then glassnet again (pip install "
        "--no-cache-dir --force-reinstall --no-deps .)."
    ),
}


def why(part: str, folder: Path | None = None) -> str | None:
    """Return why a part was left out, as a clause; None if it was not, or if nobody knows why.

    Parameters
    ----------
    part : {"kernel", "page"}
        What may be missing.
    folder : Path or None, default None
        Where the build left its reasons: a clause in PART.txt, beside it the whole output in PART.log. None takes
        `FOLDER`.

    Returns
    -------
    str or None
        Such as "there is no C++ compiler here".
    """
    try:
        return ((folder or FOLDER) / f"{part}.txt").read_text(encoding="utf-8", errors="replace").strip() or None
    except OSError:
        return None


def sentence(part: str, reason: str | None = None) -> str:
    """Return what is said when a part is needed and missing: that it is, why, and how to get it.

    Parameters
    ----------
    part : {"kernel", "page"}
        What is missing.
    reason : str or None, default None
        What to give as the reason if the build kept none.

    Returns
    -------
    str
        Two sentences.
    """
    return WITHOUT[part].format(reason=why(part) or reason or "why was not kept")
