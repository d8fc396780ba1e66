"""Packages: make glassnet's source distribution and wheel, look into them, and prove that they are enough.

build --out DIST            the source distribution, with the page in it, and from that the wheel
audit WHEEL...              what is in a wheel, and whether it keeps to the stable ABI that its name promises
install WHEEL               into this environment, without what it needs
prove WHEEL [--python P]    install it where there is neither a compiler nor Node, and train, read and serve there
without DIST [--all]        install from source where the kernel, the page or both cannot be built, and use the rest
smoke                       is the glassnet that is installed here whole?
"""

import argparse
import importlib.util
import json
import re
import shutil
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from machines import check, drawn, installed, nowhere_to_build, run, say, served, unpacked

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Do what is asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_subparsers(dest="what", required=True)
    building = what.add_parser("build")
    building.add_argument("--out", type=Path, default=Path("dist"))
    building.add_argument("--strict", action="store_true", help="the kernel's warnings are errors")
    what.add_parser("audit").add_argument("wheels", nargs="+", type=Path)
    what.add_parser("install").add_argument("wheels", nargs="+", type=Path)
    proving = what.add_parser("prove")
    proving.add_argument("wheels", nargs="+", type=Path)
    proving.add_argument("--python", default=sys.executable)
    lacking = what.add_parser("without")
    lacking.add_argument("dist", type=Path)
    lacking.add_argument(
        "--all", action="store_true", help="also where only Node is missing, which compiles the kernel"
    )
    what.add_parser("smoke")
    given = parser.parse_args()
    if given.what == "build":
        build(given.out.resolve(), given.strict)
    elif given.what == "audit":
        for wheel in wheels_at(given.wheels):
            audit(wheel)
    elif given.what == "install":
        here = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall"]
        run([*here, *map(str, wheels_at(given.wheels))])
    elif given.what == "prove":
        for wheel in wheels_at(given.wheels):
            prove(wheel.resolve(), given.python)
    elif given.what == "without":
        without(given.dist.resolve(), given.all)
    else:
        smoke()
    return 0


def wheels_at(places: list[Path]) -> list[Path]:
    """Return the wheels that are named, and those in the folders that are named; there must be one."""
    wheels = [wheel for place in places for wheel in (sorted(place.glob("*.whl")) if place.is_dir() else [place])]
    check(bool(wheels), f"there is no wheel in {', '.join(map(str, places))}")
    return wheels


def build(out: Path, strict: bool) -> None:
    """Make the source distribution, and the wheel from it, so that who has the one can make the other."""
    shutil.rmtree(out, ignore_errors=True)
    backend = [sys.executable, "-m", "build", "--outdir", str(out)]
    # the wheel is built with what pip fetches for it; the source distribution with what is here, which is sooner done
    has_backend = importlib.util.find_spec("scikit_build_core") is not None
    run([*backend, "--sdist", *(["--no-isolation"] if has_backend else []), "."], cwd=ROOT)
    (source,) = out.glob("*.tar.gz")
    options = ["-Ccmake.define.GLASSNET_STRICT=ON"] if strict else []
    with tempfile.TemporaryDirectory() as folder:
        run([*backend, "--wheel", *options, str(unpacked(source, Path(folder)))])
    for package in sorted(out.iterdir()):
        say(f"{package.name}: {package.stat().st_size / 1e6:.1f} MB")


