"""What a clinic does with its teams, and the slots that they give."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.ids import Ids, derived
from mindlyfe.kernel.messages import Act, PersonId, Principal, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.ports import Engagements, PublishedHours
from mindlyfe.therapy.application.slots import ranged
from mindlyfe.therapy.contract.teams import NoHoursInTeam, SetTeam, TeamId, TeamSaved, TeamSlot
from mindlyfe.therapy.domain.clocks import instant
from mindlyfe.therapy.domain.slots import FREE, free
from mindlyfe.therapy.domain.team import Change, Team, dissolve, set_up, standing, turns

LONGEST_S: Final = 731 * 86_400
"""No schedule is booked as long before."""


class Acquaintances(Protocol):
    """Who knows whom."""

    async def knows(self, tenant: TenantId, patient: PersonId, therapists: Sequence[PersonId]) -> PersonId | None:
        """Whom of these the patient met last, or will meet."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicTeams:
    """Teams and their slots."""

    streams: Streams[Team, Change]
    published: PublishedHours
    engagements: Engagements
    acquaintances: Acquaintances
    clock: Clock
    ids: Ids

    async def begin(self, command: SetTeam, who: Principal, act: Act) -> TeamSaved:
        """Another team. Asked again under the same key, the same one. Raises TwiceInTeam, NoHoursInTeam."""
        team = TeamId(self.ids() if act.once is None else derived("team", who.tenant, who.id, act.once))
        return await self._set(team, command, who, act, None)

    async def change(self, team: TeamId, command: SetTeam, who: Principal, act: Act, expected: int | None) -> TeamSaved:
        """Another name, other members. Raises NotFound, TwiceInTeam, NoHoursInTeam, VersionConflict."""
        await self._standing(who.tenant, team)
        return await self._set(team, command, who, act, expected)

    async def dissolve(self, team: TeamId, who: Principal, act: Act) -> None:
        """End it; appointments stay. Raises NotFound."""
        await self._standing(who.tenant, team)
        await self.streams.decide(act, team, dissolve)

    async def slots(self, team: TeamId, start: datetime, end: datetime, who: Principal) -> list[TeamSlot]:
        """Every start at which anybody of the team is free, and whose turn it is. Raises RangeTooLong, NotFound."""
        wanted = ranged(start, end, self.clock())
        members = (await self._standing(who.tenant, team)).members
        therapists = [each.therapist for each in members]
        known = await self.published.of_all(who.tenant, therapists)
        engaged = await self.engagements.engaged(
            who.tenant, therapists, *_reach(wanted.since, wanted.until, wanted.now)
        )
        patient = "patient" in who.roles
        kept = await self.acquaintances.knows(who.tenant, who.id, therapists) if patient else None
        given = {
            one: free(published.availability, engaged.get(one, FREE), wanted)
            for one, published in known.items()
            if one != who.id
        }
        booked = {one: each.starts for one, each in engaged.items()}
        return [
            TeamSlot(
                starts_at=instant(at),
                minutes=schedule.minutes,
                therapist=therapist,
                schedule=schedule.id,
                kind=schedule.kind,
            )
            for at, therapist, schedule in turns(members, given, booked, kept)
        ]

    async def _set(self, team: TeamId, command: SetTeam, who: Principal, act: Act, expected: int | None) -> TeamSaved:
        known = await self.published.of_all(who.tenant, [each.therapist for each in command.members])
        if any(each.therapist not in known for each in command.members):
            raise NoHoursInTeam
        decided = await self.streams.decide(
            act, team, lambda state: set_up(state, command.name, command.members), expected=expected
        )
        return TeamSaved(team, decided.version)

    async def _standing(self, tenant: TenantId, team: TeamId) -> Team:
        state, _ = await self.streams.load(tenant, team)
        return standing(state)


def _reach(since: int, until: int, now: int) -> tuple[int, int]:
    """What of a search the database need look at: nothing is offered in the past, or years ahead."""
    return max(since, now), max(min(until, now + LONGEST_S), now)
