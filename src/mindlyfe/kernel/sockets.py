"""WebSockets and mounted ASGI applications: admitted like any other route, within the same limits."""

import asyncio
from typing import Any, Final

from litestar import WebSocket
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from mindlyfe.kernel.admission import Headers
from mindlyfe.kernel.errors import Forbidden, NotFound, TooLarge
from mindlyfe.kernel.problems import refused, render
from mindlyfe.kernel.replies import Reply
from mindlyfe.kernel.requests import Admitted, Bound

ENDED: Final = 4401
"""The close code of a token that has run out or counts no longer: what 401 is to a request."""


async def talk(socket: WebSocket[Any, Any, Any]) -> None:
    """Admit the caller, then leave the socket to the route's function until the token counts no longer."""
    scope = socket.scope
    bound: Bound = scope["route_handler"].opt["bound"]
    try:
        admitted, arguments = await _opened(bound, scope, dict(scope["headers"]))
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller is told before the socket opens
        await _deny(socket, render(refused(error)))
        return
    limit = asyncio.timeout(admitted.left_s)

    def over() -> None:
        if not limit.expired():
            limit.reschedule(0)

    try:
        async with limit:
            with bound.watch(admitted)(over):
                await bound.route.function(socket=socket, **arguments)
    except TimeoutError:
        await socket.close(code=ENDED, reason="the access token has ended")


async def _opened(bound: Bound, scope: Scope, headers: Headers) -> tuple[Admitted, dict[str, Any]]:
    admitted = await bound.admit(scope, headers)
    admitted = await _permitted(bound, admitted, scope)
    arguments = bound.inputs.from_path(scope["path_params"]) | bound.inputs.from_query(scope["query_string"])
    given = {"who": admitted.who, "act": admitted.act}
    return admitted, arguments | {name: given[name] for name in bound.inputs.wanted}


async def _permitted(bound: Bound, admitted: Admitted, scope: Scope) -> Admitted:
    try:
        admitted = bound.permit(admitted)
    except (Forbidden, NotFound) as refusal:
        await bound.record(admitted.act, scope, refusal.code)
        raise
    await bound.record(admitted.act, scope, "done")
    return admitted


async def _deny(socket: WebSocket[Any, Any, Any], problem: Reply) -> None:
    """Answer the handshake with the problem where the server can, else with a close code."""
    if "websocket.http.response" not in (socket.scope.get("extensions") or {}):
        await socket.close(code=4000 + problem.status)
        return

    async def send(message: Message) -> None:
        await socket.send({**message, "type": f"websocket.{message['type']}"})  # type: ignore[arg-type]

    await problem(socket.scope, socket.receive, send)


async def pass_on(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Admit the caller to a mounted application; `scope["user"]` is the principal, None on a public mount."""
    bound: Bound = scope["route_handler"].opt["bound"]
    headers = dict(scope["headers"])
    async with asyncio.timeout(bound.route.timeout_s or None):
        admitted = await bound.admit(scope, headers)
        admitted = await _permitted(bound, admitted, scope)
        scope["user"] = admitted.who
        await app(scope, _limited(receive, headers, bound.route.max_body_bytes), send)


def _limited(receive: Receive, headers: Headers, most: int) -> Receive:
    """`receive` that raises TooLarge once the body is longer than `most` bytes."""
    size = 0
    announced = headers.get(b"content-length", b"0")
    if announced.isdigit() and int(announced) > most:
        raise TooLarge(f"At most {most} bytes are accepted here.")

    async def receive_within() -> Any:
        nonlocal size
        message: Any = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise TooLarge(f"At most {most} bytes are accepted here.")
        return message

    return receive_within
