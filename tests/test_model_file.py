import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

import glassnet
from crafted import crafted
from glassnet import Model, Network
from glassnet.tensor_file import write_whole


@pytest.fixture
def model(rng):
    network = Network.random((6, 4, 3), rng=rng, activation="tanh", output_activation="softmax", cost="cross-entropy")
    return Model(network, training={"seed": 3}, data={"name": "MNIST"}, results={"test_accuracy": 0.9})


def test_a_model_comes_back_as_it_was(model, tmp_path):
    glassnet.save_model(model, tmp_path / "m.safetensors")
    back = glassnet.load_model(tmp_path / "m.safetensors")
    for a, b in zip(
        (*back.network.weights, *back.network.biases), (*model.network.weights, *model.network.biases), strict=True
    ):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == b.dtype
    assert (back.training, back.data, back.results) == (model.training, model.data, model.results)
    assert (back.network.activation, back.network.output_activation, back.network.cost) == (
        "tanh",
        "softmax",
        "cross-entropy",
    )
    assert back.version == glassnet.__version__


def test_the_same_model_gives_the_same_bytes(model, tmp_path):
    for name in ("a", "b"):
        glassnet.save_model(model, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_view_is_saved_as_it_looks(tmp_path, rng):
    weights = rng.normal(size=(5, 3)).T  # not contiguous
    glassnet.save_model(Model(Network((weights,), (np.zeros(3),))), tmp_path / "m")
    np.testing.assert_array_equal(glassnet.load_model(tmp_path / "m").network.weights[0], weights)


def test_other_tools_read_it(model, tmp_path):
    glassnet.save_model(model, tmp_path / "m.safetensors")
    arrays = safetensors.numpy.load_file(tmp_path / "m.safetensors")
    assert sorted(arrays) == ["biases.0", "biases.1", "weights.0", "weights.1"]
    np.testing.assert_array_equal(arrays["weights.1"], model.network.weights[1])


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "m"
    write_whole(path, b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["m"]


def header_of(path):
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    return json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["glassnet"])


def spoiled(model, tmp_path, change_header=None, change_arrays=None):
    path = tmp_path / "m.safetensors"
    glassnet.save_model(model, path)
    header, arrays = header_of(path), safetensors.numpy.load_file(path)
    del header["sha256"]
    (change_header or (lambda h: None))(header)
    (change_arrays or (lambda a: None))(arrays)
    path.write_bytes(crafted(arrays, header))  # with a checksum that fits
    return path


def sized(n_in, n_hidden, n_out):
    """The arrays of a network of other sizes."""
    shapes = {"weights.0": (n_hidden, n_in), "biases.0": n_hidden, "weights.1": (n_out, n_hidden), "biases.1": n_out}
    return {name: np.ones(shape, np.float32) for name, shape in shapes.items()}


def not_finite(arrays):
    arrays["weights.0"][1, 1] = np.nan


@pytest.mark.parametrize(
    ("header", "arrays", "sentence"),
    [
        (lambda h: h.update(kind="checkpoint"), None, "not a model but checkpoint"),
        (lambda h: h.update(format=2), None, "of format 2; this version reads format 1"),
        (lambda h: h.update(layer_sizes=[6, 5, 3]), None, r"weights.0 have shape \(4, 6\), its header says \(5, 6\)"),
        (lambda h: h.update(layer_sizes=[6, 4]), None, "belong to no layer: biases.1, weights.1"),
        (lambda h: h.update(layer_sizes="6-4-3"), None, "no sensible layer_sizes"),
        (lambda h: h.update(layer_sizes=[6, -4, 3]), None, "no sensible layer_sizes"),
        (lambda h: h.update(layer_sizes=[6.0, 4, 3]), None, "no sensible layer_sizes"),
        (lambda h: h.update(layer_sizes=[6, 4, 3.0]), None, "no sensible layer_sizes"),
        (lambda h: h.update(layer_sizes=[6, True, 3]), lambda a: a.update(sized(6, 1, 3)), "no sensible layer_sizes"),
        (lambda h: h.update(layer_sizes=[6, 0, 3]), lambda a: a.update(sized(6, 0, 3)), "no sensible layer_sizes"),
        (lambda h: h.update(layer_sizes=[6]), lambda a: a.clear(), "no sensible layer_sizes"),
        (lambda h: h.pop("layer_sizes"), None, "no sensible layer_sizes"),
        (lambda h: h.update(activation="swish"), None, "no activation 'swish'"),
        (lambda h: h.update(cost=7), None, "no cost '7'"),
        (lambda h: h.update(training="hard"), None, "header is damaged"),
        (None, not_finite, "weights.0 has numbers that are not finite"),
        (None, lambda a: a.pop("biases.1"), "biases.1 are missing"),
        (None, lambda a: a.update({"biases.0": a["biases.0"].astype(np.float64)}), "of different types"),
        (None, lambda a: a.update({"biases.0": a["biases.0"].astype(np.int32)}), "of int32"),
    ],
)
def test_damaged_models_are_refused_in_one_sentence(model, tmp_path, header, arrays, sentence):
    path = spoiled(model, tmp_path, header, arrays)
    with pytest.raises(glassnet.GlassnetError, match=sentence) as caught:
        glassnet.load_model(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


CALIBRATION = {"slope": 1.2, "offset": -0.3, "at_least": 0.5}
CHOICE = {"at_least": 0.5, "coverage": 1, "accuracy": None}


def calibrated(**other):
    return {"results": {"calibration": CALIBRATION | other}}


# each entry that glassnet reads, with what may not stand there, and the name that the sentence must have
NONSENSE = [
    *((part, {part: value}) for part in ("training", "data", "results") for value in ([], "", 0, None)),
    *(
        (f"results.{n}_accuracy", {"results": {f"{n}_accuracy": v}})
        for n in ("test", "train", "validation")
        for v in ("high", 97.5, -0.1, 10**400, True, [], {})
    ),
    *(
        (f"training.{n}", {"training": {n: v}})
        for n in ("epochs_done", "mini_batch_size", "learning_rate", "seed")
        for v in ("many", -1, 10**400, False, [1], {})
    ),
    *((f"training.{n}", {"training": {n: v}}) for n in ("origin", "changed_by_hand", "optimizer") for v in (1, [], {})),
    *((f"data.{n}", {"data": {n: v}}) for n in ("name", "source", "licence") for v in (1.5, False, ["x"], {})),
    *(("results.calibration", {"results": {"calibration": v}}) for v in ("", "good", [], [1.2], 0, 1, True)),
    *(
        (f"results.calibration.{n} is", calibrated(**{n: v}))
        for n in CALIBRATION
        for v in ("1", None, True, [1.0], {}, 10**400)
    ),
    *(
        (
            f"results.calibration.{n} is missing",
            {"results": {"calibration": {k: v for k, v in CALIBRATION.items() if k != n}}},
        )
        for n in CALIBRATION
    ),
    ("results.calibration.at_least", calibrated(at_least=50)),
    *(("results.calibration.choices", calibrated(n=9, choices=v)) for v in ("many", {}, 0, None, [0.5], [None], [[]])),
    *(("results.calibration.n", calibrated(choices=[CHOICE], **n)) for n in ({}, {"n": -1}, {"n": "9"}, {"n": 10**13})),
    *(
        (f"results.calibration.choices[1].{n}", calibrated(n=9, choices=[CHOICE, CHOICE | {n: v}]))
        for n in CHOICE
        for v in ("x", 1.01, -0.01, True, [], 10**400)
    ),
]


@pytest.mark.parametrize(("named", "wrong"), NONSENSE, ids=str)
def test_what_a_header_cannot_say_is_refused_where_it_is_loaded_and_not_saved(model, tmp_path, named, wrong):
    path = spoiled(model, tmp_path, lambda h: h.update(wrong))
    with pytest.raises(glassnet.GlassnetError, match=f"cannot use .*{re.escape(named)}.*\\.$"):
        glassnet.load_model(path)
    with pytest.raises(glassnet.GlassnetError, match=f"cannot be saved: .*{re.escape(named)}.*\\.$"):
        glassnet.save_model(dataclasses.replace(model, **wrong), tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_header_may_leave_out_whatever_is_not_known_and_say_what_nobody_asks_for(model, tmp_path):
    nothing = {"test_accuracy": None, "calibration": None, "train_accuracy": 1, "rank": [1, {"x": 2}]}
    for results in ({}, nothing, {"calibration": CALIBRATION}, {"calibration": CALIBRATION | {"choices": []}}):
        glassnet.save_model(dataclasses.replace(model, results=results), tmp_path / "m")
        assert glassnet.load_model(tmp_path / "m").results == results


def test_what_is_no_model_is_refused(tmp_path):
    path = tmp_path / "x"
    for data in (b"", b"\0" * 8, b"\xff" * 100, b"PK\3\4" + b"\0" * 50, (9).to_bytes(8, "little") + b"{}       "):
        path.write_bytes(data)
        with pytest.raises(glassnet.GlassnetError, match=r"cannot use .* as a model"):
            glassnet.load_model(path)
    foreign = safetensors.numpy.save({"weights.0": np.zeros((2, 2), np.float32)})
    path.write_bytes(foreign)
    with pytest.raises(glassnet.GlassnetError, match="no header written by glassnet"):
        glassnet.load_model(path)
    with pytest.raises(glassnet.GlassnetError, match="not a file"):
        glassnet.load_model(tmp_path)
    with pytest.raises(FileNotFoundError):
        glassnet.load_model(Path("nowhere.safetensors"))


def test_every_flipped_bit_is_found(model, tmp_path, rng):
    path = tmp_path / "m.safetensors"
    glassnet.save_model(model, path)
    whole = path.read_bytes()
    for place in rng.choice(8 * len(whole), 400, replace=False).tolist():
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        path.write_bytes(flipped)
        with pytest.raises(glassnet.GlassnetError, match=r"cannot use .* as a model") as caught:
            glassnet.load_model(path)
        assert "\n" not in str(caught.value)


def test_what_cannot_be_loaded_is_not_saved(tmp_path, rng):
    network = Network.random((4, 2), rng=rng)
    broken = network.with_parameters((network.weights[0] * np.nan,), network.biases)
    with pytest.raises(glassnet.GlassnetError, match="not finite: there is nothing worth saving"):
        glassnet.save_model(Model(broken), tmp_path / "m")
    with pytest.raises(glassnet.GlassnetError, match="only float16, float32 and float64 can be saved"):
        glassnet.save_model(Model(network.astype(np.longdouble)), tmp_path / "m")
    with pytest.raises(glassnet.GlassnetError, match="this model cannot be saved"):
        glassnet.save_model(Model(network, results={"path": tmp_path}), tmp_path / "m")
    assert not list(tmp_path.iterdir())


def test_writers_of_the_same_name_do_not_mix(tmp_path):
    """Two threads, each writing files of one letter: what is there is always of one of them, whole."""
    from concurrent.futures import ThreadPoolExecutor

    path = tmp_path / "m"
    contents = [letter * 200_000 for letter in (b"a", b"b")]

    def write(content):
        for _ in range(30):
            write_whole(path, content)
            assert path.read_bytes() in contents

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, contents))
    assert [entry.name for entry in tmp_path.iterdir()] == ["m"]


def test_what_a_killed_writer_left_is_removed_in_time(tmp_path):
    import os

    old, fresh = tmp_path / ".m.0123abcd.partial", tmp_path / ".m.4567abcd.partial"
    for partial in (old, fresh):
        partial.write_bytes(b"half")
    os.utime(old, (0, 0))
    write_whole(tmp_path / "m", b"whole")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [fresh.name, "m"]


def test_files_beyond_four_gibibytes_are_not_read(tmp_path):
    path = tmp_path / "huge.safetensors"
    for n_bytes, sentence in (((4 << 30) + 1, "too large to be a model: 4,294,967,297 bytes"), (4 << 30, "")):
        with path.open("wb") as file:
            file.truncate(n_bytes)  # it has that length and takes no room
        with pytest.raises(glassnet.GlassnetError) as refused:
            glassnet.load_model(path)
        assert sentence in str(refused.value)
        assert ("too large" in str(refused.value)) == bool(sentence)
