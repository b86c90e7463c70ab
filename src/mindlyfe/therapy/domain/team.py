"""A team: therapists of whom any one can be booked; and whose turn it is."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event, PersonId
from mindlyfe.therapy.contract.teams import TeamMember, TwiceInTeam
from mindlyfe.therapy.domain.availability import Schedule
from mindlyfe.therapy.domain.clocks import DAY_S

type Free = Sequence[tuple[int, Schedule]]
"""The free starts of a therapist, with the schedule that offers each."""


class TeamSet(Event, frozen=True, kw_only=True, tag="team.set.v1"):
    """The team has this name and these members from now on."""

    name: str
    members: tuple[TeamMember, ...]


class TeamDissolved(Event, frozen=True, kw_only=True, tag="team.dissolved.v1"):
    """There is no such team any more."""


type Change = TeamSet | TeamDissolved


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """The team after the changes so far."""

    name: str
    members: tuple[TeamMember, ...]
    dissolved: bool = False


def evolve(state: Team | None, change: Change) -> Team:
    """The team after a change."""
    match change:
        case TeamSet(name=name, members=members):
            return Team(name=name, members=members)
        case TeamDissolved():
            assert state
            return msgspec.structs.replace(state, dissolved=True)


def standing(state: Team | None) -> Team:
    """The team, if it is there. Raises NotFound."""
    if state is None or state.dissolved:
        raise NotFound
    return state


def set_up(state: Team | None, name: str, members: Iterable[TeamMember]) -> Sequence[Change]:
    """Give a team its name and members; nothing happens when it has them. Raises TwiceInTeam, NotFound."""
    wish = Team(name=name, members=tuple(members))
    if len({each.therapist for each in wish.members}) < len(wish.members):
        raise TwiceInTeam
    if state is not None and standing(state) == wish:
        return []
    return [TeamSet(name=wish.name, members=wish.members)]


def dissolve(state: Team | None) -> Sequence[Change]:
    """End the team. Raises NotFound."""
    standing(state)
    return [TeamDissolved()]


def turns(
    members: Sequence[TeamMember],
    free: Mapping[PersonId, Free],
    booked: Mapping[PersonId, Sequence[int]],
    kept: PersonId | None = None,
) -> list[tuple[int, PersonId, Schedule]]:
    """Every start at which anybody is free, soonest first, and whose turn it is.

    It is `kept`'s, whom the patient knows, when they are free. Else it is theirs who has the fewest appointments in the
    week of the start (from Monday, UTC), the start's own counted, for their weight; among equals, the first's.
    """
    best: dict[int, tuple[tuple[bool, float, int], PersonId, Schedule]] = {}
    for place, member in enumerate(members):
        who, week, rank = member.therapist, -1, (True, 0.0, 0)
        loads = Counter(_week(at) for at in booked.get(who, ()))
        for at, schedule in free.get(who, ()):
            if _week(at) != week:
                week = _week(at)
                rank = (who != kept, (loads[week] + 1) / member.weight, place)
            known = best.get(at)
            if known is None or rank < known[0]:
                best[at] = (rank, who, schedule)
    return [(at, who, schedule) for at, (_, who, schedule) in sorted(best.items(), key=lambda one: one[0])]


def _week(at: int) -> int:
    return (at // DAY_S + 3) // 7
