"""What a page of many marks costs: no more for each than on a page of few, and a sentence where there are too many."""

import io
import sys
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image, ImageDraw

from glassnet.errors import ImageError
from glassnet.reading import crowd, cutting, joining
from glassnet.reading.layout import in_reading_order, tilt_of
from glassnet.reading.marks import apart_where_faint, find_pieces
from glassnet.reading.paper import Ink
from glassnet.reading.pieces import Piece
from glassnet.reading.seen import Seen


def dots(n, side=8, pitch=18):
    """A page of n squares on a grid as wide as high, which neither join nor are cut at sight."""
    across = int(np.ceil(np.sqrt(n)))
    page = np.full((across * pitch + 40, across * pitch + 40), 255, np.uint8)
    for place in range(n):
        top, left = 20 + place // across * pitch, 20 + place % across * pitch
        page[top : top + side, left : left + side] = 0
    return page


def ticks(n, seed):
    """A page of n short strokes in all directions, some of which cross."""
    rng, side = np.random.default_rng(seed), int(30 * np.sqrt(n))
    page = Image.new("L", (side, side), 255)
    for x, y, angle in zip(*rng.uniform(0, side, (2, n)), rng.uniform(0, np.pi, n), strict=True):
        across, down = 9 * np.cos(angle), 9 * np.sin(angle)
        ImageDraw.Draw(page).line((x - across, y - down, x + across, y + down), 0, 3)
    return np.asarray(page)


@contextmanager
def counted_calls():
    """Count how many functions are called, Python's and C's."""
    told = {"n": 0}

    def count(frame, event, argument):
        told["n"] += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        yield told
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("make", [dots, lambda n: ticks(n, 0)], ids=["dots", "ticks"])
def test_four_times_the_marks_cost_about_four_times_as_much(reader, monkeypatch, make):
    """Counted are calls and images shown to the network: seconds would depend on what else the machine does."""
    shown = []
    monkeypatch.setattr(reader, "outputs", lambda images, own=reader.outputs: shown.append(len(images)) or own(images))
    reader.read(make(20))  # what is done once is not what a mark costs
    counts = []
    for n in (200, 800):
        page = make(n)
        shown.clear()
        with counted_calls() as calls:
            reader.read(page)
        counts.append((calls["n"], sum(shown), len(shown)))
    (few_calls, few_shown, _), (many_calls, many_shown, n_times) = counts
    assert many_calls < 5 * few_calls
    assert many_shown < 5 * few_shown
    assert n_times < 30  # all pieces in one call, and not one after the other


def test_each_mark_is_shown_to_the_network_once():
    shown = []

    def outputs(images):
        shown.append(len(images))
        return np.full((len(images), 10), 0.5, np.float32)

    seen = Seen(outputs)
    pieces = [Piece(0, 0, 20, 20, np.ones((20, 20), np.float32), 1.0) for _ in range(3)]
    assert seen.largest_outputs(pieces[:2]).tolist() == [0.5, 0.5]
    assert seen.images(pieces).shape == (3, 28, 28)
    assert shown == [2, 1]
    del pieces
    assert len(seen.known) == 0


def test_a_line_of_single_marks_is_laid_out_once_for_each():
    """Columns of one mark each, which are put together one after the other, and a page of many scattered marks."""
    for n in (100, 400):
        boxes = [Piece(40 * place, 0, 10, 10, np.ones((1, 1), np.float32), 1.0) for place in range(n)]
        with counted_calls() as calls:
            assert [len(line) for line in in_reading_order(boxes, 10)] == [n]
        assert calls["n"] < 250 * n, n
        with counted_calls() as calls:
            tilt_of(boxes, 10)
        assert calls["n"] < 60 * n, n


def test_too_many_marks_are_refused_in_one_sentence(reader, monkeypatch):
    """Before the costly part: no mark of such a page is shown to the network."""
    monkeypatch.setattr(reader, "outputs", lambda images: pytest.fail("shown to the network"))
    with pytest.raises(ImageError) as raised:
        reader.read(dots(crowd.MOST_MARKS + 1, 6, 12))
    assert str(raised.value) == (
        "there are 5,001 marks on this page, and at most 5,000 can be read: show only the part with the digits."
    )


def test_as_many_marks_as_can_be_read_are_all_read(reader, monkeypatch):
    monkeypatch.setattr(crowd, "MOST_MARKS", 400)
    assert sum(len(line.marks) for line in reader.read(dots(400)).lines) == 400
    with pytest.raises(ImageError, match="401 marks on this page, and at most 400 can"):
        reader.read(dots(401))


@pytest.mark.parametrize("pitch", [12, 20])
def test_lines_across_each_other_are_refused_before_there_are_images_of_them(reader, pitch):
    """Each line's box is half the page, so that a hundred of them took gigabytes."""
    rows, columns = np.mgrid[:2048, :2048]
    page = np.where((2 * rows + 3 * columns) % (4 * pitch) < 12, 0, 255).astype(np.uint8)
    with pytest.raises(ImageError, match=r"^the \d+ marks on this page lie across each other.*part with the digits\.$"):
        reader.read(page)


