"""Runs in the studio: they learn what `glassnet.train` learns, and can be steered, left and found again."""

import errno
import itertools
import json
import os
import subprocess
import sys
import threading
import time

import httpx
import numpy as np
import pytest

import glassnet
from glassnet.engines.fused import FusedEngine
from glassnet.engines.reference import ReferenceEngine
from glassnet.errors import SettingError
from glassnet.model_file import Model, load_model, model_bytes
from glassnet.studio.runs.health import rising
from glassnet.studio.runs.history import MOST_COSTS, MOST_MOMENTS, CostCurve, History, Snapshot
from glassnet.studio.runs.schema import RunSettings
from glassnet.studio.visit.visitors import MOST_RUNS
from studio_server import begin, do, first_messages, shades_in, until_done, wait_for


def model_of(client, run, tmp_path, **asked):
    answer = client.get(f"/api/runs/{run}/model", params=asked)
    assert answer.status_code == 200
    path = tmp_path / "model.safetensors"
    path.write_bytes(answer.content)
    return load_model(path)


@pytest.mark.parametrize(("hidden", "n"), [([1024, 936, 250], 2_000_000), ([1024, 770, 521], 2_000_001)])
def test_two_million_weights_and_biases_are_possible(client, hidden, n):
    answer = client.post("/api/runs", json={"hidden": hidden})
    if n == 2_000_000:
        assert answer.status_code == 201, answer.text
    else:
        assert answer.status_code == 400
        expected = "this network would have 2,000,001 weights and biases; 2,000,000 are possible."
        assert answer.json()["detail"] == expected


def test_a_newcomer_begins_with_a_model_file(client):
    """Nobody has made a folder for them yet."""
    network = glassnet.Network.random((784, 5, 10), rng=np.random.default_rng(0))
    answer = client.post("/api/runs/load", params={"name": "mine"}, content=model_bytes(Model(network)))
    assert answer.status_code == 201, answer.text
    assert answer.json()["settings"]["hidden"] == [5]


@pytest.mark.parametrize("hidden", [[], [5], [7, 3]])
def test_a_run_is_told_of_among_the_networks_as_it_is(client, hidden):
    run = begin(
        client, hidden=hidden, activation="tanh", output_activation="softmax", cost="cross-entropy", name="mine"
    )
    (told,) = [one for one in client.get("/api/networks").json() if one["network"] == f"run:{run}"]
    sizes = [784, *hidden, 10]
    n_parameters = sum((n_in + 1) * n_out for n_in, n_out in itertools.pairwise(sizes))
    assert (told["layer_sizes"], told["n_parameters"]) == (sizes, n_parameters)
    assert [told[name] for name in ("title", "activation", "output_activation", "cost", "rejects")] == [
        *("mine", "tanh", "softmax", "cross-entropy", False)
    ]


def test_a_file_that_somebody_still_reads_is_loaded_all_the_same(client, monkeypatch):
    """A virus scanner on Windows opens every new file for a moment; meanwhile nobody can remove it."""
    refused, unlink = [], os.unlink

    def still_open(path, **where):
        if os.fspath(path).endswith("model.safetensors"):
            refused.append(path)
            raise OSError(errno.EBUSY, "in use")
        unlink(path, **where)

    monkeypatch.setattr(os, "unlink", still_open)
    network = glassnet.Network.random((784, 5, 10), rng=np.random.default_rng(0))
    answer = client.post("/api/runs/load", params={"name": "mine"}, content=model_bytes(Model(network)))
    assert answer.status_code == 201, answer.text
    assert refused, "nobody tried to remove it"


