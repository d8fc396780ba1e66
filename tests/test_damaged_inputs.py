"""More than two hundred damaged inputs through the command line: one sentence each, and nothing left behind.

Every case runs in a process of its own that may take 2 GiB of memory at the most.
"""

import copy
import gzip
import io
import os
import shutil
import struct
import sys
import zlib
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from isal import isal_zlib  # zlib would take 15 s to make the large ones
from PIL import Image

import glassnet
from crafted import crafted
from glassnet.digits import write_idx
from glassnet.model_file import network_arrays
from glassnet.tensor_file import unpack
from small_room import in_a_small_room
from systems import needs_links, needs_posix_files

pytestmark = pytest.mark.slow


@pytest.fixture
def run_confined(run_glassnet):
    run_glassnet.environment |= {"OPENBLAS_NUM_THREADS": "1"}
    return partial(run_glassnet, is_confined=sys.platform == "linux")  # others refuse as well, with more room


def files_below(folder):
    """What is there, to the byte; what may not be read counts by its name."""
    found = {}
    for path in sorted(folder.rglob("*")):
        readable = path.is_file() and path.stat().st_mode & 0o400
        found[path] = path.read_bytes() if readable else None
    return found


def assert_refused(run, folder, *arguments):
    before = files_below(folder)
    result = run(*arguments)
    message = result.stderr.decode()
    assert result.returncode in (1, 2), (result.returncode, message, result.stdout.decode())
    assert "Traceback" not in message
    assert message.startswith("error: "), message
    assert message.endswith("\n"), message
    assert message.count("\n") == 1, message
    assert 20 < len(message) < 400, message
    assert not result.stdout
    assert files_below(folder) == before, "something was left behind"


# ---------------------------------------------------------------- models


def model_parts():
    network = glassnet.Network.random((784, 16, 16, 10), rng=np.random.default_rng(2))
    return network_arrays(network), {
        "format": 1,
        "kind": "model",
        "layer_sizes": [784, 16, 16, 10],
        "activation": "sigmoid",
        "output_activation": "sigmoid",
        "cost": "quadratic",
        "training": {},
        "data": {},
        "results": {},
        "glassnet_version": "0",
    }


CALIBRATION = {"slope": 1.2, "offset": -0.3, "at_least": 0.5}
DAMAGED_CALIBRATIONS = {
    "is a text": "well calibrated",
    "is a list": [1.2, -0.3, 0.5],
    "lacks its slope": {"offset": -0.3, "at_least": 0.5},
    "has a text for its slope": CALIBRATION | {"slope": "1.2"},
    "has null for its offset": CALIBRATION | {"offset": None},
    "has true for its offset": CALIBRATION | {"offset": True},
    "has a number that no float holds": CALIBRATION | {"offset": 10**400},
    "has a threshold above 1": CALIBRATION | {"at_least": 50},
    "has a text for its choices": CALIBRATION | {"n": 9, "choices": "many"},
    "has a number for a choice": CALIBRATION | {"n": 9, "choices": [0.5]},
    "has a choice without coverage": CALIBRATION | {"n": 9, "choices": [{"at_least": 0.5, "accuracy": None}]},
    "does not say on how many digits": CALIBRATION | {"choices": [{"at_least": 0.5, "coverage": 1, "accuracy": 1}]},
}


