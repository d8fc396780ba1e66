"""``glassnet studio`` as a user starts and stops it."""

import json
import signal
import socket
import urllib.error
import urllib.request

import pytest

from studio_server import wait_for


def is_up(address):
    try:
        with urllib.request.urlopen(f"{address}api/welcome", timeout=100) as answer:
            return json.load(answer)
    except urllib.error.URLError:
        return None


def started(run_glassnet, *options):
    process = run_glassnet.start("studio", "--no-browser", "--json", "--port", "0", "--folder", "runs", *options)
    told = json.loads(process.stdout.readline())
    return process, told["address"]


def stopped(process):
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=600)
    return process.returncode, said.decode()


def test_it_serves_until_it_is_stopped(run_glassnet):
    process, address = started(run_glassnet)
    try:
        told = wait_for(lambda: is_up(address))
        assert [network["network"] for network in told["networks"]] == ["videos", "reader"]
    finally:
        code, said = stopped(process)
    assert (code, said) == (130, "")
    assert not (run_glassnet.folder / "glassnet.safetensors").exists()


def test_a_network_of_ones_own_comes_first(run_glassnet, trained_file):
    process, address = started(run_glassnet, "--model", trained_file)
    try:
        base, _, fragment = address.partition("#")
        assert fragment == "/draw?network=file"
        told = wait_for(lambda: is_up(base))
        assert told["networks"][2]["network"] == "file"
        assert told["networks"][2]["title"] == "trained"
    finally:
        assert stopped(process)[0] == 130


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