def test_a_run_learns_what_train_learns(client, digits, tmp_path):
    run = begin(client, epochs=2, mini_batch_size=50, learning_rate=0.8, seed=3)
    do(client, run, "start")
    news = until_done(client, run)
    assert news["run"]["state"] == "finished"
    rng = np.random.default_rng(3)
    network = glassnet.Network.random((784, 16, 16, 10), rng=rng)
    events = list(glassnet.train(network, digits, rng=rng, epochs=2, mini_batch_size=50, learning_rate=0.8))
    learned = model_of(client, run, tmp_path).network
    for ours, theirs in zip(
        learned.weights + learned.biases, events[-1].network.weights + events[-1].network.biases, strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    assert news["run"]["test_accuracy"] == events[-1].test_accuracy
    ended = {moment["epoch"]: moment["cost"] for moment in news["moments"]}
    assert ended[1] == pytest.approx(events[0].cost, rel=1e-12)
    assert ended[2] == pytest.approx(events[1].cost, rel=1e-12)
    n_each = news["mini_batches_per_point"]
    assert [point["moment"] for point in news["costs"]] == [n_each * (i + 1) for i in range(len(news["costs"]))]
    assert len(news["costs"]) == 2400 // n_each


def test_steps_are_of_one_example_one_mini_batch_one_epoch(client):
    run = begin(client, n_training=1000, mini_batch_size=100)
    moments, epochs = [], []
    for action in ("example", "mini_batch", "epoch", "epoch"):
        do(client, run, action)
        news = until_done(client, run)
        moments.append(news["run"]["moment"])
        epochs.append(news["run"]["epoch"])
        assert news["run"]["state"] == "paused"
    # 1 + 100 examples are seen; the rest of the epoch takes nine steps more, the last of them of 99
    assert moments == [1, 2, 11, 21]
    assert epochs == pytest.approx([0.001, 0.101, 1, 2])


def standing(client, run):
    """Return the moment of a run that takes no step in ten times the time of one."""
    before = moment_of(client, run)
    time.sleep(0.5)
    return before if moment_of(client, run) == before else None


def test_slow_runs_are_paused_steered_and_stopped(client):
    run = begin(client, n_training=2000)
    client.patch(f"/api/runs/{run}", json={"steps_per_second": 20})
    do(client, run, "start")
    wait_for(lambda: client.get(f"/api/runs/{run}").json()["run"]["moment"] >= 4)
    assert do(client, run, "pause")["state"] == "paused"
    stood = wait_for(lambda: standing(client, run))
    client.patch(f"/api/runs/{run}", json={"learning_rate": 0.25, "mini_batch_size": 10, "steps_per_second": 0})
    do(client, run, "epoch")
    news = until_done(client, run)
    assert (news["learning_rate"], news["mini_batch_size"]) == (0.25, 10)
    assert news["run"]["moment"] == stood + (2000 - 100 * stood) // 10
    assert do(client, run, "stop")["state"] == "finished"
    assert do(client, run, "again")["moment"] == 0
    assert len(client.get(f"/api/runs/{run}").json()["moments"]) == 1


def test_every_moment_of_the_history_can_be_looked_at(client, digits, tmp_path):
    run = begin(client, n_training=3000, epochs=3)
    do(client, run, "start")
    news = until_done(client, run)
    assert news["moments"][0]["moment"] == 0
    picture = {"width": 3, "height": 3, "ink": "AAAAAAAAAAAA", "normalise": False}
    pictures = []
    for moment in (news["moments"][0], news["moments"][-1]):
        model = model_of(client, run, tmp_path, moment=moment["moment"])
        right = glassnet.evaluate(model.network, digits.test_images, digits.test_labels).accuracy
        assert moment["test_accuracy"] == pytest.approx(right, abs=2e-4)
        told = client.get(f"/api/runs/{run}/weights", params={"layer": 1, "moment": moment["moment"]}).json()
        weights = model.network.weights[0]
        assert told["scale"] == pytest.approx(np.abs(weights).max(), rel=1e-6)
        shown = (shades_in(told["pictures"][5]).ravel().astype(float) - 128) / 127 * told["scale"]
        np.testing.assert_allclose(shown, weights[5], atol=0.51 / 127 * told["scale"])
        pictures.append(told["pictures"])
        checked = client.get(f"/api/runs/{run}/checked", params={"moment": moment["moment"]}).json()
        outputs = glassnet.feedforward(model.network, glassnet.as_inputs(digits.test_images[:60])).outputs
        assert checked["answers"] == outputs.argmax(axis=1).tolist()
        assert checked["outputs"] == pytest.approx(outputs.max(axis=1), rel=1e-4)
        name = f"run:{run}@{moment['moment']}"
        seen = client.post("/api/see", json={"picture": picture, "networks": [{"network": name}]}).json()["networks"][0]
        blank = glassnet.feedforward(model.network.astype(np.float64), np.zeros((1, 784)))
        assert seen["outputs"] == pytest.approx(blank.outputs[0], rel=1e-7)
    assert pictures[0] != pictures[1]


def test_health_is_measured(client, digits, tmp_path):
    run = begin(client, n_training=500, mini_batch_size=20, epochs=1)
    do(client, run, "start")
    layers = until_done(client, run)["layers"]
    network = model_of(client, run, tmp_path).network.astype(np.float64)
    trace = glassnet.feedforward(network, glassnet.as_inputs(digits.train_images[:500], dtype=np.float64))
    gradients = glassnet.backprop(network, trace, glassnet.one_hot(digits.train_labels[:500], dtype=np.float64))
    for place, layer in enumerate(layers):
        both = np.concatenate([gradients.weights[place].ravel(), gradients.biases[place]])
        assert layer["gradient_size"] == pytest.approx(np.linalg.norm(both), rel=1e-9)
        a = trace.activations[place + 1]
        assert layer["saturated"] == pytest.approx(np.mean(a * (1 - a) < 0.01), abs=1e-12)
        assert layer["weight_spread"] == pytest.approx(network.weights[place].std(), rel=1e-9)
        assert sum(layer["histogram"]) == network.weights[place].size
        assert (layer["low"], layer["high"]) == (network.weights[place].min(), network.weights[place].max())


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"learning_rate": 0.0001}, "too-low"),
        ({"learning_rate": 300, "activation": "relu"}, "alike"),
        ({"learning_rate": 30}, "alike"),
        ({"mini_batch_size": 2000}, "whole-set"),
        ({"start": "standard-normal", "hidden": [100, 100], "learning_rate": 0.0001}, "saturated"),
    ],
)
def test_a_stuck_run_says_why_and_a_remedy_helps(client, settings, kind):
    run = begin(client, n_training=2000, epochs=2, **settings)
    do(client, run, "start")
    news = until_done(client, run)
    found = {trouble["kind"]: trouble for trouble in news["troubles"]}
    assert kind in found, news["troubles"]
    assert any(character.isdigit() for character in found[kind]["evidence"])
    remedy = found[kind]["remedies"][0]["change"]
    assert remedy != news["run"]["settings"]
    helped = begin(client, **remedy | {"epochs": 3})
    do(client, helped, "start")
    assert until_done(client, helped)["run"]["cost"] < news["run"]["cost"]


