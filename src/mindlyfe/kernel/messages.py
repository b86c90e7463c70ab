"""The words every context shares: facts, intentions, people, and who does what."""

from datetime import datetime
from typing import Annotated, Final, Literal, NewType
from uuid import UUID

import msgspec

PersonId = NewType("PersonId", UUID)
TenantId = NewType("TenantId", UUID)
MessageId = NewType("MessageId", UUID)
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment, UTC on the wire (RFC 3339): a naive datetime is refused."""

REGION: Final = TenantId(UUID(int=0))
"""The region itself, tenant of what no single clinic owns: accounts, signing keys."""
SYSTEM: Final = PersonId(UUID(int=0))
"""The actor of what the platform does by itself."""
ANONYMOUS: Final = PersonId(UUID(int=1))
"""The actor of a request without a token."""

type Role = Literal[
    "patient",
    "therapist",
    "supervisor",
    "reception",
    "clinic-admin",
    "privacy-officer",
    "operator",
    "service",
]


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """A fact. Never changed, only succeeded by a new tag."""


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An intention; may be refused."""


class Cursor(msgspec.Struct, frozen=True, order=True):
    """A place in one context's log. Ordered; `epoch` grows with each logical restore."""

    epoch: int = 0
    tx: int = 0
    position: int = 0


class Recorded[E](msgspec.Struct, frozen=True, kw_only=True):
    """An event as it stands in the log."""

    tenant: TenantId
    stream: UUID
    version: int
    event: E
    at: datetime
    cursor: Cursor
    actor: PersonId
    correlation: str


class ByKey(msgspec.Struct, frozen=True):
    """Once per Idempotency-Key; `digest` is SHA-256 over method, path and body."""

    key: str
    digest: bytes


class ByMessage(msgspec.Struct, frozen=True):
    """Once per consumer and message."""

    consumer: str
    message: MessageId


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Who does something, for which tenant, and by what it is recognised when it comes twice."""

    tenant: TenantId
    actor: PersonId
    correlation: str
    """W3C traceparent; its trace id is the correlation id from browser to e-mail."""
    once: ByKey | ByMessage | None = None
    client: str = ""
    """Address the request came from, for the audit; empty for messages."""

    def step(self, name: str) -> "Act":
        """One of several effects under the same key or message: each is done once by itself."""
        match self.once:
            case ByKey(key=key, digest=digest):
                return msgspec.structs.replace(self, once=ByKey(f"{key}/{name}", digest))
            case ByMessage(consumer=consumer, message=message):
                return msgspec.structs.replace(self, once=ByMessage(f"{consumer}/{name}", message))
            case None:
                return self

    def within(self, tenant: TenantId) -> "Act":
        """The same act in another tenant."""
        return msgspec.structs.replace(self, tenant=tenant)


class Decided(msgspec.Struct, frozen=True):
    """The outcome of a command: which stream stands at which version, and where in the log."""

    stream: UUID
    version: int
    cursor: Cursor
    replayed: bool = False


class Heard[E](msgspec.Struct, frozen=True, kw_only=True):
    """A public event of another context, delivered at least once. `act` makes its effects happen once."""

    event: E
    message: MessageId
    stream: UUID
    version: int
    at: datetime
    act: Act


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, as a verified access token says it; `act` is this request."""

    id: PersonId
    tenant: TenantId
    roles: frozenset[Role]
    session: UUID
    aal: int
    authenticated_at: datetime
    """When the person last proved who they are, UTC: by signing in, or by a step-up since."""
    client: str = ""
    """The app the token was given to; empty for our own pages."""
    scopes: frozenset[str] = frozenset()
    """What the app may do of what the person may; of no account without `client`."""
    act: Act
