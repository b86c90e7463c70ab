"""What Envoy itself answers, as problem+json in the words of the services (RFC 9457)."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

CEL: Final = "type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter"
MEDIA_TYPE: Final = "application/problem+json"
REPEAT: Final = (
    "It is not known whether the request was carried out. Repeat it with the same Idempotency-Key: "
    "it is then done once."
)


class Reply(NamedTuple):
    """One kind of refusal: the status Envoy would give, how it is told apart, and what is said."""

    status: int
    code: str
    title: str
    detail: str
    when: dict[str, Any] | None = None
    """A further condition, an access log filter."""
    becomes: int | None = None
    """The status sent instead."""
    headers: tuple[tuple[str, str], ...] = ()


def _flags(*flags: str) -> dict[str, Any]:
    return {"response_flag_filter": {"flags": list(flags)}}


def _details(part: str) -> dict[str, Any]:
    expression = {"@type": CEL, "expression": f"response.code_details.contains('{part}')"}
    return {"extension_filter": {"name": "envoy.access_loggers.extension_filters.cel", "typed_config": expression}}


REPLIES: Final = (
    Reply(400, "malformed", "Malformed request", "The request is not valid HTTP, or its path holds escaped slashes."),
    Reply(
        401,
        "unavailable",
        "Sign-in cannot be checked",
        "The service that vouches for signed-in people does not answer. You are still signed in: try again shortly.",
        _details("Jwks"),
        503,
        (("retry-after", "2"),),
    ),
    Reply(
        401,
        "unauthenticated",
        "Not signed in",
        "Sign in and send the access token; a token is valid for ten minutes and can be refreshed.",
        headers=(("www-authenticate", "Bearer"),),
    ),
    Reply(
        403,
        "unauthenticated",
        "Not signed in",
        "The access token was made for somebody else. Sign in here and send that token.",
        _details("jwt_authn"),
        401,
        (("www-authenticate", "Bearer"),),
    ),
    Reply(403, "forbidden", "Forbidden", "This address cannot change to the protocol that the request names."),
    Reply(404, "not-found", "Nothing here", "There is no such address. Compare it with the API description."),
    Reply(405, "method-not-allowed", "Method not allowed", "The address exists; its methods are in the Allow header."),
    Reply(408, "too-slow", "Request too slow", "The request did not arrive in time. Send it again."),
    Reply(413, "too-large", "Body too large", "The body is larger than this address accepts."),
    Reply(421, "misdirected", "Another host", "This server does not answer to that host name. Use its own address."),
    Reply(426, "upgrade-required", "Old protocol", "Use HTTP/1.1 or HTTP/2."),
    Reply(
        429,
        "too-many-requests",
        "Too many requests",
        "Wait as long as the Retry-After header says, then try again. Nothing was changed.",
    ),
    Reply(431, "headers-too-large", "Headers too large", "Send fewer or shorter headers and cookies."),
    Reply(
        503,
        "unavailable",
        "Unavailable",
        f"The service broke off while it answered. {REPEAT}",
        _flags("UC", "UR", "LR"),
        headers=(("retry-after", "1"),),
    ),
    Reply(
        503,
        "unavailable",
        "Unavailable",
        "The service does not answer at the moment. Nothing was changed: try again shortly.",
        headers=(("retry-after", "2"),),
    ),
    Reply(502, "unavailable", "Unavailable", f"The service broke off while it answered. {REPEAT}", becomes=503),
    Reply(504, "timeout", "No answer in time", REPEAT),
)


def local_replies(headers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The mappers, first match first; `headers` are added to each."""
    mappers = [_mapper(reply, headers) for reply in REPLIES]
    anything = {"status_code_filter": {"comparison": _runtime("GE", 400, "other")}}
    other = _body("%RESPONSE_CODE%", "refused", "Refused", "The gateway refused the request.")
    return {"mappers": [*mappers, {"filter": anything, "body_format_override": other, "headers_to_add": [*headers]}]}


def _mapper(reply: Reply, headers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    status: dict[str, Any] = {"status_code_filter": {"comparison": _runtime("EQ", reply.status, reply.code)}}
    sent = reply.becomes or reply.status
    mapper: dict[str, Any] = {
        "filter": {"and_filter": {"filters": [status, reply.when]}} if reply.when else status,
        "body_format_override": _body(sent, reply.code, reply.title, reply.detail),
        "headers_to_add": [*headers, *(overwriting(name, value) for name, value in reply.headers)],
    }
    return mapper | ({"status_code": sent} if reply.becomes else {})


def _runtime(operator: str, status: int, code: str) -> dict[str, Any]:
    return {"op": operator, "value": {"default_value": status, "runtime_key": f"gateway.reply.{status}.{code}"}}


def _body(status: int | str, code: str, title: str, detail: str) -> dict[str, Any]:
    problem = {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "errors": [],
        "correlation": "%REQ(X-REQUEST-ID)%",
    }
    return {"json_format": problem, "content_type": MEDIA_TYPE}


def overwriting(name: str, value: str) -> dict[str, Any]:
    """A header that replaces one of the same name."""
    return {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
