"""Compile the kernel for other systems and processors with zig, which needs nothing of theirs.

``python scripts/kernel_elsewhere.py compile`` compiles all of it for macOS, Windows and Linux on ARM, every warning an
error; ``python scripts/kernel_elsewhere.py wasm FILE`` makes the WebAssembly module. Nobody installs these: they show
that one source does for all. (scripts/emulated.py runs the one for ARM.)
"""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

KERNEL = Path(__file__).parents[1] / "kernel"
X86 = {
    "sse42": (4, ["-msse4.2"]),
    "avx2": (8, ["-mavx2", "-mfma"]),
    "avx512": (16, ["-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mfma"]),
}
ARM = {"neon": (4, [])}
TARGETS = {
    "aarch64-linux-gnu": ARM,
    "aarch64-macos": ARM,
    "x86_64-linux-gnu": X86,
    "x86_64-macos": X86,
    "x86_64-windows-gnu": X86,
}
STRICT = ["-std=gnu++20", "-O3", "-DNDEBUG", "-Wall", "-Wextra", "-Werror"]
WASM = ["-target", "wasm32-wasi", "-mcpu=generic+simd128"]
WASM_CPP = ["-fno-exceptions", "-fno-rtti", "-DGLASSNET_ISA=simd128", "-DGLASSNET_LANES=4"]
WASM_LINK = ["-mexec-model=reactor", "-Wl,--strip-all"]
WINDOWS_PYCONFIG = """
#define MS_WINDOWS 1
#define MS_WIN32 1
#define MS_WIN64 1
#define NT_THREADS 1
#define Py_ENABLE_SHARED 1
#define SIZEOF_SHORT 2
#define SIZEOF_INT 4
#define SIZEOF_LONG 4
#define SIZEOF_LONG_LONG 8
#define SIZEOF_VOID_P 8
#define SIZEOF_SIZE_T 8
#define SIZEOF_WCHAR_T 2
#define SIZEOF_TIME_T 8
#define SIZEOF_PID_T 4
#define ALIGNOF_SIZE_T 8
"""
"""What Python's headers ask about Windows on 64 bits; its own PC/pyconfig.h says more, which nothing here uses."""


def main() -> int:
    """Do what is asked; fail if anything does not compile without a warning."""
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_subparsers(dest="what", required=True)
    compiling = what.add_parser("compile")
    compiling.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all by default")
    what.add_parser("wasm").add_argument("file", type=Path)
    given = parser.parse_args()
    return make_wasm(given.file) if given.what == "wasm" else compile_all(given.targets or list(TARGETS))


def zig(*arguments: str | Path, driver: str = "c++") -> "subprocess.CompletedProcess[str]":
    """Run zig's compiler, which is Clang."""
    command = [sys.executable, "-m", "ziglang", driver, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def make_wasm(file: Path) -> int:
    """Link the module that needs neither Python, threads nor exceptions, nor the C++ library: as C is linked."""
    with tempfile.TemporaryDirectory() as folder:
        objects = []
        for name in ("engine", "wasm", "helpers"):
            objects.append(Path(folder) / f"{name}.o")
            compiled = zig(*WASM, *STRICT, *WASM_CPP, "-c", KERNEL / f"{name}.cpp", "-o", objects[-1])
            if compiled.returncode:
                return told(name, compiled)
        return told(file.name, zig(*WASM, *WASM_LINK, *objects, "-o", file, driver="cc"))


def compile_all(targets: list[str]) -> int:
    """Compile every source for every target, several at a time."""
    import nanobind

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        own = Path(sysconfig.get_paths()["include"])
        windows = shutil.copytree(own, folder / "python-for-windows")
        (windows / "pyconfig.h").write_text(WINDOWS_PYCONFIG, encoding="utf-8")
        jobs: list[tuple[str, list[str | Path]]] = []
        for target in targets:
            python = windows if "windows" in target else own
            headers = [
                Path(nanobind.include_dir()),
                Path(nanobind.include_dir()).parent / "ext/robin_map/include",
                python,
            ]
            for_target = ["-target", target, *(word for header in headers for word in ("-isystem", header))]
            jobs += [(f"{target} {name}", [*for_target, KERNEL / f"{name}.cpp"]) for name in ("module", "helpers")]
            for name, (lanes, options) in TARGETS[target].items():
                named = [f"-DGLASSNET_ISA={name}", f"-DGLASSNET_LANES={lanes}"]
                jobs.append((f"{target} engine {name}", [*for_target, *options, *named, KERNEL / "engine.cpp"]))

        def one(numbered: tuple[int, tuple[str, list[str | Path]]]) -> int:
            number, (name, arguments) = numbered
            return told(name, zig(*STRICT, *arguments, "-c", "-o", folder / f"{number}.o"))

        with ThreadPoolExecutor(os.cpu_count()) as several:
            return max(several.map(one, enumerate(jobs)))


def told(name: str, done: "subprocess.CompletedProcess[str]") -> int:
    """Say whether it went well, and what was said if not."""
    print(f"{name}: {'compiled' if done.returncode == 0 else done.stderr or 'failed'}", flush=True)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
