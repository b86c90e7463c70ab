"""What a client says about itself that only the edge may say: removed from every request before anything reads it."""

from typing import Any, Final

PREFIXES: Final = (
    "x-envoy-",
    "x-forwarded-",
    "x-jwt-",
    "x-auth-",
    "x-user-",
    "x-mindlyfe-",
    "x-b3-",
    "x-original-",
    "x-http-method",
)
NAMES: Final = (
    *("x-request-id", "x-sub", "x-tenant", "x-roles", "x-user", "x-client-trace-id", "x-ot-span-context", "b3"),
    *("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip", "x-cluster-client-ip"),
    *("x-method-override", "x-rewrite-url", "x-accel-redirect", "proxy", "proxy-authorization"),
)
ADDED_BY_ENVOY: Final = ("x-envoy-external-address", "x-envoy-internal", "x-envoy-expected-rq-timeout-ms")

MUTATION: Final = "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation"


def cleansing() -> dict[str, Any]:
    """The extension that removes them as soon as the head is read, before Envoy adds its own."""
    matchers = [{"prefix": prefix} for prefix in PREFIXES] + [{"exact": name} for name in NAMES]
    mutations = [{"remove_on_match": {"key_matcher": {**matcher, "ignore_case": True}}} for matcher in matchers]
    return {
        "name": "envoy.http.early_header_mutation.header_mutation",
        "typed_config": {"@type": MUTATION, "mutations": mutations},
    }
