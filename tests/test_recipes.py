"""Recipes: deforming, non-digits, and what the reader learns from."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.digits import as_inputs
from glassnet.digits.normalise import place_ink
from glassnet.engines.fused import kernel
from glassnet.errors import DigitsError, SettingError
from glassnet.model_file import load_model
from glassnet.network import Network
from glassnet.reading import Reader, shipped_model
from glassnet.recipes import READER, RECIPES, follow, options_of, reader, reference, variants
from glassnet.recipes.deform import deformed
from glassnet.recipes.handwriting import NOT_A_DIGIT, PARTS, fine_images, load_handwriting, load_printed, split
from glassnet.recipes.knobs import COLUMN, MILD, NAMES, STRONG, draw, draw_fields, none
from glassnet.recipes.non_digits import PIECES, TURNED, make_sources, make_whole_images
from glassnet.training import resume, train

INSTRUCTIONS = kernel.instruction_sets() if kernel else []


@pytest.fixture(scope="module")
def fine(digits):
    """Two hundred of MNIST's digits as sources."""
    return reader.fine_of_mnist(digits.train_images[:200])


# ---------------------------------------------------------------- deforming


@pytest.mark.parametrize("instructions", INSTRUCTIONS)
@pytest.mark.parametrize("strength", [MILD, STRONG], ids=["mild", "strong"])
@given(seed=st.integers(0, 2**32 - 1))
def test_the_kernel_deforms_as_numpy_does(fine, instructions, strength, seed):
    rng = np.random.default_rng(seed)
    knobs, fields = draw(8, strength, rng), draw_fields(8, rng)
    knobs[:, [COLUMN["grain"], COLUMN["specks"]]] = 0
    which = rng.integers(0, len(fine), 8)
    exact = reference.deformed(fine, which, knobs, fields)
    found = deformed(fine, which, knobs, fields, instructions=instructions)
    difference = np.abs(found.astype(int) - exact)
    # by rounding alone: a box or a centre that lies on the border of two pixels may fall to either side
    alike = difference.max(axis=(1, 2)) <= 2
    assert alike.sum() >= 7, difference.max(axis=(1, 2))


def test_knobs_that_deform_nothing_normalise(fine):
    found = deformed(fine, np.arange(len(fine)), *none(len(fine)))
    exact = np.stack([place_ink(source.astype(np.float32) / 255)[0] for source in fine])
    assert np.abs(found.astype(int) - exact).max() <= 1


def test_each_knob_does_what_it_says(fine):
    def with_knob(**values):
        knobs, fields = none(len(fine))
        for name, value in values.items():
            knobs[:, COLUMN[name]] = value
        return deformed(fine, np.arange(len(fine)), knobs, fields).astype(float)

    plain = with_knob()
    assert with_knob(stroke_px=2).sum() > 1.3 * plain.sum()
    assert with_knob(stroke_px=-1.5).sum() < 0.8 * plain.sum()
    moved = with_knob(shift_down_px=2, shift_right_px=-1)
    alike = (moved[:, 2:, :-1] == plain[:, :-2, 1:]).all(axis=(1, 2))
    assert alike.mean() > 0.8, "but for those that would leave the image"
    rows, columns = (np.ptp(np.nonzero(with_knob(box_px=16).sum(axis=0) > 0)[axis]) for axis in (0, 1))
    assert max(rows, columns) < max(np.ptp(np.nonzero(plain.sum(axis=0) > 0)[axis]) for axis in (0, 1))
    np.testing.assert_allclose(with_knob(gain=0.5), plain / 2, atol=1)
    np.testing.assert_allclose(with_knob(most=0.4), plain.clip(0, 102), atol=1)
    assert with_knob(blur=1).std() < plain.std()
    assert with_knob(grain=0.1, seed=5)[plain == 0].std() > 5
    assert (with_knob(grain=0.1, seed=5) != with_knob(grain=0.1, seed=6)).any()
    assert 0.02 < np.mean(with_knob(specks=0.05, seed=5) != plain) < 0.06
    # cut off below the middle and normalised anew: twice as large, so that the strokes are wider
    assert with_knob(end_row=28).max() == 255
    assert with_knob(end_row=0).max() == 0, "nothing is left, and nothing is what comes out"
    quarter = {"down_down": 0, "down_right": 1, "right_down": -1, "right_right": 0}
    turned = with_knob(**quarter)
    differences = [np.mean(np.abs(turned - np.rot90(plain, k, axes=(1, 2)))) for k in range(4)]
    assert np.argmin(differences) == 1, "a quarter turn to the left"
    assert min(differences) < 0.6 * sorted(differences)[1]


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_threads_change_nothing(fine, threads):
    rng = np.random.default_rng(0)
    knobs, fields, which = draw(100, STRONG, rng), draw_fields(100, rng), rng.integers(0, 200, 100)
    np.testing.assert_array_equal(
        deformed(fine, which, knobs, fields, threads=threads), deformed(fine, which, knobs, fields, threads=1)
    )


