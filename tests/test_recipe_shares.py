"""What a recipe draws at random, counted: how many of each, and from where to where."""

import numpy as np
import pytest

from glassnet.recipes import non_digits, reader, scribbles, variants
from glassnet.recipes.handwriting import NOT_A_DIGIT
from glassnet.recipes.knobs import COLUMN, MILD, STRONG, draw

N = 20_000


def assert_share(found, expected, what=""):
    """Fail if the share of what is true is further off than chance puts one count in ten thousand."""
    found = np.asarray(found)
    assert found.mean() == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / found.size)), what


def assert_between(found, low, high):
    """Fail unless numbers lie evenly between two bounds."""
    assert low <= found.min() <= found.max() <= high
    assert found.mean() == pytest.approx((low + high) / 2, abs=4 * (high - low) / np.sqrt(12 * found.size))
    assert np.ptp(found) > 0.9 * (high - low)


@pytest.mark.parametrize("strength", [MILD, STRONG], ids=["mild", "strong"])
def test_the_shares_of_the_knobs(strength):
    knobs = dict(zip(COLUMN, draw(N, strength, np.random.default_rng(0)).T, strict=True))
    damage = {MILD: 0.3, STRONG: 0.8}[strength]
    for name, plain, share, (low, high) in (
        ("tail", 0, 0.12, (-0.3, 0.3)),
        ("blur", 0, 0.3, (0, 1)),
        ("most", 1, 0.15 * damage, (0.5, 1)),
        ("grain", 0, 0.04 * damage, (0.02, 0.15)),
        ("specks", 0, 0.05 * damage, (0, 0.02)),
        ("first_row", 0, 0.02 * damage, (10.608, 15.609)),
        ("first_column", 0, 0.02 * damage, (10.608, 15.609)),
        ("end_row", 56, 0.02 * damage, (40.391, 45.392)),
        ("end_column", 56, 0.02 * damage, (40.391, 45.392)),
    ):
        is_turned = knobs[name] != plain
        assert_share(is_turned, share, name)
        assert_between(knobs[name][is_turned], low, high)
    assert_between(knobs["stroke_px"], *{MILD: (-0.8, 1.0), STRONG: (-2.2, 2.4)}[strength])
    assert_between(knobs["elastic_px"], 0, {MILD: 3.0, STRONG: 5.0}[strength])
    assert_between(np.log2(knobs["gain"]), -0.60001, 0.80001)
    for name in ("shift_down_px", "shift_right_px"):
        for px, share in ((-2, 0.03), (-1, 0.17), (0, 0.6), (1, 0.17), (2, 0.03)):
            assert_share(knobs[name] == px, share, name)
    assert knobs["box_px"].mean() == pytest.approx(20.3, abs=0.02)
    assert knobs["box_px"].std() == pytest.approx(0.6, abs=0.02)
    assert len(np.unique(knobs["seed"])) > 0.99 * N


def turns_slants_and_stretches(strength):
    """Take drawn matrices apart: turn @ slant @ stretch, of rows and columns, and the slant is sideways alone."""
    matrix = draw(N, strength, np.random.default_rng(0))[:, 1:5].astype(np.float64).reshape(N, 2, 2)
    angle = np.arctan2(matrix[:, 0, 1], matrix[:, 1, 1])
    width = np.hypot(matrix[:, 0, 1], matrix[:, 1, 1])
    height = np.linalg.det(matrix) / width
    slant = (matrix[:, 0, 0] * np.sin(angle) + matrix[:, 1, 0] * np.cos(angle)) / height
    return np.rad2deg(angle), slant, np.log(height / 1.15), np.log(width / 1.15)


@pytest.mark.parametrize(("strength", "spreads"), [(MILD, (5, 0.08, 0.06, 0.06)), (STRONG, (10, 0.18, 0.14, 0.14))])
def test_how_far_images_are_turned_slanted_and_stretched(strength, spreads):
    for found, spread in zip(turns_slants_and_stretches(strength), spreads, strict=True):
        assert found.mean() == pytest.approx(0, abs=4 * spread / np.sqrt(N))
        assert found.std() == pytest.approx(spread, rel=0.03)


