"""Read model: the members of an organisation. Inline, so it refuses to lose the last administrator."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from mindlyfe.identity.adapters.second_factors import SecondFactors
from mindlyfe.identity.contract import MemberView, TherapistView
from mindlyfe.identity.contract.members import Standing
from mindlyfe.identity.domain.member import (
    BirthCorrected,
    Change,
    Joined,
    Left,
    ProfileChanged,
    RegisterEntered,
    Reinstated,
    RolesChanged,
    Suspended,
    WhereaboutsConfirmed,
)
from mindlyfe.identity.domain.refusals import LastAdministrator
from mindlyfe.kernel.errors import DomainError, Forbidden
from mindlyfe.kernel.messages import PersonId, Principal, Recorded, Role, TenantId
from mindlyfe.kernel.paging import BEGINNING, Page, after, cursor
from mindlyfe.kernel.postgres import Database, Tx

JOIN: Final[LiteralString] = """
    insert into member (person, name, roles, zone, joined_at, version) values (%s, %s, %s, %s, %s, %s)
    on conflict (tenant, person) do update set name = excluded.name, roles = excluded.roles, zone = excluded.zone,
        joined_at = excluded.joined_at, version = excluded.version, standing = 'active'"""
DESCRIBE: Final[LiteralString] = """
    update member set name = %s, zone = %s, version = %s where tenant = %s and person = %s"""
ASSIGN: Final[LiteralString] = "update member set roles = %s, version = %s where tenant = %s and person = %s"
MOVE: Final[LiteralString] = "update member set version = %s where tenant = %s and person = %s"
STAND: Final[LiteralString] = "update member set standing = %s, version = %s where tenant = %s and person = %s"
ONE_MORE: Final[LiteralString] = """
    insert into administrators (count)
    select 1 from member where tenant = %s and person = %s and standing = 'active'
    on conflict (tenant) do update set count = administrators.count + 1"""
ONE_LESS: Final[LiteralString] = """
    update administrators a set count = count - 1 from member m
    where a.tenant = m.tenant and m.tenant = %s and m.person = %s and m.standing = 'active'"""
WORKING: Final[LiteralString] = """
    select person from member where tenant = %s and not roles <@ '{patient}' and standing <> 'left'"""
# Second factors are the region's, members a clinic's: each is read in its own transaction, under its own tenant.
PAGE: Final[LiteralString] = """
    select person, name, roles, zone, joined_at, version, standing, strong from member
    cross join lateral (select case when person = any (%(staff)s) then person = any (%(strong)s) end) as proved (strong)
    where tenant = %(tenant)s and (joined_at, person) > (%(at)s, %(person)s)
    and case when %(standing)s::text is null then standing <> 'left' else standing = %(standing)s end
    and (%(role)s::text is null or %(role)s = any (roles))
    and (%(name)s::text is null or starts_with(lower(name), lower(%(name)s))
         or strpos(lower(name), ' ' || lower(%(name)s)) > 0)
    and (%(second_factor)s::boolean is null or strong = %(second_factor)s)
    order by joined_at, person limit %(limit)s"""
THERAPISTS: Final[LiteralString] = """
    select person as id, name from member
    where tenant = %s and 'therapist' = any (roles) and standing = 'active' order by name, person"""
NAMES: Final[LiteralString] = """
    select person, name from member where tenant = %(tenant)s and person = any (%(ids)s)
    and (%(all)s or person = %(me)s or roles && %(staff)s)"""
STAFF: Final[frozenset[Role]] = frozenset({"therapist", "supervisor", "reception", "clinic-admin", "privacy-officer"})
ADMINISTRATOR: Final[Role] = "clinic-admin"
NOBODYS: Final[frozenset[Role]] = frozenset()


class Wanted(msgspec.Struct, frozen=True):
    """Which members a list is to have: all of them but those who left, unless it says otherwise."""

    role: Role | None = None
    standing: Standing | None = None
    name: str | None = None
    """How the name, or one of its words, begins."""
    second_factor: bool | None = None
    """Staff that has one, or has none."""


class Directory:
    """Names and roles, as far as the caller may know them."""

    name = "member"
    tables: Sequence[LiteralString] = ("member", "administrators")
    constraints: Mapping[str, type[DomainError]] = {"administrators_remain": LastAdministrator}

    def __init__(self, database: Database) -> None:
        self._database, self._factors = database, SecondFactors(database)

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Follow who belongs here and what they may do."""
        for r in recorded:
            match r.event:
                case Joined(person=person, name=name, roles=roles, zone=zone, at=at):
                    await tx.execute(JOIN, (person, name, sorted(roles), zone, at, r.version))
                    await _count(tx, r, person, NOBODYS, roles)
                case ProfileChanged(person=person, name=name, zone=zone):
                    await tx.execute(DESCRIBE, (name, zone, r.version, r.tenant, person))
                case RolesChanged(person=person, roles=roles, was=was):
                    await tx.execute(ASSIGN, (sorted(roles), r.version, r.tenant, person))
                    await _count(tx, r, person, was, roles)
                case Suspended(person=person, roles=roles) | Left(person=person, roles=roles):
                    await _count(tx, r, person, roles, NOBODYS)
                    await tx.execute(STAND, (_standing(r.event), r.version, r.tenant, person))
                case Reinstated(person=person, roles=roles):
                    await tx.execute(STAND, ("active", r.version, r.tenant, person))
                    await _count(tx, r, person, NOBODYS, roles)
                case BirthCorrected() | WhereaboutsConfirmed() | RegisterEntered():
                    await tx.execute(MOVE, (r.version, r.tenant, r.event.person))

    async def page(self, who: Principal, *, wanted: Wanted, word: str | None, limit: int) -> Page[MemberView]:
        """Members in the order they joined. Raises Malformed for a cursor that is not ours, Forbidden.

        Who has no second factor is for administrators alone: they see to it, for others it only shows whom to attack.
        """
        watching = ADMINISTRATOR in who.roles
        if wanted.second_factor is not None and not watching:
            raise Forbidden("Only administrators learn who of the staff has a second factor.")
        staff = await self._working(who.tenant) if watching else []
        at, person = after(word, tuple[datetime, UUID]) or BEGINNING
        values = {
            "tenant": who.tenant,
            "at": at,
            "person": person,
            "limit": limit + 1,
            "staff": staff,
            "strong": await self._factors.among(staff),
            **msgspec.structs.asdict(wanted),
        }
        async with self._database.app(who.tenant) as tx:
            rows = await (await tx.execute(PAGE, values)).fetchall()
        items = [MemberView(person, name, frozenset(roles), *rest) for person, name, roles, *rest in rows[:limit]]
        return Page(items, cursor(items[-1].joined_at, items[-1].person) if len(rows) > limit else None)

    async def _working(self, tenant: TenantId) -> list[PersonId]:
        async with self._database.app(tenant) as tx:
            return [PersonId(one) for (one,) in await (await tx.execute(WORKING, (tenant,))).fetchall()]

    async def therapists(self, who: Principal) -> list[TherapistView]:
        """Whom one can book with, by name."""
        async with self._database.app(who.tenant) as tx, tx.cursor(row_factory=class_row(TherapistView)) as rows:
            return await (await rows.execute(THERAPISTS, (who.tenant,))).fetchall()

    async def names(self, who: Principal, ids: Collection[PersonId]) -> dict[PersonId, str]:
        """Names of members; patients learn those of staff and their own."""
        values = {
            "tenant": who.tenant,
            "ids": list(ids),
            "all": bool(who.roles & STAFF),
            "me": who.id,
            "staff": sorted(STAFF),
        }
        async with self._database.app(who.tenant) as tx:
            rows = await (await tx.execute(NAMES, values)).fetchall()
        return {PersonId(person): name for person, name in rows}


async def _count(tx: Tx, r: Recorded[Change], person: PersonId, was: frozenset[Role], roles: frozenset[Role]) -> None:
    """An administrator more or less, if the member is active."""
    if ADMINISTRATOR in roles - was:
        await tx.execute(ONE_MORE, (r.tenant, person))
    if ADMINISTRATOR in was - roles:
        await tx.execute(ONE_LESS, (r.tenant, person))


def _standing(change: Suspended | Left) -> Standing:
    return "left" if isinstance(change, Left) else "suspended"
