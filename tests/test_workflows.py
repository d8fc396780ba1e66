"""The workflows are thin, may do little, and build what they say: read here, as only hosted runners run them."""

import fnmatch
import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES}
JOBS = [(name, job) for name, workflow in WORKFLOWS.items() for job in workflow["jobs"]]
JOB_IDS = [f"{name}-{job}" for name, job in JOBS]
RELEASE = WORKFLOWS["release"]["jobs"]
SYSTEMS = ("ubuntu-24.04", "ubuntu-24.04-arm", "macos-15", "windows-2025")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def steps_of(workflow, job, key):
    return [step for step in WORKFLOWS[workflow]["jobs"][job]["steps"] if key in step]


def commands_of(workflow, job):
    return [step["run"] for step in steps_of(workflow, job, "run")]


def is_thin(command):
    """Whether a step calls one thing that runs here too: a script of ours, pinned requirements, cibuildwheel."""
    match shlex.split(command, comments=True):
        case ["./check", *options]:
            return options in ([], ["--portable"])
        case ["python" | "python3", script, *_] if script.startswith("scripts/"):
            return (ROOT / script).is_file()
        case ["python", "-m", "pip", "install", "--requirement", requirements]:
            return (ROOT / requirements).is_file() and requirements.endswith(".txt")
        case ["python", "-m", "cibuildwheel", "--output-dir", "wheels", "dist/*.tar.gz"]:
            return True
    return False


@pytest.mark.parametrize(("workflow", "job"), JOBS, ids=JOB_IDS)
def test_every_step_calls_what_runs_here_too(workflow, job):
    for command in commands_of(workflow, job):
        assert is_thin(command), command
        assert not re.search(r"[;|&`]|\$\(|\$\{\{", command), (
            f"more than one thing, or what a stranger may fill in: {command}"
        )


@pytest.mark.parametrize(
    "command",
    [
        "./check && true",
        "./check --quick",
        "python scripts/missing.py",
        "pip install glassnet",
        "python -m build",
        "make",
    ],
)
def test_other_steps_are_found(command):
    assert not is_thin(command)


@pytest.mark.parametrize(("workflow", "job"), JOBS, ids=JOB_IDS)
def test_every_job_may_do_what_it_needs_and_no_more(workflow, job):
    allowed = {
        ("release", "attest"): {"id-token": "write", "attestations": "write"},
        ("release", "publish"): {"id-token": "write"},
        ("release", "release"): {"contents": "write"},
    }
    assert WORKFLOWS[workflow]["permissions"] == {}
    told = WORKFLOWS[workflow]["jobs"][job]
    assert told["permissions"] == allowed.get((workflow, job), {"contents": "read"})
    assert 0 < told["timeout-minutes"] <= 60
    assert ("environment" in told) == ((workflow, job) == ("release", "publish"))


def test_nothing_secret_is_needed():
    for path in FILES:
        assert "secrets." not in path.read_text(encoding="utf-8"), path.name
        assert "concurrency" in WORKFLOWS[path.stem], path.name


def test_actions_are_pinned_by_commit_and_everywhere_the_same():
    pins = {}
    for path in FILES:
        for line in path.read_text(encoding="utf-8").splitlines():
            if "uses:" in line:
                found = re.fullmatch(r"\s*(?:- )?uses: ([\w/.-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)", line)
                assert found, line
                assert pins.setdefault(found[1], found.groups()[1:]) == found.groups()[1:], line
    assert "actions/checkout" in pins


@pytest.mark.parametrize(("workflow", "job"), JOBS, ids=JOB_IDS)
def test_a_checkout_leaves_no_key_behind(workflow, job):
    for step in steps_of(workflow, job, "uses"):
        if step["uses"].startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def combinations(matrix):
    """Return a matrix's combinations as GitHub makes them: a product, what is added to some, what stands alone."""
    keys = [key for key in matrix if key != "include"]
    made = [{}]
    for key in keys:
        made = [one | {key: value} for one in made for value in matrix[key]]
    originals = [dict(one) for one in made]
    for more in matrix.get("include", []):
        fits = [
            i for i, one in enumerate(originals) if all(one.get(key, value) == value for key, value in more.items())
        ]
        for i in fits:
            made[i] |= more
        if not fits:
            made.append(dict(more))
    return made


def test_changes_are_checked_on_every_system_with_every_python_and_both_compilers():
    made = combinations(WORKFLOWS["ci"]["jobs"]["portable"]["strategy"]["matrix"])
    assert {(one["os"], one["python"]) for one in made} == {(os, python) for os in SYSTEMS for python in PYTHONS}
    assert len(made) == 16
    compilers = {os: {one["compiler"] for one in made if one["os"] == os} for os in SYSTEMS}
    assert compilers == {
        "ubuntu-24.04": {"g++", "clang++"},
        "ubuntu-24.04-arm": {"g++", "clang++"},
        "macos-15": {"clang++"},
        "windows-2025": {""},  # kernel/build.cmake asks for Clang there
    }
    assert commands_of("ci", "everything") == ["./check"]
    assert commands_of("ci", "container") == ["python3 scripts/container_steps.py --docker"]
    assert commands_of("ci", "portable") == ["./check --portable"]


