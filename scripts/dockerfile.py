"""Read a Dockerfile and its .dockerignore, as far as ours go."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

PLAIN = {"RUN", "COPY", "ENV", "WORKDIR", "USER", "VOLUME", "EXPOSE", "LABEL", "HEALTHCHECK", "CMD", "STOPSIGNAL"}


@dataclass
class Stage:
    """A stage: what it starts from, and its instructions as (name, options, rest)."""

    image: str
    name: str
    instructions: list[tuple[str, list[str], str]] = field(default_factory=list)


def stages_of(text: str) -> list[Stage]:
    """Return a Dockerfile's stages; ValueError for what nothing here knows how to run."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    stages: list[Stage] = []
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        if not line.strip():
            continue
        name, _, rest = line.strip().partition(" ")
        name = name.upper()
        options = []
        while found := re.match(r"\s*(--[a-z-]+=\S+)\s+", rest):
            options.append(found[1])
            rest = rest[found.end() :]
        if name == "FROM":
            image, *alias = re.split(r"\s+as\s+", rest.strip(), flags=re.IGNORECASE)
            stages.append(Stage(image, alias[0] if alias else str(len(stages))))
        elif name not in PLAIN or not stages:
            raise ValueError(f"cannot run the instruction: {line.strip()}")
        else:
            stages[-1].instructions.append((name, options, rest.strip()))
    return stages


def command_of(rest: str) -> list[str]:
    """Return the words of a CMD, whose form is JSON: without a shell, signals reach the program."""
    words = json.loads(rest.removeprefix("CMD").strip())
    if not (isinstance(words, list) and all(isinstance(word, str) for word in words)):
        raise ValueError(f"not a list of words: {rest}")
    return words


def with_env(rest: str, env: dict[str, str]) -> dict[str, str]:
    """Return an environment with what an ENV line sets."""
    added = {}
    for word in shlex.split(rest):
        name, _, value = word.partition("=")
        added[name] = re.sub(r"\$\{?(\w+)\}?", lambda found: env.get(found[1], ""), value)
    return env | added


def ignored(patterns: str) -> re.Pattern[str]:
    """Return what matches the paths that a .dockerignore leaves out, and all below them."""
    found = []
    for line in patterns.splitlines():
        if (pattern := line.strip().strip("/")) and not pattern.startswith("#"):
            if pattern.startswith("!"):
                raise ValueError(f"cannot read the pattern: {pattern}")
            words = re.split(r"(\*\*/|\*|\?)", pattern)
            wild = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
            found.append("".join(wild.get(word, re.escape(word)) for word in words))
    return re.compile(rf"(?:{'|'.join(found)})(?:/.*)?" if found else r"(?!)")


def context_of(root: Path) -> list[str]:
    """Return the files that Docker would be sent, relative to a folder."""
    is_ignored = ignored((root / ".dockerignore").read_text(encoding="utf-8")).fullmatch
    found = []
    folders = [root]
    while folders:
        for path in folders.pop().iterdir():
            name = path.relative_to(root).as_posix()
            if is_ignored(name):
                continue
            if path.is_dir() and not path.is_symlink():
                folders.append(path)
            else:
                found.append(name)
    return sorted(found)
