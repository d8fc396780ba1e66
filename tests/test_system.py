"""What differs between systems, each of them played on the one that there is."""

import ast
import asyncio
import ctypes
import errno
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import glassnet
from glassnet import system
from glassnet.cli.console import sentence_of
from glassnet.digits import write_idx
from glassnet.digits.decoding import decoded
from glassnet.errors import ImageError
from glassnet.tensor_file import write_whole
from systems import needs_links


@pytest.fixture
def no_threads(monkeypatch):
    """As in a browser: no thread can be started."""

    def refused(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)


@pytest.fixture
def naps(monkeypatch):
    """What would have been slept, without sleeping it."""
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def on(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)


@pytest.mark.parametrize(
    ("asked", "affinity", "count", "expected"),
    [
        (lambda: 3, {0, 1}, 8, 3),
        (lambda: None, {0, 1}, 8, 1),
        (None, {0, 1}, 8, 2),
        (None, None, 8, 8),
        (None, None, None, 1),
    ],
)
def test_the_nearest_count_of_processors_wins(monkeypatch, asked, affinity, count, expected):
    for name, value in {"process_cpu_count": asked, "sched_getaffinity": affinity and (lambda pid: affinity)}.items():
        if value is None:
            monkeypatch.delattr(os, name, raising=False)
        else:
            monkeypatch.setattr(os, name, value, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: count)
    monkeypatch.setattr(system, "quota", lambda: None)
    assert system.n_processors() == expected
    for granted in (1, 2, 64):
        monkeypatch.setattr(system, "quota", lambda granted=granted: granted)
        assert system.n_processors() == min(expected, granted)


class Played:
    """A C library that keeps what it was asked for."""

    def __init__(self, **answers):
        self.asked = []
        for name, answer in answers.items():
            setattr(self, name, self.function(name, answer))

    def function(self, name, answer):
        def called(*arguments):
            self.asked.append((name, *(getattr(a, "value", a) for a in arguments)))
            return answer

        return called


def test_windows_and_macos_are_asked_to_let_others_go_first(monkeypatch):
    windows, macos = Played(GetCurrentThread=-2, SetThreadPriority=1), Played(pthread_set_qos_class_self_np=0)
    monkeypatch.setattr(ctypes, "WinDLL", lambda name: windows, raising=False)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: macos)
    on(monkeypatch, "win32")
    system.give_way()
    assert windows.asked == [("GetCurrentThread",), ("SetThreadPriority", -2, -1)]
    assert windows.GetCurrentThread.restype is ctypes.c_void_p, "a handle would be cut to 32 bits"
    on(monkeypatch, "darwin")
    system.give_way()
    assert macos.asked == [("pthread_set_qos_class_self_np", 0x11, 0)]


@pytest.mark.skipif(sys.platform != "linux", reason="threads have a niceness of their own on Linux alone")
def test_a_thread_gives_way_alone():
    told = system.in_threads(lambda _: (system.give_way(), os.getpriority(os.PRIO_PROCESS, 0))[1], [0])
    before = os.getpriority(os.PRIO_PROCESS, 0)
    assert told == [max(before, system.NICENESS)]
    assert os.getpriority(os.PRIO_PROCESS, os.getpid()) == before


@pytest.mark.skipif(sys.platform != "linux", reason="a pipe's size can be asked for on Linux alone")
def test_a_pipe_holds_more_where_it_may(monkeypatch):
    import fcntl

    nothing, ends = os.open(os.devnull, os.O_RDONLY), os.pipe()
    try:
        system.widen(ends[0], 2**18)
        assert fcntl.fcntl(ends[1], fcntl.F_GETPIPE_SZ) == 2**18
        system.widen(nothing, 2**18)  # which is no pipe
        monkeypatch.delattr(fcntl, "F_SETPIPE_SZ")  # macOS
        system.widen(ends[0], 2**17)
        monkeypatch.setitem(sys.modules, "fcntl", None)  # Windows
        system.widen(ends[0], 2**17)
        assert os.write(ends[1], bytes(2**18)) == 2**18
    finally:
        for end in (nothing, *ends):
            os.close(end)


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin", "emscripten", "freebsd14"])
def test_what_a_system_does_not_have_is_not_missed(monkeypatch, platform):
    on(monkeypatch, platform)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    monkeypatch.setattr(ctypes, "WinDLL", lambda name: object(), raising=False)
    monkeypatch.delattr(os, "setpriority", raising=False)
    system.give_way()
    system.share_heaps()
    system.trim_heaps()


