"""scripts/release.py: a tag is the version, the changelog tells of it, and GitHub is told what it says."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "release.py"
SPEC = importlib.util.spec_from_file_location("release", SCRIPT)
release = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(release)

CHANGELOG = """# Changelog

## [Unreleased]

## [1.2.0rc1] - 2030-01-02

### Added
- What is new.

## [1.1.0] - 2029-01-02
- What was old.

[1.1.0]: https://example.invalid/1.1.0
"""


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.0rc1"\n', encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    return tmp_path


def test_a_version_has_what_the_changelog_tells_of_it():
    assert release.notes("1.2.0rc1", CHANGELOG) == "### Added\n- What is new."
    assert release.notes("1.1.0", CHANGELOG) == "- What was old."


@pytest.mark.parametrize("version", ["1.2.0", "1.1", "Unreleased", "9.9.9"])
def test_a_version_that_the_changelog_does_not_tell_of(version):
    with pytest.raises(SystemExit, match=r"CHANGELOG\.md says nothing under"):
        release.notes(version, CHANGELOG.replace("[1.1.0]", "[1x1]"))  # a dot is a dot


def test_the_tag_is_the_version(checkout):
    release.main(["check", "v1.2.0rc1"], checkout)
    for tag in ("1.2.0rc1", "v1.2.0", "v1.2.0rc1; true"):
        with pytest.raises(SystemExit, match=r"pyproject\.toml says 1\.2\.0rc1"):
            release.main(["check", tag], checkout)


@pytest.mark.parametrize("arguments", [[], ["check"], ["publish", "v1.2.0rc1"], ["check", "v1.2.0rc1", "file"]])
def test_wrong_usage_is_said(checkout, arguments):
    with pytest.raises(SystemExit, match=r"release\.py check TAG"):
        release.main(arguments, checkout)


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for gh is a shell script")
@pytest.mark.parametrize("code", [0, 4])
def test_github_is_told(checkout, tmp_path, monkeypatch, code):
    gh = tmp_path / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > "{tmp_path}/asked"\ncat > "{tmp_path}/notes"\nexit {code}\n',
        encoding="utf-8",
    )
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{gh.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(SystemExit) as ended:
        release.main(["publish", "v1.2.0rc1", "dist/a.whl", "dist/b.tar.gz"], checkout)
    assert ended.value.code == code
    assert (tmp_path / "notes").read_text(encoding="utf-8") == "### Added\n- What is new."
    asked = (tmp_path / "asked").read_text(encoding="utf-8").split("\n")[:-1]
    assert asked[:4] == ["release", "create", "v1.2.0rc1", "--verify-tag"]
    assert "--prerelease" in asked
    assert asked[-2:] == ["dist/a.whl", "dist/b.tar.gz"]


def test_it_runs_as_the_workflow_runs_it():
    ended = subprocess.run([sys.executable, SCRIPT, "check", "v0.0.0"], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("The tag is v0.0.0, but pyproject.toml says ")
