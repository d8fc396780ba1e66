"""Run the kernel for ARM (NEON) and its tests on a processor that is none, under qemu.

``python scripts/emulated.py FOLDER`` makes the folder: a Python for arm64 from Debian's packages, unpacked and not
installed; NumPy and what the tests need as wheels for it; and the kernel, cross-compiled by GCC with every warning an
error. Then it runs those tests of the kernel that hold it to the reference engine: steps, activations, every byte,
threads, outputs, deformations. Needs Debian or a child of it, qemu-user and g++-12-aarch64-linux-gnu.
"""

import argparse
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from kernel_tests import laid_over

ROOT = Path(__file__).parents[1]
DEBIAN_PACKAGES = ["python3.11-minimal", "libpython3.11-stdlib", "libstdc++6"]
WHEELS = ["array-api-compat", "hypothesis", "iniconfig", "isal", "numpy", "packaging", "pillow", "pluggy", "pygments"]
WHEELS += ["pytest", "safetensors", "sortedcontainers"]
SOURCES = {"module": [], "helpers": [], "engine": ["-DGLASSNET_ISA=neon", "-DGLASSNET_LANES=4"]}
CHOSEN = (
    "steps_are or many_steps or fault_of_a_hundredth or (nothing_depends and 300) or activations_are or every"
    "_byte or outputs_are or no_numbers or kernel_deforms or knobs_that or wild or threads_change"
)
"""Those that take an emulated processor a minute or two in all; an epoch of real digits takes it as long."""
LOOK = (
    "import platform; from glassnet.engines.fused import kernel; print(platform.machine(), kernel.instruction_sets())"
)


def main() -> int:
    """Make the folder, run the tests, and fail unless all of them passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    unpack_python(folder)
    wheels(folder / "site")
    module = compiled(folder)
    environment = laid_over(module, folder / "package") | {
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_PROFILE": "fewer",
    }
    environment["PYTHONPATH"] += f":{folder / 'site'}"
    python = ["qemu-aarch64", "-L", folder / "root", folder / "root/usr/bin/python3.11"]
    found = subprocess.run([*python, "-c", LOOK], env=environment, capture_output=True, text=True, check=True).stdout
    print(found, end="", flush=True)
    if found.split()[0] != "aarch64" or "neon" not in found:
        return 1
    tests = ["tests/test_fused.py", "tests/test_recipes.py", "tests/test_activation.py"]
    options = ["-q", "-p", "no:cacheprovider", "-k", CHOSEN, "--durations=5"]
    return subprocess.run(
        [*python, "-m", "pytest", *options, *tests], env=environment, cwd=ROOT, check=False
    ).returncode


def unpack_python(folder: Path) -> None:
    """Fetch Debian's packages for arm64 with an apt that changes nothing of this system, and unpack them."""
    for name in ("lists/partial", "archives/partial"):
        (folder / "apt" / name).mkdir(parents=True)
    (folder / "apt/status").touch()
    sources = Path("/etc/apt/sources.list.d/debian.sources")
    chosen = sources if sources.is_file() else Path("/etc/apt/sources.list")
    options = {
        "APT::Architecture": "arm64",
        "APT::Architectures": "arm64",
        "APT::Sandbox::User": "root",
        "Dir::State": folder / "apt",
        "Dir::State::status": folder / "apt/status",
        "Dir::Cache": folder / "apt",
        "Dir::Etc::sourcelist": chosen,
        "Dir::Etc::sourceparts": "-",
    }
    apt = ["apt-get", "-qq", *(word for name, value in options.items() for word in ("-o", f"{name}={value}"))]
    run(*apt, "update")
    run(*apt, "install", "--yes", "--no-install-recommends", "--download-only", *DEBIAN_PACKAGES)
    for package in sorted((folder / "apt/archives").glob("*.deb")):
        run("dpkg-deb", "-x", package, folder / "root")


def wheels(site: Path) -> None:
    """Install wheels for arm64, of the versions that all tests are run with."""
    wanted = (ROOT / "requirements/dev.txt").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)(?: ; .*< '3\.12'.*| ; platform_machine.*|)$", wanted, re.MULTILINE))
    exact = [f"{name}=={pinned[name]}" for name in WHEELS]
    platforms = [f"--platform={tag}_aarch64" for tag in ("manylinux_2_28", "manylinux_2_17", "manylinux2014")]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--only-binary=:all:"]
    run(*pip, "--python-version=3.11", *platforms, f"--target={site}", *exact)


def compiled(folder: Path) -> Path:
    """Return the kernel for ARM, of the headers of this Python, which are those of any on Linux with 64 bits."""
    import nanobind

    headers = [Path(nanobind.include_dir()), Path(nanobind.include_dir()).parent / "ext/robin_map/include"]
    headers += [Path(sysconfig.get_paths()["include"])]
    compiler = ["aarch64-linux-gnu-g++-12", "-std=gnu++20", "-DNDEBUG", "-fPIC", "-fvisibility=hidden"]
    compiler += [word for header in headers for word in ("-isystem", str(header))]
    strict = ["-O3", "-Wall", "-Wextra", "-Werror"]
    for name, defined in SOURCES.items():
        run(*compiler, *strict, *defined, "-c", ROOT / f"kernel/{name}.cpp", "-o", folder / f"{name}.o")
    library = Path(nanobind.include_dir()).parent / "src/nb_combined.cpp"
    run(*compiler, "-O1", "-w", "-c", library, "-o", folder / "nanobind.o")
    module = folder / "_kernel.so"
    run(compiler[0], "-shared", *(folder / f"{name}.o" for name in [*SOURCES, "nanobind"]), "-o", module)
    return module


def run(*command: str | Path) -> None:
    """Run a command; what it says is shown if it fails."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
