"""Quota: the share of the processors that a container or a service is granted, which Linux tells in files."""

from functools import cache
from pathlib import Path, PurePosixPath

GROUPS = Path("proc/self/cgroup")
"""One line for each hierarchy of groups: its number, what it governs, and the path of our group in it."""
MOUNTED = ("", "unified", "cpu,cpuacct", "cpuacct,cpu", "cpu")
"""Where hierarchies lie below ``sys/fs/cgroup``: the second version's own, beside the first's, and the first's."""


@cache
def quota() -> int | None:
    """Return how many processors' time this process may use, rounded up; None where nothing limits it.

    It is looked up once: whoever reads one drawing asks for it, and a quota is seldom changed.
    """
    return quota_below(Path("/"))


def quota_below(root: Path) -> int | None:
    """Return what the files below `root` say: the smallest over our group and those that it is in.

    A container often sees its own group as the first of all, at the root of what is mounted, whatever path it is told.
    """
    try:
        lines = (root / GROUPS).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # another system, or a sandbox without it
        return None
    found = []
    for line in lines:
        number, governs, path = (*line.split(":", 2), "", "")[:3]
        if number == "0" or "cpu" in governs.split(","):
            parts = [part for part in PurePosixPath(path).parts if part not in ("/", "..")]
            for mounted in MOUNTED:
                folder = root / "sys/fs/cgroup" / mounted
                for depth in range(len(parts) + 1):
                    found.append(granted(folder.joinpath(*parts[:depth])))
    return min((n for n in found if n is not None), default=None)


def granted(folder: Path) -> int | None:
    """Return how many processors' time a group is granted, at least one; None if it is not limited, or no group."""
    try:
        if (folder / "cpu.max").is_file():  # version 2: "150000 100000", or "max 100000"
            limit, period = map(number_in, (folder / "cpu.max").read_text(encoding="ascii").split())
        else:
            limit, period = (
                number_in((folder / f"cpu.cfs_{name}_us").read_text(encoding="ascii")) for name in ("quota", "period")
            )
    except (OSError, ValueError):
        return None
    return max(1, -(-limit // period)) if limit > 0 and period > 0 else None


def number_in(text: str) -> int:
    """Return the microseconds that a file tells, -1 for no limit."""
    return -1 if text.strip() == "max" else int(text)