def test_work_is_done_in_threads_and_in_order():
    meet = threading.Barrier(3, timeout=20)

    def squared(n):
        meet.wait()  # nobody gets past it alone
        return n * n, threading.get_ident()

    done = system.in_threads(squared, [3, 1, 2])
    assert [square for square, _ in done] == [9, 1, 4]
    assert len({thread for _, thread in done}) == 3


def test_without_threads_the_caller_works(no_threads):
    assert not system.can_start_threads()
    done = system.in_threads(lambda n: (n * n, threading.get_ident()), [3, 1, 2])
    assert done == [(square, threading.get_ident()) for square in (9, 1, 4)]


def test_threads_that_can_be_started_are_not_waited_for_in_vain(monkeypatch):
    """A limit that is reached on the way: what was begun is not done twice, what was not is done here."""
    begun, seen, start = [], [], threading.Thread.start

    def first_only(thread):
        if begun:
            raise RuntimeError("can't start new thread")
        begun.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", first_only)
    assert system.in_threads(lambda n: seen.append(n) or -n, [1, 2, 3]) == [-1, -2, -3]
    assert sorted(seen) == [1, 2, 3]


def test_an_error_in_a_thread_is_the_callers():
    with pytest.raises(ZeroDivisionError):
        system.in_threads(lambda n: 1 / n, [1, 0])
    assert system.can_start_threads()


def test_digits_are_loaded_without_threads(no_threads, digits):
    again = glassnet.load_digits()
    for part in ("train_images", "train_labels", "test_images", "test_labels"):
        np.testing.assert_array_equal(getattr(again, part), getattr(digits, part))


def test_a_small_network_learns_and_reads_without_threads(no_threads, few_digits):
    network = glassnet.Network.random((784, 8, 10), rng=np.random.default_rng(0))
    *_, last = glassnet.train(network, few_digits, epochs=2, mini_batch_size=10, engine="reference")
    assert last.test_accuracy > 0.3
    digit = glassnet.Reader().classify(few_digits.test_images[0]).digit
    assert digit == few_digits.test_labels[0]