def audit(wheel: Path) -> None:
    """Fail unless a wheel holds the kernel, the page and the digits, and is what its name says."""
    names = zipfile.ZipFile(wheel).namelist()
    wanted = {
        "the kernel": r"glassnet/engines/_kernel\.[^/]*(so|pyd)$",
        "the page": r"glassnet/studio/page/index\.html$",
        "the page of one file": r"glassnet/studio/page/onefile/template\.html$",
        "MNIST": r"glassnet/digits/mnist/train-images-idx3-ubyte\.gz$",
        "the reader": r"glassnet/reading/models/reader\.safetensors$",
    }
    for what, pattern in wanted.items():
        if not any(re.match(pattern, name) for name in names):
            sys.exit(f"{wheel.name} has not got {what}.")
    left_out = [name for name in names if name.startswith("glassnet/left_out/")]
    if left_out:
        sys.exit(f"{wheel.name} says that something was left out: {', '.join(left_out)}.")
    (kernel,) = (name for name in names if re.match(wanted["the kernel"], name))
    is_abi3 = "-abi3-" in wheel.name
    if is_abi3 != (".abi3." in kernel or kernel.endswith("_kernel.pyd")):
        sys.exit(f"{wheel.name} has the kernel {kernel}.")
    if is_abi3:
        run([sys.executable, "-m", "abi3audit", "--strict", str(wheel)])
    say(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, whole{', abi3 by abi3audit' if is_abi3 else ''}")


def prove(wheel: Path, python: str) -> None:
    """Install a wheel where nothing can be built, and use it."""
    with tempfile.TemporaryDirectory() as temporary, nowhere_to_build(Path(temporary) / "tools") as environment:
        folder = Path(temporary)
        began = time.perf_counter()
        ours, _ = installed(folder / "env", [str(wheel), "--only-binary=:all:"], environment, python)
        glassnet = [str(ours), "-m", "glassnet"]
        told = run([*glassnet, "train", "--json"], cwd=folder, env=environment)
        seconds = time.perf_counter() - began
        trained = json.loads(told)
        check(trained["engine"] == "fused", f"it trains with the {trained['engine']} engine")
        check(trained["test_accuracy"] > 0.9, f"it reads {trained['test_accuracy']:.2%} after thirty epochs")
        check(
            run([*glassnet, "--version"], env=environment).strip().count("\n") == 0,
            "it says that it is without something",
        )
        read = json.loads(
            run([*glassnet, "read", "--digit", "--json", str(drawn(ours, folder, environment))], env=environment)
        )
        check(read["lines"][0]["text"] == "7", f"it read a 7 as {read['lines']}")
        check("<script" in served(glassnet, folder, environment), "the studio has no page")
        version = run([str(ours), "-c", "import sys; print(sys.version.split()[0])"], env=environment).strip()
        say(f"{wheel.name} on Python {version}: {seconds:.1f} s from pip install to thirty epochs; it reads and serves")


def without(dist: Path, with_compiler_too: bool) -> None:
    """Install where the kernel cannot be compiled, where there is no Node, and where there is neither."""
    (source,) = dist.glob("*.tar.gz")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        from_sdist = unpacked(source, folder / "sdist")
        checkout = folder / "checkout"
        shutil.copytree(from_sdist, checkout, ignore=shutil.ignore_patterns("PKG-INFO", "built"))
        failing = folder / "fails"
        failing.write_text("#!/bin/sh\necho the licence of this compiler has run out >&2\nexit 1\n", encoding="utf-8")
        failing.chmod(0o755)
        no_compiler, no_node = ("kernel", "there is no C++ compiler here"), ("page", "there is no Node (npm) here")
        fails = ("kernel", "is not able to compile a simple test program")
        with nowhere_to_build(folder / "tools") as bare:
            for name in ("cmake", "ninja"):  # which pip would fetch
                (folder / "tools" / name).symlink_to(str(shutil.which(name)))
            try_without("no compiler", from_sdist, folder, bare, [no_compiler])
            try_without("a compiler that fails", from_sdist, folder, bare | {"CXX": str(failing)}, [fails])
            try_without("no compiler, no Node", checkout, folder, bare, [no_compiler, no_node])
            if with_compiler_too:
                for name in ("c++", "as", "ld", "ar", "ranlib", "strip"):
                    (folder / "tools" / name).symlink_to(str(shutil.which(name)))
                try_without("no Node", checkout, folder, bare, [no_node])


def try_without(
    name: str, source: Path, folder: Path, environment: dict[str, str], missing: list[tuple[str, str]]
) -> None:
    """Install from source, and fail unless it says what it is without, each time that it should, and does the rest."""
    place = folder / re.sub(r"\W+", "-", name)
    options = ["-v", "--no-deps", "--no-build-isolation", str(source)]
    ours, told = installed(place, options, environment, sys.executable, sees_ours=True)
    last = [line.strip() for line in told.splitlines() if line.strip().startswith("glassnet is installed without")]
    check(len(last) == len(missing), f"{name}: the installation says {last}")
    glassnet = [str(ours), "-m", "glassnet"]
    version = run([*glassnet, "--version"], env=environment)
    check(version.count("glassnet was installed without") == len(missing), f"{name}: --version says {version}")
    for line, (part, reason) in zip(last, missing, strict=True):
        check(part in line and reason in line, f"{name}: the installation says {line}")
        check(reason in version, f"{name}: --version says {version}")
    train = [*glassnet, "train", "--epochs", "1", "--mini-batch-size", "1000", "--json"]
    trained = run(train, cwd=place, env=environment, all_of_it=True)
    has_kernel, has_page = (part not in dict(missing) for part in ("kernel", "page"))
    engine = "fused" if has_kernel else "reference"
    check(f'"engine": "{engine}"' in trained, f"{name}: training says {trained}")
    check(trained.count("without its compiled kernel") == (not has_kernel), f"{name}: training says {trained}")
    page = served(glassnet, place, environment)
    check(("<script" in page) == has_page, f"{name}: the studio answers {page[:300]}")
    check(("without the studio&#x27;s page" in page) != has_page, f"{name}: the studio answers {page[:300]}")
    said = "has its page" if has_page else "said why it has none"
    say(f"{name}: {' '.join(last)} It trained ({engine}); the studio {said}.")


def smoke() -> None:
    """Fail unless the installed glassnet has its kernel and its page, and trains."""
    import numpy as np

    import glassnet
    from glassnet.engines import fused
    from glassnet.studio.app import page_folder

    check(fused.kernel is not None, f"the kernel is missing: {fused.KERNEL_FAILS}")
    check(page_folder() is not None, "the page is missing")
    network = glassnet.Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))
    *_, last = glassnet.train(network, glassnet.load_digits(), epochs=1, mini_batch_size=10, learning_rate=1.0)
    check(last.test_accuracy > 0.8, f"it reads {last.test_accuracy:.2%} after an epoch")
    say(f"glassnet {glassnet.__version__}: {', '.join(fused.kernel.instruction_sets())}; {last.test_accuracy:.2%}")


if __name__ == "__main__":
    sys.exit(main())
