"""Read model: invitations and what became of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from mindlyfe.identity.contract.invitations import InvitationListed, InvitationState
from mindlyfe.identity.domain.invitation import (
    Accepted,
    BirthMismatched,
    Change,
    Issued,
    Reissued,
    Withdrawn,
)
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Principal, Recorded
from mindlyfe.kernel.paging import BEGINNING, Page, after, cursor
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.kernel.roles import PATIENT

ISSUE: Final[LiteralString] = """
    insert into invitation (id, person, name, roles, state, issued_at, expires_at, version)
    values (%s, %s, %s, %s, 'open', %s, %s, %s)"""
RENEW: Final[LiteralString] = "update invitation set expires_at = %s, version = %s where tenant = %s and id = %s"
GUESS: Final[LiteralString] = "update invitation set version = %s where tenant = %s and id = %s"
CLOSE: Final[LiteralString] = "update invitation set state = %s, version = %s where tenant = %s and id = %s"
PAGE: Final[LiteralString] = """
    select id, name, roles, %(state)s as state, issued_at, expires_at, version from invitation
    where tenant = %(tenant)s and (issued_at, id) > (%(at)s, %(id)s) and (%(all)s or roles = %(patient)s)
    and state = %(kept)s and (state <> 'open' or (expires_at > %(now)s) = (%(state)s = 'open'))
    order by issued_at, id limit %(limit)s"""


class Invited:
    """Invitations of one organisation. An open one that is past its end has expired: nobody has to note it."""

    name = "invitation"
    tables: Sequence[LiteralString] = ("invitation",)
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Follow what becomes of each."""
        for r in recorded:
            match r.event:
                case Issued(person=person, name=name, roles=roles, expires_at=ends):
                    await tx.execute(ISSUE, (r.stream, person, name, sorted(roles), r.at, ends, r.version))
                case Reissued(expires_at=ends):
                    await tx.execute(RENEW, (ends, r.version, r.tenant, r.stream))
                case Withdrawn():
                    await tx.execute(CLOSE, ("withdrawn", r.version, r.tenant, r.stream))
                case Accepted():
                    await tx.execute(CLOSE, ("accepted", r.version, r.tenant, r.stream))
                case BirthMismatched():
                    await tx.execute(GUESS, (r.version, r.tenant, r.stream))

    async def page(
        self, who: Principal, *, state: InvitationState, word: str | None, limit: int, clock: Clock
    ) -> Page[InvitationListed]:
        """Those in this state, oldest first; reception sees those of patients. Raises Malformed for a wrong cursor."""
        at, last = after(word, tuple[datetime, UUID]) or BEGINNING
        values = {
            "tenant": who.tenant,
            "at": at,
            "id": last,
            "all": "clinic-admin" in who.roles,
            "patient": sorted(PATIENT),
            "state": state,
            "kept": "open" if state == "expired" else state,
            "now": clock(),
            "limit": limit + 1,
        }
        async with self._database.app(who.tenant) as tx, tx.cursor(row_factory=class_row(InvitationListed)) as rows:
            found = await (await rows.execute(PAGE, values)).fetchall()
        items = found[:limit]
        return Page(items, cursor(items[-1].issued_at, items[-1].id) if len(found) > limit else None)
