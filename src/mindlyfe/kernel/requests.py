"""A request from admission to answer: identify, permit, check the inputs, call, record, encode."""

import asyncio
import inspect
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.types import ASGIApp, Receive, Scope

from mindlyfe.kernel.access import Claims
from mindlyfe.kernel.admission import Door, Headers, anonymous, identify, once_per_key, permit
from mindlyfe.kernel.audit import notes, row_of
from mindlyfe.kernel.entity_tags import expected_version, known, tag_of
from mindlyfe.kernel.errors import Forbidden, Malformed, NotFound, TooLarge, Unauthenticated
from mindlyfe.kernel.inputs import Inputs
from mindlyfe.kernel.messages import Act, PersonId, Principal
from mindlyfe.kernel.problems import PreconditionRequired
from mindlyfe.kernel.replies import Reply
from mindlyfe.kernel.route import PUBLIC, Route
from mindlyfe.kernel.sse import Watch, event_stream

_encode: Final = msgspec.json.Encoder().encode
_SUBJECTS: Final = ("patient", "person")


class Admitted(msgspec.Struct, frozen=True):
    """A caller who may go on. `claims`: what the token says; None without one."""

    act: Act
    who: Principal | None = None
    claims: Claims | None = None

    @property
    def left_s(self) -> float | None:
        """How long the token still lasts."""
        return None if self.claims is None else max(self.claims.exp - time.time(), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A route in a process: what it declares, what it takes, and the door it stands behind."""

    route: Route
    inputs: Inputs
    door: Door
    template: str

    async def admit(self, scope: Scope, headers: Headers) -> Admitted:
        """Who calls, as far as this route wants to know. Raises what `identify` raises."""
        act = anonymous(scope, headers)
        required = not self.route.public or self.inputs.must_sign_in
        if not required and not self.inputs.who:
            return Admitted(act)
        try:
            who, claims = await identify(self.door, self.route, headers, act)
        except Unauthenticated:
            if required:
                raise
            return Admitted(act)
        return Admitted(who.act, who, claims)

    def watch(self, admitted: Admitted) -> Watch:
        """Enter it with what is to be done once the caller's token counts no longer."""
        claims = admitted.claims
        return lambda over: self.door.revocations.watched(claims, over) if claims else nullcontext()

    def permit(self, admitted: Admitted) -> Admitted:
        """The caller with the roles that count here. Raises what `admission.permit` raises."""
        if admitted.who is None or self.route.public:
            return admitted
        return msgspec.structs.replace(admitted, who=permit(self.door, self.route, admitted.who))

    async def record(self, act: Act, scope: Scope, outcome: str, detail: Mapping[str, Any] | None = None) -> None:
        """Audit a read of clinical data, and each refused try: by the read's name, or else the permission's."""
        action = self.route.audits or self.route.needs
        if action == PUBLIC or (self.route.audits is None and outcome == "done"):
            return
        values: dict[str, Any] = scope["path_params"]
        subject = next((PersonId(values[name]) for name in _SUBJECTS if isinstance(values.get(name), UUID)), None)
        harmless = all(isinstance(value, UUID | int) for value in values.values())
        thing = scope["path"] if harmless else self.template
        await self.door.audit.read([row_of(act, action, subject=subject, object=thing, outcome=outcome, detail=detail)])


async def answer(request: Request[Any, Any, Any]) -> ASGIApp:
    """Answer any HTTP route. Raises the refusals, which `problems` renders, and TimeoutError."""
    scope = request.scope
    bound: Bound = scope["route_handler"].opt["bound"]
    headers = dict(scope["headers"])
    async with asyncio.timeout(bound.route.timeout_s or None):
        admitted = await bound.admit(scope, headers)
        detail = notes()
        try:
            admitted = bound.permit(admitted)
            result = bound.route.function(**await _arguments(bound, request, headers, admitted))
            if bound.route.kind == "http" or inspect.isawaitable(result):
                result = await result
        except (Forbidden, NotFound) as refusal:
            await bound.record(admitted.act, scope, refusal.code, detail)
            raise
        await bound.record(admitted.act, scope, "done", detail)
    if bound.route.kind == "sse":
        return event_stream(result, left_s=admitted.left_s, watched=bound.watch(admitted))
    return encoded(result, bound.route, request)


async def _arguments(
    bound: Bound, request: Request[Any, Any, Any], headers: Headers, admitted: Admitted
) -> dict[str, Any]:
    inputs, route, scope = bound.inputs, bound.route, request.scope
    act, who, body = admitted.act, admitted.who, b""
    if not route.safe and (inputs.body is not None or inputs.form or b"idempotency-key" in headers):
        body = await whole_body(request.receive, headers, route.max_body_bytes)
        if once := once_per_key(headers, scope, body):
            act = msgspec.structs.replace(act, once=once)
            who = who and msgspec.structs.replace(who, act=act)
    arguments: dict[str, Any] = {}
    if inputs.wanted:
        given: dict[str, Any] = {"who": who, "act": act, "request": request}
        arguments = {name: given[name] for name in inputs.wanted}
    if inputs.path:
        arguments |= inputs.from_path(scope["path_params"])
    if inputs.form:
        kind = None if route.safe else headers.get(b"content-type", b"")
        arguments["form"] = inputs.from_form(scope["query_string"] if route.safe else body, kind)
    if (inputs.query_fields or scope["query_string"]) and not (inputs.form and route.safe):
        arguments |= inputs.from_query(scope["query_string"])
    if inputs.body is not None:
        arguments["data"] = inputs.from_body(body, headers.get(b"content-type"))
    if inputs.expected:
        expected = arguments["expected"] = expected_version(headers)
        if expected is None and inputs.must_match:
            raise PreconditionRequired
    return arguments


async def whole_body(receive: Receive, headers: Headers, most: int) -> bytes:
    """The body, refused as soon as it is too large, whatever Content-Length says. Raises TooLarge."""
    announced = headers.get(b"content-length", b"0")
    if announced.isdigit() and int(announced) > most:
        raise TooLarge(f"At most {most} bytes are accepted here.")
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Malformed("The client went away before the body was complete.")
        size += len(message["body"])
        if size > most:
            raise TooLarge(f"At most {most} bytes are accepted here.")
        chunks.append(message["body"])
        if not message.get("more_body"):
            return b"".join(chunks)


def encoded(result: Any, route: Route, request: Request[Any, Any, Any]) -> ASGIApp:
    """The answer for what the route's function returned; a `version` becomes the ETag. Unchanged, it has no body."""
    if isinstance(result, Response):
        return _ready(result, route, request)
    if route.status == 204:
        return Reply(204)
    body, version = _encode(result), getattr(result, "version", None)
    if not isinstance(version, int):
        return Reply(route.status, body, route.media_type)
    tag = tag_of(version, body if route.safe else None)
    if route.safe and known(dict(request.scope["headers"]), tag):
        return Reply(304, headers=[(b"etag", tag)])
    return Reply(route.status, body, route.media_type, [(b"etag", tag)])


def _ready(result: Response[Any], route: Route, request: Request[Any, Any, Any]) -> ASGIApp:
    tag = result.headers.get("etag", "").encode()
    if route.safe and tag and known(dict(request.scope["headers"]), tag):
        return Reply(304, headers=[(name.encode(), value.encode()) for name, value in result.headers.items()])
    return result.to_asgi_response(app=None, request=request, status_code=route.status, media_type=route.media_type)