def damaged_models():
    arrays, header = model_parts()
    whole = crafted(arrays, header)
    for size in [*range(0, 24, 4), 100, 500, 1000, 5000, 20000, 50000, len(whole) - 100, len(whole) - 1]:
        yield f"model cut to {size} bytes", whole[:size]
    rng = np.random.default_rng(3)
    for place in rng.choice(8 * len(whole), 40, replace=False).tolist():
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        yield f"model with bit {place} flipped", bytes(flipped)
    for number in (np.nan, np.inf, -np.inf):
        wrong = arrays | {"weights.1": arrays["weights.1"].copy()}
        wrong["weights.1"][3, 3] = number
        yield f"model with {number} in its weights", crafted(wrong, header)
    for name, value in (
        ("layer_sizes", [784, 16, 10]),
        ("layer_sizes", [10**18, 16, 16, 10]),
        ("layer_sizes", []),
        ("layer_sizes", None),
        ("layer_sizes", [[784]]),
        ("format", 99),
        ("kind", "checkpoint"),
        ("kind", None),
        ("activation", "magic"),
        ("output_activation", 3),
        ("cost", {}),
        ("data", []),
    ):
        yield f"model whose {name} is {value}", crafted(arrays, header | {name: value})
    for what, calibration in DAMAGED_CALIBRATIONS.items():
        yield f"model whose calibration {what}", crafted(arrays, header | {"results": {"calibration": calibration}})
    yield "model without biases.2", crafted({k: v for k, v in arrays.items() if k != "biases.2"}, header)
    yield "model with an array too many", crafted(arrays | {"extra": np.zeros(3, np.float32)}, header)
    yield "model of integers", crafted({k: v.astype(np.int32) for k, v in arrays.items()}, header)
    yield "model with its bytes reversed", whole[::-1]
    yield "model twice in one file", whole + whole
    yield "model header of absurd size", struct.pack("<Q", 2**62) + whole[8:]
    yield "model header of 99 MB", struct.pack("<Q", 99_000_000) + b" " * 99_000_100
    yield "model that promises a terabyte", absurd_tensor(header)
    yield "safetensors of somebody else", safetensors.numpy.save({"x": np.zeros(4, np.float32)})
    yield "model of deeply nested JSON", nested_json()
    for name, data in (
        ("empty file", b""),
        ("zeros", b"\0" * 5000),
        ("text", b"once upon a time\n" * 50),
        ("pickle", b"\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94."),
        ("zip", b"PK\x03\x04" + b"\0" * 100),
        ("PNG", png_of(np.zeros((28, 28), np.uint8))),
    ):
        yield f"{name} as a model", data


def absurd_tensor(header):
    import json

    text = json.dumps(
        {
            "__metadata__": {"glassnet": json.dumps(header)},
            "weights.0": {"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 4 * 10**12]},
        }
    ).encode()
    return struct.pack("<Q", len(text)) + text + b"\0" * 1000


def nested_json():
    text = b'{"__metadata__":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    return struct.pack("<Q", len(text)) + text


# ---------------------------------------------------------------- images


def png_of(array):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    return buffer.getvalue()


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width, height, depth=8, colour=0):
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def png_bomb(side):
    """A valid PNG of side x side zeros in a few kilobytes for each hundred megabytes."""
    packer = isal_zlib.compressobj(1)
    row = b"\0" * (side + 1)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return png_header(side, side) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")


def picture():
    """A digit 1 of sorts: a dark bar on light, with enough grain that no format packs it to nothing."""
    array = np.random.default_rng(1).integers(225, 250, (120, 100)).astype(np.uint8)
    array[20:90, 45:55] = 20
    return array


def encoded(kind, **options):
    buffer = io.BytesIO()
    Image.fromarray(picture()).save(buffer, kind, **options)
    return buffer.getvalue()


def damaged_images():
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "PPM"):
        whole = encoded(kind)
        for share in (0.01, 0.05, 0.2, 0.4, 0.6):
            yield f"{kind} cut to {share:.0%}", whole[: max(3, int(share * len(whole)))]
        yield f"{kind} with a head of zeros", b"\0" * 16 + whole[16:]
    yield "PNG header of 60,000 x 60,000", png_header(60_000, 60_000) + png_chunk(b"IEND", b"")
    yield "PNG header of 2^31 - 1 squared", png_header(2**31 - 1, 2**31 - 1)
    yield "PNG header of 0 x 0", png_header(0, 0) + png_chunk(b"IEND", b"")
    yield "PNG header of depth 7", png_header(28, 28, 7) + png_chunk(b"IEND", b"")
    yield "PNG without data", png_header(28, 28) + png_chunk(b"IEND", b"")
    yield "PNG with a broken checksum", png_header(28, 28)[:-1] + b"x" + png_chunk(b"IEND", b"")
    yield "PNG bomb of 12,000 x 12,000", partial(png_bomb, 12_000)
    yield "PNG bomb of 30,000 x 30,000", partial(png_bomb, 30_000)
    yield "PNG with a text bomb", png_header(28, 28) + png_chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 80_000_000))
    yield "GIF of 65,535 x 65,535", b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\x80\0\0" + b"\0" * 100
    yield "PGM that says 99,999 x 99,999", b"P5 99999 99999 255\n" + b"\0" * 100
    yield "BMP that says 60,000 x 60,000", b"BM" + struct.pack("<IIIIiiHHII", 90, 0, 54, 40, 60000, 60000, 1, 8, 0, 0)
    yield "TIFF that points outside", b"II*\0" + struct.pack("<I", 2**31)
    yield "TIFF that points to itself", b"II*\0\x08\0\0\0\1\0" + b"\0" * 12 + b"\x08\0\0\0"
    yield "EPS, which would start another program", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run\n"
    yield "SVG", b'<svg xmlns="http://www.w3.org/2000/svg"><text>7</text></svg>'
    yield "PDF", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
    yield "gzip of zeros", partial(zeros_gzip, 50_000_000)
    yield "text with colours for the terminal", b"\x1b[31mred\x1b[0m"
    yield "empty image", b""
    yield "noise", np.random.default_rng(5).bytes(5000)
    yield "an image of one pixel", png_of(np.zeros((1, 1), np.uint8))
    yield "an image of one row", png_of(np.zeros((1, 500), np.uint8))