def test_how_far_they_are_turned_slanted_and_stretched_at_the_most():
    for found, most in zip(turns_slants_and_stretches(STRONG), (30, 0.5, 0.4, 0.4), strict=True):
        assert (found.min(), found.max()) == pytest.approx((-most, most), rel=1e-5)


def test_which_tails_are_drawn_out():
    labels = np.repeat(np.arange(10), N)
    knobs = np.zeros((len(labels), len(COLUMN)))
    reader.draw_out_tails(knobs, labels, np.random.default_rng(0))
    tails = knobs[:, COLUMN["tail"]]
    drawn_out = {4: (0.1, 0.1, 0.45), 6: (0.12, -0.5, -0.1), 7: (0.2, 0.1, 0.55), 9: (0.25, 0.1, 0.55)}
    for label, (share, low, high) in drawn_out.items():
        assert_share(tails[labels == label] != 0, share, label)
        assert_between(tails[(labels == label) & (tails != 0)], low, high)
    assert not tails[~np.isin(labels, list(drawn_out))].any()
    assert not np.delete(knobs, COLUMN["tail"], axis=1).any()


def test_in_how_many_digits_the_pen_is_lifted(digits):
    images = np.tile(digits.train_images[digits.train_labels == 8][:1], (N, 1, 1))
    before = images.copy()
    reader.break_strokes(images, np.full(N, 8), np.random.default_rng(0))
    assert_share((images != before).any(axis=(1, 2)), 0.12)


