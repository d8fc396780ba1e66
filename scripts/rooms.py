"""Rooms: the parts of a package, what each imports of the others, and whether that goes round in circles.

``python scripts/rooms.py [PACKAGE]`` prints a package's rooms (``glassnet.studio`` by default), and fails if there is a
circle. Which room stands above which is held by import-linter, in pyproject.toml.
"""

import argparse
import graphlib
import sys

import grimp


def main() -> int:
    """Print rooms and arrows; fail if there is a circle."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", nargs="?", default="glassnet.studio")
    package = parser.parse_args().package
    rooms = arrows(package)
    for name, imported in sorted(rooms.items()):
        print(f"{name:12} {' '.join(sorted(imported))}")
    print(f"{len(rooms)} rooms, {sum(map(len, rooms.values()))} arrows between them")
    try:
        graphlib.TopologicalSorter(rooms).prepare()
    except graphlib.CycleError as error:
        print(f"a circle: {' -> '.join(reversed(error.args[1]))}")
        return 1
    print("no circle")
    return 0


def arrows(package: str) -> dict[str, set[str]]:
    """Return for each room of a package those that it, or anything in it, imports."""
    graph = grimp.build_graph(package.partition(".")[0], cache_dir=None)
    rooms = {module: module.rpartition(".")[2] for module in graph.find_children(package)}
    room_of = {part: name for module, name in rooms.items() for part in {module} | graph.find_descendants(module)}
    found: dict[str, set[str]] = {name: set() for name in rooms.values()}
    for part, name in room_of.items():
        found[name] |= {room_of[other] for other in graph.find_modules_directly_imported_by(part) if other in room_of}
    return {name: others - {name} for name, others in found.items()}


if __name__ == "__main__":
    sys.exit(main())
