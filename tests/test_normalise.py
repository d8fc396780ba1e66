import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import glassnet
from glassnet.digits import normalise as normalise_module
from glassnet.digits.image_file import read_grey
from glassnet.digits.normalise import SIDE_PX, corner_of, find_ink, mean_of_3_by_3, normalise, plane_through
from glassnet.errors import ImageError


def placed(image, factor, corner, size, *, ink=30, paper=220):
    """A digit of MNIST, enlarged, dark on light, somewhere in a larger picture."""
    large = Image.fromarray(image).resize((28 * factor, 28 * factor), Image.Resampling.BICUBIC)
    picture = np.full(size, paper, np.float64)
    top, left = corner
    amount = np.asarray(large, np.float64) / 255
    picture[top : top + 28 * factor, left : left + 28 * factor] += amount * (ink - paper)
    return np.rint(picture).astype(np.uint8)


def accuracy(network, images, labels):
    return np.mean(glassnet.feedforward(network, glassnet.as_inputs(images)).outputs.argmax(1) == labels)


def test_a_digit_of_mnist_stays_as_it_is(digits):
    images = digits.test_images[:500]
    normalised = np.stack([normalise(image).image for image in images])
    assert np.abs(normalised.astype(int) - images).mean() < 0.5
    assert (normalised == images).all(axis=(1, 2)).mean() > 0.6


def test_digits_in_pictures_are_read_as_well_as_mnists_own(digits, trained, rng):
    images, labels = digits.test_images[:500], digits.test_labels[:500]
    plain = accuracy(trained, images, labels)
    for factor, size, ink, paper in ((1, (60, 70), 0, 255), (4, (200, 300), 60, 200), (9, (400, 300), 255, 10)):
        normalised = []
        for image in images:
            corner = (rng.integers(0, size[0] - 28 * factor + 1), rng.integers(0, size[1] - 28 * factor + 1))
            normalised.append(normalise(placed(image, factor, corner, size, ink=ink, paper=paper)).image)
        assert accuracy(trained, np.stack(normalised), labels) > plain - 0.02


def test_polarity_place_and_contrast_do_not_matter(few_digits):
    image = few_digits.test_images[0]
    reference = normalise(placed(image, 5, (10, 10), (160, 160))).image
    for other in (
        placed(image, 5, (10, 10), (160, 160), ink=230, paper=15),
        placed(image, 5, (60, 140), (240, 300)),
        placed(image, 5, (10, 10), (160, 160), ink=150, paper=210),
    ):
        assert np.abs(normalise(other).image.astype(int) - reference).mean() < 1.5


def test_the_digit_fits_20_by_20_with_its_centre_of_mass_in_the_middle(few_digits):
    for image in few_digits.test_images[:50]:
        normalised = normalise(placed(image, 6, (40, 3), (300, 200)))
        ink = normalised.image.astype(float)
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
        centre = [(ink.sum(axis=1 - axis) * np.arange(28)).sum() / ink.sum() for axis in (0, 1)]
        assert np.abs(np.array(centre) - 14).max() <= 0.51
        assert ink.max() == 255


def test_the_box_is_where_the_digit_is():
    picture = np.full((100, 120), 250, np.uint8)
    picture[20:80, 50:56] = 10
    normalised = normalise(picture)
    assert normalised.box == (50, 20, 6, 60)
    assert normalised.scale == pytest.approx(1 / 3)
    assert (normalised.ink > 0.9).sum() == 360


def test_grain_and_single_specks_are_not_ink(few_digits, rng):
    clean = placed(few_digits.test_images[0], 5, (10, 10), (180, 180))
    noisy = clean.astype(float) + rng.normal(0, 6, clean.shape)
    noisy[170, 170] = 0
    noisy = noisy.clip(0, 255).astype(np.uint8)
    difference = np.abs(normalise(noisy).image.astype(int) - normalise(clean).image)
    assert difference.mean() < 5


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_picture_without_ink_is_refused(shade, rng):
    for picture in (
        np.full((50, 40), shade, np.uint8),
        np.clip(shade + rng.integers(-5, 6, (50, 40)), 0, 255).astype(np.uint8),
    ):
        with pytest.raises(glassnet.GlassnetError, match="no digit in the picture"):
            normalise(picture)


def test_pictures_that_are_none_are_refused():
    for picture, sentence in (
        (np.zeros((2, 40), np.uint8), "40 x 2 pixels is too small"),
        (np.zeros((40, 2), np.uint8), "2 x 40 pixels is too small"),
        (np.zeros((40, 40)), "must be of uint8"),
        (np.zeros((4, 40, 3), np.uint8), "must be of uint8"),
    ):
        with pytest.raises(glassnet.GlassnetError, match=sentence):
            normalise(picture)


@pytest.fixture
def picture(few_digits):
    return placed(few_digits.test_images[0], 3, (10, 30), (120, 160))


