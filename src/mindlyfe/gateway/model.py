"""What the edge does, in no proxy's language: routes, files, clusters; Envoy's configuration is made from it."""

from collections.abc import Sequence
from typing import Final

import msgspec

from mindlyfe.gateway.files import File, files
from mindlyfe.gateway.settings import GatewaySettings
from mindlyfe.kernel.endpoints import Endpoint

IDENTITY: Final = "identity"
"""The context that publishes the keys access tokens are signed with."""
JWKS_PATH: Final = "/.well-known/jwks.json"
MAILBOX: Final = "mailbox"
PHONE: Final = "phone"
ANY_METHOD: Final = "*"


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path that a cluster answers."""

    name: str
    """For logs, in place of the path, which holds ids."""
    cluster: str
    method: str
    """`*`: every method."""
    path: str
    """A template, or a prefix."""
    prefix: bool = False
    public: bool = False
    """Whether a request without a valid token passes."""
    timeout_s: float = 15
    rate_per_s: int | None = None
    """Of one client address; five seconds' worth may come at once."""
    body_bytes: int = 65_536
    streams: bool = False
    """SSE or WebSocket: not buffered, not cut, counted apart."""

    @property
    def retried(self) -> bool:
        """Whether the edge may repeat it: it only reads, and its answer has an end."""
        return self.method in {"GET", "HEAD"} and not self.streams


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """Processes that answer alike."""

    name: str
    address: tuple[str, int] | None = None
    """Host and port; None: addresses come by discovery, and readiness is asked for."""


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the gateway serves."""

    contexts: Sequence[str]
    routes: Sequence[Route]
    files: Sequence[File]
    clusters: Sequence[Cluster]


def edge(endpoints: Sequence[Endpoint], settings: GatewaySettings) -> Edge:
    """What the endpoints and the settings ask for; routes in the order in which they are tried.

    Raises ValueError when two contexts claim the same method of the same path.
    """
    contexts = sorted({endpoint.context for endpoint in endpoints})
    routes = [_route(endpoint, settings) for endpoint in endpoints] + [_description(context) for context in contexts]
    clusters = [Cluster(name=name) for name in sorted({IDENTITY, *contexts})]
    if settings.mailbox is not None:
        routes.append(_tool(MAILBOX))
        clusters.append(Cluster(name=MAILBOX, address=settings.mailbox))
    if settings.phone is not None:
        routes.append(_tool(PHONE))
        clusters.append(Cluster(name=PHONE, address=settings.phone))
    served = files(
        [settings.pages / "site", settings.pages / settings.mode], settings.web, settings.pages / "frame.html"
    )
    return Edge(contexts=contexts, routes=_ordered(routes), files=served, clusters=clusters)


def _route(endpoint: Endpoint, settings: GatewaySettings) -> Route:
    return Route(
        name=f"{endpoint.context} {endpoint.method} {endpoint.path}",
        cluster=endpoint.context,
        method=endpoint.method,
        path=endpoint.path,
        prefix=endpoint.method == ANY_METHOD,
        public=endpoint.needs is None,
        timeout_s=endpoint.timeout_s,
        rate_per_s=endpoint.rate_per_s,
        body_bytes=min(endpoint.max_body_bytes, settings.limits.body_bytes),
        streams=endpoint.streams,
    )


def _description(context: str) -> Route:
    path = f"/{context}/openapi.json"
    return Route(name=f"{context} GET {path}", cluster=context, method="GET", path=path, public=True)


def _tool(name: str) -> Route:
    """A tool of development beside the platform."""
    return Route(name=name, cluster=name, method=ANY_METHOD, path=f"/dev/{name}", prefix=True, public=True)


def _ordered(routes: Sequence[Route]) -> list[Route]:
    """Whole paths before templates, templates before prefixes; equal claims are refused."""
    unique: dict[tuple[str, str], Route] = {}
    for route in routes:
        other = unique.setdefault((route.path, route.method), route)
        if other.cluster != route.cluster:
            raise ValueError(f"{other.cluster} and {route.cluster} both claim {route.method} {route.path}")
    return sorted(unique.values(), key=_precedence)


def _precedence(route: Route) -> tuple[bool, int, list[tuple[bool, str]], str]:
    segments = [(segment.startswith("{"), segment) for segment in route.path.split("/")]
    return route.prefix, -len(route.path) if route.prefix else 0, segments, route.method