IN_A_BROWSER = """
import os, sys, threading
for name in ("fcntl", "resource", "multiprocessing", "_posixsubprocess", "termios", "isal", "pypdfium2", "filelock",
             "uvicorn", "fastapi", "typer", "rich", "glassnet.engines._kernel"):
    sys.modules[name] = None
def refused(self):
    raise RuntimeError("can't start new thread")
threading.Thread.start = refused
sync = os.fsync
def only_files(handle):
    if os.path.isdir(f"/proc/self/fd/{handle}"):
        raise OSError(22, "Invalid argument")
    sync(handle)
os.fsync = only_files
del os.sched_getaffinity, os.setpriority
sys.platform = "emscripten"

import numpy as np
import glassnet
from glassnet.errors import ImageError
digits = glassnet.load_digits()
network = glassnet.Network.random((784, 8, 10), rng=np.random.default_rng(0))
for event in glassnet.train(network, digits, epochs=1, checkpoint="run", engine="reference"):
    pass
glassnet.save_model(glassnet.Model(event.network), "network")
assert (glassnet.load_model("network").network.weights[0] == event.network.weights[0]).all()
page = np.full((80, 120), 255, np.uint8)
page[20:48, 20:48], page[20:48, 60:88] = 255 - digits.test_images[0], 255 - digits.test_images[1]
print(event.test_accuracy > 0.5, glassnet.Reader().read(page).text)
try:
    glassnet.Reader().read(b"%PDF-1.4")
except ImageError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it is played on Linux: which handle is a folder, /proc tells")
def test_a_browsers_python_loads_learns_saves_and_reads(tmp_path):
    """What Pyodide lacks is taken away before the first import; whatever asks for it fails as it would there."""
    result = subprocess.run([sys.executable, "-c", IN_A_BROWSER], cwd=tmp_path, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr.decode()
    learned, *said = result.stdout.decode().splitlines()
    assert learned == "True 72"
    assert said == ["cannot read the image: PDFs are read with pypdfium2, which is not here."]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["network", "run"]


@pytest.mark.parametrize(
    ("module", "data", "sentence"),
    [
        ("pypdfium2", b"%PDF-1.4", "PDFs are read with pypdfium2, which is not here"),
        ("pillow_heif", b"\0\0\0\x18ftypheic", "HEIC and AVIF images are read with pillow-heif, which is not here"),
    ],
)
def test_a_decoder_that_is_not_there_is_told_of(monkeypatch, module, data, sentence):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImageError, match=f"cannot read the image: {sentence}."):
        list(decoded(data, "the image", "RGB"))


def refusing(monkeypatch, times, error):
    """Let os.replace fail so many times as on a file that somebody reads; return the list of tries."""
    tries, replace = [], os.replace

    def replaced(source, target):
        tries.append(target)
        if len(tries) <= times:
            raise error
        replace(source, target)

    monkeypatch.setattr(os, "replace", replaced)
    return tries


def test_windows_waits_until_a_file_is_let_go(monkeypatch, naps, tmp_path):
    path = tmp_path / "network.safetensors"
    path.write_bytes(b"old")
    on(monkeypatch, "win32")
    tries = refusing(monkeypatch, 3, PermissionError(errno.EACCES, "Access is denied"))
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert len(tries) == 4
    assert naps == sorted(naps)
    assert len(naps) == 3
    assert [entry.name for entry in tmp_path.iterdir()] == ["network.safetensors"]


class WindowsError(OSError):
    """As Windows raises it, in German."""

    def __init__(self, number, winerror, words, name=None):
        super().__init__(number, words, name)
        self.winerror = winerror


@pytest.mark.parametrize(
    ("number", "winerror", "reason"),
    [
        (errno.ENOENT, 2, "No such file or directory"),
        (errno.EACCES, 32, "Permission denied"),
        (10013, 10013, "Permission denied"),
        (10048, 10048, "Address already in use"),
        (10049, 10049, "Cannot assign requested address"),
    ],
)
def test_windows_reasons_are_said_as_everywhere(number, winerror, reason):
    error = WindowsError(number, winerror, "Das System kann die angegebene Datei nicht finden", "netz")
    assert system.reason_of(error) == reason
    assert sentence_of(error) == f"netz: {reason[0].lower()}{reason[1:]}."
    assert system.reason_of(OSError(errno.ENOSPC, "No space left on device")) == "No space left on device"
    assert system.reason_of(OSError("odd")) == "odd"


def test_windows_own_numbers_are_those_of_berkeley_and_ten_thousand():
    """As winsock2.h has them; what is not among them has Unix's number, for which the C library has words."""
    named = {"Permission denied": 13, "Address already in use": 48, "Cannot assign requested address": 49}
    assert {reason: number - 10_000 for number, reason in system.SOCKET_REASONS.items()} == named


def test_windows_does_not_wait_for_ever(monkeypatch, naps, tmp_path):
    path = tmp_path / "network.safetensors"
    path.write_bytes(b"old")
    on(monkeypatch, "win32")
    refusing(monkeypatch, 1000, PermissionError(errno.EACCES, "Access is denied"))
    with pytest.raises(PermissionError) as raised:
        write_whole(path, b"new")
    assert sentence_of(raised.value) == f"{path}: it is read-only, or another program keeps it open."
    assert 1.5 < sum(naps) < 2.5
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["network.safetensors"], "the partial file is left"


def test_elsewhere_a_refusal_is_final(monkeypatch, naps, tmp_path):
    on(monkeypatch, "linux")
    tries = refusing(monkeypatch, 1000, PermissionError(errno.EACCES, "Permission denied"))
    with pytest.raises(PermissionError):
        write_whole(tmp_path / "a", b"new")
    assert (len(tries), naps) == (1, [])


