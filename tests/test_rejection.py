"""Rejection: digits against what is none, thresholds, collections and whole pages."""

import csv
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import glassnet
from glassnet.cli.judged import Judged
from glassnet.digits import write_idx
from glassnet.errors import DigitsError
from glassnet.reading import ReadPage, outputs_of_collection, read_labelled_pages
from glassnet.rejection import choices, rejection

SCORES = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@given(SCORES, SCORES)
def test_auroc_counts_pairs(digits, others):
    found = rejection(np.array(digits), np.array(others)).auroc
    pairs = [(a > b) + (a == b) / 2 for a in digits for b in others]
    assert found == pytest.approx(np.mean(pairs))


@given(SCORES, SCORES, st.floats(0.01, 1))
def test_false_acceptance_at_the_strictest_threshold_that_accepts_enough(digits, others, coverage):
    found = rejection(np.array(digits), np.array(others), (coverage,)).false_acceptance[coverage]
    possible = [t for t in digits if np.mean(np.array(digits) >= t) >= coverage - 1e-9]
    assert found == pytest.approx(np.mean(np.array(others) >= max(possible)))


def test_rejection_needs_both_kinds():
    for digits, others in ((np.zeros(0), np.ones(3)), (np.ones(3), np.zeros(0))):
        with pytest.raises(DigitsError, match="one of them is missing"):
            rejection(digits, others)
    assert rejection(np.ones(3), np.array([0.95, 0.9, 0.2])).confident_errors == pytest.approx(1 / 3)


def test_what_thresholds_buy():
    bought = choices(np.array([0.2, 0.6, 0.9, 0.95]), np.array([False, True, True, True]), (0.0, 0.5, 0.99))
    assert [(c.coverage, c.accuracy) for c in bought[:2]] == [(1.0, 0.75), (0.75, 1.0)]
    assert bought[2].coverage == 0
    assert np.isnan(bought[2].accuracy)


def test_collections_of_every_kind(reader, digits, tmp_path):
    images = digits.test_images[:12]
    exact = reader.outputs(images)
    write_idx(tmp_path / "marks.idx", images)
    np.save(tmp_path / "marks.npy", images)
    np.savez(tmp_path / "marks.npz", images=images, looks_like_a_digit=np.arange(12) < 2)
    for name, first in (("marks.idx", 0), ("marks.npy", 0), ("marks.npz", 2)):
        np.testing.assert_array_equal(outputs_of_collection(reader, tmp_path / name), exact[first:])
    folder = tmp_path / "folder"
    folder.mkdir()
    for i, image in enumerate(images):
        Image.fromarray(255 - np.pad(image, 10)).save(folder / f"{i:02}.png")
    answers = outputs_of_collection(reader, folder).argmax(axis=1)
    assert np.mean(answers == digits.test_labels[:12]) > 0.9
    (tmp_path / "text.txt").write_text("nothing", encoding="utf-8")
    (tmp_path / "text.npz").write_text("nothing", encoding="utf-8")
    np.savez(tmp_path / "floats.npz", images=np.zeros((2, 28, 28)))
    (tmp_path / "empty").mkdir()
    for name in ("text.txt", "text.npz", "floats.npz", "empty"):
        with pytest.raises(DigitsError, match=name.replace(".", r"\.")):
            outputs_of_collection(reader, tmp_path / name)


def test_evaluate_measures_rejection_and_pages(run_glassnet, digits, reader):
    folder = run_glassnet.folder
    write_idx(folder / "inverted.idx", 255 - digits.test_images[:300])
    (folder / "pages").mkdir()
    sheet = np.full((120, 220), 255, np.uint8)
    places = np.flatnonzero(reader.outputs(digits.test_images[:100]).max(axis=1) > 0.99)[:3]
    for k, place in enumerate(places):
        large = np.asarray(Image.fromarray(digits.test_images[place]).resize((56, 56)))
        sheet[30:86, 20 + 60 * k : 76 + 60 * k] = 255 - large
    Image.fromarray(sheet).save(folder / "pages" / "a.png")
    wanted = "".join(map(str, digits.test_labels[places]))
    with (folder / "pages" / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", "numbers"), ("a.png", wanted), ("a.png", f"{wanted}7")])
    result = run_glassnet("evaluate", "reader", "--not-digits", "inverted.idx", "--pages", "pages", "--json")
    told = json.loads(result.stdout)
    assert told["accuracy"] > 0.994
    assert told["not_digits"]["inverted.idx"]["false_acceptance"]["0.95"] < 0.005
    assert told["pages"]["exactly_right"] == 0.5
    assert told["pages"]["character_error_rate"] == pytest.approx(1 / 7)
    assert told["pages"]["wrong"][0]["wanted"] == f"{wanted}7"
    coverages = [row["coverage"] for row in told["risk_and_coverage"]]
    assert coverages == sorted(coverages, reverse=True)
    text = run_glassnet("evaluate", "reader", "--not-digits", "inverted.idx", "--pages", "pages").stdout.decode()
    assert "50.00 % exactly right" in text
    assert "What a threshold buys" in text
    assert "inverted.idx" in text
    videos = json.loads(run_glassnet("evaluate", "videos", "--not-digits", "inverted.idx", "--json").stdout)
    assert videos["not_digits"]["inverted.idx"]["n_others"] == 300


def test_pages_need_a_table(reader, tmp_path):
    with pytest.raises(glassnet.GlassnetError, match=r"has no labels\.csv"):
        next(read_labelled_pages(reader, tmp_path))
    (tmp_path / "labels.csv").write_text("name,text\na,b\n", encoding="utf-8")
    with pytest.raises(glassnet.GlassnetError, match="no columns file and numbers"):
        next(read_labelled_pages(reader, tmp_path))


@pytest.mark.parametrize(
    ("pages", "exactly_right", "character_error_rate"),
    [
        ([("", "")], 1, 0),
        ([("12", "")], 0, 2),
        ([("", ""), ("12", "")], 0.5, 2),
        ([("12", "12"), ("3", "4")], 0.5, 1 / 3),
        ([("12\n3", "12"), ("45", "45"), ("6", "67")], 1 / 3, 3 / 6),
    ],
)
def test_pages_on_which_nothing_stands_have_no_share_of_mistakes(pages, exactly_right, character_error_rate):
    """Mistakes are counted over the characters, as if there were one at least."""
    judged = Judged({}, (), 0.0, [ReadPage("a.png", text, wanted) for text, wanted in pages])
    told = judged.summary()["pages"]
    assert told["exactly_right"] == pytest.approx(exactly_right)
    assert told["character_error_rate"] == pytest.approx(character_error_rate)
    assert [page["text"] for page in told["wrong"]] == [text for text, wanted in pages if text != wanted]


@pytest.mark.parametrize("has_others", [False, True])
def test_what_is_taken_for_digits_is_shown_where_it_was_measured(capsys, has_others):
    found = {"letters": rejection(np.linspace(0.5, 1, 50), np.linspace(0, 0.6, 50))} if has_others else {}
    Judged(found, choices(np.linspace(0, 1, 50), np.ones(50, dtype=bool), (0.5,)), 0.01, []).show()
    shown = capsys.readouterr().out
    assert ("Non-digits that are taken for digits" in shown) is has_others
    assert ("letters" in shown) is has_others
