import gzip
import hashlib
import struct
from dataclasses import replace
from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

import glassnet
from glassnet.digits import read_idx, write_idx
from glassnet.digits.idx import DTYPES

MD5 = {  # of the uncompressed files, as published
    "train-images-idx3-ubyte.gz": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte.gz": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte.gz": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte.gz": "27ae3e4e09519cfbb04c329615203637",
}


def test_the_bundled_files_are_mnist():
    folder = resources.files("glassnet.digits") / "mnist"
    hashes = {name: hashlib.md5(gzip.decompress((folder / name).read_bytes())).hexdigest() for name in MD5}
    assert hashes == MD5
    assert "CC BY-SA 3.0" in (folder / "LICENCE.md").read_text(encoding="utf-8")


def test_mnist_is_all_there(digits):
    assert digits.train_images.shape == (60_000, 28, 28)
    assert digits.test_images.shape == (10_000, 28, 28)
    assert np.bincount(digits.test_labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert digits.name == "MNIST"


idx_arrays = st.sampled_from([np.dtype(name).newbyteorder("=") for name in DTYPES.values()]).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5))
)


@given(array=idx_arrays, name=st.sampled_from(["a", "a.gz"]))
def test_any_idx_file_comes_back_as_it_was(array, name, tmp_path_factory):
    path = tmp_path_factory.mktemp("idx") / name
    write_idx(path, array)
    back = read_idx(path)
    assert back.dtype == array.dtype
    assert back.dtype.isnative
    np.testing.assert_array_equal(back, array)


@pytest.mark.parametrize(
    ("code", "numbers", "dtype", "values"),
    [
        (0x08, "00 ff", np.uint8, [[0], [255]]),
        (0x09, "ff 7f", np.int8, [[-1], [127]]),
        (0x0B, "ff fe  01 02", np.int16, [[-2], [258]]),
        (0x0C, "ff ff ff fe  01 02 03 04", np.int32, [[-2], [16_909_060]]),
        (0x0D, "c0 00 00 00  3f c0 00 00", np.float32, [[-2.0], [1.5]]),
        (0x0E, "c0 00 00 00 00 00 00 00  3f f8 00 00 00 00 00 00", np.float64, [[-2.0], [1.5]]),
    ],
)
def test_idx_files_byte_by_byte(tmp_path, code, numbers, dtype, values):
    """Two zeros, the type, two axes of 2 and 1, then the numbers, all big-endian."""
    data = bytes([0, 0, code, 2, 0, 0, 0, 2, 0, 0, 0, 1]) + bytes.fromhex(numbers)
    (tmp_path / "given").write_bytes(data)
    found = read_idx(tmp_path / "given")
    assert found.dtype == dtype
    assert found.tolist() == values
    write_idx(tmp_path / "written", np.array(values, dtype))
    assert (tmp_path / "written").read_bytes() == data


def test_no_more_is_read_than_is_allowed(tmp_path):
    for name in ("x", "x.gz"):
        write_idx(tmp_path / name, np.ones(40, np.int16))
        assert read_idx(tmp_path / name, largest_bytes=80).sum() == 40
        with pytest.raises(glassnet.GlassnetError, match=r"promises 40 numbers, more than .* this program accepts"):
            read_idx(tmp_path / name, largest_bytes=79)


def test_what_the_format_cannot_hold_is_refused(tmp_path):
    for array in (np.zeros(3, np.int64), np.zeros((), np.uint8)):
        with pytest.raises(glassnet.GlassnetError, match="cannot hold"):
            write_idx(tmp_path / "x", array)


