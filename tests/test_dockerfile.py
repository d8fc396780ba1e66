"""scripts/dockerfile.py, which reads the Dockerfile for scripts/container_steps.py."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("dockerfile", ROOT / "scripts" / "dockerfile.py")
dockerfile = importlib.util.module_from_spec(SPEC)
sys.modules[SPEC.name] = dockerfile  # dataclasses look their module up
SPEC.loader.exec_module(dockerfile)

TEXT = """# a comment
FROM node:22 AS node
FROM python:3.13
RUN --mount=type=cache,target=/a --mount=type=cache,target=/b \\
    one \\
 && two
# between
COPY --from=node --chown=1:2 /x /y
HEALTHCHECK --interval=5s CMD ["python", "-c", "pass"]
"""


def test_stages_have_their_instructions():
    node, last = dockerfile.stages_of(TEXT)
    assert (node.image, node.name, node.instructions) == ("node:22", "node", [])
    assert (last.image, last.name) == ("python:3.13", "1")
    run, copy, health = last.instructions
    assert (run[0], run[1]) == ("RUN", ["--mount=type=cache,target=/a", "--mount=type=cache,target=/b"])
    assert run[2].split() == ["one", "&&", "two"]
    assert copy == ("COPY", ["--from=node", "--chown=1:2"], "/x /y")
    assert dockerfile.command_of(health[2]) == ["python", "-c", "pass"]


@pytest.mark.parametrize("text", ["FROM a\nADD b c", "RUN a\nFROM b", "FROM a\nSHELL [b]"])
def test_what_cannot_be_run_is_refused(text):
    with pytest.raises(ValueError, match="cannot run the instruction"):
        dockerfile.stages_of(text)


def test_a_command_through_a_shell_is_refused():
    """A shell as the first process would keep signals to itself."""
    with pytest.raises(ValueError, match=r"not a list|Expecting value"):
        dockerfile.command_of("glassnet studio")


def test_variables_are_filled_in():
    env = dockerfile.with_env('PATH=/opt/bin:$PATH A="b c" C=${A}', {"PATH": "/bin", "A": "before"})
    assert env == {"PATH": "/opt/bin:/bin", "A": "b c", "C": "before"}


def test_what_is_ignored():
    match = dockerfile.ignored("# why\n.git\n**/node_modules\n.venv*\n**/.*_cache\n*.partial\n").fullmatch
    inside = (
        ".git",
        ".git/config",
        "page/node_modules/a/b",
        "node_modules",
        ".venv-check/x",
        "a/.ruff_cache",
        "x.partial",
    )
    assert all(match(name) for name in inside)
    assert not any(match(name) for name in (".gitignore", "page/src", "a/.venv", "src/x.partial", "a_cache"))


def test_the_image_gets_the_sources_and_nothing_built():
    sent = dockerfile.context_of(ROOT)
    needed = {
        "pyproject.toml",
        "CMakeLists.txt",
        "README.md",
        "LICENSE",
        "requirements/run.txt",
        "page/package-lock.json",
    }
    assert needed <= set(sent)
    assert "kernel/engine.cpp" in sent
    assert "src/glassnet/studio/visit/alive.py" in sent
    tops = {name.partition("/")[0] for name in sent}
    assert tops.isdisjoint({".git", ".venv", ".venv-check", "build", "dist", "tests", "docs", "shared", "Dockerfile"})
    assert not any("node_modules" in name or "__pycache__" in name for name in sent)


def test_the_container_is_asked_and_stopped_as_the_studio_expects():
    last = dockerfile.stages_of((ROOT / "Dockerfile").read_text(encoding="utf-8"))[-1]
    told = {name: rest for name, _, rest in last.instructions}
    assert dockerfile.command_of(told["CMD"])[:2] == ["glassnet", "studio"]
    assert f":{told['EXPOSE']}/healthz" in dockerfile.command_of(told["HEALTHCHECK"])[-1]
    user, group = told["USER"].split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert told["VOLUME"] in dockerfile.command_of(told["CMD"])