@pytest.mark.parametrize(("number", "is_said"), [(errno.EINVAL, False), (errno.ENOTSUP, False), (errno.EIO, True)])
def test_a_folder_that_cannot_be_synced_by_itself_is_no_failure(monkeypatch, tmp_path, number, is_said):
    def refused(handle):
        raise OSError(number, os.strerror(number))

    on(monkeypatch, "linux")
    monkeypatch.setattr(os, "fsync", refused)
    monkeypatch.setattr(os, "open", lambda *how, real=os.open: real(os.devnull, os.O_RDONLY))
    if is_said:
        with pytest.raises(OSError, match=os.strerror(number)):
            system.sync_folder(tmp_path)
    else:
        system.sync_folder(tmp_path)


def test_windows_opens_no_folder(monkeypatch, tmp_path):
    on(monkeypatch, "win32")
    monkeypatch.setattr(os, "open", None)
    system.sync_folder(tmp_path)


@pytest.mark.parametrize(("platform", "same"), [("linux", False), ("darwin", True), ("win32", True)])
def test_names_that_differ_by_case(monkeypatch, tmp_path, platform, same):
    on(monkeypatch, platform)
    assert system.is_same_place(tmp_path / "Überlauf", tmp_path / "überlauf") is same
    assert system.is_same_place(tmp_path / "a" / ".." / "b", tmp_path / "b")
    assert not system.is_same_place(tmp_path / "a", tmp_path / "b")
    (tmp_path / "one").write_bytes(b"")
    os.link(tmp_path / "one", tmp_path / "two")
    assert system.is_same_place(tmp_path / "one", tmp_path / "two")


def test_links_that_lead_to_themselves_are_the_systems_word(tmp_path):
    """From Python 3.13 on they are taken for files that are not there yet, before that for a bug of the program."""
    needs_links(tmp_path)
    for name, target in (("loop", "loop"), ("one", "other"), ("other", "one")):
        (tmp_path / name).symlink_to(target)
    for path in (tmp_path / "loop", tmp_path / "one"):
        for use in (system.resolved, lambda p: write_whole(p, b"x"), lambda p: system.is_same_place(p, tmp_path / "x")):
            with pytest.raises(OSError, match="symbolic links") as caught:
                use(path)
            assert caught.value.errno == errno.ELOOP
    assert (tmp_path / "loop").is_symlink()
    (tmp_path / "link").symlink_to("file")
    assert system.resolved(tmp_path / "link") == (tmp_path / "file").resolve()


def test_a_path_is_quoted_as_the_shell_takes_it(monkeypatch, tmp_path):
    path = type(tmp_path)("my networks", "größe 3.safetensors")
    on(monkeypatch, "linux")
    assert system.quoted(path) == f"'{path}'"
    on(monkeypatch, "win32")
    assert system.quoted(path) == f'"{path}"'
    assert system.quoted(type(tmp_path)("plain")) == "plain"


def test_scripts_are_scripts_whatever_the_registry_says(monkeypatch, tmp_path):
    """As on a Windows whose registry another program has changed; browsers run no script that is plain text."""
    import mimetypes

    import httpx

    from glassnet.studio import app

    page = tmp_path / "page" / "assets"
    page.mkdir(parents=True)
    (page.parent / "index.html").write_bytes(b"<!doctype html>")
    (page / "index-1.js").write_bytes(b"0")
    known = dict(mimetypes.types_map)
    try:
        mimetypes.add_type("text/plain", ".js")
        monkeypatch.setattr(app, "page_folder", lambda: page.parent)
        served = app.create_app(tmp_path / "runs")

        async def asked(address):
            async with httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url="http://localhost") as client:
                return await client.get(address)

        with ThreadPoolExecutor(1) as apart:  # a browser's tests leave a loop running in this thread
            answer = apart.submit(asyncio.run, asked("/assets/index-1.js")).result()
    finally:
        mimetypes.types_map.clear()
        mimetypes.types_map.update(known)
        mimetypes.init()
    assert (answer.status_code, answer.content) == (200, b"0")
    assert answer.headers["content-type"].startswith("text/javascript")


class Options:
    """A socket that keeps what it was told."""

    def __init__(self):
        self.told = []

    def setsockopt(self, *option):
        self.told.append(option)


