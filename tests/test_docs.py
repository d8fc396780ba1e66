"""What the documents say is true: equation numbers, names in the code, commands, links."""

import importlib.util
import inspect
import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import glassnet

ROOT = Path(__file__).parents[1]
EQUATIONS = (ROOT / "docs" / "equations.md").read_text(encoding="utf-8")
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


def numbered():
    return [int(n) for n in re.findall(r"^\| \((\d+)\)", EQUATIONS, flags=re.MULTILINE)]


def test_equations_are_numbered_without_gaps():
    assert numbered() == list(range(1, len(numbered()) + 1))


def test_the_code_cites_every_equation_and_no_other():
    cited = set()
    for path in (ROOT / "src" / "glassnet").rglob("*.py"):
        # numbers in brackets of their own; those of a call follow its name at once
        cited |= {int(n) for n in re.findall(r"(?<=\s)\((\d{1,2})\)", path.read_text(encoding="utf-8"))}
    assert cited == set(numbered())


def test_every_name_beside_an_equation_is_in_the_code():
    names = re.findall(r"`([a-z_]+)\.([A-Za-z_.]+)`", EQUATIONS)
    assert len(names) >= 25
    for module, name in names:
        found = import_module(f"glassnet.{module}")
        for part in name.split("."):
            found = getattr(found, part)
        assert callable(found)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def code_blocks(path, language):
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_the_readmes_python_runs(tmp_path):
    blocks = code_blocks(ROOT / "README.md", "python")
    assert blocks
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(blocks)], cwd=tmp_path, capture_output=True, check=False
    )
    assert result.returncode == 0, result.stderr.decode()
    assert result.stdout


def test_the_readmes_commands_run(run_glassnet, few_digits):
    """Those of glassnet itself; the ones that install are run by the check command and by hand."""
    from PIL import Image

    Image.fromarray(255 - few_digits.test_images[0]).resize((100, 100)).save(run_glassnet.folder / "photo.png")
    commands = [
        shlex.split(line, comments=True)
        for block in code_blocks(ROOT / "README.md", "sh")
        for line in block.splitlines()
        if line.startswith("glassnet ")
    ]
    # `glassnet studio`, which serves until it is stopped, is written with its path: test_studio_command.py runs it
    assert {command[1] for command in commands} == {"train", "evaluate", "read", "explain", "bench", "export"}
    for command in [["glassnet", "train", "--epochs", "2"], *commands]:  # the quick start before them trains
        result = run_glassnet(*command[1:])
        assert result.returncode == 0, (command, result.stderr.decode())


def numbers_of(text):
    return [float(number) for number in re.findall(NUMBER, text)]


NUMBER = r"(?<![\w.])[+-]?\d+(?:\.\d+)?(?:e[+-]\d+)?(?!\w)"
GUIDES = sorted(
    path for path in (ROOT / "docs" / "guide").glob("*.md") if "```console" in path.read_text(encoding="utf-8")
)


@pytest.mark.slow
@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_the_guides_transcripts_are_what_the_commands_print(path):
    spec = importlib.util.spec_from_file_location("transcripts", ROOT / "scripts" / "transcripts.py")
    transcripts = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(transcripts)
    text = path.read_text(encoding="utf-8")
    assert len(transcripts.BLOCK.findall(text)) >= 5
    again = transcripts.run_again(text)
    assert re.sub(NUMBER, "#", again) == re.sub(NUMBER, "#", text)
    # other processors round differently in the sixteenth digit, never in those that are shown
    assert numbers_of(again) == pytest.approx(numbers_of(text), rel=1e-6, abs=1e-14)


def test_public_functions_say_what_comes_back():
    functions = [thing for name in glassnet.__all__ if inspect.isfunction(thing := getattr(glassnet, name))]
    assert len(functions) > 10
    for function in functions:
        doc = inspect.getdoc(function)
        assert "Parameters\n---" in doc, function
        returns = inspect.signature(function).return_annotation is not None
        assert bool(re.search(r"\n(Returns|Yields)\n---", doc)) == returns, function


def test_every_option_of_the_command_line_is_explained(run_glassnet):
    explained = ("outputs", "neuron", "weight", "gradient", "step", "examples", "slice", "surface", "paths")
    for command in (["train"], ["evaluate"], ["read"], ["bench"], *(["explain", name] for name in explained)):
        text = run_glassnet(*command, "-h").stdout.decode()
        options = dict(re.findall(r"^  (--[a-z0-9-]+)(?: <\w+>)? *(.*)$", text, flags=re.MULTILINE))
        assert "--json" in options
        assert {option: said for option, said in options.items() if len(said) <= 10} == {}


def test_the_project_speaks_of_itself_alone():
    """No file names a path of the machine it is checked on."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    for name in filter(None, tracked):
        path = ROOT / name
        if path.suffix in (".py", ".md", ".toml", ".txt", ".in", "") and path.is_file() and path != Path(__file__):
            text = path.read_text(encoding="utf-8")
            assert f"{ROOT}/" not in text, name
            assert f"{Path.home()}/" not in text, name