def test_without_the_kernel_numpy_deforms(fine, monkeypatch):
    monkeypatch.setattr("glassnet.recipes.deform.kernel", None)
    knobs, fields = none(3)
    found = deformed(fine, np.arange(3), knobs, fields)
    np.testing.assert_array_equal(found, reference.deformed(fine, np.arange(3), knobs, fields))


def bad_arguments(fine):
    knobs, fields = none(2)
    which = np.array([0, 1])
    yield "sources of another size", (fine[:, :28], which, knobs, fields)
    yield "knobs of another number", (fine, which, knobs[:1], fields)
    yield "knobs too few", (fine, which, knobs[:, :-1], fields)
    yield "fields of another size", (fine, which, knobs, fields[:, :, 1:])
    yield "a place beyond", (fine, np.array([0, len(fine)]), knobs, fields)
    yield "a place before", (fine, np.array([-1, 0]), knobs, fields)
    for name, value in (("stroke_px", 17), ("box_px", 29), ("box_px", 0), ("gain", np.nan), ("down_down", np.inf)):
        spoilt = knobs.copy()
        spoilt[1, COLUMN[name]] = value
        yield f"{name} of {value}", (fine, which, spoilt, fields)
    yield "a field without bounds", (fine, which, knobs, fields + np.float32(np.nan))


@pytest.mark.skipif(kernel is None, reason="there is no kernel in this build")
def test_what_cannot_be_deformed_is_refused(fine):
    cases = list(bad_arguments(fine))
    for what, arguments in cases:
        with pytest.raises(ValueError, match=r"."):
            pytest.fail(f"{what} went through: {deformed(*arguments).shape}")
    assert len(cases) == 12


def test_wild_knobs_are_borne(fine):
    rng = np.random.default_rng(0)
    knobs = (rng.standard_cauchy((300, len(NAMES))) * 50).astype(np.float32).clip(-9e5, 9e5)
    knobs[:, COLUMN["stroke_px"]] = knobs[:, COLUMN["stroke_px"]].clip(-16, 16)
    knobs[:, COLUMN["box_px"]] = knobs[:, COLUMN["box_px"]].clip(1, 28)
    found = deformed(fine, rng.integers(0, 200, 300), knobs, draw_fields(300, rng))
    assert found.shape == (300, 28, 28)


# ---------------------------------------------------------------- non-digits and writers


def test_non_digits_are_many_kinds_of_things(fine, digits):
    rng = np.random.default_rng(0)
    made = make_sources(fine, digits.train_labels[:200], 60, rng)
    assert made.shape == (60, 56, 56)
    assert made.dtype == np.uint8
    assert (made.max(axis=(1, 2)) > 128).all()
    assert len({image.tobytes() for image in made}) >= 58, "but for full stops, all are different"
    whole = make_whole_images(digits.train_images[:100], 60, rng)
    assert whole.shape == (60, 28, 28)
    assert whole[0].max() == 0
    assert {*TURNED, *PIECES} <= set(range(10))