def test_a_port_is_nobody_elses(monkeypatch):
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", -5, raising=False)  # ~SO_REUSEADDR there
    for platform, option in (("win32", -5), ("linux", socket.SO_REUSEADDR), ("darwin", socket.SO_REUSEADDR)):
        on(monkeypatch, platform)
        system.keep_port(opened := Options())
        assert opened.told == [(socket.SOL_SOCKET, option, 1)]


def test_ignored_interrupts_stay_ignored_and_other_threads_catch_none():
    before = signal.getsignal(signal.SIGINT)
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        assert signal.SIGINT in system.heeded_interrupts()
        assert signal.SIGTERM in system.heeded_interrupts()
        assert system.in_threads(lambda _: system.heeded_interrupts(), [0]) == [[]]
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell starts "command &"
        assert signal.SIGINT not in system.heeded_interrupts()
        assert signal.SIGTERM in system.heeded_interrupts()
    finally:
        signal.signal(signal.SIGINT, before)


def test_threads_are_what_makes_loading_fast(tmp_path, digits, monkeypatch):
    """All four files are begun before the first is done."""
    from glassnet.digits import dataset

    for name, array in {
        "train-images-idx3": digits.train_images[:9],
        "train-labels-idx1": digits.train_labels[:9],
        "t10k-images-idx3": digits.test_images[:5],
        "t10k-labels-idx1": digits.test_labels[:5],
    }.items():
        write_idx(tmp_path / f"{name}-ubyte", array)
    meet, read = threading.Barrier(4, timeout=20), dataset.read_idx
    monkeypatch.setattr(dataset, "read_idx", lambda path: (meet.wait(), read(path))[1])
    few = glassnet.load_digits(tmp_path)
    np.testing.assert_array_equal(few.train_images, digits.train_images[:9])
    np.testing.assert_array_equal(few.test_labels, digits.test_labels[:5])


ROOT = Path(__file__).parents[1]
SYSTEM = r"sys\.platform|os\.name\b|platform\.system|\bfcntl\b|\bmsvcrt\b|import resource\b|os\.fork|cpu_count|affinity"


def test_nothing_else_asks_which_system_this_is():
    asking = {p for p in (ROOT / "src").rglob("*.py") if re.search(SYSTEM, p.read_text(encoding="utf-8"))}
    assert asking == {ROOT / "src" / "glassnet" / "system.py"}


def without_encoding(source):
    """Return the calls that read or write text in whatever the system takes for usual, the last first."""
    found = []
    with ThreadPoolExecutor(
        1
    ) as apart:  # a browser's tests leave greenlets in this thread, which Python's parser minds
        tree = apart.submit(ast.parse, source).result()
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and not any(word.arg == "encoding" for word in call.keywords):
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            modes = [word.value for word in call.keywords if word.arg == "mode"]
            modes += call.args[:1] if isinstance(call.func, ast.Attribute) else call.args[1:2]
            modes = [getattr(mode, "value", None) for mode in modes]
            is_text = not modes or re.fullmatch("[rwax]t?[+]?", str(modes[0]))
            if name in ("read_text", "write_text") or (name == "open" and is_text):
                found.append(call)
    return sorted(found, key=lambda call: -call.end_lineno)


@pytest.mark.parametrize("folder", ["src", "scripts", "benchmarks", "tests"])
def test_text_files_are_utf8_on_every_system(folder):
    """Windows takes its code page for what names no encoding, and a guide of ours does not even open then."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    assert paths
    calls = [
        f"{p.relative_to(ROOT)}:{c.lineno}" for p in paths for c in without_encoding(p.read_text(encoding="utf-8"))
    ]
    assert not calls


def test_calls_without_an_encoding_are_seen():
    told = 'p.read_text()\np.write_text("a")\nopen(p)\nopen(p, "w")\np.open()\np.open("a")\n'
    assert [call.lineno for call in without_encoding(told)] == [6, 5, 4, 3, 2, 1]
    fine = 'p.read_text(encoding="utf-8")\nopen(p, "rb")\np.open("xb")\np.open(newline="", encoding="utf-8")\n'
    assert not without_encoding(fine + "Image.open(data)\nos.open(p, os.O_RDONLY)\n")
