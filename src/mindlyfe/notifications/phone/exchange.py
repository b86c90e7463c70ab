"""The development phone as an ASGI application: Twilio's request for a new message, and pages under `/dev/phone`."""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from mindlyfe.kernel.ids import uuid7
from mindlyfe.notifications.domain.segments import segments
from mindlyfe.notifications.domain.signing import same
from mindlyfe.notifications.phone.book import Book, Received
from mindlyfe.notifications.phone.magic import LOST, REFUSALS, UNDELIVERED, Refusal
from mindlyfe.notifications.phone.pages import ROOT, shown

LARGEST_BODY: Final = 32_768
type Scope = MutableMapping[str, Any]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Tell = Callable[[str, dict[str, str]], Awaitable[None]]


class Exchange:
    """`tell` posts a status to the address that a text came with."""

    def __init__(self, book: Book, account: str, token: str, tell: Tell) -> None:
        self._book, self._account, self._tell = book, account, tell
        self._secret = f"Basic {b64encode(f'{account}:{token}'.encode()).decode()}"
        self._calls: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        path = scope["path"].rstrip("/")
        if scope["method"] == "POST":
            status, body, more = self._take(path, dict(scope["headers"]), await _form(receive))
            await _reply(send, status, "application/json", msgspec.json.encode(body), more)
            return
        to = parse_qs(scope["query_string"].decode(errors="replace")).get("to", [None])[0]
        if path == f"{ROOT}/messages":
            await _reply(send, 200, "application/json", msgspec.json.encode(self._book.newest(to)), {})
        elif path == ROOT:
            await _reply(send, 200, "text/html; charset=utf-8", shown(self._book.newest(to)), {})
        else:
            await _reply(send, 404, "text/plain", b"There is nothing here.", {})

    def _take(self, path: str, headers: dict[bytes, bytes], form: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        if not same(headers.get(b"authorization", b"").decode("latin-1"), self._secret):
            return _refused(Refusal(401, 20003, "Authenticate"))
        if path != f"/2010-04-01/Accounts/{self._account}/Messages.json":
            return _refused(Refusal(404, 20404, "The requested resource was not found"))
        if not {"To", "From", "Body"} <= form.keys():
            return _refused(Refusal(400, 21604, "A required parameter is missing."))
        if refusal := REFUSALS.get(form["To"]):
            return _refused(refusal)
        text = Received(
            sid=f"SM{uuid7().hex}",
            to=form["To"],
            sender=form["From"],
            body=form["Body"],
            parts=segments(form["Body"]),
            at=datetime.now(UTC),
            status="queued",
        )
        self._book.keep(text)
        if text.to not in LOST:
            self._soon(self._arrive(text, form.get("StatusCallback", "")))
        told = {"sid": text.sid, "to": text.to, "status": text.status, "num_segments": str(text.parts)}
        return 201, told | {"error_code": None}, {}

    async def _arrive(self, text: Received, callback: str) -> None:
        error = UNDELIVERED.get(text.to, "")
        for status in ("sent", "undelivered" if error else "delivered"):
            self._book.keep(msgspec.structs.replace(text, status=status))
            if callback:
                told = {"MessageSid": text.sid, "MessageStatus": status, "To": text.to, "AccountSid": self._account}
                await self._tell(callback, told | ({"ErrorCode": error} if status == "undelivered" else {}))

    def _soon(self, call: Any) -> None:
        task = asyncio.get_running_loop().create_task(call)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)


def _refused(refusal: Refusal) -> tuple[int, Any, dict[str, str]]:
    more = {"retry-after": refusal.retry_after} if refusal.retry_after else {}
    return refusal.status, {"code": refusal.code, "message": refusal.message, "status": refusal.status}, more


async def _form(receive: Receive) -> dict[str, str]:
    content, more = b"", True
    while more and len(content) <= LARGEST_BODY:
        message = await receive()
        content += message.get("body", b"")
        more = bool(message.get("more_body"))
    read = parse_qs(content.decode(errors="replace"), keep_blank_values=True)
    return {name: values[0] for name, values in read.items()}


async def _reply(send: Send, status: int, kind: str, body: bytes, more: dict[str, str]) -> None:
    headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
    headers += [(name.encode(), value.encode()) for name, value in more.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
