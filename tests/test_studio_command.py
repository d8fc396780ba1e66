"""``glassnet studio`` as a user starts and stops it."""

import json
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

import platformdirs
import pytest
from typer.testing import CliRunner

from glassnet.cli import app
from glassnet.errors import SettingError
from glassnet.studio import server
from studio_server import wait_for
from systems import INTERRUPTIBLE, IS_WINDOWS, in_the_background, interrupt, needs_posix_signals

STOPPED = 0xC000013A if IS_WINDOWS else 130
"""What it returns: Windows has its own word for a program that Ctrl-Break has ended."""


def is_up(address):
    try:
        with urllib.request.urlopen(f"{address}api/welcome", timeout=100) as answer:
            return json.load(answer)
    except urllib.error.URLError:
        return None


def started(run_glassnet, *options):
    process = run_glassnet.start(
        "studio", "--no-browser", "--json", "--port", "0", "--folder", "runs", *options, **INTERRUPTIBLE
    )
    told = json.loads(process.stdout.readline())
    return process, told["address"]


def stopped(process):
    interrupt(process)
    _, said = process.communicate(timeout=600)
    return process.returncode, said.decode()


def test_it_serves_until_it_is_stopped(run_glassnet):
    process, address = started(run_glassnet)
    try:
        told = wait_for(lambda: is_up(address))
        assert [network["network"] for network in told["networks"]] == ["videos", "reader"]
    finally:
        code, said = stopped(process)
    assert (code, said) == (STOPPED, "")
    assert not (run_glassnet.folder / "glassnet.safetensors").exists()


@needs_posix_signals
def test_in_the_background_it_heeds_kill_and_not_ctrl_c(run_glassnet):
    run_glassnet.command = in_the_background(run_glassnet.command)
    process, address = started(run_glassnet)
    wait_for(lambda: is_up(address))
    interrupt(process)
    time.sleep(0.5)
    assert is_up(address)
    process.terminate()
    _, said = process.communicate(timeout=30)
    assert said == b""
    assert is_up(address) is None


def test_a_network_of_ones_own_comes_first(run_glassnet, trained_file):
    process, address = started(run_glassnet, "--model", trained_file)
    try:
        base, _, fragment = address.partition("#")
        assert fragment == "/draw?network=file"
        told = wait_for(lambda: is_up(base))
        assert told["networks"][2]["network"] == "file"
        assert told["networks"][2]["title"] == "trained"
    finally:
        assert stopped(process)[0] == STOPPED


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--host", "192.0.2.1"], "cannot listen on 192.0.2.1"),
        (["--host", "no such host"], "cannot listen on no such host"),
        (["--model", "missing.safetensors"], "missing.safetensors"),
        (["--port", "99999"], "--port"),
    ],
)
def test_what_cannot_be_served(run_glassnet, options, sentence):
    result = run_glassnet("studio", "--no-browser", "--port", "0", *options)
    assert result.returncode in (1, 2)
    assert sentence in result.stderr.decode()
    assert "Traceback" not in result.stderr.decode()


def test_two_studios_do_not_share_a_folder(run_glassnet):
    process, _ = started(run_glassnet)
    try:
        result = run_glassnet("studio", "--no-browser", "--port", "0", "--folder", "runs")
        assert result.returncode == 2
        assert "another studio keeps its runs in runs" in result.stderr.decode()
    finally:
        stopped(process)


def test_a_folder_is_free_again_when_its_studio_was_killed(run_glassnet):
    process, _ = started(run_glassnet)
    process.kill()
    process.communicate(timeout=30)
    process, address = started(run_glassnet)
    try:
        assert wait_for(lambda: is_up(address))
    finally:
        assert stopped(process)[0] == STOPPED


def test_a_folder_of_runs_that_is_a_file(run_glassnet):
    (run_glassnet.folder / "runs").write_bytes(b"mine")
    result = run_glassnet("studio", "--no-browser", "--port", "0", "--folder", "runs")
    assert result.returncode == 2
    assert result.stderr.decode().strip() == "error: runs cannot be kept in runs: file exists; choose another --folder."
    assert (run_glassnet.folder / "runs").read_bytes() == b"mine"


def test_nobodys_runs_are_not_kept_in_a_folder_called_tilde(monkeypatch, tmp_path):
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *names, **more: Path("~/.local/share/glassnet"))
    with pytest.raises(SettingError, match="no home folder here to keep runs in; name a folder with --folder"):
        server.runs_folder()
    monkeypatch.undo()
    assert server.runs_folder().is_absolute()


def test_a_port_that_is_taken(run_glassnet):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = run_glassnet("studio", "--no-browser", "--port", port)
    assert result.returncode == 2
    assert (
        f"cannot listen on 127.0.0.1, port {port}: address already in use; choose another --port."
        in result.stderr.decode()
    )


def test_a_network_that_is_for_other_images(run_glassnet, tmp_path):
    import numpy as np

    import glassnet

    glassnet.save_model(
        glassnet.Model(glassnet.Network.random((9, 4, 10), rng=np.random.default_rng(0))),
        tmp_path / "small.safetensors",
    )
    result = run_glassnet("studio", "--no-browser", "--port", "0", "--model", tmp_path / "small.safetensors")
    assert result.returncode == 1
    assert "784 inputs and 10 outputs" in result.stderr.decode()


@pytest.mark.parametrize("options", [[], ["--no-browser"]])
def test_a_browser_is_opened_unless_it_is_not_wanted(monkeypatch, tmp_path, options):
    asked = []
    monkeypatch.setattr(server, "serve", lambda *places, **how: asked.append(how["open_browser"]))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert CliRunner().invoke(app, ["studio", "--folder", str(tmp_path), *options]).exit_code == 0
    assert asked == [not options]
