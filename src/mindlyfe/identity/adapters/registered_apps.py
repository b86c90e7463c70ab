"""Read models: the apps of the region, and what people allow them in each organisation."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from mindlyfe.identity.contract.openid import AppView
from mindlyfe.identity.domain import allowance
from mindlyfe.identity.domain.app import Change, Changed, Disabled, Registered, SecretRotated
from mindlyfe.kernel.errors import DomainError, NotFound
from mindlyfe.kernel.messages import REGION, PersonId, Recorded, TenantId
from mindlyfe.kernel.paging import BEGINNING, Page, after, cursor
from mindlyfe.kernel.postgres import Database, Tx

REGISTER: Final[LiteralString] = """
    insert into app (id, name, kind, redirect_uris, scopes, registered_at, version)
    values (%s, %s, %s, %s, %s, %s, %s)"""
CHANGE: Final[LiteralString] = """
    update app set name = %s, redirect_uris = %s, scopes = %s, version = %s where tenant = %s and id = %s"""
DISABLE: Final[LiteralString] = "update app set disabled = true, version = %s where tenant = %s and id = %s"
COUNT: Final[LiteralString] = "update app set version = %s where tenant = %s and id = %s"
ONE: Final[LiteralString] = """
    select id, name, kind, redirect_uris, scopes, disabled, registered_at, version from app
    where tenant = %s and id = %s"""
PAGE: Final[LiteralString] = """
    select id, name, kind, redirect_uris, scopes, disabled, registered_at, version from app
    where tenant = %s and (registered_at, id) > (%s, %s) order by registered_at, id limit %s"""

ALLOW: Final[LiteralString] = """
    insert into allowance (person, app, scopes, given_at) values (%s, %s, %s, %s)
    on conflict (tenant, person, app) do update set scopes = excluded.scopes, given_at = excluded.given_at"""
TAKE: Final[LiteralString] = "delete from allowance where tenant = %s and person = %s and app = %s"
OF_PERSON: Final[LiteralString] = """
    select app, scopes, given_at from allowance where tenant = %s and person = %s order by given_at desc, app"""


class RegisteredApps:
    """Apps of the region, disabled ones too."""

    name = "app"
    tables: Sequence[LiteralString] = ("app",)
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Follow each."""
        for r in recorded:
            place = (r.version, r.tenant, r.stream)
            match r.event:
                case Registered() as e:
                    what = (e.name, e.kind, list(e.redirect_uris), list(e.scopes), e.at, r.version)
                    await tx.execute(REGISTER, (r.stream, *what))
                case Changed(name=name, redirect_uris=uris, scopes=scopes):
                    await tx.execute(CHANGE, (name, list(uris), list(scopes), *place))
                case SecretRotated():
                    await tx.execute(COUNT, place)
                case Disabled():
                    await tx.execute(DISABLE, place)

    async def one(self, app: UUID) -> AppView:
        """One of them. Raises NotFound."""
        async with self._database.app(REGION) as tx, tx.cursor(row_factory=class_row(AppView)) as rows:
            found = await (await rows.execute(ONE, (REGION, app))).fetchone()
        if found is None:
            raise NotFound
        return found

    async def page(self, word: str | None, limit: int) -> Page[AppView]:
        """The oldest first. Raises Malformed for a wrong cursor."""
        at, last = after(word, tuple[datetime, UUID]) or BEGINNING
        async with self._database.app(REGION) as tx, tx.cursor(row_factory=class_row(AppView)) as rows:
            found = await (await rows.execute(PAGE, (REGION, at, last, limit + 1))).fetchall()
        items = found[:limit]
        return Page(items, cursor(items[-1].registered_at, items[-1].id) if len(found) > limit else None)


class AllowedApps:
    """What people allow apps in one organisation; what was taken back is not there."""

    name = "allowance"
    tables: Sequence[LiteralString] = ("allowance",)
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[allowance.Change]]) -> None:
        """Follow each."""
        for r in recorded:
            match r.event:
                case allowance.Given(person=person, app=app, scopes=scopes, at=at):
                    await tx.execute(ALLOW, (person, app, list(scopes), at))
                case allowance.Withdrawn(person=person, app=app):
                    await tx.execute(TAKE, (r.tenant, person, app))

    async def of(self, tenant: TenantId, person: PersonId) -> list[tuple[UUID, tuple[str, ...], datetime]]:
        """App, scopes and since when, newest first."""
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(OF_PERSON, (tenant, person))).fetchall()
        return [(app, tuple(scopes), at) for app, scopes, at in rows]
