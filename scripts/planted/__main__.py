"""Plant faults at random and see which of them the fast tests find: ``python scripts/planted --seed 1``.

Every fault is one small change of meaning (faults.py) at a place drawn by the seed, so many in each room (places.py).
It is planted in a copy; the tests that should find it are run, without those that are marked slow. A fault of the page
is given to the page's tests, and if these do not find it, to the tests of its view in Chromium. What was seen is
written to a file as it comes; a run that was stopped goes on there. A fault that changes nothing that anyone could
observe is none: whoever finds one says why in equivalent.jsonl.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from faults import Fault, faults_in
from places import ROOMS, ROOT, Room

HERE = Path(__file__).parent
PATIENCE_SECONDS = 900
VIEWS = {"descend": "studio_descend_page", "nudge": "studio_nudge_page", "judge": "studio_judge_page"}
VIEWS |= {"share": "studio_share_page", "tour": "studio_tour_page", "onefile": "one_file_page"}


class Copy:
    """A copy of the checkout, in which a fault is planted.

    Parameters
    ----------
    folder : Path
        For the copy.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("src", "kernel", "tests", "scripts", "docs", "cmake", "requirements", "benchmarks", ".github"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "build"))
        shutil.copytree(ROOT / "page", folder / "page", symlinks=True)
        for path in ROOT.glob("*"):
            if path.is_file():
                shutil.copy(path, folder)
        for command in (["init", "--quiet"], ["add", "--all"]):  # tests of docs ask git which files are the project's
            subprocess.run(["git", *command], cwd=folder, check=True)
        whole = subprocess.run(
            [sys.executable, "-c", "import glassnet; print(glassnet.__path__[0])"],
            capture_output=True,
            text=True,
            check=True,
            cwd="/",
        )
        package = Path(whole.stdout.strip())
        for kernel in package.glob("engines/_kernel*.so"):
            shutil.copy(kernel, folder / "src/glassnet/engines")
        shutil.copytree(package / "studio/page", folder / "src/glassnet/studio/page", dirs_exist_ok=True)
        self.environment = os.environ | {
            "PYTHONPATH": str(folder / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis"),
            "OPENBLAS_NUM_THREADS": "1",
        }
        self.warm = subprocess.Popen(
            [sys.executable, HERE / "warm.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        )

    @contextmanager
    def planted(self, fault: Fault) -> Iterator[None]:
        """Keep a fault planted while the block lasts."""
        path = self.folder / fault.path
        whole = path.read_bytes()
        path.write_bytes(fault.planted(whole))
        try:
            yield
        finally:
            path.write_bytes(whole)

    def run(self, *command: str | Path, cwd: str = ".") -> tuple[bool, str]:
        """Return whether a command goes well, and the end of what it says; what never ends goes badly."""
        process = subprocess.Popen(
            list(map(str, command)),
            cwd=self.folder / cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            said, _ = process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.communicate()
            return False, "it did not end"
        return process.returncode == 0, said

    def tests(self, names: tuple[str, ...]) -> str | None:
        """Return the first of the fast tests that fails; None if none does."""
        files = [f"tests/test_{name}.py" for name in names]
        said = self.folder / "said"
        order = {"folder": str(self.folder), "files": files, "environment": self.environment, "said": str(said)}
        assert self.warm.stdin
        assert self.warm.stdout
        print(json.dumps(order | {"patience_seconds": PATIENCE_SECONDS}), file=self.warm.stdin, flush=True)
        if int(self.warm.stdout.readline()) == 0:
            return None
        lines = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
        return (failed or lines[-1:] or ["it did not end"])[0][:200]

    def found(self, room: Room, fault: Fault) -> str | None:
        """Return what finds a fault; None if nothing does; "impossible" if it cannot be compiled."""
        with self.planted(fault):
            return self.fails(room, fault.path)

    def fails(self, room: Room, path: str | None = None) -> str | None:
        """Return what fails in a room as the copy stands, which is as before afterwards; of the page, for a source."""
        if room.name == "kernel":
            return self.fails_in_kernel(room)
        return self.fails_in_page(path) if room.name == "page" else self.tests(room.tests)

    def fails_in_kernel(self, room: Room) -> str | None:
        """Compile the kernel and test it."""
        configure = ["cmake", "-S", "kernel", "-B", "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug"]
        self.run(*configure, f"-DPython_EXECUTABLE={sys.executable}")
        if not self.run("cmake", "--build", "build")[0]:
            return "impossible"
        (kernel,) = (self.folder / "src/glassnet/engines").glob("_kernel*.so")
        whole = kernel.read_bytes()
        for built in (self.folder / "build").glob("_kernel*.so"):
            shutil.copy(built, kernel)
        fails = self.tests(room.tests)
        kernel.write_bytes(whole)
        return fails

    def fails_in_page(self, path: str | None) -> str | None:
        """Test the page by itself, then in Chromium; what is built in a checkout is served before all else."""
        went_well, said = self.run("npx", "svelte-check", "--threshold", "error", cwd="page")
        if not went_well:
            return "impossible"
        went_well, said = self.run("npx", "vitest", "run", "--bail=1", cwd="page")
        if not went_well:
            return next((line.strip() for line in said.splitlines() if "FAIL" in line), "vitest")[:200]
        if not self.run("npm", "run", "build", cwd="page")[0]:
            return "impossible"
        view = path.split("/")[2] if path else ""
        others = (
            "studio_page",
            *(name for name in VIEWS.values() if name not in ("studio_share_page", "one_file_page")),
        )
        every = ("studio_page", *VIEWS.values())
        fails = self.tests((VIEWS[view],) if view in VIEWS else others if path else every)
        shutil.rmtree(self.folder / "page/dist")
        return fails


def drawn(room: Room, n: int, seed: int) -> list[Fault]:
    """Return faults of a room in an order that the seed gives: more than are wanted, as some are impossible."""
    every = [fault for path in room.paths for fault in faults_in(path.relative_to(ROOT).as_posix(), path.read_bytes())]
    return random.Random(f"{seed} {room.name}").sample(every, min(3 * n, len(every)))


def main() -> int:
    """Plant, look, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=10, help="faults in a room")
    parser.add_argument("--rooms", nargs="*", metavar="ROOM", help=f"of {', '.join(room.name for room in ROOMS)}")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="copies that are tested at once")
    parser.add_argument("--out", type=Path, help="what was seen; planted-SEED.jsonl by default")
    given = parser.parse_args()
    out = given.out or Path(f"planted-{given.seed}.jsonl")
    rooms = [room for room in ROOMS if not given.rooms or room.name in given.rooms]
    seen = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()] if out.exists() else []
    lock = threading.Lock()
    with tempfile.TemporaryDirectory() as folder:
        copies = [Copy(Path(folder) / str(job)) for job in range(given.jobs)]

        def looks(room: Room) -> Iterator[None]:
            """Plant the faults of a room, one after the other."""
            known = {(one["path"], one["start"], one["new"]): one for one in seen if one["room"] == room.name}
            n, is_whole = 0, False
            for fault in drawn(room, given.each, given.seed):
                if n == given.each:
                    return
                result = known.get((fault.path, fault.start, fault.new))
                if result is None:
                    with copy_for_one() as copy:
                        if not is_whole and (fails := copy.fails(room)):
                            print(f"{room.name} is passed over: without a fault too, {fails}", flush=True)
                            return
                        is_whole = True
                        result = {"room": room.name, **asdict(fault), "found": copy.found(room, fault)}
                    with lock, out.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(result) + "\n")
                        seen.append(result)
                    print(
                        f"{room.name}: {fault.path}:{fault.line} {fault.old} -> {fault.new}: {result['found']}",
                        flush=True,
                    )
                n += result["found"] != "impossible"
                yield

        @contextmanager
        def copy_for_one() -> Iterator[Copy]:
            """Lend a copy that nobody has."""
            with lock:
                copy = copies.pop()
            try:
                yield copy
            finally:
                with lock:
                    copies.append(copy)

        # a fault in every room, then the next: a run that is stopped has looked everywhere
        waiting = deque(looks(room) for room in rooms)

        def work() -> None:
            """Take the room whose turn it is, until there is none."""
            while True:
                with lock:
                    if not waiting:
                        return
                    room = waiting.popleft()
                if next(room, done) is not done:
                    with lock:
                        waiting.append(room)

        done = object()
        with ThreadPoolExecutor(given.jobs) as several:
            for job in [several.submit(work) for _ in range(given.jobs)]:
                job.result()
    tell([one for one in seen if one["found"] != "impossible" and one["room"] in {room.name for room in rooms}])
    return 0


def tell(seen: list[dict]) -> None:
    """Print, room by room, how many were found of those that change something, and the others."""
    path = HERE / "equivalent.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    none_at_all = {(one["path"], one["code"], one["old"], one["new"]) for one in map(json.loads, lines)}
    true = [
        one for one in seen if one["found"] or (one["path"], one["code"], one["old"], one["new"]) not in none_at_all
    ]
    for one in true:
        if not one["found"]:
            print(f"NOT FOUND {one['path']}:{one['line']}: {one['old']} -> {one['new']} in {one['code']}")
    for room in ROOMS:
        own = [one for one in true if one["room"] == room.name]
        if own:
            n_found = sum(one["found"] is not None for one in own)
            n_none = sum(one["room"] == room.name for one in seen) - len(own)
            print(
                f"{room.name:22} {n_found:3} of {len(own):3} found {n_found / len(own):5.0%}   {n_none} change nothing"
            )
    print(f"{'in all':22} {sum(one['found'] is not None for one in true):3} of {len(true):3}")


if __name__ == "__main__":
    sys.exit(main())
