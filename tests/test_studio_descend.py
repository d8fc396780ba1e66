"""What the studio says of the landscape is what the library says, for networks that were never trained."""

import json
import math
import threading
import time

import numpy as np
import pytest

import glassnet
from glassnet import landscape
from glassnet.errors import SettingError
from glassnet.model_file import Model, model_bytes
from glassnet.nudges import Parameter, as_vector, nudge_effect, parameter_at, ranked_gradient
from glassnet.nudges.effects import mean_cost
from glassnet.studio.descend import routes, surface, surfaces
from glassnet.studio.shown.sample import AskedSample, sample_of
from studio_server import running, visitor_of, wait_for

REL = 2e-8  # nine significant digits are told
SAMPLE = {"n": 120, "seed": 3}
SURFACE = {"sample": SAMPLE, "points": 7, "n_steps": 5, "learning_rate": 0.3, "mini_batch_sizes": [0, 100, 10, 1]}
LONG = {"sample": {"n": 4000, "seed": 0}, "points": 61, "n_steps": 150, "mini_batch_sizes": [0, 100]}


client = pytest.fixture(visitor_of, scope="module")
"""One for all tests: what it was given stays there."""


@pytest.fixture(scope="module")
def sample(digits):
    return sample_of(digits, AskedSample(**SAMPLE))


KINDS = [
    {"layer_sizes": (784, 6, 10), "activation": "sigmoid"},
    {"layer_sizes": (784, 12, 9, 10), "activation": "tanh", "cost": "cross-entropy"},
    {"layer_sizes": (784, 7, 10), "activation": "relu", "output_activation": "softmax", "cost": "cross-entropy"},
]


@pytest.fixture(scope="module", params=range(len(KINDS)))
def loaded(request, client):
    """A network drawn at random, as the studio holds it: its name there, and the network."""
    rng = np.random.default_rng(request.param)
    network = glassnet.Network.random(rng=rng, start="standard-normal", **KINDS[request.param]).astype(np.float32)
    # not so large that every unit is saturated
    weights = tuple(w * np.float32(0.3) for w in network.weights)
    network = network.with_parameters(weights, network.biases)
    answer = client.post("/api/runs/load", content=model_bytes(Model(network)))
    assert answer.status_code == 201, answer.text
    return {"network": f"run:{answer.json()['id']}"}, network.astype(np.float64)


