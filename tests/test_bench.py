"""The bench races fairly: the same work, in turn, medians as told."""

import json

import numpy as np
import pytest
import torch

import glassnet
from glassnet.bench import CASES, Lap, Result, installed, race
from glassnet.bench.cases import Case, material
from glassnet.bench.contestants import contestant, is_installed
from glassnet.bench.race import ContestantError
from glassnet.errors import SettingError


@pytest.fixture(autouse=True)
def tiny_numbers_stay():
    """PyTorch's contestant flushes them, which would last for whatever test comes after it in this process."""
    yield
    torch.set_flush_denormal(False)


FEW = Case("few", "train", (784, 12, 10), 10, 0.5)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("small-10", "an epoch of 60,000 digits, 784-16-16-10, mini-batches of 10"),
        ("small-100", "an epoch of 60,000 digits, 784-16-16-10, mini-batches of 100"),
        ("medium-10", "an epoch of 60,000 digits, 784-100-10, mini-batches of 10"),
        ("wide-128", "an epoch of 60,000 digits, 784-512-512-10, mini-batches of 128"),
        ("read-small", "reading 10,000 digits, 784-16-16-10"),
        ("read-wide", "reading 10,000 digits, 784-512-256-10"),
        ("one-small", "reading one digit, 784-16-16-10"),
    ],
)
def test_the_races_are_those_that_the_readme_names(name, title):
    (case,) = (case for case in CASES if case.name == name)
    assert case.title == title
    assert case.learning_rate == (0.5 if case.task == "train" else 0.0)


OURS = ["fused", "reference", "numpy", "torch"]
"""Those that the tests' own requirements bring."""
THEIRS = [
    pytest.param(name, marks=pytest.mark.skipif(not is_installed(name), reason=f"{name} is not installed"))
    for name in ("jax", "scikit-learn")
]


@pytest.mark.parametrize("name", [*OURS, *THEIRS])
def test_contestants_train_a_network_of_those_sizes(name):
    weights = list(contestant(name, given := material(FEW, 1)).epoch(given.order(0)[:20]))
    assert [w.shape for w in weights] == [(12, 784), (10, 12)]


@pytest.mark.parametrize("name", [*OURS, *THEIRS[:1]])
def test_contestants_do_the_same_work(name):
    """An epoch of 200 examples, from the same start, in the same order; scikit-learn's cost is another."""
    given = material(FEW, 1)
    order = given.order(0)[:203]  # the last mini-batch is a small one
    weights = list(contestant(name, given).epoch(order))
    truth = given.network.astype(np.float64)
    for first in range(0, len(order), 10):
        some = order[first : first + 10]
        trace = glassnet.feedforward(truth, given.inputs[some].astype(np.float64))
        gradients = glassnet.backprop(truth, trace, given.wanted[some].astype(np.float64))
        truth = truth.with_parameters(
            tuple(w - 0.5 * g for w, g in zip(truth.weights, gradients.weights, strict=True)),
            tuple(b - 0.5 * g for b, g in zip(truth.biases, gradients.biases, strict=True)),
        )
    for found, expected in zip(weights, truth.weights, strict=True):
        np.testing.assert_allclose(found, expected, atol=2e-4)


@pytest.mark.parametrize("name", [*OURS, *THEIRS[:1]])
def test_contestants_read_the_same(name):
    given = material(next(case for case in CASES if case.name == "read-small"), 1)
    exact = glassnet.feedforward(given.network, glassnet.as_inputs(given.digits.test_images)).outputs
    np.testing.assert_allclose(contestant(name, given).read(), exact, atol=1e-5)


def test_a_race_is_run_in_turn():
    case = next(case for case in CASES if case.name == "one-small")
    events = list(race([case], ["fused", "numpy"], 3))
    laps = [event for event in events if isinstance(event, Lap)]
    assert [(lap.contestant, lap.round) for lap in laps] == [
        (name, round_) for round_ in (1, 2, 3) for name in ("fused", "numpy")
    ]
    results = [event for event in events if isinstance(event, Result)]
    assert results[0].seconds <= results[1].seconds
    for result in results:
        own = [lap.seconds for lap in laps if lap.contestant == result.contestant]
        assert result.laps == tuple(own)
        assert result.seconds == sorted(own)[1]
    one, other = (np.array(result.checksum) for result in results)
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_who_cannot_take_part_is_told(monkeypatch):
    with pytest.raises(SettingError, match="there is no abacus here; choose from fused, reference, numpy"):
        next(iter(race(CASES[:1], ["abacus"], 1)))
    with pytest.raises(SettingError, match="at least one round"):
        next(iter(race(CASES[:1], ["fused"], 0)))
    broken = Case("broken", "train", (784, 10), 10, 0.5)  # the worker does not know it, and ends
    failures = []
    assert list(race([broken], ["numpy"], 1, failures)) == []
    assert failures == ["numpy failed in the race broken, which went on without it."] * len(failures)
    assert failures
    with pytest.raises(ContestantError):
        list(race([broken], ["numpy"], 1))


def test_the_command(run_glassnet):
    options = ("--case", "one-small", "--against", "numpy", "--rounds", 2)
    result = run_glassnet("bench", *options, "--json")
    assert result.returncode == 0, result.stderr.decode()
    told = json.loads(result.stdout)
    (case,) = told["cases"]
    assert case["layer_sizes"] == [784, 16, 16, 10]
    by_name = {entry["contestant"]: entry for entry in case["results"]}
    assert set(by_name) == {"fused", "numpy"}
    ours, numpy = by_name["fused"]["seconds"], by_name["numpy"]["seconds"]
    assert by_name["numpy"]["times_fused"] == pytest.approx(numpy / ours)
    assert len(by_name["numpy"]["laps"]) == 2
    text = run_glassnet("bench", *options).stdout.decode()
    assert "reading one digit, 784-16-16-10" in text
    assert "times as fast as the fastest peer, NumPy by hand" in text
    for arguments, sentence in (
        (["--case", "none"], "there is no race none; choose from small-10"),
        (["--against", "abacus"], "there is no abacus here"),
        (["--rounds", "0"], "at least one round"),
    ):
        refused = run_glassnet("bench", *arguments)
        assert refused.returncode == 2
        assert sentence in refused.stderr.decode()
        assert refused.stderr.count(b"\n") == 1


def test_glassnets_engines_come_first():
    assert installed()[:3] == ("fused", "reference", "numpy")
