"""How OAuth 2 tells a refusal (RFC 6749, 5.2): `{"error": "invalid_grant", …}`, on the routes that speak it alone."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from mindlyfe.kernel.errors import DomainError, OAuthRefusal
from mindlyfe.kernel.problems import title
from mindlyfe.kernel.replies import Reply

MEDIA_TYPE: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"


class OAuthError(msgspec.Struct, frozen=True):
    """A refusal. `error` names the reason for programs, `error_description` explains it to developers."""

    error: str
    error_description: str


def error_of(reason: type[DomainError]) -> str:
    """The word of OAuth for any refusal."""
    if issubclass(reason, OAuthRefusal):
        return reason.code.replace("-", "_")
    if reason.status >= 500:
        return "temporarily_unavailable" if reason.status == 503 else "server_error"
    return "temporarily_unavailable" if reason.status == 429 else "invalid_request"


def render(refusal: DomainError) -> Reply:
    """The answer that tells it. Descriptions are ASCII without quotes, as the RFC wants them."""
    said = str(refusal).replace('"', "'").replace("\\", "/").encode("ascii", "replace").decode()
    errors = getattr(refusal, "errors", ())
    told = f"{said} ({', '.join(one.field for one in errors)})" if errors else said
    headers = [(b"pragma", b"no-cache")]
    if refusal.status == 401:
        headers.append((b"www-authenticate", b'Basic realm="mindlyfe"'))
    if refusal.status in {429, 503}:
        headers.append((b"retry-after", b"1"))
    body = msgspec.json.encode(OAuthError(error_of(type(refusal)), told))
    return Reply(refusal.status, body, MEDIA_TYPE, headers)


def response(reasons: Sequence[type[DomainError]]) -> dict[str, Any]:
    """The response object of one status in an API description."""
    examples = {
        reason.code: {"value": {"error": error_of(reason), "error_description": reason.advice or title(reason)}}
        for reason in reasons
    }
    return {
        "description": "\n".join(f"- `{error_of(one)}`: {title(one)}. {one.advice}".rstrip() for one in reasons),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/OAuthError"}, "examples": examples}},
    }