def test_faint_ink_that_connects_too_many_marks_is_refused(monkeypatch):
    """Before any of the marks is taken out of it, and where no one piece has too many."""
    monkeypatch.setattr(crowd, "MOST_MARKS", 100)
    ink = np.where(dots(120) < 128, 1.0, 0.1).astype(np.float32)
    with pytest.raises(ImageError, match="120 marks on this page"):
        apart_where_faint(Piece(0, 0, ink.shape[1], ink.shape[0], ink, 1.0))
    strength = np.zeros((400, 400), np.float32)
    for place in range(60):  # pairs of squares that a faint bridge connects
        top, left = 20 + 40 * (place // 8), 20 + 45 * (place % 8)
        strength[top : top + 8, left : left + 8] = strength[top : top + 8, left + 14 : left + 22] = 1.0
        strength[top + 3 : top + 5, left + 8 : left + 14] = 0.15
    with pytest.raises(ImageError, match="120 marks on this page"):
        find_pieces(Ink(strength, 0.0, is_light=False))


def test_the_command_goes_on_with_the_next_file(tmp_path, capsys, monkeypatch):
    from glassnet.__main__ import main

    monkeypatch.setattr(crowd, "MOST_MARKS", 30)
    for name, n in (("crowd.png", 31), ("few.png", 16)):
        Image.fromarray(dots(n)).save(tmp_path / name)
    monkeypatch.setattr(
        sys, "argv", ["glassnet", "read", "--csv", str(tmp_path / "crowd.png"), str(tmp_path / "few.png")]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert ended.value.code == 1
    assert told.out.count("few.png") == 16
    assert "crowd.png" not in told.out
    assert "31 marks on this page, and at most 30 can be read" in " ".join(told.err.split())


def test_the_command_says_which_page_has_too_many(tmp_path, capsys, monkeypatch):
    from glassnet.__main__ import main

    monkeypatch.setattr(crowd, "MOST_MARKS", 30)
    first, second = (Image.fromarray(dots(n)) for n in (16, 31))
    first.save(tmp_path / "pages.tif", save_all=True, append_images=[second])
    monkeypatch.setattr(sys, "argv", ["glassnet", "read", "--csv", str(tmp_path / "pages.tif")])
    with pytest.raises(SystemExit):
        main()
    told = capsys.readouterr()
    assert told.out.count("pages.tif") == 16
    assert "page 2 of " in told.err
    assert "31 marks on this page" in " ".join(told.err.split())


def test_the_studio_says_what_it_refuses(client):
    data = io.BytesIO()
    Image.fromarray(dots(crowd.MOST_MARKS + 1, 6, 12)).save(data, "PNG")
    answer = client.post("/api/read", content=data.getvalue())
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("there are 5,001 marks on this page, and at most 5,000 can be read: ")


@pytest.mark.parametrize(("n_cut", "n_px"), [(3, 10**9), (10**6, 3 * 44 * 20), (10**6, 4 * 44 * 20 - 1)])
def test_what_is_cut_on_a_page_has_a_bound(monkeypatch, n_cut, n_px):
    monkeypatch.setattr(cutting, "MOST_CUT", n_cut)
    monkeypatch.setattr(cutting, "MOST_CUT_PX", n_px)
    pieces = [Piece(0, 50 * place, 44, 20, np.ones((20, 44), np.float32), 1.0) for place in range(5)]
    for piece in pieces:
        piece.ink[:, 21:23] = 0.1

    def judge(parts):
        return np.array([0.95 if 0.8 < p.width / p.height < 1.25 else 0.05 for p in parts])

    widths = [part.width for part in cutting.with_touching_cut(pieces, 20, judge)]
    assert len(widths) == 8
    assert widths[-2:] == [44, 44]


def test_a_piece_too_wide_for_its_parts_is_not_looked_at():
    """Ten cuts leave eleven parts, none wider than one and a half heights."""

    def judge(parts):
        pytest.fail("shown to the network")

    piece = Piece(0, 0, 331, 20, np.ones((20, 331), np.float32), 1.0)
    assert cutting.best_parts(piece, 0.05, 20, judge) == [piece]


def test_nothing_is_made_of_the_middle_where_no_part_is_sure():
    asked = []

    def judge(parts):
        asked.append([(p.left, p.right) for p in parts])
        return np.full(len(parts), 0.3)

    piece = Piece(0, 0, 60, 20, np.ones((20, 60), np.float32), 1.0)
    assert cutting.best_parts(piece, 0.05, 20, judge) == [piece]
    assert len(asked) == 1
    assert {left for left, _ in asked[0]} == {0}


def test_the_smallest_wholes_are_tried_where_there_are_too_many(monkeypatch):
    large = Piece(0, 0, 20, 20, np.ones((20, 20), np.float32), 1.0)
    parts = [Piece(21, 0, width, 10, np.ones((10, width), np.float32), 1.0) for width in (9, 8, 7)]
    pairs = joining.part_pairs([large, *parts], 20)
    assert {(1, 0), (2, 0), (3, 0), (2, 1), (3, 1), (3, 2)} <= set(pairs)
    monkeypatch.setattr(joining, "MOST_WHOLES", 2)
    assert joining.part_pairs([large, *parts], 20) == [(2, 1), (3, 2)]
    monkeypatch.setattr(joining, "MOST_WHOLES", 100)
    monkeypatch.setattr(joining, "MOST_WHOLE_PX", 8 * 10 + 9 * 10)
    assert joining.part_pairs([large, *parts], 20) == [(2, 1), (3, 2)]
