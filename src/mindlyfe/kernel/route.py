"""What a route declares about itself: the one record that guards, gateway, documents and tests read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from mindlyfe.kernel.errors import DomainError

PUBLIC: Final = "public"
"""As `needs`: nobody has to be signed in."""

type Kind = Literal["http", "sse", "websocket", "mounted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Who may call a route, what it refuses, and its limits."""

    function: Callable[..., Any]
    """What the context wrote, before it was wrapped."""
    kind: Kind
    method: str
    """`GET`, `PUT`, …; `*` for a mounted application."""
    needs: str
    refuses: tuple[type[DomainError], ...] = ()
    audits: str | None = None
    """The action to record for each read of clinical data, `appointments.read`."""
    aal: int = 1
    """Authenticator assurance the session needs: 1 password, 2 a second factor."""
    clinical: bool = False
    """Whether it shows or changes what only care may know: staff needs assurance 2, patients reach their own at 1."""
    recent_s: int | None = None
    """The caller must have proved who they are at most so many seconds ago: a step-up."""
    scope: str | None = None
    """The scope an app's token needs, `Appointment.r` or `openid`; None: apps never come in here."""
    oauth: bool = False
    """Speaks OAuth 2: refuses in its words (RFC 6749, 5.2) instead of problem+json."""
    timeout_s: float = 15
    """0: no limit, a stream."""
    rate_per_s: int | None = None
    """Requests per second the gateway lets through to this route."""
    max_body_bytes: int = 65_536
    status: int = 200
    also: tuple[tuple[int, type[Any]], ...] = ()
    """Other statuses of a success, and the type of each one's body; the annotation names the first, then these."""
    media_type: str = "application/json"
    """Of the answer."""
    csv: bool = False
    """Whether the list also comes as text/csv (`tables.shown`)."""

    @property
    def public(self) -> bool:
        """Whether a request without a token is answered."""
        return self.needs == PUBLIC

    @property
    def safe(self) -> bool:
        """Whether it only reads (RFC 9110)."""
        return self.method in {"GET", "HEAD", "OPTIONS"}
