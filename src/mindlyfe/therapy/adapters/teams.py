"""Read model: the teams of a clinic. Inline."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final, LiteralString

from mindlyfe.kernel.columns import Ints, Uuids
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.contract.teams import TeamId, TeamMember, TeamView
from mindlyfe.therapy.domain.team import Change, TeamDissolved, TeamSet

SET: Final[LiteralString] = """
    insert into team (team, name, version) values (%s, %s, %s)
    on conflict (tenant, team) do update set (name, version) = (excluded.name, excluded.version)"""
EMPTY: Final[LiteralString] = "delete from team_member where team = %s"
FILL: Final[LiteralString] = """
    insert into team_member (team, therapist, weight, place)
    select %b, t, w, p from unnest(%b, %b) with ordinality as line (t, w, p)"""
DISSOLVE: Final[LiteralString] = "delete from team where team = %s"
ALL: Final[LiteralString] = """
    select team, name, version, therapist, weight from team join team_member using (tenant, team)
    order by name, team, place"""
LAST: Final[LiteralString] = """
    select therapist from calendar where patient = %s and therapist = any(%s) and status in ('booked', 'fulfilled')
    order by starts_at desc limit 1"""

COLLEAGUES: Final[LiteralString] = """
    select other.therapist from team_member mine join team_member other using (tenant, team)
    where mine.therapist = %(one)s and other.therapist <> %(one)s
    group by other.therapist order by min(other.place), other.therapist"""


class Teams:
    """The teams, and whom of them a patient knows."""

    name = "teams"
    tables: Sequence[LiteralString] = ("team", "team_member")
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]], /) -> None:
        """Each change in its place."""
        for each in recorded:
            await tx.execute(EMPTY, (each.stream,))
            match each.event:
                case TeamSet(name=name, members=members):
                    await tx.execute(SET, (each.stream, name, each.version))
                    columns = Uuids([one.therapist for one in members]), Ints([one.weight for one in members])
                    await tx.execute(FILL, (each.stream, *columns))
                case TeamDissolved():
                    await tx.execute(DISSOLVE, (each.stream,))

    async def all(self, tenant: TenantId) -> Sequence[TeamView]:
        """Every team, by name."""
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(ALL)).fetchall()
        return [_view(key, list(members)) for key, members in groupby(rows, lambda row: row[:3])]

    async def colleagues(self, tenant: TenantId, therapist: PersonId) -> Sequence[PersonId]:
        """Who is in a team with the therapist; the first of each team before the others."""
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(COLLEAGUES, {"one": therapist})).fetchall()
        return [PersonId(one) for (one,) in rows]

    async def knows(self, tenant: TenantId, patient: PersonId, therapists: Sequence[PersonId]) -> PersonId | None:
        """Whom of these the patient met last, or will meet."""
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(LAST, (patient, list(therapists)))).fetchone()
        return PersonId(row[0]) if row else None


def _view(key: tuple[Any, ...], members: Sequence[tuple[Any, ...]]) -> TeamView:
    team, name, version = key
    found = [TeamMember(therapist=therapist, weight=weight) for *_, therapist, weight in members]
    return TeamView(id=TeamId(team), name=name, members=found, version=version)