def told_by(client, what, **asked):
    answer = client.post(f"/api/descend/{what}", json=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(client, what, **asked):
    answer = client.post(f"/api/descend/{what}", json=asked)
    assert answer.status_code in (400, 404, 422), answer.text
    return answer.json()["detail"]


def full_gradient(network, sample):
    return glassnet.backprop(network, glassnet.feedforward(network, sample.inputs), sample.wanted)


# slices


@pytest.mark.parametrize("along", ["weight", "largest", "gradient", "random"])
def test_a_slice_is_the_librarys(client, loaded, sample, digits, along):
    chosen, network = loaded
    asked = {"along": along, "starts": [-0.5, 0.25, 1.0], "n_steps": 4, "points": 9, "reach": 1.5}
    if along == "weight":
        asked["parameter"] = {"layer": 2, "neuron": 3, "source": 2}
        direction = landscape.along(Parameter(2, 3, 2), network)
    elif along == "largest":
        asked["along"] = "weight"
        largest = parameter_at(network, int(ranked_gradient(full_gradient(network, sample)).order[0]))
        direction = landscape.along(largest, network)
    elif along == "gradient":
        direction = landscape.downhill(network, sample.inputs, sample.wanted)
    else:
        direction = landscape.scaled_random_direction(network, sample_of(digits, AskedSample(**SAMPLE)).rng)
    told = told_by(client, "slice", chosen=chosen, sample=SAMPLE, **asked)
    if along == "largest":
        assert told["parameter"]["name"] == largest.name
        assert told["parameter"]["value"] == pytest.approx(largest.of(network), rel=REL)
    problem = (network, sample.inputs, sample.wanted, direction)
    expected = landscape.cost_slice(*problem, np.linspace(-1.5, 1.5, 9))
    for name in ("distances", "costs", "slopes"):
        np.testing.assert_allclose(told[name], getattr(expected, name), rtol=REL, atol=1e-13)
    here = landscape.cost_slice(*problem, np.zeros(1))
    assert (told["cost"], told["slope"]) == pytest.approx((here.costs[0], here.slopes[0]), rel=REL)
    steepness = landscape.cost_slice(*problem, np.array(asked["starts"])).slopes
    rate = landscape.rate_for(steepness, 1.5)
    assert told["learning_rate"] == pytest.approx(rate, rel=REL)
    for start, way in zip(asked["starts"], told["ways"], strict=True):
        points = list(landscape.descent_along(*problem, start=start, learning_rate=rate, n_steps=4))
        for name in ("distance", "cost", "slope"):
            np.testing.assert_allclose(way[name], [getattr(p, name) for p in points], rtol=REL, atol=1e-13)
    assert told["n"] == 120
    assert not told["is_fewer"]


def test_a_learning_rate_of_ones_own_is_kept_to(client, loaded, sample):
    chosen, network = loaded
    told = told_by(client, "slice", chosen=chosen, sample=SAMPLE, along="gradient", learning_rate=0.01, starts=[0.0])
    down = landscape.downhill(network, sample.inputs, sample.wanted)
    assert told["reach"] == pytest.approx(landscape.reach_downhill(network, down), rel=REL)
    first, second = told["ways"][0]["distance"][:2]
    assert second == pytest.approx(first - 0.01 * told["slope"], rel=1e-6)


def test_a_wide_networks_slice_uses_fewer_digits_and_says_so(client):
    told = told_by(client, "slice", chosen={"network": "reader"}, points=15, starts=[0.0], n_steps=2)
    assert told["is_fewer"]
    assert 20 <= told["n"] < 1000


# the gradient


def test_the_ranked_gradient_is_the_librarys(client, loaded, sample):
    chosen, network = loaded
    ranked = ranked_gradient(full_gradient(network, sample))
    told = told_by(client, "gradient", chosen=chosen, sample=SAMPLE, first=30, count=40)
    assert told["length"] == pytest.approx(ranked.length, rel=REL)
    assert told["n_parameters"] == told["n_listed"] == network.n_parameters
    assert told["cost"] == pytest.approx(mean_cost(network, sample.inputs, sample.wanted), rel=REL)
    largest = abs(ranked.slopes[0])
    for place, entry in enumerate(told["entries"], start=30):
        parameter = parameter_at(network, int(ranked.order[place]))
        slope = ranked.slopes[place]
        assert entry["rank"] == place + 1
        assert entry["parameter"]["name"] == parameter.name
        assert entry["parameter"]["value"] == pytest.approx(parameter.of(network), rel=REL)
        assert entry["slope"] == pytest.approx(slope, rel=REL)
        assert entry["share"] == pytest.approx(abs(slope) / largest, rel=REL)
        share = abs(slope) / largest
        how_much = "a lot" if share >= 0.5 else "somewhat" if share >= 0.1 else "a little"
        assert entry["wish"] == f"{'lower' if slope > 0 else 'raise'} {how_much}"


def test_one_layer_of_the_gradient_and_one_of_its_numbers_are_found(client, loaded, sample):
    chosen, network = loaded
    gradients = full_gradient(network, sample)
    size = gradients.weights[1].size + gradients.biases[1].size
    pages = [
        told_by(client, "gradient", chosen=chosen, sample=SAMPLE, layer=2, first=first, count=200)
        for first in range(0, size, 200)
    ]
    entries = [entry for page in pages for entry in page["entries"]]
    assert len({entry["parameter"]["name"] for entry in entries}) == size == pages[0]["n_listed"]
    for entry in entries:
        parameter = entry["parameter"]
        mine = Parameter(parameter["layer"], parameter["neuron"], parameter["source"])
        assert mine.layer == 2
        assert entry["slope"] == pytest.approx(mine.of(gradients), rel=REL, abs=1e-300)
    for find in ({"layer": 1, "neuron": 3, "source": 400}, {"layer": 2, "neuron": 5, "source": None}):
        told = told_by(client, "gradient", chosen=chosen, sample=SAMPLE, count=20, find=find)
        assert told["first"] % 20 == 0
        name = Parameter(**find).name
        (found,) = (entry for entry in told["entries"] if entry["parameter"]["name"] == name)
        assert found["slope"] == pytest.approx(Parameter(**find).of(gradients), rel=REL, abs=1e-300)
    assert "weights[0][0, 0] is not in layer 2" in refused(
        client, "gradient", chosen=chosen, layer=2, find={"layer": 1, "neuron": 0, "source": 0}
    )
    assert "there is no layer 4" in refused(client, "gradient", chosen=chosen, layer=4)


def test_two_nudges_are_the_librarys(client, loaded, sample):
    chosen, network = loaded
    parameters = [{"layer": 2, "neuron": 3, "source": 2}, {"layer": 1, "neuron": 1, "source": None}]
    told = told_by(client, "nudge", chosen=chosen, sample=SAMPLE, parameters=parameters, amount=0.07)
    effects = [
        nudge_effect(network, sample.inputs, sample.wanted, Parameter(**parameter), 0.07) for parameter in parameters
    ]
    for effect, nudge in zip(effects, told["nudges"], strict=True):
        for name in ("amount", "slope", "cost_before", "cost_after", "predicted"):
            assert nudge[name] == pytest.approx(getattr(effect, name), rel=REL), name
        assert nudge["actual"] == pytest.approx(effect.actual, rel=1e-6)
    assert told["ratio"] == pytest.approx(abs(effects[0].slope / effects[1].slope), rel=REL)
    assert told_by(client, "nudge", chosen=chosen, sample=SAMPLE, parameters=parameters[:1])["ratio"] is None


# surfaces


def finished(client, **asked):
    """Return a surface that was asked for, when it is complete."""
    name = told_by(client, "surfaces", **asked)["id"]

    def done():
        told = client.get(f"/api/descend/surfaces/{name}").json()
        return told if told["state"] != "running" else None

    return wait_for(done)


def expected_descents(start, sample, asked):
    return [
        list(
            landscape.descent_path(
                start,
                sample.inputs,
                sample.wanted,
                learning_rate=asked["learning_rate"],
                mini_batch_size=size or None,
                n_steps=asked["n_steps"],
                rng=np.random.default_rng([SAMPLE["seed"], size]),
            )
        )
        for size in asked["mini_batch_sizes"]
    ]


def assert_surface_is_the_librarys(told, start, sample, ways, plane):
    assert told["state"] == "finished"
    assert (told["n"], told["n_parameters"]) == (120, start.n_parameters)
    assert told["cost"] == pytest.approx(mean_cost(start, sample.inputs, sample.wanted), rel=REL)
    for way, descent in zip(ways, told["descents"], strict=True):
        for name in ("n_steps", "cost", "n_examples", "length", "cosine"):
            # a mini-batch's rounding may differ where its rows lie otherwise in memory
            np.testing.assert_allclose(descent[name], [getattr(s, name) for s in way], rtol=1e-7, atol=1e-12)
        cosines = [step.cosine for step in way[1:]]
        angles = [math.degrees(math.acos(min(1.0, c))) for c in cosines]
        np.testing.assert_allclose(descent["angle"][1:], angles, rtol=1e-6, atol=2e-5)
        assert descent["mean_cosine"] == pytest.approx(np.mean(cosines), rel=1e-7)
        assert descent["mean_angle"] == pytest.approx(np.mean(angles), rel=1e-6, abs=2e-5)
        assert descent["seconds"] == sorted(descent["seconds"])
    for way, places in zip(ways, told["plane"]["places"], strict=True):
        expected = [landscape.place_on(plane, start, step.network) for step in way]
        np.testing.assert_allclose(places, expected, rtol=1e-6, atol=1e-9)
    xs, ys = np.array(told["plane"]["xs"]), np.array(told["plane"]["ys"])
    rows = landscape.cost_surface(start, sample.inputs, sample.wanted, plane, (xs, ys))
    costs = np.stack([row.costs for row in rows])
    np.testing.assert_allclose(told["rows"], costs, rtol=REL)
    for name, extreme in (("lowest", np.argmin), ("highest", np.argmax)):
        j, i = np.unravel_index(extreme(costs), costs.shape)
        spot = told[name]
        assert (spot["x"], spot["y"]) == (xs[i], ys[j])
        assert spot["cost"] == pytest.approx(costs[j, i], rel=REL)


def test_a_surface_of_descents_is_the_librarys(client, loaded, sample):
    chosen, network = loaded
    told = finished(client, chosen=chosen, **SURFACE)
    ways = expected_descents(network, sample, SURFACE)
    passed = [step.network for way in ways for step in way[1:]]
    plane = landscape.principal_directions([*passed, network])
    assert_surface_is_the_librarys(told, network, sample, ways, plane)
    places = np.concatenate([np.array(way) for way in told["plane"]["places"]])
    for axis, ends in enumerate((told["plane"]["xs"], told["plane"]["ys"])):
        assert ends[0] < places[:, axis].min()
        assert places[:, axis].max() < ends[-1]
    assert told["plane"]["places"][0][0] == [0, 0]


def test_a_random_plane_and_a_random_start(client, loaded, sample, digits):
    chosen, network = loaded
    told = finished(client, chosen=chosen, **SURFACE, plane="random", untrained=True)
    start = glassnet.Network.random(
        network.layer_sizes,
        rng=np.random.default_rng(SAMPLE["seed"]),
        start="standard-normal",
        activation=network.activation,
        output_activation=network.output_activation,
        cost=network.cost,
        dtype=np.float64,
    )
    rng = sample_of(digits, AskedSample(**SAMPLE)).rng
    plane = (landscape.scaled_random_direction(start, rng), landscape.scaled_random_direction(start, rng))
    assert_surface_is_the_librarys(told, start, sample, expected_descents(start, sample, SURFACE), plane)
    assert (told["plane"]["xs"][0], told["plane"]["xs"][-1]) == (-1, 1)


def test_principal_directions_are_those_of_the_whole_decomposition(rng):
    start = glassnet.Network.random((5, 4, 3), rng=rng, dtype=np.float64)
    for sizes in ((1.0, 0.5, 0.1, 0.01), (1.0, 1e-6, 1e-8, 1e-10)):
        axes, _ = np.linalg.qr(rng.standard_normal((start.n_parameters, 4)))
        ways = rng.standard_normal((30, 4)) * sizes @ axes.T
        networks = [landscape.moved(start, (1.0, landscape.directions.from_vector(way, start))) for way in ways]
        moves = np.stack([as_vector(network) - as_vector(start) for network in networks])
        _, _, expected = np.linalg.svd(moves, full_matrices=False)
        for direction, other in zip(landscape.principal_directions([*networks, start]), expected, strict=False):
            found = as_vector(direction)
            np.testing.assert_allclose(found * np.sign(found @ other), other, atol=1e-8)


def messages_of(client, name, most=10_000):
    found = []
    with client.stream("GET", f"/api/descend/surfaces/{name}/events") as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                found.append(json.loads(line[6:]))
                if len(found) == most:
                    break
    return found


def merged(messages):
    """Return what a listener knows in the end."""
    whole = None
    for news in messages:
        if news["begins"]:
            whole = news
            continue
        for mine, new in zip(whole["descents"], news["descents"], strict=True):
            if new["n_steps"]:
                first = new["n_steps"][0]
                for name, column in new.items():
                    mine[name] = mine[name][:first] + column if isinstance(column, list) else column
            mine |= {name: new[name] for name in ("mean_cosine", "mean_angle", "mean_length")}
        rows = whole["rows"][: news["first_row"]] + news["rows"]
        whole = news | {"descents": whole["descents"], "plane": news["plane"] or whole["plane"], "rows": rows}
        whole |= {"first_row": 0, "begins": True}
    return whole


def test_a_surface_is_streamed_as_it_grows(client, monkeypatch):
    asked = {"chosen": {"network": "videos"}, **LONG, "n_steps": 30, "points": 15, "sample": {"n": 2000, "seed": 5}}
    monkeypatch.setattr(routes, "NEWS_SECONDS", 0.0)  # whoever listens hears of every step that they can keep up with
    name = told_by(client, "surfaces", **asked)["id"]
    messages = messages_of(client, name)
    assert len(messages) > 5
    assert messages[-1]["state"] == "finished"
    shares = [message["share"] for message in messages]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    whole = client.get(f"/api/descend/surfaces/{name}").json()
    assert merged(messages) == whole
    had_plane = [message["plane"] is not None for message in messages]
    assert sum(had_plane) == 1, "the plane is told once"
    before = messages[: had_plane.index(True)]
    assert all(not message["rows"] for message in before), "descents first"
    assert any(message["descents"][0]["n_steps"] for message in before)
    (again,) = messages_of(client, name)
    assert again == whole


def surface_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("surface ")]


