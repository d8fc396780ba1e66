"""Run tests with a kernel from anywhere: ``python scripts/kernel_tests.py MODULE [pytest's options]``.

MODULE is a built ``_kernel``, or the folder that it was built in: of another compiler, for another processor, or under
a sanitizer. It is laid over a copy of the package, and tests and all that they start take that one.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOOK = "from glassnet.engines import fused; print('kernel:', fused.kernel.__file__, *fused.kernel.instruction_sets())"


def laid_over(module: Path, folder: Path) -> dict[str, str]:
    """Return the environment in which Python takes the package in a folder, made here with a kernel in it."""
    package = folder / "glassnet"
    shutil.copytree(ROOT / "src" / "glassnet", package, ignore=shutil.ignore_patterns("__pycache__", "_kernel.*"))
    shutil.copy(module, package / "engines")
    path = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(path)}


def main() -> int:
    """Lay the module over the package and run the tests; fail if it is not the one that is used."""
    module, options = Path(sys.argv[1]), sys.argv[2:]
    if module.is_dir():
        (module,) = (path for path in module.glob("_kernel*") if path.suffix in (".so", ".pyd"))
    with tempfile.TemporaryDirectory() as folder:
        environment = laid_over(module, Path(folder))
        look = subprocess.run(
            [sys.executable, "-c", LOOK], env=environment, capture_output=True, text=True, check=False
        )
        print(look.stdout + look.stderr, end="", flush=True)
        if not look.stdout.startswith(f"kernel: {folder}"):
            return 1
        tests = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
        return subprocess.run(tests, env=environment, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
