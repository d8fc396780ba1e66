"""Protocol: HTTP by the quickest parser that is here."""

try:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
except ImportError:  # written in C, so not for every system; this one is written in Python, with a limit of its own
    from uvicorn.protocols.http.h11_impl import H11Protocol as Protocol  # type: ignore[assignment] - the same, slower
else:
    MOST_HEAD_BYTES = 64 << 10

    class Protocol(HttpToolsProtocol):  # type: ignore[no-redef] - the same thing, quicker
        """A connection whose requests have heads of no more than `MOST_HEAD_BYTES`: the parser would take any."""

        n_head_bytes = 0
        is_head_wanted = is_nothing_else = True

        def data_received(self, data: bytes) -> None:
            """Take what comes."""
            self.is_nothing_else = self.is_head_wanted
            super().data_received(data)
            if self.is_nothing_else and not self.transport.is_closing():
                self.n_head_bytes += len(data)
                if self.n_head_bytes > MOST_HEAD_BYTES:
                    self.transport.abort()

        def on_headers_complete(self) -> None:
            """Go on with the body."""
            self.n_head_bytes, self.is_head_wanted, self.is_nothing_else = 0, False, False
            super().on_headers_complete()

        def on_message_complete(self) -> None:
            """Wait for the next head."""
            self.is_head_wanted = True
            super().on_message_complete()
