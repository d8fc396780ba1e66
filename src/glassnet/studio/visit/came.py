"""Came: what has come of a request, which is received again by whoever answers it."""

from starlette.exceptions import HTTPException

from glassnet.studio.visit.guard import Message, Receive


class Came:
    """What has come of a request, so that it can be received again.

    Parameters
    ----------
    receive : callable
        ASGI's.
    """

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self.messages: list[Message] = []
        self.fault: HTTPException | None = None

    async def whole(self) -> bytes | None:
        """Return the whole body; None if it does not come, or may not."""
        while not self.messages or self.messages[-1].get("more_body", False):
            try:
                self.messages.append(await self.receive())
            except HTTPException as fault:
                self.fault = fault
                return None
            if self.messages[-1]["type"] != "http.request":
                return None
        return b"".join(message.get("body", b"") for message in self.messages)

    async def __call__(self) -> Message:
        """Receive it again, then what else comes."""
        if self.messages:
            return self.messages.pop(0)
        if self.fault is not None:
            raise self.fault
        return await self.receive()
