"""What Envoy itself answers, as problem+json in the words of the services (RFC 9457)."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from mindlyfe.kernel.errors import (
    DomainError,
    Forbidden,
    Malformed,
    NotFound,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from mindlyfe.kernel.problems import MEDIA_TYPE, MethodNotAllowed, TimedOut, title

CEL: Final = "type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter"


class RequestTooSlow(DomainError):
    """The request did not arrive in time."""

    status = 408
    code = "request-too-slow"
    advice = "Send it again."


class Misdirected(DomainError):
    """This server does not answer to that host name."""

    status = 421
    code = "misdirected"
    advice = "Use the address of the clinic's own server."


class OldProtocol(DomainError):
    """The request speaks a protocol that is too old."""

    status = 426
    code = "old-protocol"
    advice = "Use HTTP/1.1 or HTTP/2."


class HeadersTooLarge(DomainError):
    """The headers are too large or too many."""

    status = 431
    code = "headers-too-large"
    advice = "Send fewer or shorter headers and cookies."


class EdgeRefusal(DomainError):
    """The gateway refused the request."""

    status = 400
    code = "refused"
    advice = "Compare the request with the API description."


class Reply(NamedTuple):
    """One kind of local answer: the status Envoy chose, how it is told apart, and what is said."""

    status: int
    refusal: type[DomainError]
    """Its own status is the one sent."""
    detail: str = ""
    """Instead of the refusal's advice."""
    when: dict[str, Any] | None = None
    """A further condition, an access log filter."""
    headers: tuple[tuple[str, str], ...] = ()


def _flags(*flags: str) -> dict[str, Any]:
    return {"response_flag_filter": {"flags": list(flags)}}


def _details(part: str) -> dict[str, Any]:
    expression = {"@type": CEL, "expression": f"response.code_details.contains('{part}')"}
    return {"extension_filter": {"name": "envoy.access_loggers.extension_filters.cel", "typed_config": expression}}


CHALLENGE: Final = ("www-authenticate", 'Bearer realm="mindlyfe"')
SOON: Final = ("retry-after", "1")
BROKEN_OFF: Final = "The service broke off while it answered; it may have been done. " + (
    "Repeat the request with the same Idempotency-Key."
)
KEYS_MISSING: Final = "Who you are cannot be checked at the moment. You are still signed in: try again in a moment."
REPLIES: Final = (
    Reply(400, Malformed, "This is not valid HTTP, or the path holds escaped slashes."),
    Reply(401, Unavailable, KEYS_MISSING, _details("Jwks"), (SOON,)),
    Reply(401, Unauthenticated, headers=(CHALLENGE,)),
    Reply(403, Unauthenticated, "The token was made for somebody else: sign in here.", _details("jwt"), (CHALLENGE,)),
    Reply(403, Forbidden, "This address does not change to the protocol that the request names."),
    Reply(404, NotFound, "There is no such address. Compare it with the API description."),
    Reply(405, MethodNotAllowed),
    Reply(408, RequestTooSlow),
    Reply(413, TooLarge, "Send less: the API description tells the limits."),
    Reply(421, Misdirected),
    Reply(426, OldProtocol),
    Reply(429, TooMany, "Nothing was changed. Wait as long as the Retry-After header says and try again."),
    Reply(431, HeadersTooLarge),
    Reply(502, Unavailable, BROKEN_OFF, headers=(SOON,)),
    Reply(503, Unavailable, BROKEN_OFF, _flags("UC", "UR", "LR"), (SOON,)),
    Reply(503, Unavailable, headers=(SOON,)),
    Reply(504, TimedOut),
)


def local_replies(headers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The mappers, first match first; `headers` are added to each."""
    mappers = [_mapper(reply, headers) for reply in REPLIES]
    other = _body(EdgeRefusal, "%RESPONSE_CODE%", EdgeRefusal.advice)
    anything = {"filter": _status("GE", 400), "body_format_override": other, "headers_to_add": [*headers]}
    return {"mappers": [*mappers, anything]}


def _mapper(reply: Reply, headers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    status, sent = _status("EQ", reply.status), reply.refusal.status
    mapper: dict[str, Any] = {
        "filter": {"and_filter": {"filters": [status, reply.when]}} if reply.when else status,
        "body_format_override": _body(reply.refusal, sent, reply.detail or reply.refusal.advice),
        "headers_to_add": [*headers, *(overwriting(name, value) for name, value in reply.headers)],
    }
    return mapper if sent == reply.status else mapper | {"status_code": sent}


def _status(operator: str, status: int) -> dict[str, Any]:
    value = {"default_value": status, "runtime_key": f"edge.reply.{operator.lower()}.{status}"}
    return {"status_code_filter": {"comparison": {"op": operator, "value": value}}}


def _body(refusal: type[DomainError], status: int | str, detail: str) -> dict[str, Any]:
    problem = {
        "type": f"/problems/{refusal.code}",
        "title": title(refusal),
        "status": status,
        "detail": detail,
        "correlation": "%REQ(X-REQUEST-ID)%",
    }
    return {"json_format": problem, "content_type": MEDIA_TYPE}


def overwriting(name: str, value: str) -> dict[str, Any]:
    """A header that replaces one of the same name."""
    return {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
