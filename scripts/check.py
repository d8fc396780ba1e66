"""Check: every check and test of this checkout, side by side; ``./check`` makes the environment and starts it.

The pieces are tasks that wait for each other where they must. What a task says is printed when it ends, what the tests
say at once. At the end stands where the time went; the exit code is 1 if any task failed.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
LANES = 4
"""Tasks at a time, each a process that keeps a core busy; the tests count as three. With the page's tests, which wait a
good part of their time for a browser, four keep two cores busy to the end."""
WORKERS = 3
OUT = ROOT / "dist"
PYTHON = sys.executable
NPM = [shutil.which("npm") or "npm", "--prefix", "page"]
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""For NumPy and PyTorch, whose threads would wait for each other with two workers on two cores."""
FEWER = {"HYPOTHESIS_PROFILE": "fewer"}
ELSEWHERE = ["aarch64-macos", "x86_64-windows-gnu"]
OF_THE_KERNEL = ["tests/test_fused.py", "tests/test_recipes.py", "-k", "fused or deforms or wild or knobs or threads"]


@dataclass
class Task:
    """Something to run.

    Parameters
    ----------
    name : str
        What it is called.
    commands : list of list of str
        One after the other, in the checkout's folder.
    needs : tuple of str
        Tasks that must have gone well before.
    lanes : int
        How many it takes.
    environment : dict of str to str
        What it is told beside what all are.
    """

    name: str
    commands: list[list[str]]
    needs: tuple[str, ...] = ()
    lanes: int = 1
    environment: dict[str, str] = field(default_factory=dict)
    seconds: float | None = field(default=None, init=False)
    failed: bool = field(default=False, init=False)


def script(name: str, *arguments: str) -> list[str]:
    """Return the command that runs a script of ours."""
    return [PYTHON, f"scripts/{name}.py", *arguments]


def tests(*options: str) -> Task:
    """Return all tests, by workers; a module's stay together, in the order that tests/conftest.py gives."""
    command = [
        PYTHON,
        "-m",
        "pytest",
        "--quiet",
        f"--numprocesses={WORKERS}",
        "--dist=loadfile",
        "--no-loadscope-reorder",
    ]
    command += ["--doctest-modules", "--pyargs", "glassnet", "tests", *options]
    return Task("tests", [command], needs=("install", "npm ci"), lanes=WORKERS, environment=ONE_THREAD)


def tasks_of(mode: str, scratch: Path) -> list[Task]:
    """Return what a mode runs, what others wait for first."""
    build = Task("packages", [script("packages", "build", "--strict", "--out", str(OUT))])
    install = Task("install", [script("packages", "install", str(OUT))], needs=("packages", "PyTorch"))
    npm = Task("npm ci", [[*NPM, "ci", "--silent"]])
    # what is compiled to bytecode when it is first imported needs not be all compiled now
    torch = [PYTHON, "-m", "pip", "install", "--quiet", "--no-compile", "--requirement", "requirements/torch.txt"]
    first = [build, npm, Task("PyTorch", [torch]), install]
    if mode == "portable":
        return [*first, tests("-m", "not slow and not browser")]
    sources = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "kernel").glob("*.[ch]pp"))
    types = [script("schema", "page/openapi.json"), [*NPM, "run", "--silent", "types"]]
    style = [
        Task("ruff", [["ruff", "format", "--check", "."], ["ruff", "check", "."]]),
        Task("clang-format", [["clang-format", "--dry-run", "--Werror", *sources]]),
        Task("imports", [["lint-imports"]], needs=("install",)),
        Task("workflows", [script("lint_workflows")]),
        Task("pyright", [["pyright"]], needs=("install",)),
        Task("page types", types, needs=("npm ci", "install")),
        Task("page checks", [[*NPM, "run", "--silent", "check"]], needs=("page types",)),
        Task("page tests", [[*NPM, "test", "--silent"]], needs=("page types",)),
    ]
    if mode == "quick":
        return [*first, tests("-m", "not slow"), *style]
    clang = str(scratch / "clang")
    configure = ["cmake", "-S", "kernel", "-B", clang, "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={oldest_clang()}"]
    # Debug: nanobind's own files are compiled in no time; what is ours is optimized all the same
    configure += ["-DGLASSNET_STRICT=ON", "-DCMAKE_BUILD_TYPE=Debug", f"-DPython_EXECUTABLE={PYTHON}"]
    elsewhere = [
        Task("kernel for other systems", [script("kernel_elsewhere", "compile", *ELSEWHERE)]),
        Task("kernel by Clang", [configure, ["cmake", "--build", clang, "-j1"]]),
        Task(
            "its tests",
            [script("kernel_tests", clang, "-q", *OF_THE_KERNEL)],
            needs=("kernel by Clang", "install"),
            environment=FEWER,
        ),
        Task("wheel", [script("packages", "audit", str(OUT)), script("packages", "prove", str(OUT))], ("packages",)),
        Task("parts left out", [script("packages", "without", str(OUT))], needs=("packages",)),
    ]
    emulated = Task("kernel on ARM, emulated", [script("emulated", str(scratch / "arm64"))])
    return [*first, tests(), emulated, *elsewhere, *style]


