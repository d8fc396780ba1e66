"""What strangers send is decoded in a process of its own, with a deadline and little memory."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from glassnet.digits import apart, decoding
from glassnet.digits.apart import decoded_apart
from glassnet.digits.decoding import decoded
from glassnet.digits.image_file import read_grey, read_pages
from glassnet.errors import ImageError
from hostile_pdfs import FONTS, deflated, nested, shaded, thin

HOSTILE = {
    "forms": (nested, (12, 10)),
    "deeper": (nested, (30, 2)),
    "wider": (nested, (4, 400)),
    "shading": (shaded, (10_000,)),
    "strokes": (deflated, (300, 1)),
    "twice packed": (deflated, (300, 2)),
}
SECONDS = 1.5


@pytest.fixture
def decoders(monkeypatch):
    """Processes of the test's own."""
    own = apart.Decoders()
    monkeypatch.setattr(apart, "_decoders", own)
    yield own
    own.close()


def encoded(pixels, kind, **options):
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, kind, **options)
    return data.getvalue()


@pytest.mark.parametrize("name", HOSTILE)
def test_what_never_ends_is_ended(decoders, name):
    make, arguments = HOSTILE[name]
    began = time.monotonic()
    with pytest.raises(
        ImageError, match=r"cannot read it: (it takes longer than 1\.5 s|its decoder broke down)[^\n]+\.$"
    ):
        list(decoded_apart(make(*arguments), "it", "RGB", seconds=SECONDS))
    assert time.monotonic() - began < SECONDS + 5
    assert not decoders.idle  # it is gone, and the next file gets another
    (page,) = decoded_apart(thin(), "it", "RGB")
    assert page.shape == (21, 2048, 3)


@pytest.mark.skipif(sys.platform != "linux", reason="only there does a decoder fork")
def test_a_fork_ends_with_its_decoder(decoders, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])  # told to the decoder, so that it can be found

    def alive():
        return [path.parent.name for path in Path("/proc").glob("[0-9]*/cmdline") if str(tmp_path) in text_of(path)]

    ended = []
    thread = threading.Thread(target=lambda: ended.append(refusal_of(shaded(10_000))))
    thread.start()
    until = time.monotonic() + 10
    while len(alive()) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    assert len(alive()) == 2
    thread.join(1.5 * SECONDS)  # its own clock would end it only after twice its time
    assert "longer than 1.5 s" in ended[0]
    assert not alive()


def text_of(path):
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has ended meanwhile
        return ""


def refusal_of(data):
    with pytest.raises(ImageError) as refused:
        list(decoded_apart(data, "it", "RGB", seconds=SECONDS))
    return str(refused.value)