def test_a_cost_that_rises_says_that_steps_are_too_long():
    network = glassnet.Network.random((784, 2, 10), rng=np.random.default_rng(0))
    history = History([Snapshot(i, i, cost, 0.1, 0.1, network) for i, cost in enumerate((1.2, 0.4, 0.6))])
    (trouble,) = [rising(RunSettings(learning_rate=7), history)]
    assert trouble.evidence == "The cost is 0.600; it was 0.400 already. The learning rate is 7."
    assert trouble.remedies[0].change.learning_rate == pytest.approx(0.7)
    history.add(Snapshot(3, 3, 0.41, 0.1, 0.1, network))
    assert rising(RunSettings(learning_rate=7), history) is None


def test_a_good_run_has_no_troubles(client):
    run = begin(client, n_training=20_000, epochs=5, mini_batch_size=20)
    do(client, run, "start")
    news = until_done(client, run)
    assert news["run"]["test_accuracy"] > 0.9
    assert news["troubles"] == []


TOO_FAR = {"learning_rate": 1000, "mini_batch_size": 1, "n_training": 1000, "hidden": [50] * 6}
TOO_FAR |= {"activation": "relu", "output_activation": "softmax", "cost": "cross-entropy"}


def test_a_run_that_leaps_too_far_fails_with_a_sentence(client):
    run = begin(client, **TOO_FAR)
    do(client, run, "start")
    news = until_done(client, run)
    assert news["run"]["state"] == "failed"
    assert "smaller learning rate" in news["run"]["sentence"]
    assert [trouble["kind"] for trouble in news["troubles"]] == ["too-high"]
    assert do(client, run, "again")["state"] == "ready"


def test_a_run_that_leaps_too_far_and_comes_to_its_end_is_in_trouble(client):
    run = begin(client, n_training=2000, activation="relu", learning_rate=1000, hidden=[30, 30])
    do(client, run, "start")
    news = until_done(client, run)
    assert news["run"]["state"] == "finished"
    assert [trouble["kind"] for trouble in news["troubles"]] == ["alike"]


def test_deformed_digits_are_others_in_every_epoch(client, tmp_path):
    weights = []
    for deform in (False, True):
        run = begin(client, n_training=600, epochs=1, deform=deform)
        do(client, run, "start")
        until_done(client, run)
        weights.append(model_of(client, run, tmp_path).network.weights[0])
    assert np.abs(weights[0] - weights[1]).max() > 1e-3


