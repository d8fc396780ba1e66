"""What a caller knows of a line: patterns, checksums, and digits that are likeliest together."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from glassnet.errors import SettingError
from glassnet.reading import Reader
from glassnet.reading.expected import CHECKSUMS, LEAST_LIKELY_SUM, Expected, chances_of, with_sum
from glassnet.reading.page import Line, Mark
from glassnet.reading.regions import Region, form_text, load_form
from glassnet.reading.verdict import SIGN, UNCALIBRATED, UNLIKE, Calibration, Verdict
from test_reading import photographed, plain_digits, written  # noqa: F401 - a fixture

IMAGE = np.zeros((28, 28), dtype=np.uint8)
AT_LEAST = 0.7
RIGHT = {  # numbers that stand in these sums' own descriptions
    "luhn": ["4539578763621486", "79927398713", "17893729974"],
    "ean": ["4006381333931", "73513537", "036000291452"],
    "isbn": ["9780306406157", "0306406152"],
}


def line_of(text, *, other=None):
    """Marks that were read as a text: ? one unlike any digit, a sign a sign, a gap a space; other changes outputs."""
    marks, starts = [], []
    for character in text:
        if character == " ":
            starts.append(len(marks))
            continue
        outputs = np.full(10, 0.001, dtype=np.float32)
        if character.isdigit():
            outputs[int(character)] = 0.99
        for digit, output in (other or {}).get(len(marks), {}).items():
            outputs[digit] = output
        digit = int(outputs.argmax()) if outputs.max() > AT_LEAST else None
        sign = character if character in ".,:-/" else None
        reason = SIGN if sign else UNLIKE if digit is None else None
        verdict = Verdict(None if sign else digit, float(outputs.max()), reason, outputs)
        marks.append(Mark(verdict, (30 * len(marks), 0, 20, 30), IMAGE, None, sign))
    return Line(tuple(marks), tuple(starts))


def fitted(expect, line):
    return Expected.from_text(expect).fitted(line, UNCALIBRATED, AT_LEAST)


@pytest.mark.parametrize(("name", "number"), [(name, number) for name, numbers in RIGHT.items() for number in numbers])
def test_checksums_know_the_numbers_of_their_standards(name, number):
    n, checksum = len(number), CHECKSUMS[name]

    def total(digits):
        return sum(checksum.term(n - 1 - place, int(digit), n) for place, digit in enumerate(digits))

    assert total(number) % checksum.modulus(n) == 0
    for place in range(n):
        for digit in {*"0123456789"} - {number[place]}:
            assert total(number[:place] + digit + number[place + 1 :]) % checksum.modulus(n) != 0


@given(st.integers(0, 1 << 30), st.sampled_from([("luhn", 4), ("ean", 8), ("isbn", 10)]))
def test_what_is_likely_together_is_what_all_numbers_say(seed, case):
    """Against all numbers, one by one, of which only a few digits may be likely."""
    name, n = case
    checksum, rng = CHECKSUMS[name], np.random.default_rng(seed)
    likely = [rng.choice(10, 3, replace=False) if place < 4 else rng.choice(10, 1) for place in range(n)]
    chances = np.zeros((n, 10))
    for place, digits in enumerate(likely):
        chances[place, digits] = rng.dirichlet(np.ones(len(digits)))
    terms = np.array([[checksum.term(n - 1 - place, digit, n) for digit in range(10)] for place in range(n)])
    expected, best, total = np.zeros((n, 10)), (0.0, None), 0.0
    for digits in itertools.product(*likely):
        chance = np.prod([chances[place, digit] for place, digit in enumerate(digits)])
        if terms[np.arange(n), digits].sum() % checksum.modulus(n) == 0:
            expected[np.arange(n), digits] += chance
            total += chance
            best = max(best, (chance, digits), key=lambda pair: pair[0])
    found = with_sum(chances, terms, checksum.modulus(n))
    if total < LEAST_LIKELY_SUM:
        assert found is None
        return
    assert found[0].tolist() == list(best[1])
    np.testing.assert_allclose(found[1], expected / total, atol=1e-12)


def test_a_checksum_tells_a_digit_that_was_none():
    told = fitted("luhn", line_of("453957876?621486"))
    assert (told.text, told.fits) == ("4539578763621486", True)
    assert told.marks[9].verdict.confidence > 0.8
    assert told.marks[9].verdict.reason is None


def test_a_checksum_decides_between_two_digits():
    line = line_of("4539578763621486", other={3: {9: 0.45, 4: 0.4}})
    assert line.text == "453?578763621486"
    assert fitted("luhn", line).text == "4539578763621486"


def test_a_number_whose_sum_is_wrong_is_told_as_it_was_read():
    line = line_of("4539578763621485")
    told = fitted("luhn", line)
    assert (told.text, told.fits) == (line.text, False)
    assert told.marks == line.marks


def test_two_unknown_digits_stay_so():
    told = fitted("luhn", line_of("?539578763621?86"))
    assert (told.text, told.fits) == ("?539578763621?86", True)
    assert told.marks[0].verdict.reason == UNLIKE


@pytest.mark.parametrize(
    ("expect", "text", "told", "fits"),
    [
        ("dddd", "1234", "1234", True),
        ("dddd", "123", "123", False),
        ("dddd", "12345", "12345", False),
        ("dd dd", "1234", "12 34", True),
        ("dddd", "12 34", "1234", True),
        ("20dd", "2026", "2026", True),
        ("20dd", "1926", "1926", False),
        ("dd-dd", "12134", "12-34", True),  # a dash that was taken for a 1
        ("dd-dd", "12?34", "12-34", True),
        ("dd-dd", "12534", "12534", False),
        ("dd-dd", "12.34", "12-34", True),
        ("dd.dd", "1234", "1234", True),  # a point that nobody saw has no mark
        ("dd. dd", "1234", "12 34", True),
        ("dd/dd", "12/34", "12/34", True),
        ("ddddd", "12/34", "12?34", True),
        ("d/d/d", "1111/1", "1111/1", False),
        ("d/d/d", "111/1", "1/1/1", True),
        ("dd.-dd", "12-34", "12-34", True),  # what was seen is what was told
        ("dd-.dd", "12-34", "12-34", True),
        ("dd", "", "", False),
    ],
)
def test_patterns(expect, text, told, fits):
    found = fitted(expect, line_of(text))
    assert (found.text, found.fits) == (told, fits)


def test_a_digit_that_is_named_is_told_if_it_may_be_that():
    line = line_of("1926", other={0: {1: 0.5, 2: 0.45}})
    assert fitted("29dd", line).text == "2926"
    assert fitted("39dd", line).fits is False


def test_a_mark_that_may_be_any_digit_stays_open():
    told = fitted("dd", line_of("1?"))
    assert (told.text, told.fits) == ("1?", True)


def test_signs_stay_where_only_a_checksum_is_expected():
    told = fitted("isbn", line_of("978-0-306-?0615-7"))
    assert (told.text, told.fits) == ("978-0-306-40615-7", True)
    assert fitted("isbn", line_of("978-0-306")).fits is False, "no book's number has so few digits"


def test_chances_share_what_calibration_leaves():
    calibration = Calibration(slope=0.5, offset=0.2)
    mark = line_of("7", other={0: {1: 0.3, 4: 0.1}}).marks[0]
    chances = chances_of(mark, calibration)
    confidence = calibration.confidences(mark.verdict.outputs[None])[0]
    assert chances.sum() == pytest.approx(1)
    assert chances[7] == pytest.approx(confidence)
    assert chances[1] == pytest.approx(3 * chances[4], rel=1e-4)
    doubtful = line_of("?", other={0: {3: 0.2, 5: 0.15}}).marks[0]
    chances = chances_of(doubtful, Calibration(slope=1.0, offset=-9.0))
    assert chances.argmax() == 3
    assert chances.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "nothing to expect"),
        ("ddxd", "nothing to expect"),
        ("d" * 101, "nothing to expect"),
        ("--", "no digit"),
        ("isbn:dddd", "needs 10 or 13 digits; 'dddd' has 4"),
        ("verhoeff:dddd", "nothing to expect"),
    ],
)
def test_what_cannot_be_expected_is_refused(text, complaint):
    with pytest.raises(SettingError, match=complaint):
        Reader(expect=text)
    with pytest.raises(SettingError, match="must be one of"):
        Expected(checksum="verhoeff")


@pytest.mark.parametrize("text", ["dd.dd.dddd", "luhn", "luhn:dddd dddd dddd dddd", "ean", "4d"])
def test_what_is_expected_can_be_written_down(text):
    assert str(Expected.from_text(text)) == text
    assert Expected.from_text(str(Expected.from_text(text))) == Expected.from_text(text)


def test_a_page_and_the_parts_of_a_form(plain_digits, tmp_path):  # noqa: F811
    picture = photographed(written(plain_digits, ["4539578763621486", "79927398"]))
    page = Reader(expect="luhn:dddd dddd dddd dddd").read(picture)
    assert [(line.text, line.fits) for line in page.lines] == [("4539 5787 6362 1486", True), ("79927398", False)]
    assert [line.fits for line in Reader().read(picture).lines] == [None, None]
    regions = [
        Region((0, 0, 100, 50), "card", True, Expected.from_text("luhn:dddddddddddddddd")),
        Region((0, 50, 100, 50), "rest", True),
    ]
    form = tmp_path / "form.json"
    form.write_text(form_text(regions), encoding="utf-8")
    assert load_form(form) == regions
    page = Reader(expect="dddd dddd").read(picture, load_form(form))
    assert [(line.text, line.fits) for line in page.lines] == [("4539578763621486", True), ("7992 7398", True)]
    told = json.loads(form.read_text(encoding="utf-8"))
    for wrong in (3, "ddxx"):
        told["regions"][0]["expect"] = wrong
        form.write_text(json.dumps(told), encoding="utf-8")
        with pytest.raises(SettingError):
            load_form(form)


def test_gaps_are_the_patterns_where_there_is_one():
    line = replace(line_of("12 345"), starts=(2,))
    assert fitted("ddddd", line).text == "12345"
    assert Expected(" d d").fitted(line_of("12"), UNCALIBRATED, AT_LEAST).text == "1 2"
    assert fitted("luhn", replace(line_of("799 27398713"), starts=(3,))).text == "799 27398713"


def test_the_command_says_what_is_not_as_expected(plain_digits, tmp_path, run_glassnet):  # noqa: F811
    Image.fromarray(photographed(written(plain_digits, ["79927398713", "123"]))).save(tmp_path / "page.png")
    told = run_glassnet("read", "page.png", "--expect", "luhn")
    assert told.stdout.decode().splitlines() == ["79927398713", "123", "not as expected: line 2"]
    told = run_glassnet("read", "page.png", "--expect", "luhn", "--json")
    assert [line["fits"] for line in json.loads(told.stdout)["lines"]] == [True, False]
    told = run_glassnet("read", "page.png", "--expect", "ddx")
    assert (told.returncode, b"'ddx' is nothing to expect" in told.stderr) == (2, True)
    told = run_glassnet("read", "page.png", "--expect", "d", "--digit")
    assert (told.returncode, b"--expect" in told.stderr) == (2, True)
