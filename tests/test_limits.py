"""Every number that has a name, against a record that is read in review: bounds, shares, seconds, counts.

Most of these are bounds that a test would have to fill to feel (500 visitors, 8 GB of runs), or shares chosen by
measurement, beside which another is nearly as good. What happens at a bound is tested where it is; that the bound is
where it was meant to be, here. After a change that is meant, `python tests/test_limits.py` makes the record anew.
"""

import importlib
import json
import pkgutil
from pathlib import Path

import numpy as np

import glassnet

RECORD = Path(__file__).with_name("limits.json")
OF_THE_MACHINE = {"studio.runs.classroom.MOST_AT_ONCE": "by its processors"}


def modules():
    """Yield the package's modules, but those that need what only a race needs."""
    for found in pkgutil.walk_packages(glassnet.__path__, "glassnet."):
        if ".contestants." not in found.name and not found.name.endswith(("__main__", "_kernel")):
            yield importlib.import_module(found.name)


def numbers_in(place, value):
    """Yield the numbers in a value, by their place; those of tables and tuples one by one."""
    if isinstance(value, dict):
        for part, one in value.items():
            yield from numbers_in(f"{place}.{part}", one)
    elif isinstance(value, tuple | list):
        for part, one in enumerate(value):
            yield from numbers_in(f"{place}.{part}", one)
    elif isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        yield place, float(value) if isinstance(value, float | np.floating) else int(value)


def limits():
    """Return every named number of the package's modules, by module and name."""
    found = {}
    for own in modules():
        lines = Path(own.__file__).read_text(encoding="utf-8").splitlines()
        assigned = [line.strip().split(" = ")[0] for line in lines if " = " in line]
        defined = {name.partition(":")[0] for names in assigned for name in names.split(", ") if name[:1].isupper()}
        for name in sorted(defined & vars(own).keys()):
            for place, one in numbers_in(f"{own.__name__.removeprefix('glassnet.')}.{name}", vars(own)[name]):
                if place not in OF_THE_MACHINE:
                    found[place] = one
    return found


def test_every_named_number_is_the_recorded_one():
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    assert len(recorded) > 350
    assert limits() == recorded


if __name__ == "__main__":
    RECORD.write_text(json.dumps(limits(), indent=1) + "\n", encoding="utf-8")