def test_variants_are_digits_of_their_kinds_in_the_usual_box(fine, digits):
    labels = digits.train_labels[:200]
    made, of_digit = variants.make_variants(fine, labels, np.random.default_rng(0))
    expected = [label for label, _, _ in variants.VARIANTS for _ in range((labels == label).sum())]
    assert of_digit.tolist() == expected
    assert made.dtype == np.uint8
    for image in made:
        rows, columns = np.nonzero(image > 0.1 * 255)
        assert 38 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 40, "scaled to fit 40 pixels, whatever was drawn"


@pytest.mark.parametrize(
    ("label", "drawn"),
    [(0, variants.slashed), (0, variants.dotted), (7, variants.crossed)],
    ids=["slashed", "dotted", "crossed"],
)
def test_zeros_are_slashed_and_dotted_and_sevens_crossed(fine, digits, label, drawn):
    digit = fine[digits.train_labels[:200] == label][0]
    more = drawn(digit, np.random.default_rng(1))
    assert (more >= digit).all()
    assert more.astype(int).sum() > 1.03 * digit.astype(int).sum()


def ring():
    """A 0 as a circle of 30 pixels across, drawn by a pen of 4."""
    rows, columns = np.mgrid[:56, :56] - 27.5
    return np.rint((2.5 - abs(np.hypot(rows, columns) - 15)).clip(0, 1) * 255).astype(np.uint8)


def stem():
    """A 1 as an upright stroke of 40 pixels, drawn by a pen of 4."""
    return variants.stroked(np.zeros((56, 56), dtype=np.uint8), (27.5, 10), (27.5, 46), 4)


def box(image):
    return np.array(variants.box_of(image))


def test_the_pen_is_measured():
    assert variants.pen_of(ring()) == pytest.approx(4, abs=1)
    assert variants.pen_of(stem()) == pytest.approx(4, abs=1)
    assert variants.pen_of(np.zeros((56, 56), dtype=np.uint8)) == 4


def test_a_bar_goes_through_the_middle_of_a_zero_either_way():
    crossing = []
    for seed in range(40):
        made = variants.barred(ring(), np.random.default_rng(seed))
        assert made[25:31, 25:31].max() > 128
        left, top, right, bottom = box(made)
        crossing.append(right - left > bottom - top)
        assert abs((left + right) / 2 - 27.5) < 4
        assert abs((top + bottom) / 2 - 27.5) < 4
    assert 8 < sum(crossing) < 32, "some lie, some stand"


def holes(image):
    """How many parts of the paper ink encloses."""
    from scipy import ndimage  # where kernels for other processors are tried there is none

    return ndimage.label(image < 96)[1] - 1


def test_a_zero_and_an_eight_are_opened_at_their_tops():
    eight = np.zeros((56, 56), dtype=np.uint8)
    for row in (17, 36):
        rows, columns = np.mgrid[:56, :56]
        away = np.hypot(rows - row, columns - 27.5)
        eight = np.maximum(eight, np.rint((2.5 - abs(away - 9.5)).clip(0, 1) * 255).astype(np.uint8))
    assert (holes(ring()), holes(eight)) == (1, 2)
    to_right = n_open = 0
    for digit in (ring(), eight):
        for seed in range(30):
            made = variants.opened(digit, np.random.default_rng(seed))
            assert (made <= digit).all()
            n_open += holes(made) == holes(digit) - 1
            rows, columns = np.nonzero(digit > made)
            top, bottom = box(digit)[1::2]
            assert rows.max() < top + 0.35 * (bottom - top), "the rest is as it was"
            assert np.ptp(columns) < 0.8 * (box(digit)[2] - box(digit)[0])
            to_right += columns.mean() > 27.5
    assert n_open > 50, "few pens left only a thin place"
    assert 33 < to_right < 60, "more often to the right"


def test_an_up_stroke_falls_to_the_left_and_never_lies():
    with_foot = 0
    for seed in range(60):
        made = variants.with_up_stroke(stem(), np.random.default_rng(seed))
        left, top, _, bottom = box(made)
        upper = np.argwhere(made[: round(top + 0.78 * (bottom - top))] > 128)
        columns = upper[:, 1]
        tip = upper[columns.argmin()]
        assert columns.max() <= 31, "nothing to the right of the stem above its foot"
        assert columns.min() < 25.5
        assert tip[0] - top > 0.4 * (27.5 - tip[1]) - 1, "it falls more than half as much as it reaches"
        with_foot += (made[round(bottom) - 2] > 128).sum() > 8
        assert left >= 0
    assert 15 < with_foot < 45


