import itertools
import math
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import glassnet
from glassnet import Network, training
from glassnet.backpropagation import cost_of_examples
from glassnet.checkpoint import load_checkpoint
from glassnet.descent import l2_cost, step, with_l2
from glassnet.engines.fused import FusedEngine
from glassnet.engines.reference import ReferenceEngine
from glassnet.training import CHUNK_SECONDS, Pace


def network_of(seed, **options):
    return Network.random((784, 8, 10), rng=np.random.default_rng(seed), **options)


def trained(digits, **options):
    options = {"epochs": 2, "mini_batch_size": 10, "rng": np.random.default_rng(5)} | options
    return list(glassnet.train(network_of(0), digits, **options))


def assert_same_network(first, second):
    for a, b in zip((*first.weights, *first.biases), (*second.weights, *second.biases), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("schedule", ["constant", "step", "cosine"])
def test_the_descent_is_the_equations_mini_batch_by_mini_batch(few_digits, schedule):
    """The engine gathers, divides and sums in its own ways; here is one step after the other."""
    l2, rate, size = 0.5, 0.8, 30  # 1,000 digits: the last mini-batch of an epoch has 10
    n_steps, n_steps_in_all = 0, 2 * 34
    network = start = network_of(3, dtype=np.float64)
    inputs = glassnet.as_inputs(few_digits.train_images, dtype=np.float64)
    wanted = glassnet.one_hot(few_digits.train_labels, dtype=np.float64)
    rng = np.random.default_rng(9).spawn(1)[0]
    costs = []
    for _ in range(2):
        order, cost = rng.permutation(1000), 0.0
        for first in range(0, 1000, size):
            some = order[first : first + size]
            trace = glassnet.feedforward(network, inputs[some])
            cost += cost_of_examples(network, trace, wanted[some]).sum() + len(some) * l2_cost(network, l2, 1000)
            done = n_steps / n_steps_in_all
            falling = {"constant": 1, "step": 1 if done < 0.5 else 0.1 if done < 0.75 else 0.01}
            now = rate * falling.get(schedule, (1 + math.cos(math.pi * done)) / 2)
            network = step(network, with_l2(glassnet.backprop(network, trace, wanted[some]), network, l2, 1000), now)
            n_steps += 1
        costs.append(cost / 1000)
    events = list(
        glassnet.train(
            start,
            few_digits,
            epochs=2,
            mini_batch_size=size,
            learning_rate=rate,
            l2=l2,
            schedule=schedule,
            rng=np.random.default_rng(9),
        )
    )
    for ours, expected in zip(events[-1].network.weights, network.weights, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12)
    assert [event.cost for event in events] == pytest.approx(costs, rel=1e-10)


def test_it_learns(digits):
    *_, last = glassnet.train(network_of(0), digits, epochs=2, mini_batch_size=10)
    assert last.test_accuracy > 0.85
    assert last.test_accuracy == np.mean(
        glassnet.feedforward(last.network, glassnet.as_inputs(digits.test_images)).outputs.argmax(1)
        == digits.test_labels
    )


def test_the_same_seed_gives_the_same_bits(few_digits):
    first, second, other = (trained(few_digits, rng=np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert_same_network(first[-1].network, second[-1].network)
    assert [e.cost for e in first] == [e.cost for e in second]
    assert (first[-1].network.weights[0] != other[-1].network.weights[0]).any()


@pytest.mark.parametrize("seconds", [0.0, 0.001, 1.0])
def test_how_often_it_reports_changes_no_bit(few_digits, seconds, monkeypatch):
    plain = trained(few_digits)
    monkeypatch.setattr("glassnet.training.CHUNK_SECONDS", seconds)
    watched = trained(few_digits, progress_seconds=0.0)
    ended = [event for event in watched if isinstance(event, glassnet.EpochEnded)]
    assert [e.cost for e in ended] == [e.cost for e in plain]
    assert_same_network(ended[-1].network, plain[-1].network)


def test_progress_counts_up_to_each_epochs_end(few_digits):
    events = trained(few_digits, progress_seconds=0.0)
    progress = [event for event in events if isinstance(event, glassnet.Progress)]
    assert {event.epoch for event in progress} == {1, 2}
    seen = [event.n_seen for event in progress if event.epoch == 1]
    assert seen == sorted(seen)
    assert seen[-1] == progress[0].n_training == 1000
    assert isinstance(events[-1], glassnet.EpochEnded)


def test_validation_digits_are_held_out_and_measured(few_digits):
    held = few_digits.hold_out(200)
    assert len(held.train_images) == 800
    np.testing.assert_array_equal(held.validation_images, few_digits.train_images[800:])
    last = trained(held)[-1]
    outputs = glassnet.feedforward(last.network, glassnet.as_inputs(held.validation_images)).outputs
    assert last.validation_accuracy == np.mean(outputs.argmax(1) == held.validation_labels)
    assert trained(few_digits)[-1].validation_accuracy is None
    drawn = few_digits.hold_out(200, rng=np.random.default_rng(0))
    together = np.concatenate([drawn.train_images, drawn.validation_images])
    assert sorted(map(bytes, together)) == sorted(map(bytes, few_digits.train_images))


def test_whoever_stops_listening_has_what_was_learned(few_digits):
    events = glassnet.train(network_of(0), few_digits, epochs=50, mini_batch_size=10)
    first = next(events)
    events.close()
    assert_same_network(first.network, trained(few_digits, epochs=1, rng=np.random.default_rng(0))[-1].network)


VARIANTS = [
    {},
    {"momentum": 0.9, "learning_rate": 0.1},
    {"optimizer": "adamw", "learning_rate": 0.01, "weight_decay": 0.1, "average": 0.99, "schedule": "cosine"},
    {"l2": 1.0, "average": 0.9, "schedule": "step"},
]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("n_events", [0, 1, 4, 11])
def test_stopped_and_resumed_is_the_same_as_never_stopped(few_digits, tmp_path, monkeypatch, variant, n_events):
    monkeypatch.setattr("glassnet.training.CHUNK_SECONDS", 0.0)
    straight = trained(few_digits, epochs=3, **variant)
    path = tmp_path / "run.checkpoint"
    options = {"epochs": 3, "mini_batch_size": 10, "rng": np.random.default_rng(5), "checkpoint": path}
    events = glassnet.train(network_of(0), few_digits, progress_seconds=0.0, **options, **variant)
    for _ in itertools.islice(events, n_events * 20):
        pass
    events.close()
    resumed = list(glassnet.resume(path, few_digits))
    assert_same_network(resumed[-1].network, straight[-1].network)
    history = load_checkpoint(path).history
    assert [epoch["cost"] for epoch in history] == [event.cost for event in straight]
    again = list(glassnet.resume(path, few_digits))
    assert len(again) == 1
    assert_same_network(again[0].network, straight[-1].network)


def test_a_finished_run_goes_on_as_if_it_had_been_meant_to_last_longer(few_digits, tmp_path):
    path = tmp_path / "run.checkpoint"
    straight = trained(few_digits, epochs=3)
    trained(few_digits, epochs=2, checkpoint=path)
    longer = list(glassnet.resume(path, few_digits, epochs=3))
    assert [event.epoch for event in longer] == [3]
    assert_same_network(longer[-1].network, straight[-1].network)
    assert [event.epoch for event in glassnet.resume(path, few_digits, epochs=3)] == [3], "there is no more to do"
    with pytest.raises(glassnet.GlassnetError, match=r"meant to last 3 epochs.* cannot be made to last 2"):
        glassnet.resume(path, few_digits, epochs=2)
    path = tmp_path / "cosine.checkpoint"
    trained(few_digits, epochs=2, checkpoint=path, schedule="cosine")
    with pytest.raises(glassnet.GlassnetError, match="only a constant one can be made longer"):
        glassnet.resume(path, few_digits, epochs=3)


@pytest.mark.parametrize("name", ["MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"])
def test_any_generator_of_numpy_can_be_resumed(few_digits, tmp_path, name):
    path = tmp_path / "run.checkpoint"
    straight, broken = (np.random.Generator(getattr(np.random, name)(1)) for _ in range(2))
    expected = trained(few_digits, rng=straight)[-1]
    events = glassnet.train(network_of(0), few_digits, epochs=2, mini_batch_size=10, rng=broken, checkpoint=path)
    next(events)
    events.close()
    *_, last = glassnet.resume(path, few_digits)
    assert_same_network(last.network, expected.network)


@pytest.mark.parametrize("engine", [ReferenceEngine, FusedEngine])
def test_a_keyboard_interrupt_leaves_a_checkpoint_up_to_date(engine, few_digits, tmp_path, monkeypatch):
    monkeypatch.setattr("glassnet.training.CHUNK_SECONDS", 0.0)
    whole, calls = engine.descend, itertools.count()

    def interrupted(*arguments):
        if next(calls) == 70:
            raise KeyboardInterrupt
        return whole(*arguments)

    monkeypatch.setattr(engine, "descend", interrupted)
    path = tmp_path / "run.checkpoint"
    with pytest.raises(KeyboardInterrupt):
        trained(few_digits, checkpoint=path, engine=engine.name)
    assert load_checkpoint(path).descent.n_steps == 70
    *_, last = glassnet.resume(path, few_digits, engine=engine.name)
    assert_same_network(last.network, trained(few_digits, engine=engine.name)[-1].network)


@pytest.mark.parametrize("part", ["train", "validation", "test"])
@pytest.mark.parametrize("kind", ["images", "labels"])
def test_a_checkpoint_of_other_digits_is_refused(few_digits, tmp_path, part, kind):
    path = tmp_path / "run.checkpoint"
    digits = few_digits.hold_out(100)
    trained(digits, checkpoint=path)
    changed = getattr(digits, f"{part}_{kind}").copy()
    changed[3] = 9 - changed[3] if kind == "labels" else 255 - changed[3]
    with pytest.raises(glassnet.GlassnetError, match="other digits than these"):
        glassnet.resume(path, replace(digits, **{f"{part}_{kind}": changed}))


def test_a_file_that_is_there_is_not_made_a_checkpoint(few_digits, tmp_path):
    path = tmp_path / "thesis.txt"
    path.write_text("years of work", encoding="utf-8")
    with pytest.raises(glassnet.GlassnetError, match="is there already: resume it, or name another file"):
        trained(few_digits, checkpoint=path)
    assert path.read_text(encoding="utf-8") == "years of work"


def test_checkpoints_come_within_an_epoch_too(few_digits, tmp_path, monkeypatch):
    monkeypatch.setattr("glassnet.training.CHUNK_SECONDS", 0.0)
    monkeypatch.setattr("glassnet.training.CHECKPOINT_SECONDS", 0.0)
    path = tmp_path / "run.checkpoint"
    options = {"epochs": 2, "mini_batch_size": 10, "checkpoint": path, "progress_seconds": 0.0}
    events = glassnet.train(network_of(0), few_digits, **options)
    seen = [load_checkpoint(path).n_seen for _ in itertools.islice(events, 50)]
    assert seen[:3] == [10, 20, 30]
    assert len(set(seen)) == 50


def test_within_an_epoch_a_checkpoint_is_written_every_three_seconds(few_digits, tmp_path, monkeypatch):
    """On a clock of its own, by which each look at it takes a tenth of a second."""
    looks, written, save = [40_000.0], [], training.save_checkpoint

    def monotonic():
        looks.append(looks[-1] + 0.1)
        return looks[-1]

    def noted(state, path):
        written.append(looks[-1])
        save(state, path)

    monkeypatch.setattr("glassnet.training.CHUNK_SECONDS", 0.0)
    monkeypatch.setattr("glassnet.training.time", SimpleNamespace(monotonic=monotonic, perf_counter=time.perf_counter))
    monkeypatch.setattr("glassnet.training.save_checkpoint", noted)
    trained(few_digits, epochs=1, mini_batch_size=5, checkpoint=tmp_path / "run.checkpoint")
    within = written[1:-1]  # the first is the start, the last the epoch's end
    assert len(within) > 3
    pauses = np.diff(within)
    assert (pauses > 3).all()
    assert (pauses < 3.7).all()


def test_what_the_caller_draws_meanwhile_changes_nothing(few_digits, tmp_path):
    expected = trained(few_digits)[-1]
    path, rng = tmp_path / "run.checkpoint", np.random.default_rng(5)
    events = glassnet.train(network_of(0), few_digits, epochs=2, mini_batch_size=10, rng=rng, checkpoint=path)
    next(events)
    rng.random(100)
    events.close()
    *_, last = glassnet.resume(path, few_digits)
    assert_same_network(last.network, expected.network)


def test_seconds_are_those_of_every_chunk_of_the_descent(few_digits, monkeypatch):
    monkeypatch.setattr("glassnet.training.CHUNK_SECONDS", 0.0)
    clock = itertools.count()
    monkeypatch.setattr("glassnet.training.time.perf_counter", lambda: float(next(clock)))
    assert [event.seconds for event in trained(few_digits)] == [100.0, 100.0]


def test_events_networks_are_closed_to_writing(few_digits):
    events = list(trained(few_digits, progress_seconds=0.0))
    assert len({type(event) for event in events}) == 2, "in the middle of an epoch, and at its end"
    for event in events:
        with pytest.raises(ValueError, match="read-only"):
            event.network.weights[0][:] = 0


def test_a_descent_that_runs_away_says_so(few_digits):
    network = network_of(0, activation="relu", output_activation="relu")
    with pytest.raises(glassnet.GlassnetError, match=r"no longer a finite number in epoch 1: .*smaller learning rate"):
        list(glassnet.train(network, few_digits, learning_rate=1e30, epochs=5))


def test_what_does_not_fit_is_refused_at_once(few_digits):
    with pytest.raises(glassnet.GlassnetError, match="the network has 9 inputs, the images have 784 pixels"):
        glassnet.train(Network.random((9, 10), rng=np.random.default_rng(0)), few_digits)
    with pytest.raises(glassnet.GlassnetError, match="there is a digit 9, but"):
        glassnet.train(Network.random((784, 5), rng=np.random.default_rng(0)), few_digits)
    with pytest.raises(glassnet.GlassnetError, match="no engine 'warp'"):
        glassnet.train(network_of(0), few_digits, engine="warp")
    with pytest.raises(glassnet.GlassnetError, match="epochs must be"):
        glassnet.train(network_of(0), few_digits, epochs=0)


def test_an_engine_is_given_as_much_as_takes_so_long_and_at_most_four_times_as_much_as_before():
    pace = Pace()
    for n_done, seconds, expected in ((1, 1e-9, 4), (4, CHUNK_SECONDS / 2, 8), (8, 2 * CHUNK_SECONDS, 4), (4, 1e9, 1)):
        pace.adapt(n_done, seconds)
        assert pace.n_mini_batches == expected
