"""The route table in Envoy's words: what is served, by whom, within which limits; everything else is refused."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from mindlyfe.gateway.files import LARGEST_FILE_BYTES, File
from mindlyfe.gateway.filters import BUFFER, CORS, JWT, ROUTE_LIMIT, TYPE, route_limit
from mindlyfe.gateway.model import ANY_METHOD, IDENTITY, MAILBOX, PHONE, Edge, Route
from mindlyfe.gateway.replies import overwriting
from mindlyfe.gateway.security import of_a_page, of_a_service_answer, of_every_answer
from mindlyfe.gateway.settings import GatewaySettings

NO_TOKEN: Final = {JWT: {"@type": f"{TYPE}.jwt_authn.v3.PerRouteConfig", "disabled": True}}
NO_BUFFER: Final = {BUFFER: {"@type": f"{TYPE}.buffer.v3.BufferPerRoute", "disabled": True}}
CORS_METHODS: Final = "GET, POST, PUT, PATCH, DELETE"
CORS_SENT: Final = "authorization, content-type, idempotency-key, if-match, if-none-match, traceparent"
CORS_READ: Final = "etag, location, retry-after, x-request-id"
RETRIES: Final = {
    "retry_on": "connect-failure,refused-stream,reset,retriable-status-codes",
    "retriable_status_codes": [503],
    "num_retries": 2,
    "retry_back_off": {"base_interval": "0.025s", "max_interval": "0.25s"},
    "retry_host_predicate": [
        {
            "name": "envoy.retry_host_predicates.previous_hosts",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
            },
        }
    ],
    "host_selection_retry_max_attempts": 3,
}


def route_configuration(edge: Edge, settings: GatewaySettings) -> dict[str, Any]:
    """Our own host names get the table, every other name a refusal."""
    names = [name for host in settings.hosts for name in (host, f"{host}:*")]
    ours: dict[str, Any] = {"name": "mindlyfe", "domains": names, "routes": list(_routes(edge, settings))}
    if settings.cors_origins:
        ours["typed_per_filter_config"] = {CORS: _origins(settings.cors_origins)}
    foreign = {"name": "foreign", "domains": ["*"], "routes": [_refusal("foreign", {"prefix": "/"}, 421)]}
    return {
        "name": "edge",
        "virtual_hosts": [ours, foreign],
        "response_headers_to_add": of_every_answer(settings),
        "max_direct_response_body_size_bytes": LARGEST_FILE_BYTES,
    }


def _routes(edge: Edge, settings: GatewaySettings) -> Iterator[dict[str, Any]]:
    if settings.cors_origins:
        yield _preflight()
    for _, same_path in groupby(edge.routes, key=lambda route: (route.prefix, route.path)):
        routes = list(same_path)
        yield from (_forwarded(route, settings) for route in routes)
        if all(route.method != ANY_METHOD for route in routes):
            allowed = ", ".join(route.method for route in routes)
            yield _refusal(f"{routes[0].name}, other methods", _path(routes[0]), 405, allowed)
    yield _contexts(edge.contexts)
    for file in edge.files:
        yield from _file(file)
    yield _refusal("unknown", {"prefix": "/"}, 404)


def _file(file: File) -> Iterator[dict[str, Any]]:
    cache = "public, max-age=31536000, immutable" if file.immutable else "no-cache"
    name, path = f"file {file.path}", {"path": file.path}
    reading = {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD"}}}
    headers = of_a_page(file.content_type, cache)
    if not file.immutable:
        headers.append(overwriting("etag", file.etag))
        known = {"name": "if-none-match", "string_match": {"exact": file.etag}}
        unchanged = {"status": 304}
        yield _answer(name, {**path, "headers": [reading, known]}, unchanged, headers)
    body = {"filename": str(file.source)} if file.text is None else {"inline_string": file.text}
    content = {"status": 200, "body": body}
    yield _answer(name, {**path, "headers": [reading]}, content, headers)
    yield _refusal(f"{name}, other methods", path, 405, "GET, HEAD")


def _preflight() -> dict[str, Any]:
    """Where browsers ask whether another site may: the filter answers, and needs a route with a cluster to look at."""
    asking = [{"name": name, "present_match": True} for name in ("origin", "access-control-request-method")]
    options = {"name": ":method", "string_match": {"exact": "OPTIONS"}}
    return {
        "name": "preflight",
        "match": {"prefix": "/", "headers": [options, *asking]},
        "route": {"cluster": IDENTITY},
        "typed_per_filter_config": NO_TOKEN,
    }


def _contexts(contexts: Sequence[str]) -> dict[str, Any]:
    """Which contexts there are, for the page that describes their addresses."""
    body = {"status": 200, "body": {"inline_string": json.dumps([*contexts])}}
    return _answer("contexts", {"path": "/contexts.json"}, body, of_a_page("application/json", "no-cache"))


def _refusal(name: str, match: dict[str, Any], status: int, allowed: str = "") -> dict[str, Any]:
    return _answer(name, match, {"status": status}, [overwriting("allow", allowed)] if allowed else [])


def _answer(
    name: str, match: dict[str, Any], answer: dict[str, Any], headers: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "name": name,
        "match": match,
        "direct_response": answer,
        "response_headers_to_add": [*headers],
        "typed_per_filter_config": NO_TOKEN,
    }


def _forwarded(route: Route, settings: GatewaySettings) -> dict[str, Any]:
    match = _path(route)
    if route.method != ANY_METHOD:
        match["headers"] = [{"name": ":method", "string_match": {"exact": route.method}}]
    return {
        "name": route.name,
        "match": match,
        "route": _action(route, settings),
        "response_headers_to_add": of_a_service_answer(mail=route.cluster in {MAILBOX, PHONE}),
        "typed_per_filter_config": _exceptions(route),
    }


def _action(route: Route, settings: GatewaySettings) -> dict[str, Any]:
    # The service ends a request itself at its time, and can say more: it gets a second to do so.
    action: dict[str, Any] = {"cluster": route.cluster, "timeout": f"{route.timeout_s + 1}s"}
    if route.retried:
        action["retry_policy"] = RETRIES
    if route.streams:
        action |= {
            "timeout": "0s",
            "idle_timeout": f"{settings.limits.stream_idle_s}s",
            "priority": "HIGH",
            "upgrade_configs": [{"upgrade_type": "websocket", "enabled": True}],
        }
    return action


def _exceptions(route: Route) -> dict[str, Any]:
    """Where the route differs from the chain's rule."""
    size = {BUFFER: {"@type": f"{TYPE}.buffer.v3.BufferPerRoute", "buffer": {"max_request_bytes": route.body_bytes}}}
    rate = {ROUTE_LIMIT: route_limit(route.rate_per_s)} if route.rate_per_s else {}
    return (NO_TOKEN if route.public else {}) | (NO_BUFFER if route.streams else size) | rate


def _path(route: Route) -> dict[str, Any]:
    if route.prefix:
        return {"path_separated_prefix": route.path}
    if "{" not in route.path:
        return {"path": route.path}
    parts = re.split(r"\{[^}]+\}", route.path)
    return {"safe_regex": {"regex": "[^/]+".join(re.escape(part) for part in parts)}}


def _origins(origins: Sequence[str]) -> dict[str, Any]:
    """Other sites send bearer tokens, never our cookies."""
    return {
        "@type": f"{TYPE}.cors.v3.CorsPolicy",
        "allow_origin_string_match": [{"exact": origin} for origin in origins],
        "allow_methods": CORS_METHODS,
        "allow_headers": CORS_SENT,
        "expose_headers": CORS_READ,
        "max_age": "600",
        "forward_not_matching_preflights": False,
    }