def test_a_foot_stands_below_the_stem_both_ways():
    for seed in range(20):
        made = variants.on_a_foot(stem(), np.random.default_rng(seed))
        left, top, right, bottom = box(made)
        assert left < 25
        assert right > 29
        above = made[round(top) : round(bottom - 14)] > 128
        assert above.any(axis=0).sum() <= 6, "the stem alone"


def test_a_hook_goes_on_to_the_left_of_where_the_stem_ends():
    nine = variants.stroked(np.roll(ring(), -9, axis=0), (42.5, 19), (42.5, 46), 4)
    back = 0
    for seed in range(40):
        made = variants.hooked(nine, np.random.default_rng(seed))
        before = variants.shrunk(nine, 0.85)
        assert (made >= before).all()
        rows, columns = np.nonzero((made > 128) & (before < 64))
        assert rows.min() > 28, "the loop is as it was"
        assert columns.min() < 36
        back += (columns[rows > rows.max() - 6] > 40).sum() > 8
    assert 3 < back < 25, "some turn back to the right"


def test_the_bar_of_a_five_comes_loose():
    five = np.zeros((56, 56), dtype=np.uint8)
    for start, end in (((20, 10), (38, 10)), ((20, 10), (20, 26)), ((20, 26), (36, 30)), ((36, 30), (20, 46))):
        five = variants.stroked(five, start, end, 4)
    for seed in range(20):
        made = variants.with_a_loose_bar(five, np.random.default_rng(seed))
        top, whole_top = box(made)[1], box(five)[1]
        assert whole_top - 5 <= top < whole_top
        np.testing.assert_array_equal(made[18:], five[18:])
        assert made.astype(int).sum() <= five.astype(int).sum()


def test_no_writer_is_in_two_parts():
    parts = split()
    assert set(parts) == set(PARTS)
    everyone = [writer for writers in parts.values() for writer in writers]
    assert len(everyone) == len(set(everyone)) > 70


@pytest.fixture
def handwriting_folder(tmp_path):
    """A few drawn characters by a writer of each part."""
    rng = np.random.default_rng(0)
    writers = [split()[part][0] for part in PARTS]
    folder = tmp_path / "handwriting"
    folder.mkdir()
    images = np.full((9, 64, 64), 255, dtype=np.uint8)
    for image in images:
        left = rng.integers(10, 40)
        image[12:50, left : left + 6] = 20
    np.savez(
        folder / "digits.npz",
        images=images,
        labels=np.arange(9, dtype=np.uint8),
        writer=np.array(writers * 3),
        source=np.array(["unipen"] * 9),
    )
    np.savez(
        folder / "not_digits.npz",
        images=images,
        labels=np.array(list("abclefghO")),
        writer=np.array(writers * 3),
        looks_like_a_digit=np.array([False] * 3 + [True] + [False] * 4 + [True]),
    )
    return folder


def test_handwriting_by_parts(handwriting_folder):
    written, others = load_handwriting(handwriting_folder)
    assert written.part("train").labels.tolist() == [0, 3, 6]
    assert others.part("tune").characters.tolist() == ["b", "e", "h"]
    assert set(others.labels.tolist()) == {NOT_A_DIGIT}
    images, places = fine_images(np.concatenate([written.images, np.full((1, 64, 64), 255, np.uint8)]))
    assert places.tolist() == list(range(9)), "a blank sheet is no source"
    assert images.shape == (9, 56, 56)


@pytest.mark.parametrize("damage", ["missing", "cut", "text", "other"])
def test_damaged_handwriting_is_one_sentence(handwriting_folder, damage):
    path = handwriting_folder / "digits.npz"
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:200])
    elif damage == "text":
        path.write_text("digits", encoding="utf-8")
    else:
        np.savez(path, images=np.zeros(3))
    with pytest.raises(DigitsError, match=r"digits\.npz"):
        load_handwriting(handwriting_folder)


