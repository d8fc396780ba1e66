"""How much the studio keeps, shows and waits: every number that has a name, against a record that is read in review.

Most of these are bounds that a test would have to fill to feel (200 visitors, 2 GB of runs), or seconds. What happens
at a bound is tested where it is; that the bound is where it was meant to be, here. After a change that is meant,
`python tests/test_studio_limits.py` makes the record anew.
"""

import importlib
import json
import pkgutil
from pathlib import Path

from glassnet import studio

RECORD = Path(__file__).with_name("studio_limits.json")
OF_THE_MACHINE = {"runs.classroom.MOST_AT_ONCE": "by its processors"}


def limits():
    """Return every named number of the studio's modules, by module and name; of tables, each entry."""
    found = {}
    for module in pkgutil.walk_packages(studio.__path__, "glassnet.studio."):
        own = importlib.import_module(module.name)
        lines = Path(own.__file__).read_text(encoding="utf-8").splitlines()
        assigned = [line.split(" = ")[0] for line in lines if " = " in line and line[:1].isupper()]
        defined = {name for names in assigned for name in names.split(", ")}
        for name in sorted(defined & vars(own).keys()):
            value, key = vars(own)[name], f"{module.name.removeprefix('glassnet.studio.')}.{name}"
            entries = {f"{key}.{part}": one for part, one in value.items()} if isinstance(value, dict) else {key: value}
            for place, one in entries.items():
                if isinstance(one, int | float) and not isinstance(one, bool) and place not in OF_THE_MACHINE:
                    found[place] = one
    return found


def test_every_named_number_is_the_recorded_one():
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    assert len(recorded) > 70
    assert limits() == recorded


if __name__ == "__main__":
    RECORD.write_text(json.dumps(limits(), indent=1) + "\n", encoding="utf-8")