def oldest_clang() -> str:
    """Return the oldest Clang that is promised, or whichever is here."""
    return next((name for name in ("clang++-14", "clang++") if shutil.which(name)), "clang++")


class Lanes:
    """Runs tasks, as many at a time as there are lanes, in their order where they need nothing."""

    def __init__(self, tasks: list[Task]) -> None:
        self.tasks, self.waiting, self.free = tasks, list(tasks), LANES
        self.changed = threading.Condition()

    def run(self) -> bool:
        """Return whether all went well."""
        with self.changed:
            while self.begin() or self.free < LANES:
                self.changed.wait()
        return not any(task.failed for task in self.tasks)

    def begin(self) -> bool:
        """Begin what can begin; return whether any task still waits."""
        for task in list(self.waiting):
            before = [other for other in self.tasks if other.name in task.needs]
            if any(other.failed for other in before):
                task.failed = True
                self.waiting.remove(task)
                print(f"\n== {task.name}\nnot run: it needs {', '.join(task.needs)}", flush=True)
            elif all(other.seconds is not None for other in before):
                if task.lanes > self.free:
                    break  # the lanes that it needs are kept for it
                self.waiting.remove(task)
                self.free -= task.lanes
                threading.Thread(target=self.follow, args=[task]).start()
        return bool(self.waiting)

    def follow(self, task: Task) -> None:
        """Run a task to its end, or to its first command that fails."""
        began = time.monotonic()
        at_once = task.lanes == WORKERS
        said = f"\n== {task.name}\n"
        if at_once:
            print(said, end="", flush=True)
            said = ""
        # some hundred Pythons are started: each would compile again what it imports, a second for the studio
        usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment = usual | task.environment
        for command in task.commands:
            into, both = (None, None) if at_once else (subprocess.PIPE, subprocess.STDOUT)
            ended = subprocess.run(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, env=environment, stdout=into, stderr=both, check=False
            )
            said += (ended.stdout or b"").decode(errors="replace")
            if ended.returncode:
                said += f"FAILED ({ended.returncode}): {' '.join(command)}\n"
                task.failed = True
                break
        with self.changed:
            task.seconds = time.monotonic() - began
            print(said, end="", flush=True)
            self.free += task.lanes
            self.changed.notify()


def main() -> int:
    """Run what the mode says, and tell where the time went."""
    parser = argparse.ArgumentParser(description=__doc__)
    modes = {"quick": "no slow tests, no other compilers and systems", "portable": "what any system can run"}
    for name, what in modes.items():
        parser.add_argument(f"--{name}", action="store_const", dest="mode", const=name, default="all", help=what)
    mode = parser.parse_args().mode
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        lanes = Lanes(tasks_of(mode, Path(scratch)))
        went_well = lanes.run()
    print("\nWhere the time went:")
    for task in sorted(lanes.tasks, key=lambda task: -(task.seconds or 0)):
        taken = " not run  " if task.seconds is None else f"{task.seconds:8.1f} s"
        print(f"{taken}  {task.name}{'   FAILED' if task.failed else ''}")
    print(f"{time.monotonic() - began:8.1f} s  in all", flush=True)
    return 0 if went_well else 1


if __name__ == "__main__":
    sys.exit(main())
