"""Lint what only other machines run: GitHub's workflows, the Dockerfile, and the shell scripts that they call.

Run: python scripts/lint_workflows.py   (a second; needs requirements/dev.txt on Linux x86-64, and no internet)
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHELL = ("check", ".ci/run", ".devcontainer/prepare.sh")
LINTERS = (
    # shellcheck, which it finds on the PATH, reads what stands in `run:`
    ("actionlint", "-no-color"),
    ("zizmor", "--offline", "--no-progress", "--quiet", "--pedantic", "--strict-collection", ".github"),
    ("hadolint", "--no-color", "--failure-threshold", "style", "Dockerfile"),
    # SC2015 is `a && b || c`, which stands here where b cannot fail
    ("shellcheck", "--exclude=SC2015", *SHELL),
)


def main() -> int:
    """Run all linters; return the exit code."""
    failed = []
    for name, *options in LINTERS:
        # those beside this Python come first: another version elsewhere may see other things
        path = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
        if path is None:
            sys.stderr.write(f"{name} is missing: pip install -r requirements/dev.txt (on Linux x86-64).\n")
            failed.append(name)
        elif subprocess.run([path, *options], cwd=ROOT, check=False).returncode:
            failed.append(name)
    if failed:
        sys.stderr.write(f"lint_workflows: {', '.join(failed)} failed.\n")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
