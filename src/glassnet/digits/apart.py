"""Apart: what strangers send is decoded in a process of its own, with a deadline and little memory.

A decoder that loops, takes all memory or crashes ends that process and nothing else. It starts anew (a fork
of ours would lack our threads), ends with our end of its pipes, and is kept warm for the next file.
"""

import atexit
import contextlib
import json
import os
import sys
import threading
from collections.abc import Iterator
from typing import IO, Any

import numpy as np

from glassnet.digits import decoding
from glassnet.errors import ImageError, words_of
from glassnet.system import (
    can_fork,
    can_start_processes,
    in_a_fork,
    limit_memory,
    limit_seconds,
    only_ended_by_us,
    reason_of,
)

SECONDS = 10.0
"""For one page: a photo of 108 million pixels takes two."""
MEMORY_BYTES = 1 << 30
"""Of addresses, on systems that count them: an image of the most pixels that are accepted takes half of it."""
KEPT_WARM = 2
MOST_FILES = 100
"""That one process decodes before another takes its place, so that what it leaks does not add up."""
BEGINNING = "import sys; sys.path[:] = sys.argv[1:]; from glassnet.digits.apart import serve; serve()"


class Decoder:
    """A process that decodes files, one at a time."""

    def __init__(self) -> None:
        import subprocess  # a hundredth of a second that nothing else needs

        self.n_files = 0
        self.is_late = self.is_killed = False
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-c", BEGINNING, *sys.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # each of its threads claims addresses
            )
        except OSError as error:
            why = reason_of(error).lower()
            raise ImageError(f"no process can be started to decode it in: {why}.") from None

    def pages(self, data: bytes, name: str, mode: str, seconds: float) -> Iterator[np.ndarray]:
        """Yield the pages of some content; whoever does not want all of them closes the generator."""
        self.n_files += MOST_FILES if decoding.is_pdf(data) and not can_fork() else 1  # see `serve`
        order = {
            "bytes": len(data),
            "name": name,
            "mode": mode,
            "side_px": decoding.LARGEST_SIDE_PX,
            "seconds": seconds,
        }
        wanted = json.dumps(order).encode() + b"\n" + data
        while True:
            told, page = self.answer(wanted, name, seconds)
            if told == "end":
                return
            if told:
                raise ImageError(told)
            try:
                yield page
            except GeneratorExit:
                with contextlib.suppress(OSError):
                    self.send(b"stop\n")
                raise
            wanted = b"next\n"

    def answer(self, wanted: bytes, name: str, seconds: float) -> tuple[str, np.ndarray]:
        """Send what is wanted; return what is told instead of a page, and the page."""
        timer = threading.Timer(seconds, self.kill)
        timer.daemon = True
        with contextlib.suppress(RuntimeError):  # no thread can be started: it ends itself, at twice the time
            timer.start()
        try:
            self.send(wanted)
            answers: IO[bytes] = self.process.stdout  # type: ignore[assignment] - it is a pipe
            told = json.loads(answers.readline())
            shape = told.get("shape", [0])
            if max(shape) > decoding.LARGEST_SIDE_PX + 1:  # a PDF's sides are rounded up
                raise ValueError
            page = np.empty(shape, dtype=np.uint8)
            fill(page.reshape(-1).data, answers)
        except (OSError, EOFError, ValueError):
            self.kill(is_late=False)
            if self.is_late:
                raise ImageError(f"cannot read {name}: it takes longer than {seconds:g} s to decode.") from None
            raise ImageError(
                f"cannot read {name}: its decoder broke down; it is damaged, or takes more memory than an image may."
            ) from None
        except BaseException:  # Ctrl-C: what is still to come would be taken for the answer to what is asked next
            self.kill(is_late=False)
            raise
        finally:
            timer.cancel()
        return told.get("told", ""), page

    def send(self, wanted: bytes) -> None:
        """Write to the process."""
        pipe: IO[bytes] = self.process.stdin  # type: ignore[assignment] - it is a pipe
        pipe.write(wanted)
        pipe.flush()

    def kill(self, *, is_late: bool = True) -> None:
        """End the process at once; by itself, if its time is over."""
        self.is_late |= is_late
        self.is_killed = True
        self.process.kill()

    def close(self) -> None:
        """End the process, and wait for that."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):  # what could not be written any more
                pipe.close()  # type: ignore[union-attr] - they are pipes

    @property
    def is_fresh(self) -> bool:
        """Whether it can decode another file."""
        return not self.is_killed and self.n_files < MOST_FILES and self.process.poll() is None


class Decoders:
    """Processes that decode, as many as are asked at once, some of them kept for the next."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.idle: list[Decoder] = []

    def take(self) -> Decoder:
        """Return one that nobody else uses."""
        with self.lock:
            taken = self.idle.pop() if self.idle else None
        if taken is not None and not taken.is_fresh:
            taken.close()
            taken = None
        return taken or Decoder()

    def put_back(self, decoder: Decoder) -> None:
        """Keep one for the next file, or end it."""
        with self.lock:
            if decoder.is_fresh and len(self.idle) < KEPT_WARM:
                self.idle.append(decoder)
                return
        decoder.close()

    def close(self) -> None:
        """End those that are idle."""
        with self.lock:
            idle, self.idle = self.idle, []
        for decoder in idle:
            decoder.close()

    def forget(self) -> None:
        """In a process that was forked: leave them to the one that started them."""
        self.__init__()


