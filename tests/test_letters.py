"""Among letters, what looks like a digit is a letter; among digits, a misread one is no word."""

import json
from dataclasses import replace

import numpy as np
import pytest

from glassnet.reading import letters
from glassnet.reading.letters import AMONG_LETTERS, among_letters, are_words, single_letters
from glassnet.reading.page import Line, Mark, Page
from glassnet.reading.pieces import Piece
from glassnet.reading.verdict import NOTHING, Verdict

IMAGE = np.zeros((28, 28), dtype=np.uint8)


def line_of(text, *, cell=None, gap=5):
    """Marks of 20 x 30 pixels, ? a rejected one; a space is a gap of 40 pixels, a + a sign."""
    marks, left = [], 0
    for character in text:
        if character == " ":
            left += 40 - gap
            continue
        digit = int(character) if character.isdigit() else None
        told = (0.99, None) if digit is not None else (0.1, NOTHING)
        verdict = Verdict(digit, *told, np.zeros(10))
        sign = "." if character == "+" else None
        marks.append(Mark(verdict, (left, 0, 20, 30), IMAGE, cell, sign))
        left += 20 + gap
    return Line(tuple(marks))


def texts(lines):
    return ["".join(mark.text for mark in line.marks) for line in lines]


WORDS = ["????0???1??", "??1????0?", "?????50???"]


def test_what_looks_like_a_digit_within_words_is_rejected_and_says_why():
    told = among_letters([line_of(text) for text in WORDS])
    assert texts(told) == ["?" * len(text) for text in WORDS]
    mark = told[0].marks[4]
    assert mark.verdict.reason == AMONG_LETTERS
    assert mark.verdict.confidence == 0.99
    assert told[0].marks[0].verdict.reason == NOTHING


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("?????? 42", "??????42"),  # beside the words, by itself
        ("?????4207", "?????4207"),  # right after them: its own kind is on the other side
        ("7??????", "???????"),
        ("4207?????", "4207?????"),
        ("12?45", "12?45"),
        ("1+5", "1.5"),
        ("???+5???", "???.????"),
        ("?4?", "?4?"),  # too few beside it to say
    ],
)
def test_numbers_beside_words_stay(text, expected):
    lines = [line_of(each) for each in (*WORDS, text)]
    assert texts(among_letters(lines))[-1] == expected


@pytest.mark.parametrize(
    ("text", "starts", "expected"),
    [
        ("???????1???", (7, 8), "?" * 11),
        ("???????105???", (7, 10), "?" * 13),
        ("???????1051???", (7, 11), "???????1051???"),
        ("???????1051???", (), "?" * 14),
        ("????????105124???", (7,), "?" * 17),
        ("????????1051", (8,), "????????1051"),
        ("??????105124???", (6, 12), "??????105124???"),  # as many letters as are needed
        ("?????105124???", (5, 11), "?????105124???"),
        ("???????+1+???", (7,), "???????.?.???"),
    ],
)
def test_in_a_row_of_letters_a_number_has_four_digits_by_themselves(text, starts, expected):
    line = replace(line_of(text), starts=starts)
    assert texts(among_letters([*(line_of(each) for each in WORDS), line]))[-1] == expected


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([(left, 0) for left in (-90, -60, 60)], True),
        ([(left, 0) for left in (-90, 60)], False),  # too few
        ([(left, 0) for left in (-400, -60, 60)], False),  # too far away
        ([(left, 0) for left in (-90, -60, 60)] + [(90, 0.9), (120, 0.9)], True),
        ([(left, 0) for left in (-90, -60, 60)] + [(90, 0.9), (120, 0.9), (150, 0.9)], False),
        ([(left, 0) for left in (-150, -120, -90, -60, 60, 90)] + [(120, 0.9)] * 9, True),  # the nearest six
    ],
)
def test_letters_beside_a_wide_piece(others, expected):
    boxes = np.array([(0, 0, 50, 30)] + [(left, 2, 20, 26) for left, _ in others] + [(60, 60, 20, 30)] * 9, dtype=float)
    is_unlikely = np.array([True, *(output < letters.UNLIKELY for _, output in others)] + [True] * 9)
    assert letters.has_letters_beside(0, boxes, is_unlikely) == expected


def test_a_page_without_words_is_left_alone():
    lines = [line_of("?????0???"), line_of("12345678901234567890")]
    assert texts(among_letters(lines)) == ["?????0???", "12345678901234567890"], "too few of them"
    lines = [line_of("????????????0"), line_of("1234567890" * 4)]
    assert among_letters(lines) == lines, "a third of them, at least"
    assert among_letters([]) == []


def test_a_cell_is_judged_alone():
    lines = [line_of(text) for text in WORDS] + [line_of("???1???", cell=(0, 0, 0))]
    assert texts(among_letters(lines))[-1] == "???1???"
    lines = [line_of("?" * 20, cell=(0, 0, 0)), line_of("???1???")]
    assert texts(among_letters(lines))[-1] == "???1???", "what is wrong in cells makes no words of the rest"


@pytest.mark.parametrize(
    ("n_rejected", "n", "words"), [(12, 40, True), (12, 41, False), (11, 11, False), (300, 400, True), (0, 0, False)]
)
def test_how_many_make_words(n_rejected, n, words):
    assert are_words(n_rejected, n) is words


def piece(width, height):
    return Piece(0, 0, width, height, np.ones((height, width), dtype=np.float32), 1.0)


def test_letters_are_not_cut():
    pieces = [piece(30, 30)] * 12 + [piece(30, 30), piece(38, 30), piece(40, 30)]
    outputs = np.array([0.1] * 12 + [0.9, 0.1, 0.1])
    assert single_letters(pieces, outputs) == {*range(15)}
    by_itself = replace(pieces[-1], left=2000)
    assert single_letters([*pieces[:-1], by_itself], outputs) == {*range(14)}, "what is wide may be digits that touch"
    assert single_letters(pieces[:11], outputs[:11]) == set(), "too few to say"
    assert single_letters(pieces * 3, np.full(45, letters.UNLIKELY)) == set()


@pytest.mark.parametrize(
    ("text", "words"), [("?" * 12 + "1" * 11, True), ("?" * 12 + "1" * 12, False), ("?" * 11, False), ("", False)]
)
def test_what_is_mostly_words(text, words):
    assert Page((line_of(text),), (100, 100)).is_mostly_words is words


def test_the_command_says_where_words_are(run_glassnet):
    from PIL import Image, ImageDraw, ImageFont

    sheet = Image.new("L", (900, 260), 255)
    font = ImageFont.load_default(48)
    for place, text in enumerate(("What we can read", "here was written", "by a machine")):
        ImageDraw.Draw(sheet).text((30, 20 + 75 * place), text, fill=0, font=font)
    sheet.save(run_glassnet.folder / "print.png")
    said = run_glassnet("read", "print.png").stdout.decode()
    assert "most of this is no digits but words, it seems: --region says where to look" in said
    told = json.loads(run_glassnet("read", "--json", "print.png").stdout)
    assert told["mostly_words"] is True
    assert sum(mark["digit"] is not None for line in told["lines"] for mark in line["marks"]) <= 2
