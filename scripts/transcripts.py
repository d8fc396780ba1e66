"""Run the commands in the guides' transcripts again and put what they print below them.

Run: python scripts/transcripts.py   (rewrites docs/guide/*.md; needs an installed glassnet)
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

GUIDE = Path(__file__).parents[1] / "docs" / "guide"
BLOCK = re.compile(r"```console\n\$ glassnet (.*)\n(?:.*\n)*?```")
COLUMNS = 96


def printed(command: str) -> str:
    """Return what a command prints in the guide's folder without colours, and without blanks at the ends of lines."""
    result = subprocess.run(
        [sys.executable, "-m", "glassnet", *shlex.split(command)],
        cwd=GUIDE,
        env=os.environ | {"NO_COLOR": "1", "COLUMNS": str(COLUMNS)},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    return "".join(f"{line.rstrip()}\n" for line in result.stdout.splitlines())


def run_again(text: str) -> str:
    """Return a guide with every transcript as it would be today."""
    return BLOCK.sub(lambda block: f"```console\n$ glassnet {block[1]}\n{printed(block[1])}```", text)


def main() -> None:
    """Rewrite the guides."""
    for path in sorted(GUIDE.glob("*.md")):
        path.write_text(run_again(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