_decoders = Decoders()
atexit.register(_decoders.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_decoders.forget)


def decoded_apart(data: bytes, name: str, mode: str, *, seconds: float = SECONDS) -> Iterator[np.ndarray]:
    """Yield the pages of an image file or PDF as `decoding.decoded` does, decoded in another process.

    Parameters
    ----------
    data, name, mode
        As there.
    seconds : float, default 10
        How long a page may take.

    Raises
    ------
    ImageError
        As there, and if a page takes too long or too much memory, or the decoder crashes.

    Notes
    -----
    Any number of threads may do this at once: each has a process of its own. Where processes cannot be started at all
    (a browser's Python), it is decoded here.
    """
    if not can_start_processes():
        yield from decoding.decoded(data, name, mode)
        return
    decoder = _decoders.take()
    try:
        yield from decoder.pages(data, name, mode, seconds)
    finally:
        _decoders.put_back(decoder)


def fill(data: memoryview | bytearray, pipe: IO[bytes]) -> None:
    """Fill some bytes from a pipe, which gives as much at a time as it has; EOFError if it ends before."""
    view, n_read = memoryview(data), 0
    while n_read < len(view):
        some = pipe.readinto(view[n_read:])  # type: ignore[attr-defined] - it is a pipe's file
        if not some:
            raise EOFError
        n_read += some


def warm_up() -> None:
    """Start a process for the first file, which need not wait for it then."""
    if can_start_processes():
        _decoders.put_back(_decoders.take())


def serve() -> None:
    """Decode what comes on standard input, until it ends."""
    # without a buffer, in which a fork would take the next order with it
    orders, answers = os.fdopen(os.dup(0), "rb", buffering=0), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):  # what a library prints must not come between the answers
        os.dup2(nowhere, standard)
    only_ended_by_us()
    limit_memory(MEMORY_BYTES)
    while line := orders.readline():
        order = json.loads(line)
        content = bytearray(order["bytes"])
        fill(content, orders)
        data = bytes(content)
        # which font stands in for one that is missing depends on the PDFs before: each gets a process of its own, a
        # fork where that is possible, which takes a hundredth of the time of a start
        if decoding.is_pdf(data) and can_fork():
            answer_in_a_fork(data, order, orders, answers)
        else:
            answer(data, order, orders, answers)


def answer(data: bytes, order: dict[str, Any], orders: IO[bytes], answers: IO[bytes]) -> None:
    """Answer an order, in so many seconds."""
    limit_seconds(2 * order["seconds"])
    for frame in frames(data, order, orders):
        answers.write(frame)
        answers.flush()
    limit_seconds(0)


def answer_in_a_fork(data: bytes, order: dict[str, Any], orders: IO[bytes], answers: IO[bytes]) -> None:
    """Answer an order in a process that ends with it; end here, too, if that breaks down."""
    with contextlib.suppress(ImageError):  # told by the fork
        decoding.decoder("pypdfium2", "PDFs", order["name"])  # imported once, for all of them
    if not in_a_fork(lambda: answer(data, order, orders, answers)):
        os._exit(1)


def frames(data: bytes, order: dict[str, Any], orders: IO[bytes]) -> Iterator[bytes]:
    """Yield the answers to an order: pages as long as they are asked for, then the end, or a sentence."""
    decoding.LARGEST_SIDE_PX = order["side_px"]
    name = order["name"]
    try:
        for page in decoding.decoded(data, name, order["mode"]):
            yield in_json({"shape": page.shape})
            yield page.tobytes()
            if orders.readline() != b"next\n":
                return
            limit_seconds(2 * order["seconds"])
        yield in_json({"told": "end"})
    except ImageError as error:
        yield in_json({"told": str(error)})
    except MemoryError:
        yield in_json({"told": f"cannot read {name}: it needs more memory than an image may."})
    except Exception as error:  # whatever a decoder stumbles over
        yield in_json({"told": f"cannot read {name}: it is damaged ({words_of(error)})."})


def in_json(told: dict[str, Any]) -> bytes:
    """Return a line of JSON."""
    return json.dumps(told).encode() + b"\n"