def test_a_stopped_surface_stops(client):
    name = told_by(client, "surfaces", chosen={"network": "videos"}, **LONG)["id"]
    wait_for(lambda: client.get(f"/api/descend/surfaces/{name}").json()["descents"][0]["n_steps"])
    assert surface_threads()
    stopped = client.post(f"/api/descend/surfaces/{name}/stop").json()
    assert stopped["state"] == "stopped"
    assert 0 < stopped["share"] < 1
    assert surface_threads() == []
    began = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - began < 0.3, "somebody still computes"
    assert client.get(f"/api/descend/surfaces/{name}").json() == stopped
    assert told_by(client, "surfaces?only_find=true", chosen={"network": "videos"}, **LONG)["id"] == name
    assert client.delete(f"/api/descend/surfaces/{name}").status_code == 204
    assert client.get(f"/api/descend/surfaces/{name}").status_code == 404


def test_a_new_surface_stops_the_one_before_and_few_are_kept(client):
    asked = {"chosen": {"network": "videos"}, **LONG}
    first = told_by(client, "surfaces", **asked)["id"]
    second = told_by(client, "surfaces", **asked | {"learning_rate": 0.01})["id"]
    assert first != second
    assert client.get(f"/api/descend/surfaces/{first}").json()["state"] == "stopped"
    assert client.get(f"/api/descend/surfaces/{second}").json()["state"] == "running"
    names = [
        finished(client, chosen={"network": "videos"}, **SURFACE | {"learning_rate": 0.1 + 0.01 * i})["id"]
        for i in range(surfaces.MOST_KEPT)
    ]
    assert client.get(f"/api/descend/surfaces/{first}").status_code == 404, "the oldest went"
    assert all(client.get(f"/api/descend/surfaces/{name}").status_code == 200 for name in names)


