"""What the documents say is true: equation numbers, names in the code, commands, links."""

import ast
import importlib.util
import inspect
import io
import re
import shlex
import subprocess
import sys
import tokenize
from importlib import import_module
from pathlib import Path

import numpy as np
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


def comments_in(path):
    """Yield the comments of a file, and its docstrings if it is Python's."""
    text = path.read_text(encoding="utf-8")
    if path.suffix not in (".py", ".pyi"):
        hashes = r"(?<!\S)#.*" if path.suffix in (".cmake", ".txt") else r"(?<!:)//.*|/\*[\s\S]*?\*/|<!--[\s\S]*?-->"
        yield from re.findall(hashes, text)
        return
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    yield from (token.string for token in tokens if token.type == tokenize.COMMENT)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value


SOURCE = r"\w\.(py|pyi|hpp|cpp|ts|svelte|css|cmake|md|toml|yml)$"
FOLDERS = [ROOT, ROOT / "src", ROOT / "src" / "glassnet", ROOT / "page", ROOT / "page" / "src"]


def paths_in(comment, beside):
    """Yield what a comment names of the checkout: files of source, and what is said to lie in one of its folders."""
    for word in re.findall(r"(?<![\w/])[\w.@*-]+(?:/[\w.@*-]+)*/?", re.sub(r"\w+://\S+", "", comment)):
        name = word.rstrip(".")
        first, slash, _ = name.partition("/")
        is_in_a_folder = slash and first.strip(".") and any((folder / first).is_dir() for folder in (*FOLDERS, beside))
        if is_in_a_folder or re.search(SOURCE, name):
            yield name


def is_there(name, beside, names):
    """Return whether there is such a path, from one of the folders that paths are told from; a bare name anywhere."""
    pattern = name + "-*" if re.search(r"/\d{4}$", name) else name.rstrip("/")  # decisions go by their numbers
    return name in names or any(any(folder.glob(pattern)) for folder in (*FOLDERS, beside))


def git(*command, **options):
    return subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, **options).stdout.splitlines()


def test_paths_in_comments_lead_somewhere():
    tracked = [ROOT / name for name in git("ls-files", check=True)]
    rooms = [ROOT / name for name in ("src", "kernel", "page/src", "scripts", "tests")]
    files = [path for path in tracked if path.is_file() and any(room in path.parents for room in rooms)]
    names = {path.name for path in tracked}
    told = [
        (name, path)
        for path in files
        if path.suffix in (".py", ".pyi", ".hpp", ".cpp", ".ts", ".svelte", ".css", ".cmake", ".txt")
        for comment in comments_in(path)
        for name in paths_in(comment, path.parent)
    ]
    assert len(told) > 40
    missing = {name: str(path.relative_to(ROOT)) for name, path in told if not is_there(name, path.parent, names)}
    made = git("check-ignore", *missing, check=False)  # what a build makes, and nobody commits
    assert {name: path for name, path in missing.items() if name not in made} == {}


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("one.py", "# as scripts/gone.py says\n", "scripts/gone.py"),
        ("one.py", '"""See `glassnet/deforming/`."""\n', "glassnet/deforming/"),
        ("one.py", 'x = 1\n"""What gone.py makes."""\n', "gone.py"),
        ("one.hpp", "int x = 1;  // told by src/glassnet/gone.py.\n", "src/glassnet/gone.py"),
        ("one.ts", "/* As in lib/gone.ts,\n   or elsewhere. */", "lib/gone.ts"),
        ("one.svelte", "<!-- docs/decisions/9999 says why -->", "docs/decisions/9999"),
        ("one.cmake", "set(x 1) # of cmake/gone.cmake\n", "cmake/gone.cmake"),
    ],
)
def test_paths_that_lead_nowhere_are_found(tmp_path, file, text, name):
    (tmp_path / file).write_text(text, encoding="utf-8")
    assert [found for comment in comments_in(tmp_path / file) for found in paths_in(comment, tmp_path)] == [name]
    assert not is_there(name, tmp_path, {"here.py"})


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
    form = np.full((200, 300, 3), 240, dtype=np.uint8)
    form[170:172, 200:260] = 30, 60, 150
    Image.fromarray(form).save(run_glassnet.folder / "form.png")
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


def defaults_in(node):
    """Return the defaults of a function's or dataclass's parameters that are written out, by name."""
    if isinstance(node, ast.ClassDef):
        pairs = [(part.target.id, part.value) for part in node.body if isinstance(part, ast.AnnAssign) and part.value]
        for part in node.body:
            if isinstance(part, ast.FunctionDef) and part.name == "__init__":
                pairs += defaults_in(part).items()
    else:
        positional = [*node.args.posonlyargs, *node.args.args]
        pairs = zip([arg.arg for arg in positional[::-1]], node.args.defaults[::-1], strict=False)
        pairs = [*pairs, *zip([arg.arg for arg in node.args.kwonlyargs], node.args.kw_defaults, strict=True)]
    return {name: value for name, value in pairs if value is not None}


def test_defaults_are_what_their_docstrings_say():
    """What comes first of a choice is taken by default, as numpydoc has it."""
    n_held = 0
    for path in sorted((ROOT / "src" / "glassnet").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or "Parameters\n" not in (
                ast.get_docstring(node) or ""
            ):
                continue
            said = {}
            for names, kind in re.findall(r"^([\w, ]+) : (.*)$", ast.get_docstring(node), flags=re.MULTILINE):
                text = re.search(r", default (.*)$|^{([^,}]+)", kind)
                said |= dict.fromkeys(re.split(", ", names), text and (text[1] or text[2]))
            for name, value in defaults_in(node).items():
                try:
                    value, told = ast.literal_eval(value), said.get(name)
                    assert told is None or ast.literal_eval(told) == value, f"{path.name}: {node.name}'s {name}"
                    n_held += told is not None
                except ValueError:  # a name, which a docstring may put into words
                    continue
    assert n_held > 60


def test_every_option_of_the_command_line_is_explained(run_glassnet):
    explained = ("outputs", "neuron", "weight", "gradient", "step", "examples", "slice", "surface", "paths")
    for command in (["train"], ["evaluate"], ["read"], ["bench"], *(["explain", name] for name in explained)):
        text = run_glassnet(*command, "-h").stdout.decode()
        options = dict(re.findall(r"^  (--[a-z0-9-]+)(?: <\w+>)? *(.*)$", text, flags=re.MULTILINE))
        assert "--json" in options
        assert {option: said for option, said in options.items() if len(said) <= 10} == {}


def test_the_project_speaks_of_itself_alone():
    """No file names a path of the machine it is checked on."""
    for path in (ROOT / name for name in git("ls-files", check=True)):
        if path.suffix in (".py", ".md", ".toml", ".txt", ".in", "") and path.is_file() and path != Path(__file__):
            text = path.read_text(encoding="utf-8")
            assert f"{ROOT}/" not in text, path
            assert f"{Path.home()}/" not in text, path
