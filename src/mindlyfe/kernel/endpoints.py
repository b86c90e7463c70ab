"""The endpoint table of a context, for the gateway: made from its routes, without a database."""

import msgspec

from mindlyfe.kernel.edge import Unguarded, guarded, routes_of
from mindlyfe.kernel.module import Module
from mindlyfe.kernel.route import Route


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path, and its limits."""

    context: str
    method: str
    """`GET`, `PUT`, …; `*` for a mounted application, whose path is a prefix."""
    path: str
    """A template: `/v1/appointments/{appointment}`."""
    needs: str | None
    """The permission; None: public."""
    clinical: bool = False
    """Whether staff needs a second factor here."""
    timeout_s: float
    """0: a stream, never cut."""
    rate_per_s: int | None
    max_body_bytes: int
    streams: bool


def endpoints(module: Module) -> list[Endpoint]:
    """All endpoints of `module`, by path and method. Raises Unguarded."""
    found: list[Endpoint] = []
    for router in module.routes:
        if wrong := guarded(router, module.grants):
            raise Unguarded("; ".join(wrong))
        for route, handler in routes_of(router):
            found.append(_endpoint(module.name, route.path_format, handler.opt["route"]))
    return sorted(found, key=lambda endpoint: (endpoint.path, endpoint.method))


def _endpoint(context: str, path: str, route: Route) -> Endpoint:
    return Endpoint(
        context=context,
        method=route.method,
        path=path,
        needs=None if route.public else route.needs,
        clinical=route.clinical,
        timeout_s=route.timeout_s,
        rate_per_s=route.rate_per_s,
        max_body_bytes=route.max_body_bytes,
        streams=route.kind in {"sse", "websocket"} or route.timeout_s == 0,
    )
