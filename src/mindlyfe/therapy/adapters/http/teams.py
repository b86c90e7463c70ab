"""Teams, and the slots that any one of them gives."""

from litestar import Router

from mindlyfe.kernel.errors import NotFound, VersionConflict
from mindlyfe.kernel.http import Page, delete, get, post, put
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.therapy.adapters.http.slots import From, To
from mindlyfe.therapy.adapters.teams import Teams
from mindlyfe.therapy.application.teams import ClinicTeams
from mindlyfe.therapy.contract import RangeTooLong
from mindlyfe.therapy.contract.teams import (
    NoHoursInTeam,
    SetTeam,
    TeamId,
    TeamSaved,
    TeamSlot,
    TeamView,
    TwiceInTeam,
)


def routes(teams: ClinicTeams, listing: Teams) -> Router:
    """Set up teams, and search their slots."""

    @get(needs="teams:read")
    async def listed(who: Principal) -> Page[TeamView]:
        """The clinic's teams, by name, in one page."""
        return Page(await listing.all(who.tenant))

    @post(needs="teams:set", refuses=(TwiceInTeam, NoHoursInTeam))
    async def begin(data: SetTeam, who: Principal, act: Act) -> TeamSaved:
        """Set up a team: therapists of whom any one can be booked, in turn, by weight and load."""
        return await teams.begin(data, who, act)

    @put("/{team:uuid}", needs="teams:set", refuses=(NotFound, TwiceInTeam, NoHoursInTeam, VersionConflict))
    async def change(team: TeamId, data: SetTeam, who: Principal, act: Act, expected: int | None) -> TeamSaved:
        """Give a team another name or other members."""
        return await teams.change(team, data, who, act, expected)

    @delete("/{team:uuid}", needs="teams:set", refuses=(NotFound,))
    async def dissolve(team: TeamId, who: Principal, act: Act) -> None:
        """End a team. Appointments stay."""
        await teams.dissolve(team, who, act)

    @get("/{team:uuid}/slots", needs="slots:read", refuses=(NotFound, RangeTooLong))
    async def slots(team: TeamId, from_: From, to: To, who: Principal) -> Page[TeamSlot]:
        """When anybody of the team is free, soonest first, all in one page; book each with the therapist it names.

        A patient stays with the one of the team they met last, where that one is free.
        """
        return Page(await teams.slots(team, from_, to, who))

    return Router("/v1/teams", route_handlers=[listed, begin, change, dissolve, slots], tags=["Availability"])
