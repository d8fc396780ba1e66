"""What a release asks of a tag: that it is the version, that the changelog tells of it, and the release on GitHub.

Run: python scripts/release.py check v0.1.0
     python scripts/release.py publish v0.1.0 dist/*      (needs GitHub's `gh`, and GH_TOKEN)
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
USAGE = 'Write "release.py check TAG" or "release.py publish TAG FILE...".'


def notes(version: str, changelog: str) -> str:
    """Return what the changelog tells of a version; a sentence and exit code 1 if it tells nothing."""
    found = re.search(rf"^## \[{re.escape(version)}\][^\n]*\n(.*?)(?=^## \[|^\[[^\]]+\]: |\Z)", changelog, re.M | re.S)
    text = found[1].strip() if found else ""
    if not text:
        sys.exit(f'CHANGELOG.md says nothing under "## [{version}]".')
    return text


def version_of(tag: str, root: Path = ROOT) -> str:
    """Return the version that a tag names; a sentence and exit code 1 if it is not pyproject.toml's."""
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if tag != f"v{version}":
        sys.exit(f"The tag is {tag}, but pyproject.toml says {version}: they must be the same, with a v before.")
    return version


def main(arguments: list[str], root: Path = ROOT) -> None:
    """Do what is asked."""
    match arguments:
        case ["check", tag]:
            files = []
        case ["publish", tag, *files] if files:
            pass
        case _:
            sys.exit(USAGE)
    version = version_of(tag, root)
    told = notes(version, (root / "CHANGELOG.md").read_text(encoding="utf-8"))
    if files:
        kind = ["--prerelease"] if re.search(r"[a-z]", version) else []
        release = ["gh", "release", "create", tag, "--verify-tag", "--title", tag, "--notes-file", "-", *kind]
        sys.exit(subprocess.run([*release, *files], input=told, text=True, cwd=root, check=False).returncode)


if __name__ == "__main__":
    main(sys.argv[1:])
