"""Where files lie and what they are called: spaces, umlauts, long names, homes, time zones."""

import gc
import json
import os
import shutil
import time
import weakref

import numpy as np
import pytest
from PIL import Image

import glassnet
from glassnet import tensor_file
from glassnet.reading import open_crops
from glassnet.studio.runs.shelf import Shelf
from studio_server import wait_for
from systems import INTERRUPTIBLE, interrupt

NAME = "mein Netz, größer & 数"
SHORT = ["--hidden", "8", "--epochs", "2", "--mini-batch-size", "10"]


@pytest.fixture
def run_there(run_glassnet):
    """Commands in a folder with a difficult name, under a locale and a code page that cannot say it."""
    run_glassnet.folder = run_glassnet.folder / "Übungen in der Schule (7b) 数"
    run_glassnet.folder.mkdir()
    run_glassnet.environment |= {"PYTHONIOENCODING": "cp1252"}

    def run(*arguments):
        result = run_glassnet(*arguments)
        assert result.returncode == 0, result.stderr
        return result.stdout.decode("cp1252")

    run.folder, run.glassnet = run_glassnet.folder, run_glassnet
    return run


def size_of(path):
    with Image.open(path) as image:
        return image.size


def test_every_command_takes_any_name(run_there, few_digits_folder, few_digits):
    """All that a file can be given to, or made by."""
    folder = run_there.folder
    shutil.copytree(few_digits_folder, folder / "Ziffern von uns")
    data = ("--data", "Ziffern von uns")
    run_there("train", *data, *SHORT, "--out", NAME, "--checkpoint", f"{NAME} Stand")
    run_there("train", *data, "--out", NAME, "--checkpoint", f"{NAME} Stand", "--resume", "--epochs", "3")
    assert glassnet.load_model(folder / NAME).training["epochs_done"] == 3
    assert glassnet.load_model(folder / f"{NAME}.previous").training["epochs_done"] == 2
    told = json.loads(run_there("evaluate", NAME, *data, "--json"))
    network = glassnet.load_model(folder / NAME).network
    result = glassnet.evaluate(network, few_digits.test_images, few_digits.test_labels)
    assert told["accuracy"] == result.accuracy

    picture = np.full((60, 60), 255, np.uint8)
    picture[16:44, 16:44] = 255 - few_digits.test_images[0]
    Image.fromarray(picture).save(folder / "größe 7.png")
    page = json.loads(run_there("read", "--json", "--annotate", "gesehen ü.png", "größe 7.png"))
    assert (page["file"], page["lines"][0]["text"]) == ("größe 7.png", "7")
    assert size_of(folder / "gesehen ü.png") == (1020, 1020)
    row = run_there("read", "--csv", "größe 7.png").splitlines()[1].split(",")
    assert (row[0], row[4]) == ("größe 7.png", "7")
    np.save(folder / "Stücke ö.npy", few_digits.test_images[:3])
    rows = [line.split(",") for line in run_there("read", "--csv", "Stücke ö.npy").splitlines()[1:]]
    assert [row[0] for row in rows] == ["Stücke ö.npy"] * 3
    assert [row[4] for row in rows] == [str(label) for label in few_digits.test_labels[:3]]

    run_there("explain", "outputs", "--model", NAME, *data, "--csv", "Tabelle ä.csv", "--png", "Bild ä.png")
    table = (folder / "Tabelle ä.csv").read_bytes()
    assert table.count(b"\n") == 11
    assert b"\r" not in table
    assert size_of(folder / "Bild ä.png") == (1200, 900)
    run_there("export", NAME, *data, "--out", "Seite ß.html")
    assert f"<title>{NAME.replace('&', '&amp;')}" in (folder / "Seite ß.html").read_text(encoding="utf-8")


def test_the_studio_keeps_runs_in_any_folder(run_there, trained_file):
    shutil.copy(trained_file, run_there.folder / NAME)
    options = ("--no-browser", "--json", "--port", "0", "--folder", "Läufe von uns", "--model", NAME)
    process = run_there.glassnet.start("studio", *options, **INTERRUPTIBLE)
    try:
        assert json.loads(process.stdout.readline())["address"].endswith("#/draw?network=file")
        wait_for((run_there.folder / "Läufe von uns" / ".lock").exists)
    finally:
        interrupt(process)
        process.communicate(timeout=30)


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/St_Johns"])
def test_no_file_depends_on_where_one_lives(run_glassnet, few_digits_folder, zone):
    made = []
    for tz in ("UTC", zone):
        run_glassnet.environment |= {"TZ": tz}
        result = run_glassnet("train", "--data", few_digits_folder, *SHORT, "--out", "network")
        assert result.returncode == 0, result.stderr.decode()
        made.append((run_glassnet.folder / "network").read_bytes())
        (run_glassnet.folder / "network").unlink()
    assert made[0] == made[1]


@pytest.mark.parametrize("name", ["n" * 250, "ü" * 125, "x" * 201])
def test_the_longest_names_can_be_written(tmp_path, name):
    path = tmp_path / name
    tensor_file.write_whole(path, b"first")
    tensor_file.write_whole(path, b"second")
    assert path.read_bytes() == b"second"
    left = path.with_name(f"{tensor_file.partial_stem(path)}.0123abcd.partial")
    left.write_bytes(b"half")
    os.utime(left, (time.time() - 61,) * 2)
    tensor_file.write_whole(path, b"third")
    assert [entry.name for entry in tmp_path.iterdir()] == [name], "what a killed writer left is still there"


def test_crops_that_are_read_can_be_replaced(monkeypatch, tmp_path, digits):
    """Windows replaces no file that is mapped into memory; here it is asked whether it still is."""
    path, mapped, memmap = tmp_path / "crops.npy", [], np.memmap

    def seen(*arguments, **options):
        array = memmap(*arguments, **options)
        mapped.append(weakref.ref(array))
        return array

    np.save(path, digits.test_images[:3])
    monkeypatch.setattr(np, "memmap", seen)
    crops = open_crops(path)
    gc.collect()
    assert all(array() is None for array in mapped)
    np.testing.assert_array_equal(next(crops.chunks), digits.test_images[:3])
    mapped.clear()
    np.save(path, np.asfortranarray(digits.test_images[:3]))
    crops = open_crops(path)
    assert [array() is None for array in mapped] == [False], "one whose columns come first is: so it is seen here"
    np.testing.assert_array_equal(next(crops.chunks), digits.test_images[:3])


def test_a_model_that_was_read_is_open_no_more(trained_file, tmp_path):
    path = tmp_path / "network"
    shutil.copy(trained_file, path)
    model = glassnet.load_model(path)
    expected = [weights.copy() for weights in model.network.weights]
    path.write_bytes(bytes(path.stat().st_size))  # into the very file: what were mapped would be 0 now
    for weights, before in zip(model.network.weights, expected, strict=True):
        np.testing.assert_array_equal(weights, before)


def test_a_run_thrown_away_is_gone_though_its_files_are_held(monkeypatch, tmp_path):
    place = tmp_path / "0123abcd"
    place.mkdir()
    (place / "run.json").write_bytes(b"{}")
    (place / "run.checkpoint").write_bytes(b"")
    shelf = Shelf(tmp_path)
    assert shelf.names() == ["0123abcd"]
    monkeypatch.setattr(shutil, "rmtree", lambda place, **how: None)  # as where somebody reads all of them
    shelf.drop("0123abcd")
    assert shelf.names() == []