# ---------------------------------------------------------------- IDX files


def idx(*shape, kind=8, data=b""):
    return bytes([0, 0, kind, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + data


def damaged_idx():
    rng = np.random.default_rng(6)
    pixels = rng.integers(0, 256, (50, 28, 28), dtype=np.uint8).tobytes()
    plain = idx(50, 28, 28, data=pixels)
    packed = gzip.compress(plain, mtime=0)
    for size in (0, 1, 3, 4, 10, 15, 16, 17, 1000, len(plain) - 1):
        yield f"IDX cut to {size} bytes", plain[:size]
    for size in (1, 2, 5, 10, 18, 50, 1000, len(packed) - 8, len(packed) - 1):
        yield f"gzip cut to {size} bytes", packed[:size]
    for place in rng.choice(8 * (len(packed) - 10), 25, replace=False).tolist():
        flipped = bytearray(packed)  # after the ten bytes of a gzip header, most of which mean nothing
        flipped[10 + place // 8] ^= 1 << place % 8
        yield f"gzip with bit {place} flipped", bytes(flipped)
    yield "IDX with wrong magic", b"\1\0\x08\3" + plain[4:]
    yield "IDX of an unknown type", idx(50, 28, 28, kind=7, data=pixels)
    yield "IDX of floats", idx(50, 28, 28, kind=0x0D, data=b"\0" * (4 * len(pixels)))
    yield "IDX with bytes too many", plain + b"\0"
    yield "gzip with bytes too many", gzip.compress(plain + b"\0")
    yield "IDX that says 4 billion images", idx(2**32 - 1, 28, 28, data=pixels)
    yield "IDX that says 2^96 pixels", idx(2**32 - 1, 2**32 - 1, 2**32 - 1, data=pixels)
    yield "gzip that says 2^96 pixels", gzip.compress(idx(2**32 - 1, 2**32 - 1, 2**32 - 1, data=pixels))
    yield "IDX of 255 axes", idx(*[1] * 255, data=b"\0")
    yield "IDX of no axes", bytes([0, 0, 8, 0])
    yield "IDX of no images", idx(0, 28, 28)
    yield "IDX of no pixels", idx(50, 0, 28)
    yield "IDX of one axis", idx(50, data=pixels[:50])
    yield "IDX with fewer images than labels", idx(49, 28, 28, data=pixels[: 49 * 784])
    yield "IDX of other images than the tests", idx(50, 14, 56, data=pixels)
    yield "gzip of zeros, 300 MB", partial(zeros_gzip, 300_000_000)
    yield "gzip of 3 GB that its header admits to", huge_gzip
    yield "gzip in gzip", gzip.compress(packed)
    yield "PNG as IDX", png_of(np.zeros((28, 28), np.uint8))


def zeros_gzip(n_bytes):
    """So many zeros, packed a thousand times smaller."""
    return gzip.compress(b"\0" * n_bytes, 1)


def huge_gzip():
    """Valid all through: 4,000,000 images of zeros, 3.1 GB, in a few megabytes."""
    packer = isal_zlib.compressobj(1, isal_zlib.DEFLATED, 31)
    parts = [packer.compress(idx(4_000_000, 28, 28))]
    block = b"\0" * (784 * 20_000)
    parts += [packer.compress(block) for _ in range(200)]
    return b"".join([*parts, packer.flush()])


def made(data):
    """Return the bytes of a case; the large ones are made only when they are wanted."""
    return data() if callable(data) else data


MODELS, IMAGES, IDX_FILES = (dict(cases()) for cases in (damaged_models, damaged_images, damaged_idx))


def test_there_are_two_hundred_of_them():
    assert len(MODELS) + len(IMAGES) + len(IDX_FILES) >= 200


@pytest.mark.parametrize("name", MODELS)
def test_damaged_models(name, run_confined, tmp_path):
    (tmp_path / "glassnet.safetensors").write_bytes(MODELS[name])
    (tmp_path / "digit.png").write_bytes(encoded("PNG"))
    assert_refused(run_confined, tmp_path, "read", "--model", "glassnet.safetensors", "digit.png")


STUDIO = ["studio", "--no-browser", "--port", "0", "--folder", "runs", "--model", "MODEL"]


@pytest.mark.parametrize(
    ("results", "command"),
    [
        *(({"calibration": CALIBRATION | {"slope": [1.2]}}, command) for command in (["evaluate", "MODEL"], STUDIO)),
        ({"calibration": CALIBRATION | {"slope": [1.2]}}, ["export", "MODEL"]),
        ({"test_accuracy": "high"}, STUDIO),
        ({"test_accuracy": 97.5}, STUDIO),
    ],
)
def test_every_command_checks_what_it_reads_in_a_header(results, command, run_confined, tmp_path):
    arrays, header = model_parts()
    (tmp_path / "MODEL").write_bytes(crafted(arrays, header | {"results": results}))
    assert_refused(run_confined, tmp_path, *command)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("n_steps",), 10**30),
        (("n_seen",), "all"),
        (("seconds",), None),
        (("history",), [["cost"]]),
        (("history", 0), {"epoch": 1}),
        (("history", 0, "epoch"), 2),
        (("history", 0, "cost"), "small"),
        (("history", 0, "seconds"), [1]),
        (("notes", "options", "recipe"), ["reader"]),
        (("notes", "options", "validation"), 1.5),
    ],
)
def test_damaged_checkpoints(place, value, run_confined, tmp_path, kept_run, few_digits_folder):
    arrays, header = kept_run
    header = copy.deepcopy(header)
    entry = header
    for key in place[:-1]:
        entry = entry[key]
    entry[place[-1]] = value
    (tmp_path / "run.checkpoint").write_bytes(crafted(arrays, header))
    resumed = "train", "--data", few_digits_folder, "--checkpoint", "run.checkpoint", "--resume"
    assert_refused(run_confined, tmp_path, *resumed)


