"""Where to look: regions with names, forms, one colour of ink; and tables of what is read."""

import csv
import json

import cv2
import numpy as np
import pytest

from glassnet.errors import ImageError, SettingError
from glassnet.reading import Line, Mark, Page, Reader, Region, Verdict, form_text, load_form, table_of
from glassnet.reading.inks import with_one_ink
from glassnet.reading.page import Thing
from test_frames import glyphs, gridded, page_of, put  # noqa: F401 - glyphs is a fixture

PENS = {"black": (35, 35, 40), "blue": (25, 50, 150), "red": (165, 30, 35), "green": (20, 110, 50)}


def coloured(glyphs, lines, apart=100):  # noqa: F811
    """A photo of lines of digits, each line in a pen's colour."""
    height = 60
    page = np.full((apart * len(lines) + 60, 420, 3), (244, 243, 238), dtype=np.float64)
    for row, (pen, text) in enumerate(lines):
        ink = np.zeros(page.shape[:2])
        for place, character in enumerate(text):
            put(ink, glyphs[int(character)], 60 + 55 * place, 60 + apart * row, height)
        page = page * (1 - ink[..., None]) + np.array(PENS[pen]) * ink[..., None]
    page = cv2.GaussianBlur(page, (0, 0), 0.7) + np.random.default_rng(1).normal(0, 1.5, page.shape)
    page = np.rint(page).clip(0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", page[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[..., ::-1])


LINES = [("black", "12345"), ("blue", "670"), ("red", "8931"), ("green", "204")]


@pytest.mark.parametrize(("pen", "text"), LINES)
def test_one_ink_of_four(glyphs, pen, text):  # noqa: F811
    page = coloured(glyphs, LINES)
    assert Reader().read(page).text == "\n".join(line for _, line in LINES)
    assert Reader(ink=pen).read(page).text == text


def test_blue_on_black_print(glyphs):  # noqa: F811
    page = coloured(glyphs, [("blue", "58213")])
    for text, at in (("Telephone number", (20, 22)), ("please write in this line", (20, 128))):
        cv2.putText(page, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, (30, 30, 30), 2)
    assert Reader(ink="blue").read(page).text == "58213"


def test_inks_need_colours():
    with pytest.raises(ImageError, match="shades of grey"):
        with_one_ink(np.full((50, 50), 200, np.uint8), "blue")
    with pytest.raises(ImageError, match="shades of grey"):
        Reader(ink="red").read(np.full((80, 80, 3), 200, np.uint8))
    with pytest.raises(SettingError, match="black, blue, green, red, not 'pink'"):
        Reader(ink="pink")


def test_regions_are_read_in_their_order_and_named(glyphs):  # noqa: F811
    page = coloured(glyphs, LINES)
    regions = [Region((0, 110, 420, 100), "second"), Region((0, 0, 100, 25), "first", is_share=True)]
    told = Reader().read(page, regions)
    assert [(line.region, line.text) for line in told.lines] == [("second", "670"), ("first", "12345")]
    assert told.size == (420, 460)
    whole = {mark.box for line in Reader().read(page).lines for mark in line.marks}
    for line in told.lines:
        for mark in line.marks:
            assert min(np.abs(np.subtract(mark.box, box)).max() for box in whole) <= 3


def test_a_region_in_per_cent_is_one_of_the_sheet(glyphs):  # noqa: F811
    sheet = coloured(glyphs, [("black", "12345"), ("blue", "670")])
    height, width = sheet.shape[:2]
    photo = np.full((height + 240, width + 240, 3), (60, 45, 35), dtype=np.uint8)
    photo = (photo + np.random.default_rng(2).normal(0, 3, photo.shape)).clip(0, 255).astype(np.uint8)
    photo[120 : 120 + height, 120 : 120 + width] = sheet
    low = Region((0, 50, 100, 50), "low", is_share=True)
    told = Reader().read(photo, [low])
    assert told.text == "670"
    left, top, *_ = told.lines[0].marks[0].box
    assert 120 < left < 220
    assert 220 < top < 300
    assert Reader().read(photo, [Region((120, 220, width, 110))]).text == "670"


def test_cells_of_several_regions_stay_apart(glyphs):  # noqa: F811
    page = page_of(np.concatenate([gridded(glyphs, ["12"]), gridded(glyphs, ["34"])]))
    half = page.shape[0] // 2
    told = Reader().read(page, [Region((0, half, 1e4, half)), Region((0, 0, 1e4, half))])
    assert told.text == "34\n12"
    assert [mark.cell for line in told.lines for mark in line.marks] == [(0, 0, 0), (0, 0, 1), (1, 0, 0), (1, 0, 1)]
    assert told.things[0].box[1] > half > told.things[1].box[1]


@pytest.mark.parametrize(
    ("text", "box", "name", "is_share"),
    [
        ("10,20,30,40", (10, 20, 30, 40), "", False),
        ("total = 1.5%, 2%,30% ,4%", (1.5, 2, 30, 4), "total", True),
        ("a=b=0,0,1,1", (0, 0, 1, 1), "a=b", False),
    ],
)
def test_regions_as_text(text, box, name, is_share):
    region = Region.from_text(text)
    assert (region.box, region.name, region.is_share) == (box, name, is_share)
    assert Region.from_text(str(region)) == region
    assert region.label == (name or text)


NO_REGIONS = ["", "1,2,3", "1,2,3,4,5", "1,2,3,x", "1%,2,3,4", "a=", "0,0,0,5", "0,0,5,0", "-1,0,5,5", "0,-1,5,5"]
NO_REGIONS += ["nan,0,1,1", "inf,0,1,1", "100%,0%,5%,5%", "0%,100%,5%,5%", "a\nb=1,2,3,4", "n" * 101 + "=1,2,3,4"]


@pytest.mark.parametrize("text", NO_REGIONS)
def test_what_is_no_region(text):
    with pytest.raises(SettingError):
        Region.from_text(text)


def test_where_regions_lie():
    assert Region((50, 25, 25, 50), is_share=True).on(200, 400) == (100, 100, 50, 200)
    assert Region((10, 10, 1000, 1000)).on(200, 100) == (10, 10, 190, 90)
    assert Region((197, 10, 10, 10)).on(200, 100) == (197, 10, 3, 10)
    for box in ((198, 10, 10, 10), (10, 98, 10, 10), (10, 10, 2, 10)):
        with pytest.raises(SettingError, match="outside of a page of 200 x 100 pixels"):
            Region(box).on(200, 100)


def test_a_form_is_kept_and_loaded(tmp_path):
    regions = [Region((1, 2, 3, 4), "a"), Region((5, 6, 7.5, 8), "b", is_share=True)]
    path = tmp_path / "form.json"
    path.write_text(form_text(regions), encoding="utf-8")
    assert load_form(path) == regions
    path.write_text('{"regions": [{"name": "a", "box": [1, 2, 3, 4]}]}', encoding="utf-8")
    assert load_form(path) == [Region((1, 2, 3, 4), "a")]


def entries(*told):
    """A form's text with some entries."""
    return json.dumps({"regions": list(told)})


WHOLE = {"name": "a", "box": [1, 2, 3, 4]}
NO_FORMS = ["", "[]", "{}", '{"regions": {}}', entries(), entries(1), entries({"name": "a"}), "[" * 99999, "\xff"]
NO_FORMS += [entries(WHOLE | {"name": 1}), entries(WHOLE | {"box": [1, 2, 3]}), entries(WHOLE | {"box": "1234"})]
NO_FORMS += [entries(WHOLE | {"box": [1, 2, 3, True]}), entries(WHOLE | {"unit": "cm"}), entries(WHOLE, WHOLE)]
NO_FORMS += [
    entries(WHOLE | {"box": [0, 0, float("nan"), 1]}),
    entries(*(WHOLE | {"name": str(n)} for n in range(501))),
]


@pytest.mark.parametrize("text", NO_FORMS, ids=range(len(NO_FORMS)))
def test_what_is_no_form(text, tmp_path):
    path = tmp_path / "form.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingError):
        load_form(path)


def mark(text, left, cell=None, top=0):
    digit = int(text) if text.isdigit() else None
    return Mark(Verdict(digit, 1.0, None, np.zeros(10)), (left, top, 10, 20), np.zeros((28, 28)), cell)


def line(*words):
    """A line of words, each with its left side."""
    marks, starts = [], []
    for left, word in words:
        starts.append(len(marks))
        marks += [mark(c, left + 12 * place) for place, c in enumerate(word)]
    return Line(tuple(marks), tuple(starts[1:]))


def test_numbers_above_each_other_are_a_column():
    page = Page((line((0, "12"), (100, "345"), (200, "6")), line((5, "7"), (205, "89")), line((110, "0"))), (300, 100))
    assert table_of(page) == [["12", "345", "6"], ["7", "", "89"], ["", "0", ""]]


def test_two_numbers_of_a_line_are_two_columns():
    page = Page((line((0, "12345678")), line((0, "12"), (50, "34"))), (300, 100))
    assert table_of(page) == [["12345678", ""], ["12", "34"]]
    assert table_of(Page((), (10, 10))) == []


def test_a_grid_has_its_cells():
    grid = Thing("frame", (0, 50, 100, 60), 2, 2)
    box = Thing("frame", (0, 200, 50, 50), 1, 1)
    rows = (
        line((0, "99")),
        Line((mark("1", 0, (0, 0, 1)), mark("2", 20, (0, 0, 1)))),
        Line((mark("?", 0, (0, 1, 0)),)),
        Line((mark("7", 0, (1, 0, 0)),)),
    )
    assert table_of(Page(rows, (300, 300), (grid, box))) == [["99"], ["", "12"], ["?", ""], ["7"]]


def test_a_line_that_is_partly_in_a_grid():
    grid = Thing("frame", (0, 50, 100, 60), 1, 2)
    row = Line((mark("5", 0), mark("1", 50, (0, 0, 0)), mark("2", 70, (0, 0, 1))), (1,))
    assert table_of(Page((row,), (300, 300), (grid,))) == [["5"], ["1", "2"]]


def test_the_command_reads_a_form_into_a_table(glyphs, run_glassnet):  # noqa: F811
    folder = run_glassnet.folder
    for name, lines in (("one", LINES), ("two", [("black", "777"), ("blue", "31")])):
        cv2.imwrite(str(folder / f"{name}.png"), coloured(glyphs, lines)[..., ::-1])
    regions = [Region((0, 0, 420, 110), "first"), Region((0, 110, 420, 100), "second")]
    (folder / "form.json").write_text(form_text(regions), encoding="utf-8")
    result = run_glassnet("read", "--table", "--form", "form.json", "one.png", "two.png")
    rows = list(csv.reader(result.stdout.decode().split()))
    assert rows == [
        ["file", "page", "first", "second"],
        ["one.png", "1", "12345", "670"],
        ["two.png", "1", "777", "31"],
    ]
    result = run_glassnet("read", "--form", "form.json", "--region", "empty=380,0,40,40", "two.png")
    assert result.stdout.decode().splitlines() == ["first: 777", "second: 31", "empty: nothing there"]
    told = json.loads(run_glassnet("read", "--json", "--region", "x=0,0,420,110", "one.png").stdout)
    assert [entry["region"] for entry in told["lines"]] == ["x"]
    rows = run_glassnet("read", "--csv", "--region", "x=0,0,420,110", "one.png").stdout.decode().splitlines()
    assert [row.rsplit(",", 1)[1] for row in rows] == ["region", *"xxxxx"]
    assert run_glassnet("read", "--ink", "blue", "one.png").stdout.decode().split() == ["670"]
    for wrong in (["--region", "1,2"], ["--form", "one.png"], ["--region", "999,0,5,5"], ["--digit", "--table"]):
        result = run_glassnet("read", *wrong, "one.png")
        assert result.returncode != 0
        assert result.stderr.decode().count("\n") == 1


def test_the_command_lays_out_tables(glyphs, run_glassnet):  # noqa: F811
    cv2.imwrite(str(run_glassnet.folder / "grid.png"), page_of(gridded(glyphs, ["7 26", "364 "], thick=3)))
    assert run_glassnet("read", "--table", "grid.png").stdout.decode() == "7,,2,6\n3,6,4,\n"
    both = run_glassnet("read", "--table", "grid.png", "grid.png").stdout.decode().splitlines()
    assert both[:2] == ["grid.png,1,7,,2,6", "grid.png,1,3,6,4,"]
    assert run_glassnet("read", "--table", "--csv", "grid.png").returncode != 0