def test_visitors_do_not_meet(server, client):
    asked = {"chosen": {"network": "videos"}, **SURFACE}
    mine = finished(client, **asked)
    with server.client() as other:
        assert other.get(f"/api/descend/surfaces/{mine['id']}").status_code == 404
        assert other.delete(f"/api/descend/surfaces/{mine['id']}").status_code == 404
        assert told_by(other, "surfaces?only_find=true", **asked) is None
        theirs = finished(other, **asked)
        assert theirs["rows"] == mine["rows"]
        other.delete(f"/api/descend/surfaces/{theirs['id']}")
    assert client.get(f"/api/descend/surfaces/{mine['id']}").json() == mine


def test_finished_surfaces_survive_the_server_and_closing_ends_the_thread(tmp_path):
    asked = {"chosen": {"network": "videos"}, **SURFACE}
    with running(tmp_path) as first, first.client() as client:
        cookies = dict(client.cookies)
        before = finished(client, **asked)
        wait_for(lambda: list(tmp_path.rglob("*.json")))
        told_by(client, "surfaces", chosen={"network": "videos"}, **LONG)
        wait_for(surface_threads)
    wait_for(lambda: not surface_threads(), seconds=600)
    with running(tmp_path) as second, second.client() as client:
        client.cookies.clear()
        for name, value in cookies.items():
            client.cookies.set(name, value)
        assert told_by(client, "surfaces?only_find=true", **asked) == before
        assert told_by(client, "surfaces?only_find=true", chosen={"network": "videos"}, **LONG) is None
        assert messages_of(client, before["id"]) == [before]