HEADER = bytes([0, 0, 8, 3])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "begins with the bytes of nothing"),
        (b"\x89PNG", "begins with the bytes 89 50 4e 47"),
        (b"\0\0\x07\1" + b"\0" * 8, "begins with"),
        (b"\0\0\x08\0", "ends within its header"),
        (HEADER + b"\0\0\0\2", "ends within its header"),
        (HEADER + struct.pack(">3I", 2, 3, 3) + b"\0" * 17, "its header promises|cut short"),
        (HEADER + struct.pack(">3I", 2, 3, 3) + b"\0" * 19, "goes on after the end"),
        (HEADER + b"\xff" * 12 + b"\0" * 99, "its header promises 4,294,967,295 x"),
        (gzip.compress(HEADER + struct.pack(">3I", 9, 3, 3) + b"\0" * 17, mtime=0), "cut short: 17 of the 81 bytes"),
        (gzip.compress(HEADER + struct.pack(">3I", 60_000, 28, 28) + b"\0" * 17, mtime=0), "its header promises"),
        (gzip.compress(b"\0" * 10_000_000, mtime=0), "begins with the bytes 00 00 00 00"),
        (gzip.compress(HEADER + struct.pack(">3I", 2, 3, 3) + b"\0" * 18, mtime=0)[:-9], "gzip data are damaged"),
        (b"\x1f\x8b" + b"\7" * 40, "gzip data are damaged"),
    ],
)
def test_damaged_idx_files_are_refused_in_one_sentence(tmp_path, data, sentence):
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(data)
    with pytest.raises(glassnet.GlassnetError, match=sentence) as caught:
        read_idx(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_of_idx_files_loads_with_the_same_call(few_digits_folder, few_digits):
    loaded = glassnet.load_digits(few_digits_folder)
    np.testing.assert_array_equal(loaded.train_images, few_digits.train_images)
    np.testing.assert_array_equal(loaded.test_labels, few_digits.test_labels)
    assert loaded.name == few_digits_folder.name


def test_a_folder_without_all_four_files_says_which_is_missing(tmp_path):
    write_idx(tmp_path / "train-images.idx3-ubyte", np.zeros((1, 28, 28), np.uint8))
    with pytest.raises(glassnet.GlassnetError, match="no IDX file for train labels and test images and test labels"):
        glassnet.load_digits(tmp_path)


def folder_of_images(folder, few_digits, n_each=7):
    counts = dict.fromkeys(range(10), 0)
    for image, label in zip(few_digits.train_images, few_digits.train_labels.tolist(), strict=True):
        if counts[label] < n_each:
            (folder / str(label)).mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(folder / str(label) / f"{counts[label]}.png")
            counts[label] += 1
    return folder


def test_a_folder_of_images_is_a_data_set(tmp_path, few_digits):
    folder_of_images(tmp_path / "mine", few_digits)
    (tmp_path / "mine" / "3" / ".DS_Store").write_bytes(b"junk")
    loaded = glassnet.load_digits(tmp_path / "mine")
    assert loaded.name == "mine"
    assert np.bincount(loaded.train_labels).tolist() == [6] * 10
    assert np.bincount(loaded.test_labels).tolist() == [1] * 10
    fives = few_digits.train_images[few_digits.train_labels == 5]
    assert {bytes(image) for image in loaded.train_images[loaded.train_labels == 5]} == {
        bytes(image) for image in (*fives[:5], fives[6])
    }
    held = loaded.hold_out(20)
    assert len(set(held.validation_labels.tolist())) >= 6, "what is held out is of one kind"
    again = glassnet.load_digits(tmp_path / "mine")
    np.testing.assert_array_equal(again.train_images, loaded.train_images)
    np.testing.assert_array_equal(loaded.test_images[loaded.test_labels == 5], fives[5:6])


def test_a_folder_with_train_and_test_parts(tmp_path, few_digits):
    folder_of_images(tmp_path / "train", few_digits, 2)
    folder_of_images(tmp_path / "test", few_digits, 1)
    loaded = glassnet.load_digits(tmp_path)
    assert len(loaded.train_images) == 20
    assert len(loaded.test_images) == 10


def test_images_of_other_sizes_are_made_like_mnist(tmp_path, few_digits):
    for i in range(6):
        (tmp_path / "4").mkdir(exist_ok=True)
        big = Image.fromarray(255 - few_digits.train_images[2]).resize((140, 140))
        big.save(tmp_path / "4" / f"{i}.png")
    loaded = glassnet.load_digits(tmp_path)
    assert loaded.train_images.shape == (5, 28, 28)
    difference = np.abs(loaded.train_images[0].astype(int) - few_digits.train_images[2])
    assert difference.mean() < 20 < np.abs(loaded.train_images[0].astype(int) - few_digits.train_images[0]).mean()


def test_folders_without_digits_are_refused(tmp_path, few_digits):
    with pytest.raises(glassnet.GlassnetError, match="holds no digits"):
        glassnet.load_digits(tmp_path)
    with pytest.raises(FileNotFoundError):
        glassnet.load_digits(tmp_path / "nowhere")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(glassnet.GlassnetError, match="is a file"):
        glassnet.load_digits(tmp_path / "file")
    folder_of_images(tmp_path / "few", few_digits, 2)
    with pytest.raises(glassnet.GlassnetError, match="at least 6 of one digit"):
        glassnet.load_digits(tmp_path / "few")
    (tmp_path / "few" / "1" / "notes.txt").write_text("not an image", encoding="utf-8")
    with pytest.raises(glassnet.GlassnetError, match=r"notes\.txt"):
        glassnet.load_digits(tmp_path / "few")


def test_images_and_labels_that_do_not_belong_together_are_refused(few_digits):
    for wrong, sentence in (
        ({"train_labels": few_digits.train_labels[:5]}, "1,000 images and 5 labels"),
        ({"train_labels": few_digits.train_labels + 1}, "a label 10; digits are 0 to 9"),
        ({"train_images": few_digits.train_images.astype(float)}, "must be images of uint8"),
        ({"train_images": few_digits.train_images[:, :20]}, r"of \(20, 28\) pixels, the test images of \(28, 28\)"),
        ({"test_images": few_digits.test_images[:0], "test_labels": few_digits.test_labels[:0]}, "0 images"),
    ):
        with pytest.raises(glassnet.GlassnetError, match=sentence):
            replace(few_digits, **wrong)
    held = few_digits.hold_out(100)
    with pytest.raises(glassnet.GlassnetError, match="100 digits have been held out already"):
        held.hold_out(50)
    with pytest.raises(glassnet.GlassnetError, match="the validation digits are 100 images and 3 labels"):
        replace(held, validation_labels=held.validation_labels[:3])
    for n in (0, -1, 1000):
        with pytest.raises(glassnet.GlassnetError, match="cannot hold out"):
            few_digits.hold_out(n)


def test_inputs_are_pixels_over_255(few_digits):
    inputs = glassnet.as_inputs(few_digits.test_images, dtype=np.float64)
    assert inputs.shape == (300, 784)
    assert inputs.dtype == np.float64
    assert inputs[3, 28 * 10 + 12] == few_digits.test_images[3, 10, 12] / 255
    assert glassnet.as_inputs(few_digits.test_images).dtype == np.float32
    assert glassnet.as_inputs(few_digits.test_images[0]).shape == (1, 784)
    with pytest.raises(glassnet.GlassnetError, match="images must be of uint8"):
        glassnet.as_inputs(np.zeros((2, 28, 28)))


def test_labels_without_an_output_are_refused():
    with pytest.raises(glassnet.GlassnetError, match="these go from 3 to 12"):
        glassnet.one_hot(np.array([3, 12]))
    with pytest.raises(glassnet.GlassnetError, match="from -1 to 3"):
        glassnet.one_hot(np.array([3, -1]))


def test_a_plain_file_wins_over_its_gz_and_folders_are_passed_over(tmp_path, few_digits):
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"):
        (tmp_path / name).mkdir()
    write_idx(tmp_path / "train-images.idx3-ubyte", few_digits.train_images[:5])
    write_idx(tmp_path / "train-labels.idx1-ubyte", few_digits.train_labels[:5])
    for part, images, labels in (
        ("", few_digits.test_images[:4], few_digits.test_labels[:4]),
        (".gz", few_digits.test_images[:9], few_digits.test_labels[:9]),
    ):
        write_idx(tmp_path / f"t10k-images-idx3-ubyte{part}", images)
        write_idx(tmp_path / f"t10k-labels-idx1-ubyte{part}", labels)
    loaded = glassnet.load_digits(tmp_path)
    assert len(loaded.train_images) == 5
    assert len(loaded.test_images) == 4


def test_small_images_with_light_paper_are_made_like_mnist_too(tmp_path, few_digits):
    (tmp_path / "7").mkdir()
    for i in range(6):
        Image.fromarray(255 - few_digits.train_images[i]).save(tmp_path / "7" / f"{i}.png")
    loaded = glassnet.load_digits(tmp_path)
    assert np.median(loaded.test_images[0][0]) == 0
    assert np.abs(loaded.test_images[0].astype(int) - few_digits.train_images[5]).mean() < 1


def test_digits_say_how_many_they_are(few_digits):
    assert repr(few_digits).endswith(": 1,000 to train on, 300 to test)")
    assert repr(few_digits.hold_out(100)).endswith(": 900 to train on, 100 for validation, 300 to test)")
