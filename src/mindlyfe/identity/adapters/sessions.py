"""Read model: who is signed in where. Rows carry no token, and go with the person when they are erased."""

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from mindlyfe.identity.contract.sessions import SessionView
from mindlyfe.identity.domain.session import (
    Change,
    DeviceNamed,
    Refreshed,
    ReuseDetected,
    Revoked,
    SessionOpened,
    Strengthened,
)
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import REGION, PersonId, Recorded
from mindlyfe.kernel.postgres import Database, Tx

OPEN: Final[LiteralString] = """
    insert into session (id, person, organisation, device, client, methods, aal, opened_at, used_at, version)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
USE: Final[LiteralString] = "update session set used_at = %s, version = %s where tenant = %s and id = %s"
STRENGTHEN: Final[LiteralString] = """
    update session set aal = %s, methods = %s, used_at = %s, version = %s where tenant = %s and id = %s"""
NAME: Final[LiteralString] = "update session set device = %s, version = %s where tenant = %s and id = %s"
END: Final[LiteralString] = "update session set ended_at = %s, version = %s where tenant = %s and id = %s"
RUNNING: Final[LiteralString] = """
    select id, organisation, device, client, methods, aal, opened_at, used_at, version from session s
    where tenant = %s and person = %s and ended_at is null
        and not exists (select from app a where a.tenant = s.tenant and a.id::text = s.client and a.disabled)
    order by used_at desc, id"""

OWNS: Final[LiteralString] = "select from session where tenant = %s and id = %s and person = %s"


class SessionList:
    """Sessions of the region, ended ones too."""

    name = "session"
    tables: Sequence[LiteralString] = ("session",)
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Follow each session from sign-in to its end."""
        for r in recorded:
            place = (r.version, r.tenant, r.stream)
            match r.event:
                case SessionOpened() as e:
                    signed_in = (e.device, e.client, list(e.methods), e.aal, e.at, e.at)
                    await tx.execute(OPEN, (r.stream, e.person, e.organisation, *signed_in, r.version))
                case Refreshed(at=at):
                    await tx.execute(USE, (at, *place))
                case Strengthened(aal=aal, methods=methods, at=at):
                    await tx.execute(STRENGTHEN, (aal, list(methods), at, *place))
                case DeviceNamed(device=device):
                    await tx.execute(NAME, (device, *place))
                case ReuseDetected(at=at) | Revoked(at=at):
                    await tx.execute(END, (at, *place))

    async def open(self, person: PersonId) -> list[SessionView]:
        """Those of a person that were not ended, last used first; some may have run out.

        Those that a closed app held are over with it.
        """
        async with self._database.app(REGION) as tx, tx.cursor(row_factory=class_row(SessionView)) as rows:
            return await (await rows.execute(RUNNING, (REGION, person))).fetchall()

    async def owns(self, person: PersonId, session: UUID) -> bool:
        """Whether it is a session of theirs, ended or not."""
        async with self._database.app(REGION) as tx:
            return await (await tx.execute(OWNS, (REGION, session, person))).fetchone() is not None
