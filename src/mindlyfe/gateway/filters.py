"""HTTP filters, in the order a request meets them: origins, limits, tokens, size; compression on the way back."""

from typing import Any, Final

from mindlyfe.gateway.model import IDENTITY, JWKS_PATH
from mindlyfe.gateway.settings import GatewaySettings
from mindlyfe.kernel.access import AUDIENCE

TYPE: Final = "type.googleapis.com/envoy.extensions.filters.http"
CORS: Final = "envoy.filters.http.cors"
CLIENT_LIMIT: Final = "mindlyfe.client_limit"
ROUTE_LIMIT: Final = "mindlyfe.route_limit"
JWT: Final = "envoy.filters.http.jwt_authn"
BUFFER: Final = "envoy.filters.http.buffer"
COMPRESSED: Final = (
    *("application/json", "application/problem+json", "application/manifest+json", "image/svg+xml"),
    # Not text/event-stream: compression would hold events back.
    *("text/html", "text/css", "text/javascript", "text/plain", "text/csv", "text/calendar"),
)
BUCKETS: Final = 20_000
"""Client addresses remembered per limit; the longest unseen is forgotten first."""


def http_filters(settings: GatewaySettings) -> list[dict[str, Any]]:
    """The chain; its last filter sends the request on."""
    return [
        _filter(CORS, "cors.v3.Cors"),
        *([_client_limit(settings.limits.client_per_s)] if settings.limits.client_per_s else []),
        _filter(ROUTE_LIMIT, "local_ratelimit.v3.LocalRateLimit", stat_prefix="route_limit"),
        _tokens(settings),
        _filter(BUFFER, "buffer.v3.Buffer", max_request_bytes=settings.limits.body_bytes),
        _compressor("gzip"),
        _compressor("brotli"),
        # The headers Envoy would add tell of its insides.
        _filter("envoy.filters.http.router", "router.v3.Router", suppress_envoy_headers=True),
    ]


def _filter(name: str, kind: str, **config: Any) -> dict[str, Any]:
    return {"name": name, "typed_config": {"@type": f"{TYPE}.{kind}", **config}}


def _client_limit(per_s: int) -> dict[str, Any]:
    return _filter(CLIENT_LIMIT, "local_ratelimit.v3.LocalRateLimit", **_per_address("client_limit", per_s, 2 * per_s))


def route_limit(per_s: int) -> dict[str, Any]:
    """Configuration of ROUTE_LIMIT for one route."""
    return {"@type": f"{TYPE}.local_ratelimit.v3.LocalRateLimit", **_per_address("route_limit", per_s, 5 * per_s)}


def _per_address(name: str, per_s: int, burst: int) -> dict[str, Any]:
    """A token bucket for each client address; an IPv6 client owns its /64."""
    bucket = {"max_tokens": burst, "tokens_per_fill": per_s, "fill_interval": "1s"}
    on = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
    address = {"masked_remote_address": {"v4_prefix_mask_len": 32, "v6_prefix_mask_len": 64}}
    return {
        "stat_prefix": name,
        # Required, though never meant to run dry: the addresses' own buckets below do the work.
        "token_bucket": {"max_tokens": 4_000_000_000, "tokens_per_fill": 4_000_000_000, "fill_interval": "1s"},
        "filter_enabled": on,
        "filter_enforced": on,
        "rate_limits": [{"actions": [address]}],
        "descriptors": [{"entries": [{"key": "masked_remote_address"}], "token_bucket": bucket}],
        "max_dynamic_descriptors": BUCKETS,
        "always_consume_default_token_bucket": False,
        "enable_retry_after_header": True,
    }


def _tokens(settings: GatewaySettings) -> dict[str, Any]:
    """Every request needs a valid token unless its route says otherwise.

    Who sends an Authorization header is judged by it alone: a stale cookie beside a good bearer token does no harm.
    """
    bearer = {"from_headers": [{"name": "Authorization", "value_prefix": "Bearer "}]}
    cookie = {"from_cookies": [settings.access_cookie]}
    with_header = {"prefix": "/", "headers": [{"name": "authorization", "present_match": True}]}
    return _filter(
        JWT,
        "jwt_authn.v3.JwtAuthentication",
        providers={"bearer": _provider(settings) | bearer, "cookie": _provider(settings) | cookie},
        rules=[
            {"match": with_header, "requires": {"provider_name": "bearer"}},
            {"match": {"prefix": "/"}, "requires": {"provider_name": "cookie"}},
        ],
    )


def _provider(settings: GatewaySettings) -> dict[str, Any]:
    return {
        "issuer": settings.public_url,
        "audiences": [AUDIENCE],
        "require_expiration": True,
        "clock_skew_seconds": 5,
        "forward": True,
        "jwt_cache_config": {"jwt_cache_size": 2000},
        "remote_jwks": {
            "http_uri": {"uri": f"http://{IDENTITY}{JWKS_PATH}", "cluster": IDENTITY, "timeout": "2s"},
            "cache_duration": "30s",
            # Identity may start after us: do not wait for it, ask again each second.
            "async_fetch": {"fast_listener": True, "failed_refetch_duration": "1s"},
        },
    }


def _compressor(name: str) -> dict[str, Any]:
    kind = {"gzip": "gzip.compressor.v3.Gzip", "brotli": "brotli.compressor.v3.Brotli"}[name]
    library = {"@type": f"type.googleapis.com/envoy.extensions.compression.{kind}"}
    common = {
        "min_content_length": 512,
        "content_type_matcher": [{"prefix": prefix, "ignore_case": True} for prefix in COMPRESSED],
    }
    return _filter(
        f"mindlyfe.{name}",
        "compressor.v3.Compressor",
        choose_first=name == "brotli",
        compressor_library={"name": name, "typed_config": library},
        # An ETag is the version that If-Match names; compression would make it a weak one, which names nothing.
        response_direction_config={"common_config": common, "disable_on_etag_header": True},
    )