def test_what_changes_gives_another_surface(client):
    asked = {"chosen": {"network": "videos"}, **SURFACE}
    changed = {"network": "videos", "changes": [{"layer": 1, "neuron": 0, "source": None, "value": 5}]}
    other_seed = {"sample": {**SAMPLE, "seed": 4}}
    names = [
        finished(client, **asked | change)["id"]
        for change in ({}, {"chosen": changed}, {"untrained": True}, {"plane": "random"}, other_seed)
    ]
    assert len(set(names)) == len(names)
    assert finished(client, **asked)["id"] == names[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"chosen": {"network": "reader"}}, "200,000"),
        ({"n_steps": 500}, "too many steps"),
        ({"sample": {"n": 10, "seed": 0}}, "mini-batches of 100"),
        ({"mini_batch_sizes": [10, 10]}, "once"),
        ({"sample": {"n": 10_000, "seed": 0}, "n_steps": 200, "mini_batch_sizes": [0, 100]}, "minutes"),
        ({"points": 1000}, "points"),
    ],
)
def test_what_is_too_much_is_refused_in_one_sentence(client, change, words):
    sentence = refused(client, "surfaces", **{"chosen": {"network": "videos"}, **SURFACE, **change})
    assert words in sentence
    assert sentence.endswith(".")