@pytest.fixture(scope="module")
def kept_run(few_digits, tmp_path_factory):
    """The arrays and the header of a checkpoint as glassnet train keeps it, after one of two epochs."""
    from glassnet.cli.plan import DEFAULTS, settled, start_run

    path = tmp_path_factory.mktemp("kept") / "run.checkpoint"
    events, _ = start_run(settled(DEFAULTS | {"epochs": 2}), few_digits, path, False)
    next(events)
    events.close()
    return unpack(path, "a checkpoint")


@pytest.mark.parametrize("name", IMAGES)
def test_damaged_images(name, run_confined, tmp_path, trained_file):
    (tmp_path / "digit.png").write_bytes(made(IMAGES[name]))
    assert_refused(run_confined, tmp_path, "read", "--model", trained_file, "digit.png")


@pytest.mark.parametrize("shade", [0, 127, 255])
def test_an_image_of_one_shade_is_no_damage(shade, run_confined, tmp_path):
    (tmp_path / "digit.png").write_bytes(png_of(np.full((50, 50), shade, np.uint8)))
    result = run_confined("read", "digit.png")
    assert (result.returncode, result.stdout.decode()) == (0, "nothing there\n")


@pytest.mark.parametrize("name", IDX_FILES)
def test_damaged_idx_files(name, run_confined, tmp_path):
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.arange(50, dtype=np.uint8) % 10)
    write_idx(tmp_path / "t10k-images-idx3-ubyte", np.zeros((5, 28, 28), np.uint8))
    write_idx(tmp_path / "t10k-labels-idx1-ubyte", np.zeros(5, np.uint8))
    (tmp_path / "train-images-idx3-ubyte").write_bytes(made(IDX_FILES[name]))
    assert_refused(run_confined, tmp_path, "train", "--data", tmp_path, "--checkpoint", "run.checkpoint")


