"""Networks taken away from the studio: as pages and as model files, with what was changed by hand."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import glassnet
from glassnet.export import one_file
from glassnet.reading import shipped_model
from studio_server import begin, do, until_done


def name_in(answer):
    assert answer.status_code == 200, answer.text
    return re.fullmatch(r'attachment; filename="([a-z0-9.-]+)"', answer.headers["content-disposition"])[1]


def model_in(answer, tmp_path):
    (tmp_path / "m.safetensors").write_bytes(answer.content)
    return glassnet.load_model(tmp_path / "m.safetensors")


def test_a_page_is_made_once_and_given_as_a_file(client, server):
    answer = client.get("/api/share/page?network=videos")
    assert name_in(answer) == "the-videos-network.html"
    assert len(answer.content) <= 200_000
    assert b"It reads 95.07 % of 10,000 test digits (MNIST) correctly." in answer.content
    assert server.studio.pages.found("videos").data == answer.content
    assert client.post("/api/share/page", json={"network": "videos"}).content == answer.content


def test_a_page_that_several_ask_for_is_made_once(client, server, monkeypatch):
    made = []

    def slowly(*arguments, **options):
        made.append(options["title"])
        time.sleep(0.5)
        return one_file(*arguments, **options)

    monkeypatch.setattr("glassnet.studio.share.routes.one_file", slowly)
    server.studio.pages.results.pop("videos", None)
    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda _: client.get("/api/share/page?network=videos").content, range(4)))
    assert made == ["the videos' network"]
    assert pages == [pages[0]] * 4


def test_what_was_changed_by_hand_is_in_the_file(client, tmp_path):
    chosen = {"network": "videos", "changes": [{"layer": 1, "neuron": 2, "source": None, "value": -20.123}]}
    found = model_in(client.post("/api/share/model", json=chosen), tmp_path)
    before = shipped_model("videos").network
    biases = before.biases[0].astype(np.float64)
    biases[2] = -20.123
    np.testing.assert_array_equal(found.network.biases[0], biases)
    np.testing.assert_array_equal(found.network.weights[0], before.weights[0])
    assert found.results == {}
    page = client.post("/api/share/page", json=chosen)
    assert b"then 1 number set by hand" in page.content
    assert b"95.07 %" not in page.content


@pytest.mark.parametrize("name", ["videos", "reader"])
def test_a_model_file_is_the_one_that_comes_with_glassnet(client, tmp_path, name):
    answer = client.get(f"/api/share/model?network={name}")
    assert name_in(answer).endswith(".safetensors")
    found, wanted = model_in(answer, tmp_path), shipped_model(name)
    for a, b in zip(found.network.weights, wanted.network.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    assert (found.training, found.data, found.results) == (wanted.training, wanted.data, wanted.results)
    assert len(answer.content) < (4_000_000 if name == "reader" else 60_000)  # the reader in float16


def test_a_run_is_taken_away_now_and_as_it_was(client, tmp_path):
    run = begin(client, epochs=1, name='<b>"mine"</b>')
    do(client, run, "start")
    until_done(client, run)
    answer = client.get(f"/api/share/model?network=run:{run}")
    assert name_in(answer) == "b-mine-b.safetensors"
    last = model_in(answer, tmp_path)
    first = model_in(client.get(f"/api/share/model?network=run:{run}@0"), tmp_path)
    assert (first.training["epochs_done"], last.training["epochs_done"]) == (0, 1)
    assert not np.array_equal(first.network.weights[0], last.network.weights[0])
    page = client.get(f"/api/share/page?network=run:{run}")
    assert b"&lt;b&gt;" in page.content
    assert b"<b>&quot;" not in page.content
    assert b'<b>"mine' not in page.content
    share = client.get(f"/api/runs/{run}").json()["run"]["test_accuracy"]
    assert f"It reads {100 * share:.2f} % of".encode() in page.content


@pytest.mark.parametrize("network", ["run:abcdefgh", "file"])
def test_what_is_not_there_is_said(client, network):
    for kind in ("page", "model"):
        answer = client.get(f"/api/share/{kind}?network={network}")
        assert answer.status_code == 404
        assert "there is no" in answer.json()["detail"]
