"""What one hostile visitor costs the others: seven ways to stop a class, and how others fare meanwhile.

Run: python benchmarks/studio_hostile.py [--seconds 60] [WAY ...] [--python PYTHON]
Others are five visitors that draw, and a newcomer each second, all at the same address as the attacker (127.0.0.1), so
that nothing tells them apart but what they do. PYTHON is an interpreter with another glassnet to attack.
"""

import argparse
import asyncio
import base64
import contextlib
import io
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np

from studio_class import Client, drawings, studio

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from hostile_pdfs import FONTS, nested, thin

N_OTHERS = 5


async def again_and_again(ask: Callable[[Client, int], Awaitable[object]], address: str, n: int, until: float) -> None:
    """Ask as several visitors at once, each as soon as the last answer came, whatever the answers are."""

    async def one(place: int) -> None:
        turn = place
        while time.monotonic() < until:
            client = Client(address)
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, IndexError, ValueError):
                await client.begin()
                while time.monotonic() < until:
                    await ask(client, turn)
                    turn += 1
                client.writer.close()
            await asyncio.sleep(0.01)

    await asyncio.gather(*(one(place) for place in range(n)))


async def pdfs_at_once(address: str, until: float) -> None:
    """Send harmless PDFs, several at once."""
    files = [thin(font) for font in FONTS]
    await again_and_again(lambda c, i: c.ask("POST", "/api/read", files[i % len(files)]), address, 4, until)


async def endless_pdfs(address: str, until: float) -> None:
    """Send a PDF that draws itself without end."""
    await again_and_again(lambda c, _: c.ask("POST", "/api/read", nested(30, 2)), address, 4, until)


async def half_open(address: str, until: float) -> None:
    """Hold a thousand connections that have sent half a head, and open more as they are closed."""
    host, _, port = address.removeprefix("http://").partition(":")
    held: list[asyncio.StreamWriter] = []
    while time.monotonic() < until:
        while len(held) < 1000 and time.monotonic() < until:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(host, int(port))
                writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-a: ")
                held.append(writer)
        await asyncio.sleep(0.1)
        held = [writer for writer in held if not writer.transport.is_closing()]
    for writer in held:
        writer.close()


async def full_folder(address: str, until: float) -> None:
    """Begin the largest runs that are possible, as a new visitor whenever one is refused."""
    wish = json.dumps({"hidden": [1024, 1024], "n_training": 10}).encode()

    async def begin(client: Client, _: int) -> None:
        status, _told = await client.ask("POST", "/api/runs", wish)
        if status in (400, 429):
            client.cookie = ""
            await client.ask("GET", "/api/welcome")

    await again_and_again(begin, address, 2, until)


async def listeners(address: str, until: float) -> None:
    """Be five hundred visitors, each with a run and a stream of its news."""

    async def listen(_: int) -> None:
        while time.monotonic() < until:
            client = Client(address)
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, IndexError, ValueError, KeyError):
                await client.begin()
                _, told = await client.ask("POST", "/api/runs", b'{"hidden": [1], "n_training": 10}')
                await client.send("GET", f"/api/runs/{json.loads(told)['id']}/events")
                while time.monotonic() < until and await client.reader.readline():
                    pass
                client.writer.close()
            await asyncio.sleep(0.5)

    await asyncio.gather(*(listen(place) for place in range(500)))


async def many_marks(address: str, until: float) -> None:
    """Send pages of thousands of marks."""
    from PIL import Image

    pages = []
    for pitch, side in ((40, 12), (20, 10), (12, 6)):
        page = np.full((2048, 2048), 255, np.uint8)
        for top in range(side):
            for left in range(side):
                page[top::pitch, left::pitch] = 0
        data = io.BytesIO()
        Image.fromarray(page).save(data, "PNG")
        pages.append(data.getvalue())
    await again_and_again(lambda c, i: c.ask("POST", "/api/read", pages[i % 3]), address, 4, until)