def encoded(picture, kind, **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM"])
@pytest.mark.parametrize("mode", ["L", "RGB", "1"])
def test_every_kind_of_file_reads_the_same(picture, kind, mode):
    image = Image.fromarray(picture).convert(mode)
    if mode == "1" and kind in ("JPEG", "WEBP"):
        image = image.convert("L")
    grey = read_grey(encoded(image, kind))
    assert grey.shape == picture.shape
    assert np.abs(grey.astype(int) - np.asarray(image.convert("L"))).mean() < 5


def test_colour_modes_and_depths(picture):
    image = Image.fromarray(picture)
    for other in (image.convert("P"), image.convert("CMYK"), image.convert("LA"), image.convert("RGBA")):
        kind = "TIFF" if other.mode == "CMYK" else "PNG"
        assert np.abs(read_grey(encoded(other, kind)).astype(int) - picture).mean() < 3
    deep = Image.fromarray(picture.astype(np.uint16) * 200)
    grey = read_grey(encoded(deep, "PNG"))
    assert np.abs(normalise(grey).image.astype(int) - normalise(picture).image).mean() < 2


@pytest.mark.parametrize("shade", [0, 255])
def test_ink_on_transparent_paper(picture, shade):
    """Black or white ink with nothing around it: it shows on the paper that it is not."""
    layers = np.zeros((*picture.shape, 4), np.uint8)
    layers[:, :, :3] = shade
    layers[:, :, 3] = ((220 - picture.astype(int)) / 190 * 255).clip(0, 255)
    grey = read_grey(encoded(Image.fromarray(layers), "PNG"))
    assert np.abs(normalise(grey).image.astype(int) - normalise(picture).image).mean() < 2


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_are_turned_upright(picture, orientation):
    """EXIF: how the stored rows and columns lie in the upright picture (TIFF 6.0, tag 274)."""
    stored = {
        1: picture,
        2: picture[:, ::-1],
        3: picture[::-1, ::-1],
        4: picture[::-1],
        5: picture.T,
        6: np.rot90(picture),
        7: picture[::-1, ::-1].T,
        8: np.rot90(picture, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    grey = read_grey(encoded(Image.fromarray(np.ascontiguousarray(stored)), "PNG", exif=exif))
    np.testing.assert_array_equal(grey, picture)


def test_a_large_photo_is_averaged_down(few_digits):
    large = placed(few_digits.test_images[0], 100, (100, 50), (3000, 4000))
    for kind in ("PNG", "JPEG"):
        grey = read_grey(encoded(Image.fromarray(large), kind))
        assert max(grey.shape) <= 2048
        small = normalise(grey).image
        assert np.abs(small.astype(int) - normalise(few_digits.test_images[0]).image).mean() < 8


def test_what_is_no_image_is_refused(tmp_path):
    for data in (b"", b"hello", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\x89PNG\r\n\x1a\n" + b"\0" * 50):
        with pytest.raises(glassnet.GlassnetError, match="cannot read the image"):
            read_grey(data)
    with pytest.raises(glassnet.GlassnetError, match="not a file"):
        read_grey(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_grey(tmp_path / "nowhere.png")


def test_nothing_stands_out_from_a_rim_of_noise(rng):
    picture = rng.integers(0, 256, (120, 120)).astype(np.uint8)
    picture[1:-1, 1:-1] = 128
    with pytest.raises(glassnet.GlassnetError, match="nothing stands out from the shade of its rim"):
        normalise(picture)


def test_light_from_one_side_does_not_matter(digits, trained, rng):
    images, labels = digits.test_images[:300], digits.test_labels[:300]
    down, right = np.indices((200, 260)) / np.array([200, 260])[:, None, None]
    normalised = []
    for image in images:
        picture = placed(image, 5, (30, 60), (200, 260), ink=20, paper=240).astype(float)
        lit = picture * (0.5 + 0.3 * down + 0.2 * right) + rng.normal(0, 2, picture.shape)
        normalised.append(normalise(lit.clip(0, 255).astype(np.uint8)).image)
    assert accuracy(trained, np.stack(normalised), labels) > accuracy(trained, images, labels) - 0.03


@pytest.mark.parametrize("off", [-150.0, 150.0])
def test_what_lies_off_a_plane_does_not_tilt_it(off, rng):
    """Nine tenths of the shades lie on a plane but for their grain; ink makes the rest darker, or lighter."""
    places = np.column_stack([np.ones(1000), rng.random((1000, 2))])
    shades = places @ [100.0, 40.0, -20.0] + rng.normal(0, 1, 1000)
    shades[places[:, 1] > 0.9] += off
    np.testing.assert_allclose(plane_through(places, shades), [100, 40, -20], atol=0.3)
    shades = places @ [100.0, 40.0, -20.0]
    shades[rng.choice(1000, 300, replace=False)] += off
    np.testing.assert_allclose(plane_through(places, shades), [100, 40, -20], atol=1e-9)


def test_a_mean_of_3_by_3_by_hand():
    values = np.array([[9.0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 18]])
    # where the rim repeats itself a corner counts four times, and what is beside it twice
    expected = [[4, 2, 0, 0], [2, 1, 2, 4], [0, 0, 4, 8]]
    np.testing.assert_allclose(mean_of_3_by_3(values), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("place", "shift", "expected"),
    [
        ((10, 10), (0, 0), (4, 4)),
        ((10, 10), (2, -3), (6, 1)),
        ((0, 19), (0, 0), (8, 0)),  # 14 and -5 would leave the image
        ((19, 0), (0, 0), (0, 8)),
        ((10, 10), (5, -5), (8, 0)),
    ],
)
def test_the_centre_of_mass_is_moved_to_the_middle_as_far_as_there_is_room(place, shift, expected):
    small = np.zeros((20, 20))
    small[place] = 1
    assert corner_of(small, 28, shift) == expected
    if shift == (0, 0):
        assert corner_of(small) == expected, "of a square of 28 pixels, and nothing is shifted, unless told otherwise"


def test_ink_that_crosses_the_rim_is_not_paper():
    picture = np.full((100, 100), 230, np.uint8)
    picture[:, 40:55] = 20
    picture[30:45, :] = 20
    normalised = normalise(picture)
    assert normalised.box == (0, 0, 100, 100)
    assert (normalised.ink > 0.9).sum() == (picture == 20).sum()


def test_a_faint_digit_is_read_and_a_fainter_one_is_not(few_digits):
    reference = normalise(placed(few_digits.test_images[0], 5, (10, 10), (160, 160))).image
    faint = normalise(placed(few_digits.test_images[0], 5, (10, 10), (160, 160), ink=170, paper=200)).image
    assert np.abs(faint.astype(int) - reference).mean() < 4
    with pytest.raises(glassnet.GlassnetError, match="no digit"):
        normalise(placed(few_digits.test_images[0], 5, (10, 10), (160, 160), ink=180, paper=200))


def test_transparent_corners_change_nothing(picture):
    layers = np.zeros((140, 180, 4), np.uint8)
    layers[10:130, 10:170, :3] = picture[:, :, None]
    layers[10:130, 10:170, 3] = 255
    grey = read_grey(encoded(Image.fromarray(layers), "PNG"))
    left, top, width, height = normalise(picture).box
    assert normalise(grey).box == (left + 10, top + 10, width, height)


def test_a_deep_blank_is_as_blank_as_a_shallow_one(rng):
    deep = (40_000 + rng.integers(-3, 4, (60, 60))).astype(np.uint16)
    deep[20:40, 30] -= 20
    with pytest.raises(glassnet.GlassnetError, match="one shade all over"):
        normalise(read_grey(encoded(Image.fromarray(deep), "PNG")))


def test_errors_without_words_have_a_name(monkeypatch):
    def wordless(image):
        raise ZeroDivisionError

    monkeypatch.setattr("glassnet.digits.decoding.grey_of", wordless)
    with pytest.raises(glassnet.GlassnetError, match=r"damaged \(ZeroDivisionError\)"):
        read_grey(encoded(Image.new("L", (9, 9)), "PNG"))

    def exhausted(image):
        raise MemoryError

    monkeypatch.setattr("glassnet.digits.decoding.grey_of", exhausted)
    with pytest.raises(MemoryError):
        read_grey(encoded(Image.new("L", (9, 9)), "PNG"))


@given(
    shape=st.tuples(st.integers(3, 90), st.integers(3, 90)),
    n=st.integers(1, 6),
    seed=st.integers(0, 2**32),
    paper=st.sampled_from([0, 130, 255]),
    shades=st.sampled_from([30, 90, 125]),
)
def test_what_is_ink_depends_on_nothing_but_paper_beyond_the_marks(shape, n, seed, paper, shades):
    """As if it were looked for in the whole picture: marks anywhere, at the rim too, however few."""
    rng = np.random.default_rng(seed)
    grey = np.full(shape, paper, dtype=np.uint8)
    for _ in range(n):
        top, left = (int(rng.integers(0, side)) for side in shape)
        height, width = (int(rng.integers(1, 9)) for _ in range(2))
        shade = paper + int(rng.integers(1, shades + 1)) * (1 if paper < 128 else -1)
        grey[top : top + height, left : left + width] = shade
    difference, grain = normalise_module.without_paper(grey)
    whole = is_refused = None
    try:
        whole = normalise_module.ink_in(difference, grain, is_large=min(shape) > 2 * SIDE_PX)
    except ImageError:
        is_refused = True
    if is_refused:
        with pytest.raises(ImageError):
            find_ink(grey)
    else:
        np.testing.assert_array_equal(find_ink(grey), whole)


@pytest.mark.parametrize("seed", range(4))
def test_all_four_sides_of_the_rim_are_paper(seed):
    rng = np.random.default_rng(seed)
    light = np.add.outer(rng.normal() * np.arange(24), rng.normal() * np.arange(31))
    grey = (150 + light + rng.normal(size=(24, 31)) * 9).clip(0, 255).astype(np.uint8)
    difference, grain = normalise_module.without_paper(grey)
    assert grain > 1
    for turned in range(1, 4):
        of_turned, its_grain = normalise_module.without_paper(np.rot90(grey, turned))
        np.testing.assert_allclose(of_turned, np.rot90(difference, turned), atol=1e-3)
        assert its_grain == pytest.approx(grain)