def test_a_hundred_megapixels_fit_into_the_room(run_confined, tmp_path, trained_file):
    """Colour with transparency, four bytes a pixel: the most that the limit on pixels lets in."""
    blank, bar = b"\xff" * 4, bytes([20, 20, 20, 255])
    rows = {"blank": b"\0" + blank * 10_900, "bar": b"\0" + blank * 5000 + bar * 600 + blank * 5300}
    packer = isal_zlib.compressobj(1)
    data = [packer.compress(rows["bar" if 3000 <= y < 7000 else "blank"]) for y in range(10_900)]
    chunks = png_chunk(b"IDAT", b"".join(data) + packer.flush()) + png_chunk(b"IEND", b"")
    (tmp_path / "large.png").write_bytes(png_header(10_900, 10_900, colour=6) + chunks)
    result = run_confined("read", "--json", "--model", trained_file, "large.png")
    assert result.returncode == 0, result.stderr.decode()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "PPM"])
def test_flipped_bits_in_images_are_read_or_refused(kind, trained):
    """No format but PNG can tell; what counts is that nothing but an answer or one sentence comes of it."""
    whole = encoded(kind)
    rng = np.random.default_rng(7)
    for place in rng.choice(8 * len(whole), 300).tolist():
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        try:
            outcome = glassnet.Reader(trained).classify(bytes(flipped)).digit in (None, *range(10))
        except glassnet.GlassnetError as error:
            outcome = str(error).endswith(".") and "\n" not in str(error)
        assert outcome, place


def empty_folder(folder):
    (folder / "data").mkdir()
    return ["train", "--data", "data"]


def folder_without_images(folder):
    (folder / "data" / "3").mkdir(parents=True)
    return ["train", "--data", "data"]


def folder_of_blanks(folder):
    (folder / "data" / "3").mkdir(parents=True)
    for i in range(6):
        (folder / "data" / "3" / f"{i}.png").write_bytes(png_of(np.full((40, 40), 255, np.uint8)))
    return ["train", "--data", "data"]


def folder_for_a_model(folder):
    (folder / "glassnet.safetensors").mkdir()
    return ["evaluate"]


def folder_for_an_image(folder):
    return ["read", "--model", "MODEL", "."]


def folder_to_write_to(folder):
    (folder / "glassnet.safetensors").mkdir()
    return ["train", "--epochs", "1"]


def file_for_a_folder(folder):
    (folder / "data").write_text("digits", encoding="utf-8")
    return ["train", "--data", "data"]


def nothing_there(folder):
    return ["read", "--model", "MODEL", "gone.png"]


def no_model(folder):
    return ["evaluate", "gone.safetensors"]


def name_too_long(folder):
    return ["evaluate", "x" * 300]


def name_with_a_zero_byte_or_newline(folder):
    return ["evaluate", "two\nlines"]


def model_without_permission(folder):
    shutil.copy(folder / "MODEL", folder / "glassnet.safetensors")
    (folder / "glassnet.safetensors").chmod(0)
    return ["evaluate"]


def image_without_permission(folder):
    (folder / "digit.png").write_bytes(encoded("PNG"))
    (folder / "digit.png").chmod(0)
    return ["read", "--model", "MODEL", "digit.png"]


def data_without_permission(folder):
    (folder / "data").mkdir(mode=0)
    return ["train", "--data", "data"]


def folder_that_cannot_be_written(folder):
    (folder / "locked").mkdir(mode=0o500)
    return ["train", "--epochs", "1", "--out", "locked/model"]


def checkpoint_that_cannot_be_written(folder):
    (folder / "locked").mkdir(mode=0o500)
    return ["train", "--epochs", "1", "--checkpoint", "locked/run"]


def device_for_an_image(folder):
    return ["read", "--model", "MODEL", "/dev/zero"]


def device_for_a_model(folder):
    return ["evaluate", "/dev/zero"]


