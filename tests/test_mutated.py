"""Three hundred mutations of a file for each parser: every one of them is read, or refused in one sentence.

`test_damaged_inputs` has the damages that somebody thought of, through the command line; these nobody thought of.
"""

import contextlib
import gzip
import json
import struct
import sys
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from isal import isal_zlib

import glassnet
import samples
from crafted import crafted
from glassnet.checkpoint import load_checkpoint
from glassnet.cli.console import sentence_of
from glassnet.digits import load_digits, write_idx
from glassnet.digits.image_file import read_grey, read_pages
from glassnet.reading import outputs_of_collection, read_labelled_pages
from glassnet.reading.collection import images_of_npz
from glassnet.studio.runs.classroom import Classroom
from glassnet.studio.runs.course import Course
from glassnet.studio.runs.learned import Learned, first_state
from glassnet.studio.runs.schema import RunSettings
from glassnet.studio.runs.shelf import Shelf
from glassnet.tensor_file import unpack
from mutations import mutated, remade
from samples import KINDS, content, encoded

N = 300
MOST_SECONDS = 5.0
"""Of a processor, for one file; the slowest takes a twentieth."""
MOST_MIB = 512
"""That one parser may take, at its highest, for files of a few kB."""


@contextlib.contextmanager
def in_room(most_mib=MOST_MIB):
    """Measure how much memory a block takes at its highest, where the system tells; it must be little."""
    if sys.platform != "linux":
        yield
        return
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget what was highest before
    before = highest_mib()
    yield
    assert highest_mib() - before < most_mib


def highest_mib():
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def answer_to(read):
    """Return what `read` returns, or None where it refused with one sentence."""
    began = time.process_time()
    try:
        return read()
    except (glassnet.GlassnetError, OSError) as error:
        sentence = sentence_of(error)
        assert sentence.isprintable(), sentence
        assert 20 < len(sentence) < 800, sentence
        assert sentence.endswith("."), sentence
        return None
    finally:
        assert time.process_time() - began < MOST_SECONDS