@pytest.fixture
def printed(handwriting_folder):
    """Glyphs of a font: a digit, a letter, one that looks like a digit, and one that is an open one."""
    images = np.full((4, 64, 64), 255, dtype=np.uint8)
    for place, image in enumerate(images):
        image[12:52, 20 + place : 26] = 0
    path = handwriting_folder / "printed.npz"
    texts, alike = np.array(["1", "R", "l", "U"]), np.array([False, False, True, False])
    np.savez(path, images=images, labels=texts, writer=np.array(["Courier"] * 4), looks_like_a_digit=alike)
    return path


def test_glyphs_of_fonts_are_digits_and_others(printed):
    glyphs = load_printed(printed)
    assert glyphs.labels.tolist() == [1, *[NOT_A_DIGIT] * 3]
    assert glyphs.characters.tolist() == ["1", "R", "l", "U"]
    assert glyphs.looks_like_a_digit.tolist() == [False, False, True, False]
    printed.write_bytes(b"nothing")
    with pytest.raises(DigitsError, match="printed"):
        load_printed(printed)


# ---------------------------------------------------------------- the recipe


@pytest.fixture
def small_recipe(monkeypatch, few_digits):
    """The recipe with a thousandth of its material."""
    monkeypatch.setattr(reader, "N_MADE", 40)
    monkeypatch.setattr(reader, "N_WHOLE", 20)
    monkeypatch.setattr(variants, "N_OF_EACH", 5)
    monkeypatch.setattr("glassnet.digits.load_digits", lambda: few_digits)
    return few_digits


def test_print_teaches_where_there_is_some(small_recipe, handwriting_folder, printed):
    printed.rename(printed.with_suffix(".away"))
    without = follow("reader", handwriting_folder, 3).lessons
    printed.with_suffix(".away").rename(printed)
    lessons = follow("reader", handwriting_folder, 3).lessons
    assert lessons.n == without.n + 2, "what looks like a digit is left out, and an open 0"
    n_digits, n_before = ((of.labels[of.which] < 10).sum() for of in (lessons, without))
    assert n_digits == n_before + 1


def test_lessons_are_new_in_every_epoch_and_the_same_for_a_seed(small_recipe, handwriting_folder):
    followed = follow("reader", handwriting_folder, 3)
    again = follow("reader", handwriting_folder, 3)
    images, labels = followed.lessons.of_epoch(0)
    assert len(images) == len(labels) == followed.lessons.n
    for theirs, ours in zip(again.lessons.of_epoch(0), (images, labels), strict=True):
        np.testing.assert_array_equal(theirs, ours)
    later, same_labels = followed.lessons.of_epoch(1)
    np.testing.assert_array_equal(labels, same_labels)
    assert np.mean((later != images).any(axis=(1, 2))) > 0.8
    n_variants = sum(times * 5 for _, _, times in variants.VARIANTS)
    n_digits = len(small_recipe.train_images) + n_variants + reader.TIMES_HANDWRITING * 3
    assert (labels < 10).sum() == n_digits
    assert (labels == NOT_A_DIGIT).sum() == reader.TIMES_LETTERS * 2 + 40 + 20, (
        "the letter that looks like a digit is left out"
    )
    assert "UNIPEN" in followed.digits.source
    assert followed.digits.validation_labels.tolist() == [1, 4, 7] * (1 + reader.N_DEFORMED)
    only = follow("reader-digits-only", handwriting_folder, 3)
    assert only.lessons.n == n_digits
    with pytest.raises(SettingError, match="there is no recipe 'cake'"):
        options_of("cake")
    assert set(RECIPES) == {"reader", "reader-digits-only"}


