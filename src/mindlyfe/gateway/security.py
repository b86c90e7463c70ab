"""Headers of every answer that tell browsers what our pages may do."""

from typing import Any, Final

from mindlyfe.gateway.replies import overwriting
from mindlyfe.gateway.settings import GatewaySettings

# Forms are sent by scripts alone: pressed before its script is there, a form must not put a password into an address.
PAGES_POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
ANSWERS_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
MAIL_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; base-uri 'none'"
ALWAYS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=()",
}


def of_every_answer(settings: GatewaySettings) -> list[dict[str, Any]]:
    """Headers of pages, answers and refusals alike; HSTS only where TLS is spoken."""
    transport = {"strict-transport-security": "max-age=31536000"} if settings.tls else {}
    return [overwriting(name, value) for name, value in (ALWAYS | transport).items()]


def of_a_service_answer(*, mail: bool) -> list[dict[str, Any]]:
    """Unless the service says otherwise, an answer is neither a page nor kept in a cache; `mail` brings its styles."""
    defaults = {"content-security-policy": MAIL_POLICY if mail else ANSWERS_POLICY, "cache-control": "no-store"}
    return [
        {"header": {"key": name, "value": value}, "append_action": "ADD_IF_ABSENT"} for name, value in defaults.items()
    ]


def of_a_page(content_type: str, cache: str) -> list[dict[str, Any]]:
    """Headers of a static file."""
    headers = {"content-type": content_type, "cache-control": cache, "content-security-policy": PAGES_POLICY}
    return [overwriting(name, value) for name, value in headers.items()]