def test_many_threads_read_pdfs_at_once():
    """pdfium serves one thread at a time; two of them ended the whole program. Nor does it matter what came before."""
    wanted = {font: next(read_pages(thin(font))) for font in FONTS}
    found = []

    def read(first):
        for place in range(4):
            font = FONTS[(first + place) % len(FONTS)]
            found.append(np.array_equal(next(read_pages(thin(font))), wanted[font]))

    threads = [threading.Thread(target=read, args=[first]) for first in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 12


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM"])
def test_apart_is_as_here(kind, rng):
    picture = rng.integers(0, 256, (37, 53, 3), dtype=np.uint8)
    data = encoded(picture, kind)
    np.testing.assert_array_equal(read_grey(data, apart=True), read_grey(data))
    (there,), (here,) = read_pages(data, apart=True), read_pages(data)
    np.testing.assert_array_equal(there, here)


def test_pages_come_one_after_the_other_and_need_not_all_come(decoders, rng):
    pictures = [Image.fromarray(rng.integers(0, 256, (20, 10 + i, 3), dtype=np.uint8)) for i in range(5)]
    data = io.BytesIO()
    pictures[0].save(data, "TIFF", save_all=True, append_images=pictures[1:])
    pages = list(read_pages(data.getvalue(), apart=True))
    for page, picture in zip(pages, pictures, strict=True):
        np.testing.assert_array_equal(page, np.asarray(picture))
    some = read_pages(data.getvalue(), apart=True)
    next(some)
    some.close()
    assert next(read_pages(data.getvalue(), apart=True)).shape == (20, 10, 3)  # not the second page of before
    assert len(decoders.idle) == 1


def test_what_is_refused_here_is_refused_apart_in_the_same_words(decoders):
    for data in (b"%PDF-1.4", b"", b"nothing", encoded(np.zeros((9, 9), np.uint8), "PNG")[:40]):
        sentences = set()
        for read in (decoded, decoded_apart):
            with pytest.raises(ImageError) as refused:
                list(read(data, "it", "RGB"))
            sentences.add(str(refused.value))
        assert len(sentences) == 1
    assert len(decoders.idle) == 1  # it goes on with the next file


def test_the_largest_image_fits_in_what_it_may_take(decoders):
    """120 million pixels of four bytes each: half of the addresses that there are."""
    rows = Image.new("RGBA", (12_000, 10_000), (90, 90, 90, 255))
    data = io.BytesIO()
    rows.save(data, "PNG", compress_level=1)
    (page,) = read_pages(data.getvalue(), apart=True)
    assert page.shape == (1667, 2000, 3)
    assert (page == 90).all()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts addresses")
def test_memory_is_limited(decoders, monkeypatch):
    (page,) = read_pages(encoded(np.zeros((50, 50), np.uint8), "PNG"), apart=True)
    assert page.shape == (50, 50, 3)
    limits = Path(f"/proc/{decoders.idle[0].process.pid}/limits").read_text(encoding="ascii")
    (line,) = [line for line in limits.splitlines() if line.startswith("Max address space")]
    assert line.split()[3:5] == [str(apart.MEMORY_BYTES)] * 2


def test_a_decoder_that_crashes_takes_nobody_with_it(decoders):
    picture = encoded(np.zeros((50, 50), np.uint8), "PNG")
    next(read_pages(picture, apart=True))
    decoder = decoders.idle[0]
    pages = read_pages(picture, apart=True)
    next(pages)
    decoder.process.kill()
    with pytest.raises(ImageError, match="its decoder broke down"):
        next(pages)
    assert next(read_pages(picture, apart=True)).shape == (50, 50, 3)
    decoders.idle[0].process.kill()  # or while it is idle
    decoders.idle[0].process.wait()
    assert next(read_pages(picture, apart=True)).shape == (50, 50, 3)


def test_a_decoder_is_not_kept_for_ever(decoders, monkeypatch):
    monkeypatch.setattr(apart, "MOST_FILES", 3)
    picture, used = encoded(np.zeros((50, 50), np.uint8), "PNG"), []
    for _ in range(6):
        next(read_pages(picture, apart=True))
        used.append(decoders.idle[0].process.pid if decoders.idle else None)
    assert used[0] == used[1]
    assert used[3] == used[4] != used[0]
    assert used[2] is used[5] is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_who_is_forked_leaves_the_decoders_alone():
    code = f"""
import os, sys
sys.path[:] = {sys.path!r}
from glassnet.digits import apart
apart.warm_up()
pid = os.fork()
if not pid:
    os._exit(len(apart._decoders.idle))
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
assert len(apart._decoders.idle) == 1
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=60)


def test_what_takes_no_memory_is_ended_by_the_clock_and_said_so(decoders):
    with pytest.raises(ImageError, match=r"^cannot read it: it takes longer than 0\.7 s to decode\.$"):
        list(decoded_apart(shaded(10_000), "it", "RGB", seconds=0.7))


def test_an_answer_of_impossible_size_is_none(decoders, monkeypatch):
    """Whoever has taken over a decoder shall not have us take all memory."""
    monkeypatch.setattr(apart, "BEGINNING", "print('{\"shape\": [100000, 100000, 30]}', flush=True); input()")
    with pytest.raises(ImageError, match="its decoder broke down"):
        next(read_pages(thin()))


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers")
def test_a_decoder_ends_itself_if_nobody_is_left_to_end_it():
    code = f"""
import sys
sys.path[:] = {sys.path!r}
from glassnet.digits import apart
from hostile_pdfs import shaded
apart.Decoder.answer = lambda self, wanted, *_: (self.send(wanted), print(self.process.pid, flush=True), input())
list(apart.decoded_apart(shaded(10_000), "it", "RGB", seconds=0.5))
"""
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        pid = int(process.stdout.readline())
        process.kill()
    until = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2]:
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="there Ctrl-C is not a signal")
def test_ctrl_c_is_for_us(decoders):
    picture = encoded(np.zeros((50, 50), np.uint8), "PNG")
    next(read_pages(picture, apart=True))
    process = decoders.idle[0].process
    process.send_signal(signal.SIGINT)
    next(read_pages(picture, apart=True))
    assert decoders.idle[0].process is process


def test_after_an_interrupt_nothing_is_mixed_up(decoders, monkeypatch):
    pictures = [encoded(np.full((50, 50 + i), i, np.uint8), "PNG") for i in range(2)]
    send = apart.Decoder.send

    def interrupted(decoder, wanted):
        send(decoder, wanted)
        raise KeyboardInterrupt

    monkeypatch.setattr(apart.Decoder, "send", interrupted)
    with pytest.raises(KeyboardInterrupt):
        next(read_pages(pictures[0], apart=True))
    monkeypatch.undo()
    monkeypatch.setattr(apart, "_decoders", decoders)
    assert next(read_pages(pictures[1], apart=True)).shape == (50, 51, 3)


def test_where_no_process_can_be_started_it_is_decoded_here(monkeypatch):
    monkeypatch.setattr(sys, "executable", "")
    monkeypatch.setattr(apart, "_decoders", None)
    assert next(read_pages(thin())).shape == (21, 2048, 3)
    monkeypatch.undo()
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    monkeypatch.setattr(apart, "_decoders", apart.Decoders())
    with pytest.raises(ImageError, match=r"no process can be started to decode it in: no such file or directory\.$"):
        next(read_pages(thin()))


@pytest.mark.parametrize(
    ("mode", "averaged"), [("1", "L"), ("L", "L"), ("P", "RGB"), ("PA", "RGBA"), ("RGB", "RGB"), ("I;16", "L")]
)
def test_an_image_is_averaged_in_a_mode_whose_numbers_are_shades(mode, averaged):
    image = Image.new("L", (4, 4), 200).convert(mode) if mode != "I;16" else Image.new(mode, (4, 4), 200)
    assert decoding.averageable(image).mode == averaged


def test_a_pdfs_colours_are_red_green_and_blue():
    page = io.BytesIO()
    Image.new("RGB", (60, 40), (200, 60, 20)).save(page, "PDF")
    (picture,) = read_pages(page.getvalue())
    assert np.abs(np.median(picture.reshape(-1, 3), axis=0) - (200, 60, 20)).max() < 12
