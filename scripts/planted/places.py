"""Rooms: what belongs to each, and the tests that should find a fault there; the nearest first."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Room:
    """Sources, and the tests that hold them.

    Parameters
    ----------
    name : str
        What it is called.
    sources : tuple of str
        Patterns from the checkout's folder.
    tests : tuple of str
        Names of test files, without "test_" and ".py".
    """

    name: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def paths(self) -> list[Path]:
        """What is in it, in one order everywhere."""
        found = {path for pattern in self.sources for path in ROOT.glob(pattern)}
        return sorted(
            path for path in found if path.name not in ("schema.ts", "__main__.py") and ".test." not in path.name
        )


def room(name: str, sources: str, tests: str) -> Room:
    """Return a room of the package; sources are named as in it."""
    return Room(name, tuple(f"src/glassnet/{source}" for source in sources.split()), tuple(tests.split()))


ROOMS = [
    room(
        "equations",
        "activation.py arrays.py cost.py network.py backpropagation.py descent.py gradient_check.py",
        "limits activation cost network worked_example descent gradients training",
    ),
    room("digits", "digits/*.py", "limits digits normalise damage deform mutated damaged_inputs apart reading"),
    room(
        "files and systems",
        "model_file.py tensor_file.py header.py checkpoint.py settings.py events.py system.py quota.py left_out.py "
        "errors.py",
        "limits model_file system quota left_out descent training damaged_inputs mutated docs",
    ),
    room("training", "training.py evaluation.py rejection.py", "limits training evaluation rejection kill"),
    room("engines", "engines/*.py", "limits fused training"),
    room("nudges", "nudges/*.py", "limits nudges studio_nudge"),
    room("landscapes", "landscape/*.py features.py layer_map.py", "limits landscape features layer_map studio_descend"),
    room("reading", "reading/*.py", "limits reading frames sheet words cutting many_marks rejection mutated"),
    room("recipes", "recipes/*.py", "limits recipes recipe_draws recipe_shares deform studio_seeing"),
    room(
        "export and bench", "export/*.py bench/*.py bench/contestants/__init__.py", "limits export bench studio_share"
    ),
    room("commands", "cli/*.py", "limits command_line pictures look_alikes cli bench start_up damaged_inputs"),
    room("explain", "cli/explain/*.py", "limits command_line explain_pictures explain"),
    room(
        "studio: shown",
        "studio/shown/*.py",
        "limits studio_kept studio_schema studio_seeing studio_judge studio_nudge studio_descend",
    ),
    room("studio: runs", "studio/runs/*.py", "limits studio_health studio_schema studio_course studio_runs places"),
    room(
        "studio: visit, app",
        "studio/visit/*.py studio/*.py",
        "limits studio_guard studio_shares studio_door studio_schema studio_alive studio_runs studio_command",
    ),
    room(
        "studio: draw, learn",
        "studio/draw/*.py studio/learn/*.py",
        "limits studio_seeing studio_streams studio_schema studio_runs",
    ),
    room("studio: descend", "studio/descend/*.py", "limits studio_streams studio_schema studio_descend"),
    room("studio: nudge", "studio/nudge/*.py", "limits studio_schema studio_nudge"),
    room(
        "studio: judge, share",
        "studio/judge/*.py studio/share/*.py",
        "limits studio_schema studio_judge studio_share",
    ),
    Room(
        "kernel", ("kernel/*.hpp", "kernel/engine.cpp", "kernel/module.cpp", "kernel/helpers.cpp"), ("fused", "recipes")
    ),
    Room("page", ("page/src/*/*.ts", "page/src/*/*.svelte"), ()),
]
