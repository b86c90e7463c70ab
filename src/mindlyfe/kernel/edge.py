"""The ASGI application of a process: the routes of its modules behind their doors, or no start."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from litestar import Litestar, Router
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.routes import ASGIRoute, HTTPRoute, WebSocketRoute
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from mindlyfe.kernel import oauth, problems, telemetry
from mindlyfe.kernel.admission import Door
from mindlyfe.kernel.inputs import Inputs
from mindlyfe.kernel.metrics import Metrics
from mindlyfe.kernel.requests import Bound
from mindlyfe.kernel.route import PUBLIC, Route
from mindlyfe.kernel.spans import Spans
from mindlyfe.kernel.telemetry import AccessLog

_SECURITY: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
_SECURITY_NAMES: Final = frozenset(name for name, _ in _SECURITY)


class Unguarded(Exception):
    """Routes without a permission, or with one that nobody can have. The process must not start."""


def routes_of(router: Router) -> Iterator[tuple[HTTPRoute | WebSocketRoute | ASGIRoute, BaseRouteHandler]]:
    """Every route and handler, without the OPTIONS handlers that Litestar adds."""
    for route in router.routes:
        handlers = route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]
        for handler in handlers:
            if not (isinstance(handler, HTTPRouteHandler) and handler.http_methods == {"OPTIONS"}):
                yield route, handler


def guarded(router: Router, grants: Mapping[str, object]) -> list[str]:
    """What is wrong with the routes of `router`: no declared permission, or one that is not in `grants`."""
    wrong: list[str] = []
    for route, handler in routes_of(router):
        declared = handler.opt.get("route")
        if not isinstance(declared, Route) or not declared.needs:
            wrong.append(f"{route.path_format} names no permission")
        elif declared.needs != PUBLIC and declared.needs not in grants:
            wrong.append(f"{route.path_format} needs {declared.needs!r}, which no role has")
    return wrong


def application(
    routes: Mapping[str, Sequence[Router]],
    doors: Mapping[str, Door],
    *,
    metrics: Metrics,
    log: AccessLog,
    spans: Spans | None = None,
) -> ASGIApp:
    """The application for the routes of each context. Raises Unguarded."""
    layered = [Router("/", route_handlers=list(own), opt={"context": name}) for name, own in routes.items()]
    app = Litestar(
        layered,
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
    )
    # What is raised is rendered at the edge, for routes and for addresses that are none.
    app.asgi_handler = app.asgi_router
    wrong = [line for router in layered for line in guarded(router, doors[router.opt["context"]].grants)]
    if wrong:
        raise Unguarded("; ".join(sorted(wrong)))
    for route, handler in routes_of(app):
        declared: Route = handler.opt["route"]
        inputs = Inputs(declared.function, frozenset(route.path_parameters))
        handler.opt["bound"] = Bound(
            route=declared, inputs=inputs, door=doors[handler.opt["context"]], template=route.path_format
        )
    return Edge(app, metrics, log, spans, _allowed(app))


def _allowed(app: Litestar) -> dict[str, bytes]:
    """Template → its methods. Litestar's own answer to OPTIONS knows only those of the first handler of a path."""
    return {
        route.path_format: ", ".join(sorted({*route.methods, "OPTIONS"})).encode()
        for route in app.routes
        if isinstance(route, HTTPRoute)
    }


class Edge:
    """Around every request: the trace, the headers all answers carry, the access log, the metrics."""

    def __init__(
        self, app: ASGIApp, metrics: Metrics, log: AccessLog, spans: Spans | None, allowed: Mapping[str, bytes]
    ) -> None:
        self._app, self._metrics, self._log, self._spans, self._allowed = app, metrics, log, spans, allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or WebSocket."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        parent = _parent(scope)
        trace = telemetry.continued(parent)
        entered = telemetry.enter(trace)
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if scope.get("method") == "OPTIONS" and status == 204:
                    message["headers"] = [(b"allow", self._allowed[scope["path_template"]])]
                message["headers"] = _with_security(message["headers"])
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - the last resort: nothing may reach the server's own error page
            await _told(error, scope, receive, sending, begun=status != 0)
        finally:
            telemetry.leave(entered)
            self._count(scope, parent, trace, status, time.perf_counter() - began)

    def _count(self, scope: Scope, parent: str, trace: str, status: int, seconds: float) -> None:
        handler: Any = scope.get("route_handler")
        bound: Bound | None = handler.opt.get("bound") if handler else None
        context, route = (bound.door.context, bound.template) if bound else ("", "")
        method = str(scope.get("method", "WEBSOCKET"))
        if method not in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "WEBSOCKET"}:
            method = "OTHER"
        if self._spans:
            self._spans.ended(
                f"{method} {route}",
                trace=trace,
                parent=parent,
                seconds=seconds,
                attributes={
                    "http.request.method": method,
                    "http.route": route,
                    "http.response.status_code": status,
                    "mindlyfe.context": context,
                },
                failed=status >= 500,
            )
        self._metrics.request(context, method, route, status, seconds)
        if context != "health":
            self._log.write(
                trace=telemetry.trace_id(trace),
                method=method,
                route=route,
                status=status,
                seconds=seconds,
                context=context,
            )


async def _told(error: Exception, scope: Scope, receive: Receive, send: Send, *, begun: bool) -> None:
    """Tell the caller what went wrong, as far as it can still be told."""
    handler: Any = scope.get("route_handler")
    bound: Bound | None = handler.opt.get("bound") if handler else None
    problem = (oauth if bound and bound.route.oauth else problems).render(problems.refused(error))
    if scope["type"] == ScopeType.WEBSOCKET:
        await send({"type": "websocket.close", "code": 1011, "reason": "internal"})
    elif not begun:
        await problem(scope, receive, send)


def _parent(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return value.decode("latin-1")
    return ""


def _with_security(headers: Any) -> list[tuple[bytes, bytes]]:
    """A route may set its own, such as the cache lifetime of public keys."""
    present = {name for name, _ in headers}
    if present.isdisjoint(_SECURITY_NAMES):
        return [*headers, *_SECURITY]
    return [*headers, *(header for header in _SECURITY if header[0] not in present)]
