"""An answer that is ready to be sent."""

from litestar.types import Receive, Scope, Send


class Reply:
    """Status, headers and a whole body, as an ASGI application. Cheaper than a framework's response."""

    __slots__ = ("body", "headers", "status")

    def __init__(
        self, status: int, body: bytes = b"", media_type: str = "", headers: list[tuple[bytes, bytes]] | None = None
    ) -> None:
        self.status, self.body = status, body
        self.headers = headers or []
        if media_type:
            self.headers.append((b"content-type", media_type.encode()))
        if status not in {204, 304}:
            self.headers.append((b"content-length", str(len(body)).encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})
