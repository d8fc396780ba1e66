"""How a studio fares with a class: so many draw, so many train, in plain HTTP from this process; servers take turns.

Run: python benchmarks/studio_class.py [--visitors 50] [--training 5] [--seconds 60] [--rounds 1] [NAME=PYTHON ...]
Each PYTHON is an interpreter with a glassnet of its own, so that two versions can be compared in the same minutes;
without any, it is this one. Two cores are shared by the server, the runs and this generator of load.
"""

import argparse
import asyncio
import base64
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np

import glassnet

CLEANING_SECONDS = 60.0
"""After which a server tidies up."""
A_DRAWING_SECONDS = 0.2
"""Between what a hand that draws, looks, and draws on has to be told."""


@contextmanager
def studio(python: str = sys.executable, *options: str) -> Iterator[tuple[subprocess.Popen, str]]:
    """Start a studio of its own; give its process and address."""
    with tempfile.TemporaryDirectory() as folder:
        command = [python, "-m", "glassnet", "studio", "--no-browser", "--port", "0", "--folder", folder, *options]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
        )
        assert process.stdout is not None
        address = process.stdout.readline().split("studio is at ")[1].split()[0].rstrip("/")
        try:
            while True:
                try:
                    httpx.get(f"{address}/api/networks").raise_for_status()
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield process, address
        finally:
            process.terminate()
            process.wait(timeout=20)


def memory_of(process: subprocess.Popen) -> float:
    """Return a process's memory in MiB."""
    return (
        int(Path(f"/proc/{process.pid}/statm").read_text(encoding="utf-8").split()[1])
        * os.sysconf("SC_PAGE_SIZE")
        / 2**20
    )


class Client:
    """One visitor over one plain connection: a generator of load should take little of it itself."""

    def __init__(self, address: str) -> None:
        self.host, _, port = address.removeprefix("http://").partition(":")
        self.port = int(port)
        self.cookie = ""

    async def begin(self) -> None:
        """Connect, and become a visitor."""
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        await self.ask("GET", "/api/welcome")

    async def send(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, str]]:
        """Send a request; return the answer's status and headers."""
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(body)}\r\nAccept-Encoding: gzip\r\nCookie: {self.cookie}\r\n\r\n"
        self.writer.write(head.encode() + body)
        first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
        if "set-cookie" in headers:
            self.cookie = headers["set-cookie"].partition(";")[0]
        return int(first.split()[1]), headers

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Send a request; return the answer's status and body, as it was sent."""
        status, headers = await self.send(method, path, body)
        return status, await self.reader.readexactly(int(headers.get("content-length", 0)))


def drawings(n: int) -> list[bytes]:
    """Return what pages ask when a digit is drawn on them: what two networks see in it."""
    bodies = []
    for digit in glassnet.load_digits().test_images[:n]:
        sheet = np.pad(np.kron(digit, np.ones((4, 4), dtype=np.uint8)), 14)
        picture = {"width": 140, "height": 140, "ink": base64.b64encode(sheet.tobytes()).decode()}
        bodies.append(
            json.dumps({"picture": picture, "networks": [{"network": "videos"}, {"network": "reader"}]}).encode()
        )
    return bodies


async def a_class(address: str, seconds: float, bodies: list[bytes], n_training: int) -> dict[str, Any]:
    """Let visitors draw (each their own) and train for so long; return what readings took, and what went wrong."""
    until = time.monotonic() + seconds
    times: list[float] = []
    errors: list[str] = []
    epochs = 0

    async def draw(body: bytes) -> None:
        """Ask five times a second, as long as answers come that fast."""
        client = Client(address)
        await client.begin()
        await asyncio.sleep(random.random() * A_DRAWING_SECONDS)
        while time.monotonic() < until:
            began = time.monotonic()
            status, told = await client.ask("POST", "/api/see", body)
            times.append(time.monotonic() - began)
            if status != 200:
                errors.append(f"{status} {told[:100]}")
            await asyncio.sleep(max(0.0, A_DRAWING_SECONDS - times[-1]))
        client.writer.close()

    async def train(place: int) -> None:
        """Train as long as it lasts, listening to the news."""
        nonlocal epochs
        client, listener = Client(address), Client(address)
        await client.begin()
        status, told = await client.ask("POST", "/api/runs", json.dumps({"epochs": 1000, "seed": place}).encode())
        if status != 201:
            errors.append(f"{status} {told[:100]}")
            return
        run = json.loads(told)["id"]
        await client.ask("POST", f"/api/runs/{run}/do", b'{"action": "start"}')
        listener.cookie = client.cookie
        listener.reader, listener.writer = await asyncio.open_connection(client.host, client.port, limit=1 << 22)
        await listener.send("GET", f"/api/runs/{run}/events")
        while time.monotonic() < until:
            if not await listener.reader.readline():
                errors.append("the news broke off")
                break
        listener.writer.close()
        client.writer.close()  # the server has let go of a connection that was idle for so long
        client.reader, client.writer = await asyncio.open_connection(client.host, client.port)
        _, told = await client.ask("GET", "/api/runs")
        data = gzip.decompress(told) if told[:2] == b"\x1f\x8b" else told
        epochs += int(json.loads(data)[0]["epoch"])
        status, _ = await client.ask("DELETE", f"/api/runs/{run}")
        if status != 204:
            errors.append(f"{status} when a run was thrown away")
        client.writer.close()

    await asyncio.gather(*(draw(body) for body in bodies), *(train(i) for i in range(n_training)))
    return {"seconds": times, "errors": errors, "epochs": epochs}


def measured(name: str, python: str, bodies: list[bytes], n_training: int, seconds: float) -> None:
    """Print how readings fare while a class draws and trains."""
    with studio(python) as (process, address):
        asyncio.run(a_class(address, 3.0, bodies[:10], 1))  # once for what is loaded when it is first used
        time.sleep(1)
        before = memory_of(process)
        told = asyncio.run(a_class(address, seconds, bodies, n_training))
        during = memory_of(process)
    ms = 1000 * np.array(told["seconds"])
    at = ", ".join(f"{q} % {np.percentile(ms, q):.0f} ms" for q in (50, 95, 99))
    rate = len(ms) / seconds
    print(
        f"{name}: {len(bodies)} drawing, {n_training} training, {seconds:.0f} s: "
        f"n {len(ms)} ({rate:.0f} a second), {at}"
    )
    print(f"  errors: {len(told['errors'])} {told['errors'][:3]}; epochs trained: {told['epochs']}", end="; ")
    print(f"memory before {before:.0f} MiB, at the end {during:.0f} MiB", flush=True)


def main() -> None:
    """Let the servers take turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("servers", nargs="*", metavar="NAME=PYTHON", default=[f"now={sys.executable}"])
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--training", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    bodies = drawings(given.visitors)
    for _ in range(given.rounds):
        for server in given.servers:
            name, _, python = server.partition("=")
            measured(name, python, bodies, given.training, given.seconds)


if __name__ == "__main__":
    main()