async def costly_strokes(address: str, until: float) -> None:
    """Ask what three of the largest networks see, four times at once."""
    ink = base64.b64encode(np.eye(140, dtype=np.uint8).tobytes()).decode()
    picture = {"width": 140, "height": 140, "ink": ink}

    async def see(client: Client, turn: int) -> None:
        runs = getattr(client, "runs", [])
        if not runs:
            for _ in range(3):
                _, told = await client.ask("POST", "/api/runs", b'{"hidden": [1024, 1024], "n_training": 10}')
                runs.append({"network": f"run:{json.loads(told)['id']}"})
            client.runs = runs  # type: ignore[attr-defined] - kept with whom they belong to
        await client.ask("POST", "/api/see", json.dumps({"picture": picture, "networks": runs}).encode())

    await again_and_again(see, address, 4, until)


WAYS = {
    "pdfs-at-once": pdfs_at_once,
    "endless-pdfs": endless_pdfs,
    "half-open": half_open,
    "full-folder": full_folder,
    "listeners": listeners,
    "many-marks": many_marks,
    "costly-strokes": costly_strokes,
}


async def others(address: str, until: float) -> tuple[list[float], list[float], list[str]]:
    """Draw, and come in anew, until the time is over; return what strokes and comings took, and what went wrong."""
    strokes: list[float] = []
    comings: list[float] = []
    errors: list[str] = []

    async def draw(body: bytes) -> None:
        client = Client(address)
        await client.begin()
        while time.monotonic() < until:
            began = time.monotonic()
            try:
                status, told = await asyncio.wait_for(client.ask("POST", "/api/see", body), 20)
                if status != 200:
                    errors.append(f"stroke: {status} {told[:80]!r}")
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                errors.append(f"stroke: {error!r}")
                with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                    await asyncio.wait_for(client.begin(), 20)
            strokes.append(time.monotonic() - began)
            await asyncio.sleep(max(0.0, 0.2 - strokes[-1]))

    async def come() -> None:
        while time.monotonic() < until:
            began = time.monotonic()
            try:
                newcomer = Client(address)
                await asyncio.wait_for(newcomer.begin(), 20)
                if not newcomer.cookie:
                    errors.append("a newcomer was refused")
                newcomer.writer.close()
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                errors.append(f"newcomer: {error!r}")
            comings.append(time.monotonic() - began)
            await asyncio.sleep(1)

    await asyncio.gather(*(draw(body) for body in drawings(N_OTHERS)), come())
    return strokes, comings, errors


def main() -> None:
    """Attack in each way that is asked for, or in all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ways", nargs="*", choices=[*WAYS, []], default=[])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--attack", metavar="ADDRESS", help=argparse.SUPPRESS)  # the attacker's own process
    given = parser.parse_args()
    if given.attack:
        asyncio.run(WAYS[given.ways[0]](given.attack, time.monotonic() + given.seconds))
        return
    for way in ["nobody", *(given.ways or WAYS)]:
        with studio(given.python) as (process, address):
            attack = [sys.executable, __file__, way, "--seconds", str(given.seconds), "--attack", address]
            attacker = None if way == "nobody" else subprocess.Popen(attack, stderr=subprocess.DEVNULL)
            time.sleep(0 if attacker is None else 2)
            strokes, comings, errors = asyncio.run(others(address, time.monotonic() + given.seconds - 2))
            if attacker is not None:
                attacker.kill()
                attacker.wait()
            ended = process.poll()
        at = ", ".join(f"{q} % {1000 * np.percentile(strokes, q):.0f} ms" for q in (50, 95, 99))
        came = f"{len(comings)} newcomers, slowest {max(comings):.2f} s"
        state = "" if ended is None else f"; THE SERVER ENDED ({ended})"
        print(f"{way:14}  strokes n {len(strokes)}: {at}; {came}; errors {len(errors)} {errors[:2]}{state}", flush=True)


if __name__ == "__main__":
    main()
