"""Teams: therapists of whom any one can be booked."""

from typing import Annotated, NewType
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command, Instant, PersonId
from mindlyfe.therapy.contract import Kind, ScheduleId

TeamId = NewType("TeamId", UUID)


class TeamMember(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A therapist of a team: one of weight 2 gets twice as many appointments as one of weight 1."""

    therapist: PersonId
    weight: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1


class SetTeam(Command, frozen=True):
    """The name of a team, and who is in it; among equals the first is asked first."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    members: Annotated[list[TeamMember], msgspec.Meta(min_length=1, max_length=200)]


class TeamSaved(msgspec.Struct, frozen=True):
    """The team stands at this version."""

    team: TeamId
    version: int


class TeamView(msgspec.Struct, frozen=True, kw_only=True):
    """A team of the clinic."""

    id: TeamId
    name: str
    members: list[TeamMember]
    version: int


class TeamSlot(msgspec.Struct, frozen=True, kw_only=True):
    """A start at which somebody of the team is free, and whose turn it is: book it with them."""

    starts_at: Instant
    minutes: int
    therapist: PersonId
    schedule: ScheduleId
    kind: Kind


class TwiceInTeam(DomainError):
    """A therapist stands in the list twice."""

    status = 422
    code = "twice-in-team"
    advice = "Name each therapist once, with a weight."


class NoHoursInTeam(DomainError):
    """Somebody in the list publishes no hours in this clinic."""

    status = 422
    code = "no-hours-in-team"
    advice = "Let each therapist publish hours first."