def test_a_descent_that_diverges_says_so(client):
    network = glassnet.Network.random((784, 5, 10), rng=np.random.default_rng(0), activation="relu")
    name = client.post("/api/runs/load", content=model_bytes(Model(network))).json()["id"]
    asked = SURFACE | {"learning_rate": 1000.0, "n_steps": 60, "mini_batch_sizes": [0]}
    with np.errstate(all="ignore"):
        told = finished(client, chosen={"network": f"run:{name}"}, **asked)
    assert told["state"] == "failed"
    assert "learning rate" in told["sentence"]
    (descent,) = told["descents"]
    assert descent["cost"], "where it began is known"
    assert all(math.isfinite(number) for number in descent["cost"])


@pytest.mark.parametrize(
    ("error", "sentence", "logged"),
    [
        (
            ZeroDivisionError("in the dark"),
            "this landscape could not be finished; the server's own log says why.",
            ["surface"],
        ),
        (SettingError("the cost has a hole there."), "the cost has a hole there.", []),
        (MemoryError(), "there is not enough memory for this.", []),
    ],
)
def test_a_surface_that_breaks_off_says_so_and_the_log_says_where(client, monkeypatch, caplog, error, sentence, logged):
    def broken(*_, **__):
        raise error

    monkeypatch.setattr(landscape, "descent_path", broken)
    told = finished(client, chosen={"network": "videos"}, **SURFACE | {"learning_rate": 0.0456})
    assert (told["state"], told["sentence"]) == ("failed", sentence)
    mine = [record for record in caplog.records if record.getMessage().endswith(told["id"])]
    assert [(record.getMessage(), record.exc_info[1]) for record in mine] == [
        (f"{what} {told['id']}", error) for what in logged
    ]


@pytest.mark.parametrize("box", [((-1, 3), (0, 4)), ((-1, 3), (0, 0.1)), ((5, 5.5), (-8, -2)), ((0, 1), (0, 0.85))])
def test_a_strip_is_made_wide_enough_about_its_middle(box):
    """A surface's shorter side is 0.85 of its longer one at least."""
    wide = surface.wide_enough(box)
    longest = max(high - low for low, high in box)
    for (low, high), (wide_low, wide_high) in zip(box, wide, strict=True):
        assert wide_high - wide_low == pytest.approx(max(high - low, 0.85 * longest))
        assert (wide_low + wide_high) / 2 == pytest.approx((low + high) / 2)


def test_a_finished_surface_is_told_at_once():
    """There is nothing to wait for: a page that comes back has it with the first message."""
    whole = surfaces.Finished(type("Told", (), {"id": "one"})())
    assert whole.is_urgent(None)
    assert whole.told()[0] is whole.message