def pipe_for_an_image(folder):
    os.mkfifo(folder / "pipe")
    return ["read", "--model", "MODEL", "pipe"]


def link_to_itself(folder):
    needs_links(folder)
    (folder / "loop.png").symlink_to("loop.png")
    return ["read", "--model", "MODEL", "loop.png"]


def loops(*arguments):
    """Return a place that is a link to itself, with the command that is sent there."""

    def place(folder):
        needs_links(folder)
        (folder / "LOOP").symlink_to("LOOP")
        (folder / "digit.png").write_bytes(encoded("PNG"))
        return list(arguments)

    place.__name__ = f"link_to_itself_for {' '.join(arguments)}"
    return place


PLACES = [
    empty_folder,
    folder_without_images,
    folder_of_blanks,
    folder_for_a_model,
    folder_for_an_image,
    folder_to_write_to,
    file_for_a_folder,
    nothing_there,
    no_model,
    name_too_long,
    name_with_a_zero_byte_or_newline,
    *(
        pytest.param(place, marks=needs_posix_files)
        for place in (
            model_without_permission,
            image_without_permission,
            data_without_permission,
            folder_that_cannot_be_written,
            checkpoint_that_cannot_be_written,
            device_for_an_image,
            device_for_a_model,
            pipe_for_an_image,
        )
    ),
    link_to_itself,
    loops("train", "--checkpoint", "LOOP", "--resume"),
    loops("train", "--checkpoint", "LOOP"),
    loops("train", "--out", "LOOP"),
    loops("train", "--data", "LOOP"),
    loops("evaluate", "LOOP"),
    loops("evaluate", "MODEL", "--data", "LOOP"),
    loops("evaluate", "MODEL", "--not-digits", "LOOP"),
    loops("evaluate", "MODEL", "--pages", "LOOP"),
    loops("explain", "outputs", "--model", "MODEL", "--csv", "LOOP"),
    loops("explain", "slice", "--model", "MODEL", "--png", "LOOP"),
    loops("read", "--model", "LOOP", "digit.png"),
    loops("read", "--annotate", "LOOP/x.png", "digit.png"),
    loops("export", "LOOP"),
    loops("export", "MODEL", "--out", "LOOP"),
    loops("studio", "--no-browser", "--port", "0", "--folder", "LOOP"),
    loops("studio", "--no-browser", "--port", "0", "--folder", "runs", "--model", "LOOP"),
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_wrong_places(place, run_confined, tmp_path, trained_file):
    shutil.copy(trained_file, tmp_path / "MODEL")
    arguments = place(tmp_path)
    try:
        assert_refused_without_looking(run_confined, tmp_path, arguments)
    finally:
        for path in tmp_path.rglob("*"):
            if not path.is_symlink():
                path.chmod(0o700)


def assert_refused_without_looking(run, folder, arguments):
    """As `assert_refused`; pipes and folders without permission are counted by name, not opened."""
    before = sorted(path.name for path in folder.rglob("*"))
    result = run(*arguments)
    message = result.stderr.decode()
    assert result.returncode in (1, 2), (message, result.stdout.decode())
    assert "Traceback" not in message
    assert message.startswith("error: ")
    assert message.count("\n") == 1, message
    assert not result.stdout
    assert sorted(path.name for path in folder.rglob("*")) == before


@pytest.mark.skipif(
    sys.platform != "linux", reason="a process can be given less memory and fewer rights on Linux alone"
)
def test_the_room_is_as_small_as_it_says(run_glassnet):
    """A check that cannot fail proves nothing: the same process cannot take 3 GiB, nor read what it may not."""
    import subprocess

    secret = Path(run_glassnet.folder) / "secret"
    secret.write_text("x", encoding="utf-8")
    secret.chmod(0)
    for code, error in (("bytearray(3 << 30)", b"MemoryError"), (f"open({str(secret)!r}).read()", b"PermissionError")):
        within = "import sys; sys.path.append(sys.argv[1]); import small_room; small_room.in_a_small_room(); "
        for command, before in ((code, in_a_small_room), (within + code, None)):
            result = subprocess.run(
                [sys.executable, "-c", command, Path(__file__).parent],
                capture_output=True,
                preexec_fn=before,
                check=False,
            )
            assert result.returncode == 1
            assert error in result.stderr
