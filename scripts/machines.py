"""Machines as people have them: with neither a compiler nor Node, and what is done there."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

IS_WINDOWS = os.name == "nt"
TOOLS = ["sh", "bash", "env", "uname", "cat", "sed", "grep", "dirname", "basename", "mkdir", "rm", "ls", "git", "tar"]
"""All that there is on the path of a machine on which nobody builds anything."""


@contextmanager
def nowhere_to_build(tools: Path) -> Iterator[dict[str, str]]:
    """Give an environment whose path leads to neither a compiler, Node nor a build tool."""
    tools.mkdir(parents=True)
    if IS_WINDOWS:
        path = os.environ["SYSTEMROOT"] + r"\System32"
    else:
        for name in TOOLS:
            if found := shutil.which(name):
                (tools / name).symlink_to(found)
        path = str(tools)
    kept = {name: value for name, value in os.environ.items() if name not in ("CC", "CXX", "PYTHONPATH", "VIRTUAL_ENV")}
    environment = kept | {"PATH": path, "PYTHONNOUSERSITE": "1"}
    for name in ("c++", "g++", "clang++", "cl", "clang-cl", "node", "npm", "cmake", "ninja"):
        check(shutil.which(name, path=path) is None, f"there is a {name} on the path")
    yield environment


def installed(
    place: Path,
    options: list[str],
    environment: dict[str, str],
    python: str,
    *,
    sees_ours: bool = False,
) -> tuple[Path, str]:
    """Make an environment of a Python and install into it; return its Python, and what was said.

    It may see what is installed here, which spares it all that glassnet needs.
    """
    run([python, "-m", "venv", "--without-pip", str(place)], env=environment)
    ours = place / ("Scripts/python.exe" if IS_WINDOWS else "bin/python")
    if sees_ours:
        (site,) = place.glob("lib/python*/site-packages")
        own = next(path for path in sys.path if path.endswith("site-packages"))
        (site / "ours.pth").write_text(own, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(ours), "install", "--disable-pip-version-check", "--no-compile"]
    return ours, run([*pip, *options], env=environment, all_of_it=True)


def unpacked(source: Path, folder: Path) -> Path:
    """Unpack a source distribution, and return its one folder, under a name that pip keeps no wheels for."""
    with tarfile.open(source) as archive:
        archive.extractall(folder, filter="data")
    (place,) = folder.iterdir()
    return place.rename(folder / "source")


def drawn(python: Path, folder: Path, environment: dict[str, str]) -> Path:
    """Save one of MNIST's test digits, a 7, as an image."""
    code = "import glassnet; from PIL import Image; d = glassnet.load_digits(); Image.fromarray(255 - d.test_images[0])"
    run([str(python), "-c", f"{code}.save('seven.png')"], cwd=folder, env=environment)
    return folder / "seven.png"


def served(glassnet: list[str], folder: Path, environment: dict[str, str]) -> str:
    """Start the studio, and return its first page."""
    command = [*glassnet, "studio", "--no-browser", "--json", "--port", "0", "--folder", "runs"]
    studio = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert studio.stdout is not None
        address = json.loads(studio.stdout.readline())["address"].partition("#")[0]
        for _ in range(600):
            try:
                with urllib.request.urlopen(address, timeout=60) as answer:
                    return answer.read().decode()
            except urllib.error.HTTPError as error:
                return error.read().decode()
            except urllib.error.URLError:
                time.sleep(0.1)
        sys.exit("the studio does not answer.")
    finally:
        studio.kill()
        studio.wait()


def run(
    command: list[str], cwd: Path | None = None, env: dict[str, str] | None = None, *, all_of_it: bool = False
) -> str:
    """Run a command and return what it printed, or all that it said; end with that if it fails."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout + (done.stderr if all_of_it else "")


def check(is_so: bool, otherwise: str) -> None:
    """Stop with a sentence unless something is so."""
    if not is_so:
        sys.exit(otherwise)


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)
