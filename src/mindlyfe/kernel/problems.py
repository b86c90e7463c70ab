"""Refusals and failures as RFC 9457 problem+json: the one place where they are rendered."""

from typing import Final

import msgspec
import psycopg
import psycopg_pool
import structlog
from litestar.exceptions import HTTPException

from mindlyfe.kernel import telemetry
from mindlyfe.kernel.errors import DomainError, Malformed, NotFound, TooLarge, TooMany, Unauthenticated, Unavailable
from mindlyfe.kernel.replies import Reply

MEDIA_TYPE: Final = "application/problem+json"


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one field of the request; `field` is its path, such as `weekly[0].from`."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A refusal (RFC 9457). `type` names the reason for programs, `detail` explains it to people."""

    type: str
    title: str
    status: int
    detail: str
    correlation: str
    """Quote it when you ask for help."""
    errors: tuple[FieldError, ...] = ()


class WrongFields(Malformed):
    """The request cannot be understood."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("The request does not have the form that the API description gives.")
        self.errors = errors


class MethodNotAllowed(DomainError):
    """This address does not know this method."""

    status = 405
    code = "method-not-allowed"
    advice = "Use one of the methods in the Allow header."

    def __init__(self, allow: str = "") -> None:
        super().__init__()
        self.allow = allow


class UnsupportedMediaType(DomainError):
    """The body has a type that this address does not read."""

    status = 415
    code = "unsupported-media-type"
    advice = "Send JSON with `Content-Type: application/json`."


class PreconditionRequired(DomainError):
    """The request must say which version it changes."""

    status = 428
    code = "precondition-required"
    advice = "Send If-Match with the ETag that you read."


class Failure(DomainError):
    """Something went wrong on our side."""

    status = 500
    code = "internal"
    advice = "It is logged. Quote the correlation when you ask for help."


class TimedOut(DomainError):
    """The answer took too long."""

    status = 504
    code = "timed-out"
    advice = "It may have been done. Repeat the request with the same Idempotency-Key."


def title(refusal: type[DomainError]) -> str:
    """The first line of the class's docstring, without its full stop."""
    return (refusal.__doc__ or refusal.code).strip().partition("\n")[0].rstrip(".")


def refused(error: Exception) -> DomainError:
    """What an exception means to the caller. What is not a refusal is logged, by type and place only."""
    match error:
        case DomainError():
            return error
        case HTTPException():
            return _of_framework(error)
        case TimeoutError() | psycopg.errors.QueryCanceled():
            _log(error)
            return TimedOut()
        case psycopg_pool.PoolTimeout() | psycopg_pool.PoolClosed() | psycopg.OperationalError():
            _log(error)
            return Unavailable()
        case psycopg.DataError():
            _log(error)
            return Malformed("A value is outside what can be stored.")
        case _:
            _log(error)
            return Failure()


def render(refusal: DomainError) -> Reply:
    """The answer that tells it."""
    problem = Problem(
        type=f"/problems/{refusal.code}",
        title=title(type(refusal)),
        status=refusal.status,
        detail=str(refusal),
        correlation=telemetry.trace_id(telemetry.traceparent()),
        errors=refusal.errors if isinstance(refusal, WrongFields) else (),
    )
    return Reply(refusal.status, msgspec.json.encode(problem), MEDIA_TYPE, _headers(refusal))


def _headers(refusal: DomainError) -> list[tuple[bytes, bytes]]:
    match refusal:
        case MethodNotAllowed():
            return [(b"allow", refusal.allow.encode())]
        case Unauthenticated():
            return [(b"www-authenticate", b'Bearer realm="mindlyfe"')]
        case TooMany() | Unavailable():
            return [(b"retry-after", b"1")]
        case _:
            return []


def _of_framework(error: HTTPException) -> DomainError:
    match error.status_code:
        case 404:
            return NotFound()
        case 405:
            return MethodNotAllowed((error.headers or {}).get("allow", ""))
        case 413:
            return TooLarge()
        case status if status < 500:
            return Malformed()
        case _:
            _log(error)
            return Failure()


def _log(error: Exception) -> None:
    structlog.get_logger().error("request failed", exc_info=error)
