"""The waiting list: what is asked, answered, told and refused of who waits for an appointment that is not free yet."""

from datetime import date
from typing import Annotated, Literal, NewType
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command, Event, Instant, PersonId
from mindlyfe.therapy.contract import Closes, Kind, Opens, Zone
from mindlyfe.therapy.contract.teams import TeamId

WaitId = NewType("WaitId", UUID)
"""Of somebody's place on the list."""
OfferId = NewType("OfferId", UUID)
"""Of an offered slot; when it is accepted, the appointment's id."""

type Urgency = Literal["routine", "soon", "urgent"]
"""Judged by a clinician; `routine` until anybody did."""
type WaitStatus = Literal["waiting", "paused", "met", "left", "removed"]
"""Those who wait are offered slots. `met`: an offer was accepted."""
type OfferOutcome = Literal["accepted", "declined", "expired", "withdrawn"]
"""`withdrawn`: they wait no longer, or the therapist offers no hours any more."""
type PassedOver = Literal[
    "waits-for-another",
    "other-kind",
    "other-dates",
    "other-times",
    "short-notice",
    "has-an-offer",
    "had-this-offer",
    "answers-none",
    "busy",
]
"""Why somebody who came before on the list was not offered this slot."""


class WishedTime(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"opens": "from", "closes": "to"}
):
    """On this weekday (ISO: Monday is 1) the whole appointment may lie between from … to, by the patient's clock."""

    weekday: Annotated[int, msgspec.Meta(ge=1, le=7)]
    opens: Opens
    closes: Closes


class Wishes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What suits the patient. What is not said does not matter."""

    zone: Zone
    """The patient's: times and dates are by its clocks, and so is the night in which no offer ends."""
    therapist: PersonId | None = None
    team: TeamId | None = None
    """Anybody of the team. Without therapist and team, anybody of the clinic."""
    times: Annotated[tuple[WishedTime, ...], msgspec.Meta(max_length=50)] = ()
    kind: Kind | None = None
    earliest: date | None = None
    latest: date | None = None
    short_notice: bool = False
    """Whether a slot of the next 48 hours is worth offering."""


class JoinWaitingList(Command, frozen=True):
    """Wait for an appointment. `patient`: for whom, unless it is the caller."""

    wishes: Wishes
    patient: PersonId | None = None


class ChangeWishes(Command, frozen=True):
    """Other wishes; the time waited counts on."""

    wishes: Wishes


class JudgeUrgency(Command, frozen=True):
    """How urgent it is, and why; the reason is clinical."""

    urgency: Urgency
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]


class RemoveFromList(Command, frozen=True):
    """Why somebody is taken off the list; the patient reads it."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class WaitSaved(msgspec.Struct, frozen=True):
    """The place on the list stands at this version."""

    wait: WaitId
    version: int


class WaitEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who waits, and since when. How many others do, and who comes first, is nobody's to see."""

    id: WaitId
    patient: PersonId
    therapist: PersonId | None
    team: TeamId | None
    status: WaitStatus
    since: Instant
    version: int


class WaitDetail(WaitEntry, frozen=True, kw_only=True):
    """One place on the list. Urgency and its reason are shown to whom clinical data opens, else left out."""

    wishes: Wishes
    removed_because: str = ""
    urgency: Urgency | None = None
    urgency_reason: str = ""


class WaitingOfferMadeV1(Event, frozen=True, kw_only=True, tag="therapy.waiting-offer-made.v1"):
    """A slot is kept for a patient who waits, until they answer or `expires_at`."""

    offer: OfferId
    patient: PersonId
    therapist: PersonId
    starts_at: Instant
    expires_at: Instant


class WaitingOfferEndedV1(Event, frozen=True, kw_only=True, tag="therapy.waiting-offer-ended.v1"):
    """The slot is booked by the patient, or kept for them no longer."""

    offer: OfferId
    patient: PersonId
    outcome: OfferOutcome


class AlreadyWaiting(DomainError):
    """The patient is on the waiting list."""

    code = "already-waiting"
    advice = "Change the wishes of the place they have."


class NotWaiting(DomainError):
    """They are on the waiting list no longer."""

    code = "not-waiting"
    advice = "Join the waiting list again."


class OneWish(DomainError):
    """A therapist and a team are wished for at once."""

    status = 422
    code = "one-wish"
    advice = "Name a therapist, or a team, or neither."


class WishesBackwards(DomainError):
    """A wish ends before it begins."""

    status = 422
    code = "wishes-backwards"
    advice = "Let `to` be after `from`, and `latest` not before `earliest`."
