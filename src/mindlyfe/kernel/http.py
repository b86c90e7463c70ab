"""The verbs of every service: a route names its permission and its refusals, or the process does not start."""

import inspect
from collections.abc import Callable
from typing import Any, Final, Protocol

from litestar import Litestar, Request, WebSocket
from litestar.handlers import ASGIRouteHandler, BaseRouteHandler, HTTPRouteHandler, WebsocketRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from mindlyfe.kernel import requests, sockets
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.paging import Page
from mindlyfe.kernel.route import PUBLIC, Route

__all__ = ["PUBLIC", "Page", "delete", "get", "mounted", "patch", "post", "put", "sse", "websocket"]

_STATUS: Final = {"POST": 201}


class Verb(Protocol):
    """Declares a route: an async function that gets its parameters by name.

    From the path; `data`, the JSON body; `form`, the body (of a GET: the query) as OAuth reads forms; `who: Principal`;
    `act: Act`; `expected: int | None`, the version in If-Match (required when it is `int`); `request`, for the rest;
    anything else is a query parameter (`from_` is `from`).
    `options`: `status_code`, `media_type` of the answer; the others go to Litestar.
    """

    def __call__(
        self,
        path: str = "/",
        *,
        needs: str,
        refuses: tuple[type[DomainError], ...] = (),
        audits: str | None = None,
        aal: int = 1,
        clinical: bool = False,
        recent_s: int | None = None,
        scope: str | None = None,
        oauth: bool = False,
        also: tuple[tuple[int, type[Any]], ...] = (),
        timeout_s: float = 15,
        rate_per_s: int | None = None,
        max_body_bytes: int = 65_536,
        csv: bool = False,
        **options: Any,
    ) -> Callable[[Callable[..., Any]], HTTPRouteHandler]: ...


def _verb(method: str) -> Verb:
    def declare(path: str = "/", *, needs: str, **options: Any) -> Callable[[Callable[..., Any]], HTTPRouteHandler]:
        def decorate(function: Callable[..., Any]) -> HTTPRouteHandler:
            if not inspect.iscoroutinefunction(function):
                raise TypeError(f"{function.__qualname__} must be an async function")
            status = options.pop("status_code", None) or _status(method, function)
            declared: dict[str, Any] = {**_split(options), "method": method, "needs": needs, "status": status}
            return _http_handler(path, Route(**declared, function=function, kind="http"), options)

        return decorate

    return declare


def _status(method: str, function: Callable[..., Any]) -> int:
    nothing = inspect.signature(function, eval_str=True).return_annotation in {None, type(None)}
    return 204 if nothing else _STATUS.get(method, 200)


def _split(options: dict[str, Any]) -> dict[str, Any]:
    """Take what a Route declares out of `options`; the rest is Litestar's."""
    names = frozenset(Route.__dataclass_fields__) - {"function", "kind", "method", "needs", "status"}
    return {name: options.pop(name) for name in names if name in options}


class _Answering(HTTPRouteHandler):
    """A handler whose function returns what is sent."""

    async def to_response(self, app: Litestar, data: Any, request: Request[Any, Any, Any]) -> ASGIApp:  # noqa: ARG002
        """Nothing is left to be encoded."""
        answer: ASGIApp = data
        return answer


def _http_handler(path: str, route: Route, options: dict[str, Any]) -> HTTPRouteHandler:
    # The status is set by what answers; Litestar would refuse a 204 that can also be a problem.
    opt = {**options.pop("opt", {}), "route": route}
    return _Answering(path, http_method=[route.method], opt=opt, status_code=200, **options)(requests.answer)  # type: ignore[list-item]


get: Final = _verb("GET")
post: Final = _verb("POST")
put: Final = _verb("PUT")
patch: Final = _verb("PATCH")
delete: Final = _verb("DELETE")


def sse(path: str = "/", *, needs: str, **options: Any) -> Callable[[Callable[..., Any]], HTTPRouteHandler]:
    """A stream of server-sent events: an async generator of Structs, or an async function that returns one.

    Never cut by a time limit; ends with the access token. One that `audits` is of the second kind: a generator would
    decide who may see it only after the line was written.
    """

    def decorate(function: Callable[..., Any]) -> HTTPRouteHandler:
        if options.get("audits") and inspect.isasyncgenfunction(function):
            raise TypeError(f"{function.__qualname__} decides before it streams: let it return what yields")
        declared: dict[str, Any] = {**_split(options), "timeout_s": 0}
        return _http_handler(path, Route(**declared, function=function, kind="sse", method="GET", needs=needs), options)

    return decorate


def websocket(path: str = "/", *, needs: str, **options: Any) -> Callable[[Callable[..., Any]], BaseRouteHandler]:
    """A WebSocket: an async function that takes `socket`, and the same parameters as a GET. Ends with the token."""

    def decorate(function: Callable[..., Any]) -> BaseRouteHandler:
        declared: dict[str, Any] = {**_split(options), "timeout_s": 0}
        route = Route(**declared, function=function, kind="websocket", method="GET", needs=needs)

        async def endpoint(socket: WebSocket[Any, Any, Any]) -> None:
            await sockets.talk(socket)

        return WebsocketRouteHandler(path, opt={"route": route}, **options)(endpoint)

    return decorate


def mounted(path: str, app: ASGIApp, *, needs: str, **options: Any) -> BaseRouteHandler:
    """A plain ASGI application for all paths under `path`; `scope["user"]` is the principal."""
    route = Route(**_split(options), function=_nothing, kind="mounted", method="*", needs=needs)

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        await sockets.pass_on(app, scope, receive, send)

    return ASGIRouteHandler(path, is_mount=True, copy_scope=True, opt={"route": route}, **options)(endpoint)


async def _nothing() -> None:
    """A mounted application takes no parameters."""