def test_what_a_lesson_shows_of_its_sources(monkeypatch):
    """A tenth of MNIST's digits as they are, and of the rest a bit more than a third deformed mildly."""
    drawn = {MILD: np.zeros, STRONG: np.ones}
    monkeypatch.setattr(reader, "draw", lambda n, strength, rng: drawn[strength]((n, len(COLUMN)), np.float32))
    monkeypatch.setattr(reader, "draw_fields", lambda n, rng: None)
    shown = {}

    def deformed(sources, which, knobs, fields):
        shown["knobs"] = knobs
        return np.full((len(which), 28, 28), 7, dtype=np.uint8)

    monkeypatch.setattr(reader, "deformed", deformed)
    plain = np.full((10, 28, 28), 9, dtype=np.uint8)
    labels = np.array([1] * 10 + [NOT_A_DIGIT] * 10, dtype=np.uint8)  # 1s, in which no pen is lifted
    lessons = reader.Lessons(np.zeros((20, 56, 56), np.uint8), labels, np.arange(20), plain, plain[:0], 0)
    which = np.repeat(np.arange(20), N // 10)
    images = lessons.lesson(which, np.random.default_rng(0))
    assert_share(shown["knobs"][:, COLUMN["gain"]] == 0, 0.35)
    assert (images[which >= 10] == 7).all(), "what is not of MNIST is always deformed"
    assert_share((images[which < 10] == 9).all(axis=(1, 2)), 0.1)


def test_how_whole_images_are_turned_and_moved():
    """Half of the batches are mirrored, half turned over, and all are moved by up to 6 pixels each way."""
    n_batches = 400
    image = np.random.default_rng(0).integers(0, 256, (13, 13), dtype=np.uint8)
    ways = {}
    for is_mirrored in (False, True):
        for is_turned in (False, True):
            one = image[:, ::-1] if is_mirrored else image
            one = one.T if is_turned else one
            for down in range(-6, 7):
                for right in range(-6, 7):
                    ways[np.roll(one, (down, right), axis=(0, 1)).tobytes()] = (is_mirrored, is_turned, down, right)
    images = np.broadcast_to(image, (256 * n_batches, 13, 13))
    moved = reader.rolled(images, np.random.default_rng(0)).reshape(n_batches, 256, 13, 13)
    assert (moved == moved[:, :1]).all(), "each batch of 256 alike"
    found = np.array([ways[batch[0].tobytes()] for batch in moved])
    assert_share(found[:, 0] == 1, 0.5)
    assert_share(found[:, 1] == 1, 0.5)
    assert set(found[:, 2]) == set(found[:, 3]) == set(range(-6, 7))


def test_the_shares_of_non_digits(monkeypatch):
    """Each kind tells its name instead of drawing; a digit is an image of its label."""
    told = []

    def telling(name):
        return lambda *arguments: told.append((name, *arguments)) or np.zeros((2, 2), np.uint8)

    for name in ("scribble", "character", "shape", "texture", "speckle"):
        monkeypatch.setattr(scribbles, name, telling(name))
    for name in ("turned", "piece", "mixture", "crossed_out"):
        monkeypatch.setattr(non_digits, name, telling(name))
    monkeypatch.setattr(non_digits, "placed", lambda ink: ink)
    labels = np.repeat(np.arange(10, dtype=np.uint8), 3)
    digits = np.broadcast_to(labels[:, None, None], (30, 2, 2))
    made = non_digits.make_sources(digits, labels, N, np.random.default_rng(0))
    assert made.shape == (N, 2, 2)
    names = np.array([name for name, *_ in told])
    shares = {"scribble": 0.40, "character": 0.12, "turned": 0.13, "piece": 0.05, "mixture": 0.16, "crossed_out": 0.04}
    shares |= {"shape": 0.12, "texture": 0.02, "speckle": 0.02}
    for name, share in shares.items():
        assert_share(names == name, share / sum(shares.values()), name)
    ways = {
        kind: {(int(image[0, 0]), way) for name, image, way, *_ in (one for one in told if one[0] == kind)}
        for kind in ("turned", "piece")
    }
    assert ways["turned"] == {(label, way) for label, ways in non_digits.TURNED.items() for way in ways}
    assert ways["piece"] == {(label, way) for label, ways in non_digits.PIECES.items() for way in ways}
    mixed = np.array(
        [image[0, 0] for name, *images, _ in told if name in ("mixture", "crossed_out") for image in images]
    )
    for label in range(10):
        assert_share(mixed == label, (0.28 if label == 1 else 0.92) / (0.28 + 9 * 0.92), label)


def test_the_shares_of_whole_non_digits(monkeypatch):
    """Each kind by a number of its own; speckles and clouds are faint or strong, an inverted 0 is 255."""
    for name, number in (("texture", 1), ("shape", 2), ("speckle", 1e3), ("clouds", 1e6)):
        monkeypatch.setattr(scribbles, name, lambda *_, number=number: number)
    monkeypatch.setattr(non_digits, "small", lambda number: np.full((1, 1), number, dtype=float))
    monkeypatch.setattr(non_digits, "few_specks", lambda rng: np.full((1, 1), 3))
    made = non_digits.make_whole_images(np.zeros((5, 1, 1), np.uint8), N, np.random.default_rng(0))[:, 0, 0]
    assert made[0] == 0, "one is empty"
    made = made[1:]
    is_speckle, is_cloud = (made > 100) & (made <= 1000) & (made != 255), made > 1000
    for is_one, share in ((made == 255, 0.25), (made == 1, 0.25), (made == 2, 0.2), (made == 3, 0.05)):
        assert_share(is_one, share)
    assert_share(is_speckle, 0.2)
    assert_between(made[is_speckle], 200, 1000)
    assert_share(is_cloud, 0.05)
    assert_between(made[is_cloud], 1e5, 1e6)


def test_a_digit_is_turned_as_the_way_says():
    image = np.array([[1, 2], [3, 4]])
    ways = {"half": [[4, 3], [2, 1]], "mirror": [[2, 1], [4, 3]], "flip": [[3, 4], [1, 2]]}
    for way, expected in ways.items():
        assert non_digits.turned(image, way, np.random.default_rng(0)).tolist() == expected
    rng = np.random.default_rng(0)
    quarters = np.array([non_digits.turned(image, "quarter", rng) for _ in range(N)])
    is_left = (quarters == [[2, 4], [1, 3]]).all(axis=(1, 2))
    assert (is_left | (quarters == [[3, 1], [4, 2]]).all(axis=(1, 2))).all()
    assert_share(is_left, 0.5)


def test_a_piece_is_a_bit_more_or_less_than_half():
    """The top and the left up to 8 pixels before the middle, the bottom from up to 8 after it."""
    image = np.ones((56, 56), np.uint8)
    rng = np.random.default_rng(0)
    for which, axis, kept in (("top", 1, range(20, 28)), ("left", 0, range(20, 28)), ("bottom", 1, range(20, 28))):
        pieces = [non_digits.piece(image, which, rng).all(axis=axis) for _ in range(500)]
        assert {int(lines.sum()) for lines in pieces} == set(kept), which
        first = -1 if which == "bottom" else 0
        assert all(lines[first] and not lines[-1 - first] for lines in pieces), which


def test_two_digits_are_mixed_beside_or_over_each_other():
    """Most touch at the side, from 20 to 43 pixels apart; the rest lie over each other, from 10 to 19 apart."""
    one, other = np.zeros((56, 56), np.uint8), np.zeros((56, 56), np.uint8)
    one[28, 0], other[28, 0] = 1, 2
    rng = np.random.default_rng(0)
    rows, columns = np.array([np.argwhere(non_digits.mixture(one, other, rng) == 2)[0] for _ in range(5000)]).T
    assert_share(columns >= 20, 0.85)
    assert set(columns) == set(range(10, 44))
    assert set(rows) == set(range(22, 35))


def test_non_digits_are_made_of_variants_too(monkeypatch, few_digits):
    """Of slashed zeros, ones on a foot and all the others, with their labels."""
    monkeypatch.setattr(variants, "N_OF_EACH", 5)
    monkeypatch.setattr(reader, "N_WHOLE", 1)
    given = {}

    def make_sources(digits, labels, n, rng):
        given.update(digits=digits, labels=labels, n=n)
        return digits[:3]

    monkeypatch.setattr(reader, "make_sources", make_sources)
    lessons = reader.lessons(few_digits, None, 0)
    n = len(few_digits.train_images)
    assert given["n"] == 90_000
    of_variants = [label for label, _, times in variants.VARIANTS for _ in range(5 * times)]
    assert given["labels"].tolist() == [*few_digits.train_labels.tolist(), *of_variants]
    np.testing.assert_array_equal(given["digits"], lessons.sources[: n + len(of_variants)])
    plain = {image.tobytes() for image in given["digits"][:n]}
    assert not any(image.tobytes() in plain for image in given["digits"][n:]), "they have a stroke more"
    assert lessons.labels[n + len(of_variants) :].tolist() == [NOT_A_DIGIT] * 3


def calibrated(monkeypatch, share_unsure, n_right_of_4):
    """Calibrate with answers of which a share is unsure, and of each four of those so many right."""
    n = 4000
    outputs, labels = np.zeros((n, 10), dtype=np.float32), np.zeros(n, dtype=int)
    is_unsure = np.arange(n) < share_unsure * n
    outputs[:, 0] = 0.9999
    outputs[is_unsure, 0] = np.linspace(0.3, 0.7, int(is_unsure.sum()))
    labels[is_unsure & (np.arange(n) % 4 >= n_right_of_4)] = 1
    monkeypatch.setattr(reader, "outputs_of", lambda network, images: outputs)
    return reader.calibrated(None, np.zeros((n, 28, 28), np.uint8), labels)


def test_the_readers_threshold_accepts_99_of_100(monkeypatch):
    found = calibrated(monkeypatch, 0.02, 3)
    bought = {choice["at_least"]: choice["coverage"] for choice in found["choices"]}
    assert bought[found["at_least"]] == pytest.approx(0.99, abs=0.002)
    assert 0.5 < found["at_least"] < 0.95
    assert found["n"] == 4000


@pytest.mark.parametrize(("share_unsure", "n_right_of_4", "at_least"), [(0, 4, 0.95), (0.9, 1, 0.5)])
def test_the_readers_threshold_stays_within_bounds(monkeypatch, share_unsure, n_right_of_4, at_least):
    assert calibrated(monkeypatch, share_unsure, n_right_of_4)["at_least"] == at_least
