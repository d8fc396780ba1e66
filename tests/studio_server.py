"""A studio that really listens, for tests; and what a page would say to it."""

import base64
import contextlib
import json
import threading

import httpx
import numpy as np
import uvicorn

from glassnet.studio.app import create_app
from glassnet.studio.server import LOCAL, configured, listening
from waiting import DEADLINE_SECONDS, wait_for


class Running:
    """A server in a thread of this process."""

    def __init__(self, folder, **given):
        self.socket = listening("127.0.0.1", 0)
        self.port = self.socket.getsockname()[1]
        self.app = create_app(folder, frozenset(LOCAL), **given)
        self.server = uvicorn.Server(configured(self.app))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]})

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def studio(self):
        return self.app.state.studio

    @contextlib.contextmanager
    def client(self):
        """Give a visitor of their own."""
        with httpx.Client(base_url=self.address, timeout=DEADLINE_SECONDS) as client:
            client.get("/api/welcome").raise_for_status()
            yield client


@contextlib.contextmanager
def running(folder, **given):
    """Serve the studio from a folder of runs while the block lasts."""
    served = Running(folder, **given)
    served.thread.start()
    wait_for(lambda: served.server.started)
    try:
        yield served
    finally:
        served.server.should_exit = True
        served.thread.join(timeout=20)
        assert not served.thread.is_alive(), "the server does not stop"


def visitor_of(server):
    """Give a visitor, as a fixture does: `client` where a module's tests share one."""
    with server.client() as visitor:
        yield visitor


def patiently(ask):
    """Return the answer to what `ask` asks, again as long as the server says that it is asked too much at once."""
    return wait_for(lambda: answer if (answer := ask()).status_code != 429 else None)


def picture(shades, normalise=True):
    """Return shades, 255 being ink, as a page sends them."""
    height, width = shades.shape
    ink = base64.b64encode(np.asarray(shades, dtype=np.uint8).tobytes()).decode()
    return {"width": width, "height": height, "ink": ink, "normalise": normalise}


def shades_in(text, height=28, width=28):
    """Return the shades that a server sent."""
    return np.frombuffer(base64.b64decode(text), dtype=np.uint8).reshape(height, width)


def until_done(client, run):
    """Return a run's news as soon as it is not running any more."""

    def done():
        news = client.get(f"/api/runs/{run}").json()
        return news if news["run"]["state"] != "running" else None

    return wait_for(done)


def begin(client, **settings):
    """Return the identity of a new run."""
    answer = client.post("/api/runs", json=settings)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def do(client, run, action):
    """Tell a run to do something."""
    answer = client.post(f"/api/runs/{run}/do", json={"action": action})
    assert answer.status_code == 200, answer.text
    return answer.json()


def first_messages(client, run, n):
    """Return the first messages of a run's stream of news."""
    found = []
    with client.stream("GET", f"/api/runs/{run}/events") as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                found.append(json.loads(line[6:]))
                if len(found) == n:
                    break
    return found
