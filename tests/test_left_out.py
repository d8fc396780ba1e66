"""What is said where a part of glassnet could not be built; scripts/packages.py tries whole installations."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from glassnet import left_out

ROOT = Path(__file__).parents[1]
# the one that this Python brings along: a system's may be too old
CMAKE = shutil.which("cmake", path=str(Path(sys.executable).parent)) or shutil.which("cmake")
pytestmark = pytest.mark.skipif(CMAKE is None, reason="the parts are built by CMake, and it is not here")
TOLD = {
    "no compiler": (
        "CMake Error at CMakeLists.txt:4 (project):\n  No CMAKE_CXX_COMPILER could be found.\n\n  Tell CMake where\n",
        "there is no C++ compiler here",
    ),
    "a compiler that fails": (
        'CMake Error at /x/CMakeTestCXXCompiler.cmake:73 (message):\n  The C++ compiler\n\n    "/usr/bin/g++"\n\n'
        "  is not able to compile a simple test program.\n\n  It fails with\n",
        'the C++ compiler "/usr/bin/g++" is not able to compile a simple test program',
    ),
    "a compiler that is too old": (
        "-- The CXX compiler identification is GNU 9.4.0\nCMake Error at CMakeLists.txt:17 (message):\n"
        "  GCC 9.4.0 is too old for the kernel, which needs GCC 12\n\n\n-- Configuring incomplete, errors occurred!\n",
        "GCC 9.4.0 is too old for the kernel, which needs GCC 12",
    ),
    "an error in the source": (
        "[1/3] Building CXX\nFAILED: [code=1] engine.o\n/kernel/lanes.hpp:3:1: error: no [such] (thing); really\n",
        "this failed: /kernel/lanes.hpp:3:1: error: no [such] (thing); really",
    ),
    "npm": (
        "npm warn old\nnpm error code ENOTFOUND\nnpm error network\n",
        "this failed: npm error code ENOTFOUND",
    ),
    "nothing": ("", "it could not be built"),
}


def cmake(script, folder, *defined, environment=None):
    """Run a script of CMake's; return all that it said."""
    command = [CMAKE, *(f"-D{name}={value}" for name, value in defined), "-P", script]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", TOLD)
def test_the_reason_is_found_in_what_was_told(name, tmp_path, monkeypatch):
    told, reason = TOLD[name]
    (tmp_path / "told").write_text(told, encoding="utf-8")
    script = tmp_path / "script.cmake"
    script.write_text(
        f'include("{(ROOT / "cmake" / "leave_out.cmake").as_posix()}")\nfile(READ told told)\n'
        'reason_in("${told}" reason)\nleave_out(kernel "${reason}" "${told}")\n',
        encoding="utf-8",
    )
    cmake(script, tmp_path, ("LEFT_OUT", tmp_path.as_posix()))
    assert left_out.why(left_out.KERNEL, tmp_path) == reason
    assert (tmp_path / "kernel.log").read_text(encoding="utf-8") == told
    assert left_out.why(left_out.PAGE, tmp_path) is None


def faked(folder, **programs):
    """Return an environment with these programs alone, each of which prints a text and ends with a code."""
    folder.mkdir()
    for name, (text, code) in programs.items():
        program = folder / name
        program.write_text(
            f"#!/bin/sh\n[ \"$1\" = --version ] || echo ran >> ran\necho '{text}'\nexit {code}\n", encoding="utf-8"
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (folder / "cmake").symlink_to(CMAKE)
    (folder / "sh").symlink_to(shutil.which("sh"))
    return os.environ | {"PATH": str(folder)}


@pytest.mark.skipif(os.name != "posix", reason="the programs are faked as shell scripts")
@pytest.mark.parametrize(
    ("programs", "reason"),
    [
        ({}, "there is no Node (npm) here"),
        ({"node": ("v24.0.0", 0)}, "there is no Node (npm) here"),
        (
            {"node": ("v18.20.4", 0), "npm": ("10", 0)},
            "Node 18.20.4 is older than 20.19, which the page is built with",
        ),
        (
            {"node": ("v20.19.1", 0), "npm": ("npm error network is unreachable", 1)},
            "this failed: npm error network is unreachable (npm ci --omit=dev --no-audit --no-fund)",
        ),
    ],
    ids=["nothing", "no npm", "old Node", "no registry"],
)
def test_a_page_that_cannot_be_built_is_left_out_with_the_reason(programs, reason, tmp_path):
    environment = faked(tmp_path / "bin", **programs)
    places = [("SOURCE", ROOT / "page"), ("WORK", tmp_path / "work"), ("OUT", tmp_path / "out")]
    places.append(("LEFT_OUT", tmp_path / "left-out"))
    told = cmake(ROOT / "page" / "build.cmake", tmp_path, *places, environment=environment)
    assert left_out.why(left_out.PAGE, tmp_path / "left-out") == reason
    assert f"glassnet: no page, because {reason}" in told
    assert list((tmp_path / "out").iterdir()) == []
    said = cmake(ROOT / "cmake" / "say_left_out.cmake", tmp_path, ("LEFT_OUT", tmp_path / "left-out"))
    assert said.strip() == f"glassnet is installed without the studio's page ({reason}): everything else works."


@pytest.mark.skipif(os.name != "posix", reason="the programs are faked as shell scripts")
def test_a_kernel_that_cannot_be_built_is_left_out_with_every_reason(tmp_path):
    """As on Windows, where three ways are gone."""
    environment = faked(tmp_path / "bin", ninja=("1.12", 0))
    environment.pop("CXX", None)
    (tmp_path / "cache.cmake").write_text("", encoding="utf-8")
    places = [("SOURCE", ROOT / "kernel"), ("WORK", tmp_path / "work"), ("OUT", tmp_path / "out")]
    places += [("LEFT_OUT", tmp_path / "left-out"), ("CACHE", tmp_path / "cache.cmake")]
    places += [("GENERATOR", "Ninja"), ("MAKE_PROGRAM", tmp_path / "bin" / "ninja"), ("CMAKE_HOST_WIN32", "ON")]
    told = cmake(ROOT / "kernel" / "build.cmake", tmp_path, *places, environment=environment)
    reason = "there is no Clang of Visual Studio here, and there is no C++ compiler here"
    assert left_out.why(left_out.KERNEL, tmp_path / "left-out") == reason
    assert f"glassnet: no kernel, because {reason}" in told
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("part", [left_out.KERNEL, left_out.PAGE])
def test_what_is_missed_is_said_with_the_reason(part, tmp_path, monkeypatch):
    monkeypatch.setattr(left_out, "FOLDER", tmp_path)
    assert "(why was not kept)" in left_out.sentence(part)
    assert "(it cannot be loaded)" in left_out.sentence(part, "it cannot be loaded")
    (tmp_path / f"{part}.txt").write_text("the compiler is on holiday\n", encoding="utf-8")
    assert "(the compiler is on holiday)" in left_out.sentence(part, "it cannot be loaded")


def test_the_version_tells_what_is_missing(tmp_path):
    code = (
        "import sys, pathlib; from glassnet import left_out; left_out.FOLDER = pathlib.Path('left-out')\n"
        "sys.argv[1:] = ['--version']; from glassnet.__main__ import main; main()"
    )
    command = [sys.executable, "-c", code]
    (tmp_path / "left-out").mkdir()
    whole = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert len(whole.splitlines()) == 1
    (tmp_path / "left-out" / "kernel.txt").write_text("no compiler", encoding="utf-8")
    without = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert without == whole + left_out.sentence(left_out.KERNEL, "no compiler") + "\n"