def test_news_are_streamed_and_a_vanished_listener_stops_nothing(server, client):
    run = begin(client, epochs=20)
    do(client, run, "start")
    messages = first_messages(client, run, 3)  # and then the page goes away
    assert [message["run"]["moment"] for message in messages] == sorted(m["run"]["moment"] for m in messages)
    assert messages[0]["run"]["moment"] < messages[2]["run"]["moment"]
    assert until_done(client, run)["run"]["state"] == "finished"
    wait_for(lambda: all(visitor.n_listening == 0 for visitor in server.studio.visitors.here.values()))


def test_visitors_do_not_see_each_others_runs(server, client):
    run = begin(client)
    with server.client() as other:
        assert other.get("/api/runs").json() == []
        for answer in (other.get(f"/api/runs/{run}"), other.delete(f"/api/runs/{run}")):
            assert answer.status_code == 404
        name = {"picture": {"width": 3, "height": 3, "ink": "AAAAAAAAAAAA"}, "networks": [{"network": f"run:{run}"}]}
        assert other.post("/api/see", json=name).status_code == 404
    assert [told["id"] for told in client.get("/api/runs").json()] == [run]


def test_a_model_is_taken_away_and_brought_back(client, digits, tmp_path):
    run = begin(client, n_training=1000, epochs=1, hidden=[12], name="Ada's first")
    do(client, run, "start")
    accuracy = until_done(client, run)["run"]["test_accuracy"]
    answer = client.get(f"/api/runs/{run}/model")
    assert 'filename="Ada-s-first.safetensors"' in answer.headers["content-disposition"]
    loaded = client.post("/api/runs/load", params={"name": "again"}, content=answer.content)
    assert loaded.status_code == 201
    told = loaded.json()
    assert (told["name"], told["settings"]["hidden"]) == ("again", [12])
    assert told["test_accuracy"] == accuracy
    do(client, told["id"], "mini_batch")
    assert until_done(client, told["id"])["run"]["moment"] == 1


def test_limits_of_runs(client):
    for _ in range(MOST_RUNS):
        run = begin(client, n_training=10)
    answer = client.post("/api/runs", json={})
    assert answer.status_code == 429
    assert "throw one away" in answer.json()["detail"]
    assert client.delete(f"/api/runs/{run}").status_code == 204
    begin(client)
    answer = client.post("/api/runs", json={"hidden": [1024, 1024, 1024]})
    assert answer.status_code == 429, "there are as many again; what they ask for is not even looked at"


def test_a_renamed_run_keeps_its_name(server, client):
    run = begin(client)
    client.patch(f"/api/runs/{run}", json={"name": "mine"})
    assert client.get("/api/runs").json()[0]["name"] == "mine"
    server.studio.visitors.let_go(0.0)  # as after half an hour without a word
    assert server.studio.visitors.here == {}
    assert client.get("/api/runs").json()[0]["name"] == "mine"


@pytest.mark.slow
def test_a_killed_server_loses_seconds_at_most(tmp_path):
    command = [sys.executable, "-m", "glassnet", "studio", "--no-browser", "--port", "0", "--folder", str(tmp_path)]

    def start():
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
        )
        line = process.stdout.readline()
        assert "http://127.0.0.1:" in line
        return process, line.split("studio is at ")[1].split()[0]

    process, address = start()
    with httpx.Client(base_url=address, timeout=600) as client:
        wait_for(lambda: is_up(client))
        kept = begin(client, n_training=1000, epochs=2)
        do(client, kept, "start")
        until_done(client, kept)
        run = begin(client, epochs=1000)
        client.patch(f"/api/runs/{run}", json={"steps_per_second": 100})
        do(client, run, "start")
        cookies = dict(client.cookies)
        finished = client.get(f"/api/runs/{kept}").json()
        time.sleep(5)
        moment = moment_of(client, run)
    process.kill()
    process.wait()
    process.stdout.close()
    process, address = start()
    try:
        with httpx.Client(base_url=address, timeout=600, cookies=cookies) as client:
            wait_for(lambda: is_up(client))
            again = client.get(f"/api/runs/{kept}").json()
            assert again["run"] == finished["run"]
            assert again["moments"] == finished["moments"]
            assert again["costs"] == finished["costs"]
            told = client.get(f"/api/runs/{run}").json()["run"]
            assert told["state"] == "paused"
            assert moment - 500 < told["moment"] <= moment + 200, "more than five seconds are lost"
            do(client, run, "mini_batch")
            assert until_done(client, run)["run"]["moment"] == told["moment"] + 1
    finally:
        process.kill()
        process.wait(timeout=600)
        process.stdout.close()


