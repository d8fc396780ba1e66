"""Beside: processes that look at drawings beside the loop that answers, as soon as a class is drawing.

Python computes on one processor at a time, and the loop that talks to everybody has enough to do with that. What the
networks see that everybody has depends on nothing that changes here, so other processes can answer it as well.
"""

import asyncio
import contextlib
import os
import pickle
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import Mapping, Sequence
from typing import IO

from glassnet.studio.draw.schema import See
from glassnet.studio.shown.pictures import prepared
from glassnet.studio.shown.schema import Picture
from glassnet.studio.shown.seeing import Held, seen
from glassnet.system import can_start_processes, n_processors, only_ended_by_us, widen

BUSY_PER_SECOND = 60
"""Looks within a second from which processes are started. One hand asks fewer: a page rests 20 ms after each answer."""
MOST_PROCESSES = 4
RESTART_SECONDS = 10.0
SIZE_BYTES = 4
PIPE_BYTES = 2**20
"""Of what waits to be looked at, or to be told: with a pipe's usual 64 kB, which two answers fill, each waits for the
other."""
BEGINNING = "import sys; sys.path[:] = sys.argv[1:]; from glassnet.studio.draw.beside import serve; serve()"


def look(picture: Picture, networks: Sequence[Held]) -> bytes:
    """Return what networks see in a picture: a `SeenByAll`, in JSON."""
    shown = prepared(picture)
    steps = shown.steps.model_dump_json().encode()
    return b'{"steps":%b,"networks":[%b]}' % (steps, b",".join(seen(one, shown) for one in networks))


class Looker:
    """A process that looks at drawings, in their order.

    Parameters
    ----------
    process : Process
        It, just begun.
    """

    def __init__(self, process: Process) -> None:
        self.process = process
        self.waiting: deque[asyncio.Future[bytes | None]] = deque()
        self.is_ready = False
        self.listening = asyncio.create_task(self.listen())

    async def listen(self) -> None:
        """Hand out answers as they come. The first, an empty one, says that it is ready."""
        answers: asyncio.StreamReader = self.process.stdout  # type: ignore[assignment] - it is a pipe
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                size = int.from_bytes(await answers.readexactly(SIZE_BYTES), "little")
                answer = await answers.readexactly(size)
                if not self.is_ready:
                    self.is_ready = True
                    continue
                future = self.waiting.popleft()
                if not future.done():  # whoever asked may have gone
                    future.set_result(answer or None)
        self.is_ready = False
        for future in self.waiting:
            if not future.done():
                future.set_result(None)

    def answer(self, future: "asyncio.Future[bytes | None]", body: bytes) -> None:
        """Let it look; a future gets the answer, None if there is none."""
        self.waiting.append(future)
        self.send(body)

    def send(self, content: bytes) -> None:
        """Write to the process."""
        pipe: asyncio.StreamWriter = self.process.stdin  # type: ignore[assignment] - it is a pipe
        pipe.write(len(content).to_bytes(SIZE_BYTES, "little") + content)

    async def close(self) -> None:
        """End it."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        await self.listening


class Beside:
    """Processes that look at drawings, none until many are looked at.

    Parameters
    ----------
    networks : mapping of str to Held
        Those that everybody has.
    """

    def __init__(self, networks: Mapping[str, Held]) -> None:
        self.networks = dict(networks)
        self.lookers: list[Looker] = []
        self.since, self.n_since = 0.0, 0
        self.begun_at = -RESTART_SECONDS
        self.beginning: asyncio.Task[None] | None = None
        self.is_closed = False
        self.queue: deque[tuple[asyncio.Future[bytes | None], bytes]] = deque()
        self.is_called = False

    async def answer(self, body: bytes) -> bytes | None:
        """Return the answer to a request's body; None where it is quicker, or necessary, to look oneself."""
        self.count()
        future = asyncio.get_running_loop().create_future()
        self.queue.append((future, body))
        if not self.is_called:
            self.hand_out()
        return await future

    def hand_out(self) -> None:
        """Give all to the processes; without any, one look to the loop: it must go round, for all who talk to it."""
        self.is_called = False
        ready = [one for one in self.lookers if one.is_ready]
        while ready and self.queue:
            min(ready, key=lambda one: len(one.waiting)).answer(*self.queue.popleft())
        if self.queue:
            future, _ = self.queue.popleft()
            if not future.done():
                future.set_result(None)
            self.is_called = True
            asyncio.get_running_loop().call_soon(self.hand_out)

    def count(self) -> None:
        """Count a look; begin processes if many are looked at and there are none."""
        now = time.monotonic()
        if now - self.since > 1:
            self.since, self.n_since = now, 0
        self.n_since += 1
        if self.n_since == BUSY_PER_SECOND and now - self.begun_at >= RESTART_SECONDS and not self.is_closed:
            self.lookers = [one for one in self.lookers if not one.listening.done()]
            n_missing = min(MOST_PROCESSES, n_processors()) - len(self.lookers)
            if n_missing > 0 and can_start_processes():
                self.begun_at = now
                self.beginning = asyncio.create_task(self.begin(n_missing))

    async def begin(self, n: int) -> None:
        """Begin some processes."""
        command = [sys.executable, "-c", BEGINNING, *sys.path]
        environment, networks = os.environ | {"OPENBLAS_NUM_THREADS": "1"}, pickle.dumps(self.networks)
        with contextlib.suppress(OSError, NotImplementedError):  # then the loop computes all of it, as before
            for _ in range(n):
                process = await asyncio.create_subprocess_exec(
                    *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment, limit=PIPE_BYTES
                )
                self.lookers.append(Looker(process))
                self.lookers[-1].send(networks)

    async def close(self) -> None:
        """End all processes."""
        self.is_closed = True
        if self.beginning is not None:
            await self.beginning
        for looker in self.lookers:
            await looker.close()
        self.lookers.clear()


def serve() -> None:
    """Look at what comes on standard input, until it ends: first the networks, then bodies of requests."""
    only_ended_by_us()
    for pipe in (0, 1):
        widen(pipe, PIPE_BYTES)
    bodies, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    networks: dict[str, Held] = pickle.loads(next_of(bodies))
    answer = b""
    while True:
        answers.write(len(answer).to_bytes(SIZE_BYTES, "little") + answer)
        answers.flush()
        body = next_of(bodies)
        if not body:
            return
        answer = b""
        with contextlib.suppress(Exception):  # whoever asked looks for themselves, and says what was wrong
            asked = See.model_validate_json(body)
            answer = look(asked.picture, [networks[one.network] for one in asked.networks])


def next_of(pipe: IO[bytes]) -> bytes:
    """Return what comes next; nothing if it ends."""
    return pipe.read(int.from_bytes(pipe.read(SIZE_BYTES), "little"))
