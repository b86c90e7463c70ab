"""What the audit of one context says, for who may read it: asked of each context, gathered by identity."""

from collections.abc import Mapping
from typing import Final, LiteralString, Protocol

import msgspec

from mindlyfe.kernel.messages import Instant, PersonId, TenantId
from mindlyfe.kernel.postgres import Database

MOST: Final = 200
"""Lines in one answer."""
LINES: Final[LiteralString] = """
    select position, at, actor, action, subject, object, outcome,
           detail ? 'break_glass' or action like 'break-glass%%' as break_glass
    from audit where tenant = %(tenant)s and position < %(before)s"""
ONLY: Final[Mapping[str, LiteralString]] = {
    "subject": " and subject = %(subject)s",
    "actor": " and actor = %(actor)s",
    "action": " and action = %(action)s",
    "but": " and action <> %(but)s",
    "since": " and at >= %(since)s",
    "until": " and at < %(until)s",
}
ORDER: Final[LiteralString] = " order by position desc limit %(limit)s"
LAST: Final = 2**63 - 1


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines are wanted; None does not matter."""

    subject: PersonId | None = None
    actor: PersonId | None = None
    action: str | None = None
    but: str | None = None
    """All actions but this one."""
    since: Instant | None = None
    until: Instant | None = None


class TrailLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a context's audit."""

    position: int
    at: Instant
    actor: PersonId
    action: str
    subject: PersonId | None
    object: str
    outcome: str
    break_glass: bool


class AuditTrail(Protocol):
    """Every context answers it, to identity alone, which has asked whether it may."""

    async def lines(self, *, tenant: TenantId, sought: Sought, before: int | None, limit: int) -> list[TrailLine]:
        """Lines before a position, newest first. Raises Unavailable."""
        ...


class Trail:
    """Answers `AuditTrail` for one context."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lines(self, *, tenant: TenantId, sought: Sought, before: int | None, limit: int) -> list[TrailLine]:
        """Lines before a position, newest first."""
        wanted = {name: value for name, value in msgspec.structs.asdict(sought).items() if value is not None}
        query = LINES + "".join(ONLY[name] for name in wanted) + ORDER
        start = LAST if before is None else before
        values = wanted | {"tenant": tenant, "before": start, "limit": min(limit, MOST)}
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(query, values)).fetchall()
        names = TrailLine.__struct_fields__
        return [TrailLine(**dict(zip(names, row, strict=True))) for row in rows]