def is_up(client):
    try:
        return client.get("/api/welcome").status_code == 200
    except httpx.TransportError:
        return False


def test_a_damaged_run_is_told_of_and_can_be_thrown_away(server, client):
    run = begin(client, n_training=100, epochs=1)
    server.studio.visitors.let_go(0.0)
    (place,) = server.studio.visitors.folder.glob(f"*/{run}/run.checkpoint")
    place.write_bytes(place.read_bytes()[:-100])
    answer = client.get(f"/api/runs/{run}")
    assert answer.status_code == 404
    assert "damaged" in answer.json()["detail"]
    assert client.delete(f"/api/runs/{run}").status_code == 204
    assert client.get(f"/api/runs/{run}").json()["detail"] == f"there is no run {run}."


def test_the_cost_curve_keeps_every_mean():
    rng = np.random.default_rng(0)
    costs = rng.random(10_007)
    curve, first = CostCurve(), 0
    while first < len(costs):
        n = int(rng.integers(1, 400))
        curve.add(first, costs[first : first + n])
        first += n
        assert len(curve.costs) <= MOST_COSTS
    n_each, n_points = curve.n_each, len(curve.costs)
    np.testing.assert_allclose(
        curve.costs, costs[: n_points * n_each].reshape(n_points, n_each).mean(axis=1), rtol=1e-12
    )
    assert curve.moments == [n_each * (i + 1) for i in range(n_points)]
    assert len(costs) - n_points * n_each == len(curve.waiting) < n_each


def test_history_keeps_the_first_and_the_newest_within_bounds():
    network = glassnet.Network.random((784, 2, 10), rng=np.random.default_rng(0))
    history = History()
    for moment in range(1000):
        history.add(Snapshot(moment, moment / 600, 0.5, 0.1, 0.1, network))
        assert len(history.snapshots) <= MOST_MOMENTS
        assert history.snapshots[0].moment == 0
        assert history.newest.moment == moment
    moments = [snapshot.moment for snapshot in history.snapshots]
    assert moments == sorted(set(moments))
    assert len(moments) > MOST_MOMENTS // 3
    assert history.at(None).moment == 999
    assert history.at(moments[5]).moment == moments[5]
    assert history.at(moments[5] + 1).moment == moments[5] if moments[6] > moments[5] + 1 else moments[6]


def test_many_threads_may_ask_while_a_run_runs(client):
    run = begin(client, epochs=30)
    do(client, run, "start")
    problems = []

    def ask():
        for _ in range(15):
            answer = client.get(f"/api/runs/{run}")
            if answer.status_code != 200 or not json.loads(answer.text)["layers"]:
                problems.append(answer.text)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def moment_of(client, run):
    return client.get(f"/api/runs/{run}").json()["run"]["moment"]


def test_runs_take_turns(server):
    with server.client() as one, server.client() as other:
        runs = [(client, begin(client, epochs=1000)) for client in (one, other)]
        for client, run in runs:
            do(client, run, "start")
        wait_for(lambda: all(moment_of(client, run) for client, run in runs))

        def are_fair():
            """Whether from now on, in the time that one takes 100 steps, the other takes more than 25."""
            before = [moment_of(client, run) for client, run in runs]
            steps = [0, 0]
            while max(steps) < 100:
                time.sleep(0.1)
                steps = [moment_of(client, run) - b for (client, run), b in zip(runs, before, strict=True)]
            return min(steps) > max(steps) / 4

        wait_for(are_fair)  # for a moment a busy machine may favour one of them
        for client, run in runs:
            client.delete(f"/api/runs/{run}")


def test_a_run_that_begins_again_in_the_middle_is_a_new_one(client):
    run = begin(client, n_training=8000, epochs=1, deform=True)
    for pause in (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.02, 0.15):
        do(client, run, "start")
        time.sleep(pause)
        told = do(client, run, "again")
        assert (told["moment"], told["epoch"]) == (0, 0)
    do(client, run, "start")
    news = until_done(client, run)
    assert (news["run"]["state"], news["run"]["moment"], news["run"]["epoch"]) == ("finished", 80, 1)
    assert [m["moment"] for m in news["moments"]] == sorted({m["moment"] for m in news["moments"]})
    assert news["moments"][0]["moment"] == 0