def test_a_run_with_fresh_examples_is_resumed_bit_for_bit(small_recipe, tmp_path):
    lessons = follow("reader", None, 0).lessons
    network = Network.random(
        (784, 20, 10), rng=np.random.default_rng(0), activation="relu", cost="cross-entropy", dtype=np.float32
    )
    settings = {"mini_batch_size": 32, "optimizer": "adamw", "average": 0.9, "epochs": 3, "schedule": "cosine"}
    whole = list(train(network, small_recipe, fresh=lessons, **settings))
    assert whole[-1].n_seen == lessons.n
    assert whole[-1].cost < whole[0].cost
    place = tmp_path / "run.checkpoint"
    events = train(network, small_recipe, fresh=lessons, checkpoint=place, **settings)
    next(events)
    events.close()
    resumed = list(resume(place, small_recipe, fresh=lessons))
    assert [event.cost for event in resumed] == [event.cost for event in whole[1:]]
    for ours, theirs in zip(resumed[-1].network.weights, whole[-1].network.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_network_learns_to_say_that_it_is_no_digit(small_recipe):
    """All ten outputs off for what is none: the label that no output stands for."""
    lessons = follow("reader", None, 0).lessons
    network = Network.random((784, 60, 10), rng=np.random.default_rng(0), activation="relu", cost="cross-entropy")
    settings = {"mini_batch_size": 32, "optimizer": "adamw", "epochs": 25, "learning_rate": 0.003}
    *_, last = train(network.astype(np.float32), small_recipe, fresh=lessons, **settings)
    images, labels = lessons.of_epoch(0)
    from glassnet.network import feedforward

    most = feedforward(last.network, as_inputs(images)).outputs.max(axis=1)
    assert np.median(most[labels < 10]) > 0.6
    assert np.median(most[labels == NOT_A_DIGIT]) < 0.3


def test_the_command_follows_the_recipe(run_glassnet, tmp_path):
    result = run_glassnet("train", "--recipe", "cake")
    assert result.returncode == 2
    assert "there is no recipe 'cake'; choose one of reader, reader-digits-only." in result.stderr.decode()
    result = run_glassnet("train", "--recipe", "reader", "--data", str(tmp_path))
    assert "has no digits.npz" in result.stderr.decode()
    result = run_glassnet("train", "--recipe", "reader", "--validation", "100")
    assert "do not go together" in result.stderr.decode()


def test_a_recipe_ends_with_a_calibrated_model_in_half_the_room(small_recipe, handwriting_folder, tmp_path, capsys):
    from glassnet.cli.train import train as train_command

    out_file = tmp_path / "reader.safetensors"
    train_command(recipe="reader", data=handwriting_folder, epochs=1, hidden="8", out_file=out_file, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["layer_sizes"] == [784, 8, 10]
    model = load_model(out_file)
    assert out_file.stat().st_size < 2 * model.network.n_parameters + 8000
    calibration = model.results["calibration"]
    assert calibration["n"] == 3 * (1 + reader.N_DEFORMED), "the digits of the writer for tuning"
    assert 0.5 <= calibration["at_least"] <= 0.95
    assert calibration["choices"][0]["coverage"] == 1
    assert model.data["n_training"] == told_lessons(handwriting_folder).n
    assert "UNIPEN" in model.data["source"]
    assert Reader(model).at_least == calibration["at_least"]
    assert told["test_accuracy"] == model.results["test_accuracy"]


def told_lessons(folder):
    return follow("reader", folder, 0).lessons


def test_the_pen_is_lifted_in_some_digits_and_no_ink_is_added(digits, monkeypatch):
    monkeypatch.setattr(reader, "SHARE_BROKEN", 1.0)
    before = digits.train_images[:300]
    labels = digits.train_labels[:300].copy()
    labels[:10] = NOT_A_DIGIT
    images = before.copy()
    reader.break_strokes(images, labels, np.random.default_rng(0))
    assert (images <= before).all()
    is_broken = (images != before).any(axis=(1, 2))
    np.testing.assert_array_equal(is_broken, (labels != 1) & (labels != NOT_A_DIGIT))
    lost = (before.astype(int) - images).sum(axis=(1, 2))[is_broken] / before.sum(axis=(1, 2), dtype=int)[is_broken]
    assert 0.02 < lost.mean() < 0.3


def test_the_recipes_settings_are_those_that_the_shipped_reader_was_trained_with():
    trained = shipped_model("reader").training
    assert {name: trained[name] for name in READER} == READER
