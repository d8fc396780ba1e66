"""Nothing is imported before it is used. Counted in modules, which no busy machine can make slower."""

import json
import subprocess
import sys

HEAVY = ["numpy", "scipy", "PIL", "sklearn", "torch", "matplotlib", "safetensors", "array_api_compat", "fastapi"]


def modules_after(code):
    code = f"import sys\n{code}\nimport json; print(json.dumps(sorted(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    return json.loads(result.stdout.splitlines()[-1])


def test_import_glassnet_imports_nothing_else():
    loaded = modules_after("import glassnet")
    assert not set(loaded) & {*HEAVY, "typer", "rich", "click"}
    assert [name for name in loaded if name.startswith("glassnet")] == ["glassnet"]


def test_help_imports_no_array_library():
    code = """
from glassnet.cli import app
for arguments in (["-h"], ["train", "-h"], ["read", "-h"]):
    try:
        app(arguments)
    except SystemExit:
        pass
"""
    assert not set(modules_after(code)) & set(HEAVY)


def test_training_and_reading_need_no_scipy():
    """It takes half a second to load, and only elastic deformations use it."""
    code = """
import numpy as np, glassnet
network = glassnet.Network.random((784, 4, 10), rng=np.random.default_rng(0))
picture = np.full((60, 60), 255, np.uint8)
picture[10:40, 28:33] = 0
glassnet.Reader(network).classify(picture)
"""
    loaded = modules_after(code)
    assert "numpy" in loaded
    assert not set(loaded) & {"scipy", "torch", "matplotlib", "sklearn", "array_api_compat"}


def test_every_public_name_is_there():
    code = "import glassnet\nfor name in glassnet.__all__:\n    assert getattr(glassnet, name) is not None, name\n"
    code += "assert callable(glassnet.backprop) and callable(glassnet.evaluate) and callable(glassnet.train)\n"
    code += "assert set(glassnet.HOMES) | {'__version__'} == set(glassnet.__all__) == set(dir(glassnet))"
    assert "glassnet.training" in modules_after(code)


def test_unknown_names_are_unknown():
    import glassnet

    assert not hasattr(glassnet, "brain")
