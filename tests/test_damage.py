import numpy as np
import pytest

from glassnet.digits import damage, deform
from glassnet.errors import DigitsError


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (7, 28, 28), dtype=np.uint8)


@pytest.mark.parametrize("px", [1, 3, 27])
def test_a_shift_by_whole_pixels_is_a_slice(images, px):
    right, left = np.zeros_like(images), np.zeros_like(images)
    right[:, :, px:] = images[:, :, :-px]
    left[:, :, :-px] = images[:, :, px:]
    np.testing.assert_array_equal(damage.shifted(images, px), right)
    np.testing.assert_array_equal(damage.shifted(images, -px), left)


def test_a_shift_by_half_a_pixel_is_the_mean_of_two(images):
    before = np.pad(images, ((0, 0), (0, 0), (1, 0)))[:, :, :-1]
    np.testing.assert_allclose(damage.shifted(images, 0.5), (images.astype(float) + before) / 2, atol=0.5)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_quarter_turns_are_those_of_rot90(images, quarters):
    turned = np.rot90(images, quarters, axes=(1, 2))
    np.testing.assert_array_equal(damage.turned(images, 90 * quarters), turned)
    np.testing.assert_array_equal(damage.turned(images, 90 * quarters - 360), turned)


def test_each_image_can_be_turned_by_its_own_angle(images):
    degrees = np.array([90, -90, 0, 30, -30, 180, 7.5])
    together = damage.turned(images, degrees)
    for place, angle in enumerate(degrees):
        np.testing.assert_array_equal(together[place], damage.turned(images[place : place + 1], angle)[0])


def test_scaling_looks_up_places_nearer_to_or_further_from_the_middle():
    rows = np.tile(np.arange(28, dtype=np.uint8)[:, None] * 8, (1, 28))[None]
    for factor in (0.5, 0.8, 1.25, 2.0):
        expected = (13.5 + (np.arange(28) - 13.5) / factor) * 8
        inside = (expected >= 0) & (expected <= 27 * 8)
        np.testing.assert_allclose(damage.scaled(rows, factor)[0, inside, 14], expected[inside], atol=0.51)
    smaller = damage.scaled(np.full((1, 28, 28), 200, dtype=np.uint8), 0.5)[0]
    assert smaller[8:20, 8:20].min() == 200
    assert smaller[:6].max() == smaller[:, -6:].max() == 0


def test_strokes_grow_and_shrink_by_whole_pixels_at_each_edge():
    bar = np.zeros((1, 28, 28), dtype=np.uint8)
    bar[0, 5:23, 10:16] = 255
    for px in (1, 2):
        rows = damage.thickened(bar, px)[0] == 255
        assert rows[14].tolist() == [10 - px <= column < 16 + px for column in range(28)]
    assert (damage.thickened(bar, -1)[0, 14] == 255).tolist() == [11 <= column < 15 for column in range(28)]
    assert damage.thickened(bar, 0.5)[0, 14, 9] == 128  # half of 255, rounded to even


def test_random_strokes_are_those_of_their_amounts(images):
    amounts = np.random.default_rng(3).uniform(-2, 2, len(images))
    expected = np.concatenate([damage.thickened(images[i : i + 1], a) for i, a in enumerate(amounts)])
    np.testing.assert_array_equal(deform.stroke_width(images, np.random.default_rng(3), most_px=2), expected)


def test_noise_is_normal_and_cut_off_at_both_ends():
    grey = np.full((200, 28, 28), 128, dtype=np.uint8)
    noise = damage.noisy(grey, 0.1, np.random.default_rng(0)).astype(float) - 128
    assert noise.mean() == pytest.approx(0, abs=0.2)
    assert noise.std() == pytest.approx(25.5, rel=0.01)
    stronger = damage.noisy(grey, 0.2, np.random.default_rng(0)).astype(float) - 128
    np.testing.assert_allclose(np.clip(2 * noise, -128, 127), stronger, atol=1.5)
    blank = damage.noisy(np.zeros_like(grey), 0.5, np.random.default_rng(0))
    assert (blank == 0).mean() == pytest.approx(0.5, abs=0.01)
    assert (blank == 255).mean() == pytest.approx(0.0228, abs=0.003)


def test_contrast_multiplies_every_shade(images):
    for factor in (0, 0.3, 1, 2.5):
        np.testing.assert_array_equal(damage.faded(images, factor), np.rint(np.minimum(images * factor, 255)))


@pytest.mark.parametrize("kind", damage.DAMAGES)
def test_the_amount_none_spoils_nothing_and_nothing_is_changed_in_place(kind, images):
    one = damage.DAMAGES[kind]
    before = images.copy()
    np.testing.assert_array_equal(one.damaged(images, one.none, np.random.default_rng(0)), images)
    for amount in (one.amounts[0], one.amounts[-1]):
        spoilt = one.damaged(images, amount, np.random.default_rng(0))
        assert spoilt.dtype == np.uint8
        assert amount == one.none or (spoilt != images).any(axis=(1, 2)).all()
        np.testing.assert_array_equal(spoilt, one.damaged(images, amount, np.random.default_rng(0)))
    np.testing.assert_array_equal(images, before)
    assert one.none in one.amounts
    assert list(one.amounts) == sorted(one.amounts)


def test_amounts_without_a_meaning_are_refused(images, rng):
    with pytest.raises(DigitsError, match="above 0"):
        damage.scaled(images, 0)
    with pytest.raises(DigitsError, match="below 0"):
        damage.noisy(images, -0.1, rng)
    with pytest.raises(DigitsError, match="below 0"):
        damage.faded(images, -1)
    with pytest.raises(DigitsError, match="uint8"):
        damage.thickened(images.astype(float), 1)


@pytest.mark.parametrize(
    "made",
    [
        lambda images: damage.shifted(images, 1.0),
        lambda images: damage.turned(images, 10.0),
        lambda images: damage.scaled(images, 0.9),
        lambda images: damage.thickened(images, 0.5),
        lambda images: damage.noisy(images, 0.1, np.random.default_rng(0)),
        lambda images: damage.faded(images, 0.5),
        lambda images: deform.shift(images, np.random.default_rng(0)),
        lambda images: deform.rotate(images, np.random.default_rng(0)),
        lambda images: deform.scale(images, np.random.default_rng(0)),
        lambda images: deform.shear(images, np.random.default_rng(0)),
        lambda images: deform.elastic(images, np.random.default_rng(0)),
        lambda images: deform.stroke_width(images, np.random.default_rng(0)),
    ],
)
@pytest.mark.parametrize("images", [np.zeros((3, 28, 28)), np.zeros((28, 28), np.uint8), np.zeros((3, 784), np.uint8)])
def test_what_is_no_batch_of_images_is_neither_damaged_nor_deformed(made, images):
    with pytest.raises(DigitsError, match=r"must be of uint8, shape \(n, height, width\), not "):
        made(images)


AMOUNTS = {
    "shift": [-6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6],
    "turn": [-90, -60, -45, -30, -15, 0, 15, 30, 45, 60, 90],
    "scale": [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4],
    "thickness": [-1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3],
    "noise": [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
    "contrast": [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8, 2],
}


@pytest.mark.parametrize("kind", damage.DAMAGES)
def test_the_amounts_are_those_that_curves_are_drawn_over(images, kind):
    told = damage.DAMAGES[kind]
    assert list(told.amounts) == pytest.approx(AMOUNTS[kind])
    assert told.none == (1 if kind in ("scale", "contrast") else 0)
    whole = told.damaged(images, told.none, np.random.default_rng(0))
    assert np.abs(whole.astype(int) - images).max() <= 1, "none of it spoils something"
