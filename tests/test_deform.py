import numpy as np
import pytest

import glassnet
from glassnet.digits import deform

DEFORMATIONS = [deform.shift, deform.rotate, deform.scale, deform.shear, deform.elastic, deform.stroke_width]


def centres(images):
    ink = images.astype(float)
    total = ink.sum(axis=(1, 2))
    rows, columns = np.indices(images.shape[1:])
    return np.stack([(ink * rows).sum(axis=(1, 2)), (ink * columns).sum(axis=(1, 2))], axis=1) / total[:, None]


@pytest.fixture
def bar():
    """An upright bar, 3 wide and 13 high, in the middle of 29 x 29, a thousand times."""
    image = np.zeros((29, 29), np.uint8)
    image[8:21, 13:16] = 255
    return np.tile(image, (1000, 1, 1))


def spreads(images):
    """Standard deviations of the ink by row and by column, and the slant: columns for each row."""
    ink = images.astype(float)
    total = ink.sum(axis=(1, 2))
    rows, columns = np.indices(images.shape[1:])
    centre = centres(images)[:, :, None, None]
    rows, columns = rows - centre[:, 0], columns - centre[:, 1]
    variances = [(ink * part).sum(axis=(1, 2)) / total for part in (rows * rows, columns * columns, rows * columns)]
    return np.sqrt(variances[0]), np.sqrt(variances[1]), variances[2] / variances[0]


@pytest.mark.parametrize("deformation", DEFORMATIONS)
def test_deformations_are_pure_functions_of_their_rng(deformation, few_digits):
    images = few_digits.train_images[:50]
    before = images.copy()
    first, second, other = (deformation(images, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(images, before)
    assert first.shape == images.shape
    assert first.dtype == np.uint8
    assert (first != other).any(axis=(1, 2)).mean() > 0.9
    assert (first != images).any(axis=(1, 2)).mean() > 0.9


def test_shift_moves_the_centre_by_up_to_so_much(bar, rng):
    moved = centres(deform.shift(bar, rng, most_px=2.0)) - centres(bar)
    assert 1.9 < np.abs(moved).max() <= 2.01
    np.testing.assert_allclose(moved.mean(axis=0), 0, atol=0.15)
    np.testing.assert_allclose(moved.std(axis=0), 4 / np.sqrt(12), rtol=0.1)


def test_rotate_turns_about_the_middle(bar, rng):
    turned = deform.rotate(bar, rng, most_degrees=20.0)
    np.testing.assert_allclose(centres(turned), centres(bar), atol=0.05)
    slant = spreads(turned)[2]
    # near tan(20 degrees); the bar's own width makes its slant a little less
    assert 0.28 < slant.max() < 0.37
    assert -0.37 < slant.min() < -0.28


def test_scale_stretches_both_ways_on_their_own(bar, rng):
    bar[:, 8:21, 8:21] = 255  # as wide as high
    high, wide, _ = spreads(deform.scale(bar, rng, most_factor=1.3))
    before_high, before_wide, _ = spreads(bar[:1])
    for after, before in ((high, before_high), (wide, before_wide)):
        ratio = after / before
        assert 1.27 < ratio.max() < 1.33
        assert 1 / 1.33 < ratio.min() < 1 / 1.25
    assert abs(np.corrcoef(high, wide)[0, 1]) < 0.1


def test_shear_slants(bar, rng):
    sheared = deform.shear(bar, rng, most=0.3)
    slant = spreads(sheared)[2]
    assert 0.27 < slant.max() < 0.31
    assert -0.31 < slant.min() < -0.27
    np.testing.assert_allclose(centres(sheared), centres(bar), atol=0.05)


def test_elastic_bends_by_about_as_much_as_it_says(rng):
    # a ramp shows by how much each pixel was moved: its value is its column
    ramp = np.tile(np.arange(0, 232, 4, dtype=np.uint8), (200, 58, 1))
    bent = deform.elastic(ramp, rng).astype(float)[:, 15:-15, 15:-15] / 4
    moved = bent - np.arange(15, 43)
    assert np.sqrt(2) * moved.std() == pytest.approx(1.84, rel=0.08)
    neighbours = np.diff(moved, axis=2)
    assert neighbours.std() < moved.std() / 3, "the field is not smooth"


def test_stroke_width_thins_and_thickens(bar, rng):
    ink = deform.stroke_width(bar, rng, most_px=1.0).astype(float).sum(axis=(1, 2)) / bar[0].astype(float).sum()
    assert 1.7 < ink.max() < 1.9  # 5 x 15 less the corners of a cross, over 3 x 13
    assert 0.33 <= ink.min() < 0.45
    assert 0.3 < (ink < 1).mean() < 0.7


def test_a_hairline_is_not_thinned_away(rng):
    image = np.zeros((200, 28, 28), np.uint8)
    image[:, 5:20, 14] = 255
    assert (deform.stroke_width(image, rng, most_px=2.0).sum(axis=(1, 2), dtype=float) > 0.3 * 255 * 15).all()


def test_digits_stay_digits(digits, trained, rng):
    """Small deformations change the look, not the answer."""
    images, labels = digits.test_images[:1000], digits.test_labels[:1000]

    def accuracy(images):
        return np.mean(glassnet.feedforward(trained, glassnet.as_inputs(images)).outputs.argmax(1) == labels)

    plain = accuracy(images)
    for deformation, options in (
        (deform.shift, {"most_px": 0.5}),
        (deform.rotate, {"most_degrees": 5}),
        (deform.scale, {"most_factor": 1.05}),
        (deform.shear, {"most": 0.05}),
        (deform.elastic, {"strength_px": 2}),
        (deform.stroke_width, {"most_px": 0.3}),
    ):
        assert accuracy(deformation(images, rng, **options)) > plain - 0.03, deformation.__name__


def test_other_arrays_are_refused(rng):
    for deformation in DEFORMATIONS:
        for array in (np.zeros((2, 28, 28)), np.zeros((28, 28), np.uint8)):
            with pytest.raises(glassnet.GlassnetError, match="images must be of uint8"):
                deformation(array, rng)


class Always:
    """A generator that always draws the same."""

    def __init__(self, value):
        self.value = value

    def uniform(self, low, high, size):
        return np.full(size, self.value)


def test_positive_angles_turn_counter_clockwise(bar):
    turned = deform.rotate(bar[:1], Always(20.0), most_degrees=20.0)
    # the upright bar's head leans to the left: high rows (downwards) lie to the right
    assert spreads(turned)[2][0] > 0.28


def test_at_least_a_third_of_the_ink_stays():
    block = np.zeros((1, 28, 28), np.uint8)
    block[0, 10:17, 10:17] = 255
    for amount in (-1.0, -2.0, -3.0):
        thinned = deform.stroke_width(block, Always(amount), most_px=3.0)
        assert thinned.sum(dtype=float) >= block.sum(dtype=float) / 3