def assert_read_or_refused(whole, read, *, make=mutated, least_refused=N // 4):
    """Have `read` read each mutation; so many must be refused at the least, or nothing was changed that counts."""
    n_refused = 0
    with in_room():
        for seed in range(N):
            case = make(whole, np.random.default_rng(seed))
            try:
                n_refused += answer_to(lambda case=case: read(case)) is None
            except BaseException as error:
                error.add_note(f"seed {seed}: {repr(case)[:2000]}")
                raise
    assert n_refused >= least_refused


@pytest.fixture(scope="module")
def crops():
    return samples.crops()


@pytest.fixture(scope="module")
def model():
    return samples.model()


# ---------------------------------------------------------------- arrays and tables


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
def test_npy(version, crops, reader, tmp_path):
    def read(data):
        (tmp_path / "a.npy").write_bytes(data)
        return outputs_of_collection(reader, tmp_path / "a.npy")

    order = "C" if version == (1, 0) else "F"
    array = np.asarray(crops, order=order)
    assert_read_or_refused(content(lambda file: np.lib.format.write_array(file, array, version)), read)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz(save, crops, reader, tmp_path):
    def read(data):
        (tmp_path / "a.npz").write_bytes(data)
        return outputs_of_collection(reader, tmp_path / "a.npz")

    arrays = {"images": crops, "looks_like_a_digit": np.arange(6) == 3}
    assert_read_or_refused(content(lambda file: save(file, **arrays)), read)


@pytest.mark.parametrize("is_gzip", [False, True])
def test_idx(is_gzip, crops, reader, tmp_path):
    def read(data):
        (tmp_path / name).write_bytes(data)
        outputs_of_collection(reader, tmp_path / name)
        return load_digits(tmp_path)

    name = "train-images-idx3-ubyte"
    for part in ("train", "t10k"):
        write_idx(tmp_path / f"{part}-images-idx3-ubyte", crops)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte", np.arange(6, dtype=np.uint8))
    whole = (tmp_path / name).read_bytes()
    assert_read_or_refused(gzip.compress(whole) if is_gzip else whole, read)


def test_idx_labels(crops, tmp_path):
    def read(data):
        (tmp_path / "train-labels-idx1-ubyte").write_bytes(data)
        return load_digits(tmp_path)

    for part in ("train", "t10k"):
        write_idx(tmp_path / f"{part}-images-idx3-ubyte", crops)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte", np.arange(6, dtype=np.uint8))
    assert_read_or_refused((tmp_path / "train-labels-idx1-ubyte").read_bytes(), read)


def test_labels_csv(tmp_path):
    def read(data):
        (tmp_path / "labels.csv").write_bytes(data)
        return [page.n_errors for page in read_labelled_pages(look, tmp_path)]

    look = SimpleNamespace(read=lambda path: SimpleNamespace(text=path.read_text(encoding="ascii")))
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_text("123\n45", encoding="ascii")
    assert_read_or_refused(b'file,numbers\na.png,123|45\n"b.png","67, 8"\n', read)
    assert_read_or_refused("file;größe;numbers\na.png;é;1\n".encode("latin-1"), read, least_refused=N)


# ---------------------------------------------------------------- little that promises much


def zeros_gzip(head, n_bytes):
    """So many zeros behind a head, packed a thousand times smaller."""
    packer = isal_zlib.compressobj(1, isal_zlib.DEFLATED, 31)  # zlib would take ten times as long
    block = b"\0" * (1 << 24)
    parts = [packer.compress(head), *(packer.compress(block) for _ in range(n_bytes // len(block)))]
    return b"".join([*parts, packer.compress(block[: n_bytes % len(block)]), packer.flush()])


def idx_head(kind, *shape):
    return bytes([0, 0, kind, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)


@pytest.mark.parametrize(("kind", "n", "size"), [(0x0E, 100_000, 8), (8, 700_000, 1)], ids=["of f8", "too many"])
def test_a_data_folder_is_refused_by_its_headers(kind, n, size, tmp_path):
    for part in ("train", "t10k"):
        write_idx(tmp_path / f"{part}-images-idx3-ubyte", np.zeros((6, 28, 28), np.uint8))
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte", np.arange(6, dtype=np.uint8))
    bomb = zeros_gzip(idx_head(kind, n, 28, 28), n * 784 * size)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(bomb)
    with in_room(64), pytest.raises(glassnet.GlassnetError, match=r"must be bytes|at most 536,870,912 are possible"):
        load_digits(tmp_path)


def test_numbers_of_several_bytes_take_their_own_room_only(tmp_path):
    (tmp_path / "a").write_bytes(zeros_gzip(idx_head(0x0E, 20_000_000), 160_000_000))
    with in_room(200):
        assert glassnet.read_idx(tmp_path / "a").nbytes == 160_000_000


@pytest.mark.parametrize("is_honest", [True, False])
def test_an_npz_file_is_refused_before_it_is_unpacked(is_honest, tmp_path, monkeypatch):
    """One that says what it unpacks to, and one that says it is small: no more of it is unpacked than it says."""
    monkeypatch.setattr(zipfile, "zlib", isal_zlib)
    shape = (800_000, 28, 28)
    told = {"descr": "|u1", "fortran_order": False, "shape": shape}
    head = content(lambda file: np.lib.format.write_array_header_1_0(file, told))
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("images.npy", "w") as file:
        file.write(head)
        for _ in range(shape[0] * 784 >> 24):
            file.write(b"\0" * (1 << 24))
    monkeypatch.undo()
    if not is_honest:
        data = bytearray(path.read_bytes())
        place = data.rindex(b"PK\1\2")
        data[place + 24 : place + 28] = struct.pack("<I", 10_000)
        path.write_bytes(data)
    said = r"at most 268,435,456 are possible" if is_honest else r"more than the file can hold"
    with in_room(64), pytest.raises(glassnet.GlassnetError, match=said):
        images_of_npz(path)


# ---------------------------------------------------------------- models, checkpoints and kept runs


def use(model):
    """Ask a model that was loaded for whatever any command or view asks it."""
    from glassnet.cli.read import what_it_buys
    from glassnet.export.one_file import learned_from, trained
    from glassnet.studio.shown.seeing import Held
    from glassnet.studio.visit.networks import model_told

    reader = glassnet.Reader(model)
    reader.classify(np.zeros((28, 28), np.uint8))
    held = Held("file", model.network.astype(np.float64), reader.calibration)
    return [what_it_buys(reader), trained(model), learned_from(model), model_told(held, model, "x").model_dump_json()]


def test_model_bytes(model, tmp_path):
    """None is taken in which a number is another one."""

    def read(data):
        (tmp_path / "m").write_bytes(data)
        found = glassnet.load_model(tmp_path / "m")
        assert (found.training, found.data, found.results) == (model.training, model.data, model.results)
        for array, same in zip(found.network.weights, model.network.weights, strict=True):
            np.testing.assert_array_equal(array, same)
        return use(found)

    glassnet.save_model(model, tmp_path / "m")
    assert_read_or_refused((tmp_path / "m").read_bytes(), read, least_refused=N // 2)


@pytest.fixture
def header(model, tmp_path):
    """The header and the arrays of that model."""
    glassnet.save_model(model, tmp_path / "m")
    arrays, header = unpack(tmp_path / "m", "a model")
    return arrays, header


def test_model_header(header, tmp_path):
    arrays, told = header

    def read(told):
        (tmp_path / "m").write_bytes(crafted(arrays, told))
        return use(glassnet.load_model(tmp_path / "m"))

    assert_read_or_refused(told, read, make=remade)


@pytest.fixture(scope="module")
def small_run(tmp_path_factory):
    """A checkpoint of a small run with all that there can be in one, and its digits."""
    path = tmp_path_factory.mktemp("small") / "run"
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (10, 4, 4), dtype=np.uint8), np.arange(10, dtype=np.uint8)
    digits = glassnet.Digits(images, labels, images, labels)
    network = glassnet.Network.random((16, 3, 10), rng=rng)
    options = {"optimizer": "adamw", "average": 0.9, "mini_batch_size": 5, "epochs": 3, "notes": {"options": {}}}
    events = glassnet.train(network, digits, checkpoint=path, **options)
    next(events)
    next(events)
    events.close()
    return path.read_bytes(), digits


def test_checkpoint_bytes(small_run, tmp_path):
    whole, digits = small_run

    def read(data):
        (tmp_path / "run").write_bytes(data)
        assert load_checkpoint(tmp_path / "run").history == known.history
        return list(glassnet.resume(tmp_path / "run", digits))

    (tmp_path / "run").write_bytes(whole)
    known = load_checkpoint(tmp_path / "run")
    assert_read_or_refused(whole, read, least_refused=N // 2)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of absurd rates, which are settings like others
def test_checkpoint_header(small_run, tmp_path):
    whole, digits = small_run
    (tmp_path / "run").write_bytes(whole)
    arrays, told = unpack(tmp_path / "run", "a checkpoint")

    def read(told):
        (tmp_path / "run").write_bytes(crafted(arrays, told))
        if load_checkpoint(tmp_path / "run").settings.epochs > 100:
            return True
        return list(glassnet.resume(tmp_path / "run", digits))

    assert_read_or_refused(told, read, make=remade)


@pytest.mark.parametrize(("name", "pos"), [("MT19937", 625), ("MT19937", -1), ("Philox", 5), ("Philox", -1)])
def test_no_generator_goes_on_beyond_its_numbers(name, pos, small_run, tmp_path):
    whole, _ = small_run
    (tmp_path / "run").write_bytes(whole)
    arrays, told = unpack(tmp_path / "run", "a checkpoint")
    from glassnet.checkpoint import encodable

    state = encodable(getattr(np.random, name)(0).state)
    (tmp_path / "run").write_bytes(crafted(arrays, told | {"rng_state": state}))
    load_checkpoint(tmp_path / "run")
    (state["state"] if name == "MT19937" else state)["pos" if name == "MT19937" else "buffer_pos"] = pos
    (tmp_path / "run").write_bytes(crafted(arrays, told | {"rng_state": state}))
    with pytest.raises(glassnet.GlassnetError, match="rng_state"):
        load_checkpoint(tmp_path / "run")


@pytest.fixture(scope="module")
def kept(few_digits, tmp_path_factory):
    """A shelf with one kept run, its name, and the classroom that it learned in."""
    shelf, classroom = Shelf(tmp_path_factory.mktemp("shelf")), Classroom(few_digits)
    settings = RunSettings(hidden=[3], n_training=100, mini_batch_size=25, epochs=3)
    course = Course("abcd1234", settings, classroom, Learned(first_state(settings)), shelf.keep)
    course.do("mini_batch")
    course.close()
    return shelf, course.id, classroom


def opened(kept):
    """Open the run and ask it for all that is told of one."""
    shelf, name, classroom = kept
    course = shelf.open(name, classroom)
    told = [course.told(), *course.costs_told(), *course.moments_told()]
    return [json.loads(one.model_dump_json()) for one in told]


@pytest.mark.parametrize("file", ["run.json", "history.safetensors", "run.checkpoint"])
@pytest.mark.parametrize("make", [mutated, remade])
def test_kept_run(file, make, kept):
    place = kept[0].place(kept[1]) / file
    whole = place.read_bytes()
    arrays, told = (None, json.loads(whole)) if file == "run.json" else unpack(place, "a file")

    def read(case):
        data = case if make is mutated else json.dumps(case).encode() if arrays is None else crafted(arrays, case)
        place.write_bytes(data)
        return opened(kept)

    try:
        assert_read_or_refused(whole if make is mutated else told, read, make=make)
    finally:
        place.write_bytes(whole)


# ---------------------------------------------------------------- pictures


@pytest.mark.parametrize("kind", KINDS)
def test_pictures(kind):
    read = lambda data: (read_grey(data).shape, [page.shape for page in read_pages(data)])  # noqa: E731
    assert_read_or_refused(encoded(kind), read, least_refused=N // 10)


def test_heic():
    assert_read_or_refused(encoded("HEIC"), read_grey)


def test_pdf():
    assert_read_or_refused(encoded("PDF"), lambda data: next(read_pages(data)).shape, least_refused=N // 20)


# ---------------------------------------------------------------- through the command line


def test_commands_say_one_sentence_of_what_their_parsers_refuse(
    model, header, crops, run_glassnet, few_digits_folder, tmp_path
):
    arrays, told = header
    Path(tmp_path / "pages").mkdir()
    table = b"file,numbers\na.png,1\n"
    made = {
        "a.npy": content(lambda file: np.save(file, crops)),
        "a.npz": content(lambda file: np.savez_compressed(file, images=crops)),
        "pages/labels.csv": table,
        "a.png": encoded("PNG"),
    }
    commands = {
        "a.npy": ["read", "--csv", "a.npy"],
        "a.npz": ["evaluate", "videos", "--data", few_digits_folder, "--not-digits", "a.npz"],
        "pages/labels.csv": ["evaluate", "videos", "--data", few_digits_folder, "--pages", "pages"],
        "a.png": ["read", "a.png"],
        "model": ["read", "--at-least", "0.9", "--model", "model", "good.png"],
    }
    (tmp_path / "good.png").write_bytes(made["a.png"])
    for seed in range(4):
        for name, command in commands.items():
            rng = np.random.default_rng(seed)
            data = crafted(arrays, remade(told, rng)) if name == "model" else mutated(made[name], rng)
            (tmp_path / name).write_bytes(data)
            result = run_glassnet(*command)
            said = result.stderr.decode()
            assert "Traceback" not in said, (name, seed, said)
            assert result.returncode in (0, 1, 2), (name, seed, said)
            if result.returncode:
                errors = [line for line in said.splitlines() if line.startswith("error: ")]
                assert len(errors) == 1, (name, seed, said)
