"""The kernel under AddressSanitizer and UndefinedBehaviorSanitizer: its tests once more, with every access watched."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def built(source, folder):
    """The kernel as cmake builds it in a folder from its sources, with the sanitizers; anew only what has changed."""
    # Debug: nanobind's own files, which nobody watches, are compiled in no time
    options = ["-G", "Ninja", "-DGLASSNET_SANITIZE=ON", "-DCMAKE_BUILD_TYPE=Debug"]
    options.append(f"-DPython_EXECUTABLE={sys.executable}")
    subprocess.run(["cmake", "-S", source, "-B", folder, *options], check=True, capture_output=True)
    subprocess.run(["cmake", "--build", folder], check=True, capture_output=True)
    (module,) = folder.glob("_kernel*.so")
    return module


def watched(module, *arguments):
    """Run Python under the sanitizers, whose library must be there before anything else."""
    libraries = [
        subprocess.run(["c++", f"-print-file-name={name}"], check=True, capture_output=True, text=True).stdout.strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    environment = os.environ | {
        "LD_PRELOAD": " ".join(libraries),
        "ASAN_OPTIONS": "detect_leaks=0",
        "HYPOTHESIS_PROFILE": "fewer",
    }
    command = [sys.executable, ROOT / "scripts" / "kernel_tests.py", module, *arguments]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux" or shutil.which("c++") is None, reason="the sanitizers are those of Linux")
@pytest.mark.timeout(900)
def test_the_kernel_does_nothing_it_should_not(tmp_path):
    source = tmp_path / "kernel"
    shutil.copytree(ROOT / "kernel", source)
    module = built(source, tmp_path / "build")
    chosen = "not epoch and not tiny and not meanwhile and not at_once and not say and not activations"
    result = watched(module, "-q", "-x", "-k", chosen, "tests/test_fused.py")
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    assert "passed" in result.stdout
    result = watched(module, "-q", "-x", "-k", "kernel_deforms or wild", "tests/test_recipes.py")
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    assert "passed" in result.stdout

    # and the watch is kept: an order beyond the images, let through, is caught
    text = (source / "module.cpp").read_text(encoding="utf-8")
    check = "static_cast<std::size_t>(order.data()[i]) >= digits.held.ink.n_images"
    assert check in text
    (source / "module.cpp").write_text(text.replace(check, "false"), encoding="utf-8")
    module = built(source, tmp_path / "build")
    result = watched(module, "-q", "-s", "-x", "-k", "refuses and example", "tests/test_fused.py")
    assert "AddressSanitizer: heap-buffer-overflow" in result.stderr