def test_beginning_again_is_kept(server, client):
    run = begin(client, n_training=500, epochs=2)
    do(client, run, "start")
    until_done(client, run)
    do(client, run, "again")
    server.studio.visitors.let_go(0.0)
    news = client.get(f"/api/runs/{run}").json()
    assert (news["run"]["state"], news["run"]["moment"], len(news["moments"])) == ("ready", 0, 1)


def test_a_failed_run_is_found_again_with_its_sentence(server, client):
    run = begin(client, **TOO_FAR)
    do(client, run, "start")
    failed = until_done(client, run)["run"]
    assert failed["state"] == "failed"
    assert "smaller learning rate" in failed["sentence"]
    server.studio.visitors.let_go(0.0)
    again = client.get(f"/api/runs/{run}").json()
    assert again["run"] == failed
    assert [trouble["kind"] for trouble in again["troubles"]] == ["too-high"]
    assert client.patch(f"/api/runs/{run}", json={"learning_rate": 0.1}).status_code == 200


@pytest.mark.parametrize(
    ("error", "sentence", "logged"),
    [
        (ZeroDivisionError("in the dark"), "this run broke off; the server's own log says where.", ["run"]),
        (SettingError("the digits are gone."), "the digits are gone.", []),
        (MemoryError(), "there is not enough memory for this.", []),
    ],
)
def test_a_run_that_breaks_off_says_so_and_the_log_says_where(client, monkeypatch, caplog, error, sentence, logged):
    def broken(*_):
        raise error

    run = begin(client, n_training=100)
    for engine in (FusedEngine, ReferenceEngine):
        monkeypatch.setattr(engine, "descend", broken)
    do(client, run, "start")
    told = until_done(client, run)["run"]
    assert (told["state"], told["sentence"]) == ("failed", sentence)
    mine = [record for record in caplog.records if record.getMessage().endswith(run)]
    assert [(record.getMessage(), record.exc_info[1]) for record in mine] == [
        (f"{what} {run}", error) for what in logged
    ]


def test_a_full_disk_is_told_and_forgotten_when_there_is_room(client, monkeypatch):
    run = begin(client, n_training=500, epochs=50)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("glassnet.studio.runs.shelf.write_whole", full)
    do(client, run, "epoch")
    until_done(client, run)
    told = wait_for(lambda: (news := client.get(f"/api/runs/{run}").json()["run"])["sentence"] and news)
    assert told["sentence"] == "the run cannot be kept: No space left on device."
    assert (told["state"], told["epoch"]) == ("paused", 1)
    assert client.post("/api/runs", json={}).status_code == 507
    monkeypatch.undo()
    do(client, run, "epoch")
    until_done(client, run)
    wait_for(lambda: not client.get(f"/api/runs/{run}").json()["run"]["sentence"])
    assert client.get(f"/api/runs/{run}").json()["run"]["epoch"] == 2


def test_a_run_lasts_as_long_as_is_wanted_and_no_shorter_than_it_lasted(client):
    run = begin(client, n_training=200, epochs=3)
    do(client, run, "start")
    assert until_done(client, run)["run"]["epoch"] == 3
    for wanted, lasts in ((1, 3), (5, 5), (2, 5)):
        assert client.patch(f"/api/runs/{run}", json={"epochs": wanted}).status_code == 200
        do(client, run, "start")
        told = until_done(client, run)["run"]
        assert (told["state"], told["epoch"], told["settings"]["epochs"]) == ("finished", lasts, lasts)


def test_a_run_that_is_thrown_away_stays_away(server, client):
    run = begin(client, epochs=1000)
    (place,) = server.studio.visitors.folder.glob(f"*/{run}")
    (course,) = [visitor.courses[run] for visitor in server.studio.visitors.here.values() if run in visitor.courses]
    do(client, run, "start")
    assert client.delete(f"/api/runs/{run}").status_code == 204
    course.keeping.ask(whole=True)
    course.keep()
    assert not place.exists()


def test_a_new_speed_counts_at_once(client):
    run = begin(client)
    client.patch(f"/api/runs/{run}", json={"steps_per_second": 0.01})
    do(client, run, "start")
    time.sleep(0.3)
    before = moment_of(client, run)
    client.patch(f"/api/runs/{run}", json={"steps_per_second": 50})
    wait_for(lambda: moment_of(client, run) >= before + 10, seconds=120)
    do(client, run, "pause")