def test_wheels_are_built_from_the_source_that_is_published():
    assert "python scripts/packages.py build --out dist" in commands_of("release", "source")
    sent = next(step["with"] for step in steps_of("release", "source", "with") if "if-no-files-found" in step["with"])
    assert (sent["name"], sent["path"]) == ("source", "dist/*.tar.gz")
    assert RELEASE["wheels"]["needs"] == "source"
    got = next(step["with"] for step in steps_of("release", "wheels", "uses") if "download" in step["uses"])
    assert (got["name"], got["path"]) == (sent["name"], "dist")
    assert any("cibuildwheel" in command and "dist/*.tar.gz" in command for command in commands_of("release", "wheels"))
    assert "python scripts/packages.py audit wheels/*.whl" in commands_of("release", "wheels")


def test_every_wheel_is_proved_on_every_python_that_takes_it():
    made = combinations(RELEASE["proof"]["strategy"]["matrix"])
    built = RELEASE["wheels"]["strategy"]["matrix"]["os"]
    assert sorted((one["os"], one["python"]) for one in made) == sorted((os, py) for os in built for py in PYTHONS)
    assert RELEASE["proof"]["needs"] == "wheels"
    assert all(one["wheel"] == ("cp311-cp311" if one["python"] == "3.11" else "cp312-abi3") for one in made)


def test_only_what_was_proved_is_published_and_only_for_a_tag():
    def before(job):
        needed = RELEASE[job].get("needs", [])
        needed = [needed] if isinstance(needed, str) else needed
        return {*needed, *(earlier for one in needed for earlier in before(one))}

    for job in ("attest", "publish", "release"):
        assert {"source", "wheels", "proof"} <= before(job), job
        assert RELEASE[job]["if"] == "github.ref_type == 'tag'", job
    assert before("release") >= {"publish", "attest"}
    on = WORKFLOWS["release"][True]  # YAML 1.1 takes `on` for true
    assert on["push"] == {"tags": ["v[0-9]+.[0-9]+.[0-9]+*"]}
    assert WORKFLOWS["release"]["concurrency"]["cancel-in-progress"] is False


def test_no_cache_of_another_run_reaches_a_release():
    for job in RELEASE:
        for step in steps_of("release", job, "uses"):
            assert "cache" not in step["uses"]
            assert "cache" not in step.get("with", {})
            if "setup-node" in step["uses"]:
                assert step["with"]["package-manager-cache"] is False


@pytest.mark.parametrize(
    ("system", "processor", "tag"),
    [
        ("linux", "x86_64", "manylinux_x86_64"),
        ("linux", "aarch64", "manylinux_aarch64"),
        ("macos", "arm64", "macosx_arm64"),
        ("macos", "x86_64", "macosx_x86_64"),
        ("windows", "AMD64", "win_amd64"),
    ],
)
def test_two_wheels_are_built_for_each_system(system, processor, tag):
    command = [sys.executable, "-m", "cibuildwheel", "--print-build-identifiers", "--platform", system]
    told = subprocess.run([*command, "--archs", processor, ROOT], capture_output=True, text=True, check=True).stdout
    assert told.split() == [f"cp311-{tag}", f"cp312-{tag}"]


def test_what_wheels_are_tried_with_is_in_the_source():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    program, script, *_ = settings["cibuildwheel"]["test-command"].split()
    assert (program, script) == ("python", "{project}/scripts/packages.py")
    left_out = settings["scikit-build"]["sdist"]["exclude"]
    assert not any(fnmatch.fnmatch("scripts", pattern) for pattern in left_out), (
        "cibuildwheel sees nothing but the source"
    )


def pins_in(name):
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z0-9-]+)==(\S+)", text, flags=re.MULTILINE))  # several of one where Pythons differ


@pytest.mark.parametrize("name", ["release.txt", "run.txt"])
def test_what_is_released_and_contained_has_the_versions_that_are_tested(name):
    assert ("numpy" in dict(pins_in(name))) == (name == "run.txt")
    assert pins_in(name) - pins_in("dev.txt") == set()


def test_the_devcontainer_is_what_it_names():
    text = (ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    told = json.loads(re.sub(r"^//.*$", "", text, flags=re.MULTILINE))
    build = told["build"]
    dockerfile = (ROOT / ".devcontainer" / build["dockerfile"]).resolve()
    assert dockerfile == ROOT / "Dockerfile"
    assert re.search(rf"^FROM \S+ AS {build['target']}$", dockerfile.read_text(encoding="utf-8"), re.MULTILINE)
    script = shlex.split(told["postCreateCommand"])
    assert script[0] == "sh"
    assert (ROOT / script[1]).is_file()
