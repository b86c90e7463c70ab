"""Episodes of care: what is asked, answered and told of them."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command, Event, Instant, PersonId

type Stage = Literal["referred", "accepted", "active", "discharged", "refused", "withdrawn"]
"""An episode runs while it is referred, accepted or active; of those a patient has one."""
type Source = Literal["booking", "clinic", "professional", "self"]
"""By whom the patient came: their own first booking, the clinic's desk, another professional, or by asking."""
type Ending = Literal["completed", "dropped-out", "transferred", "not-suitable", "declined", "died", "other"]
"""Why treatment ended."""
type CodeSystem = Literal["icd-10", "icd-11", "snomed-ct"]
Words = Annotated[str, msgspec.Meta(max_length=2_000)]


class Problem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the patient comes with, in words and, where the clinic codes, by a code."""

    words: Annotated[str, msgspec.Meta(min_length=1, max_length=500, examples=["Depressive episode"])]
    system: CodeSystem | None = None
    code: Annotated[str, msgspec.Meta(max_length=32, pattern="^[A-Za-z0-9./&-]*$", examples=["F32.1"])] = ""


class ReferPatient(Command, frozen=True):
    """Ask that a patient be taken into treatment; of nobody in particular, or of one clinician."""

    patient: PersonId
    source: Literal["clinic", "professional", "self"] = "clinic"
    addressed_to: PersonId | None = None
    problem: Problem | None = None
    reason: Words = ""


class RefuseReferral(Command, frozen=True):
    """Why the patient is not taken into treatment here."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]


class DescribeProblem(Command, frozen=True):
    """The problem as it is understood now."""

    problem: Problem


class DischargePatient(Command, frozen=True):
    """How treatment ended."""

    ending: Ending
    words: Words = ""


class EpisodeSaved(msgspec.Struct, frozen=True):
    """The episode stands at this version."""

    episode: UUID
    version: int


class EpisodeEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An episode in a list: nothing of it is clinical."""

    id: UUID
    patient: PersonId
    stage: Stage
    source: Source
    addressed_to: PersonId | None
    clinician: PersonId | None
    referred_at: Instant
    ended_at: Instant | None
    version: int


class EpisodeDetail(EpisodeEntry, frozen=True, kw_only=True):
    """One episode. Problem, reason and the words of its end are shown to whom clinical data opens, else left out."""

    accepted_at: Instant | None
    began_at: Instant | None
    problem: Problem | None = None
    reason: str = ""
    ending: Ending | None = None
    words: str = ""


class EpisodeAcceptedV1(Event, frozen=True, kw_only=True, tag="therapy.episode-accepted.v1"):
    """A clinician took a patient into treatment."""

    episode: UUID
    patient: PersonId
    clinician: PersonId


class EpisodeEndedV1(Event, frozen=True, kw_only=True, tag="therapy.episode-ended.v1"):
    """Treatment ended."""

    episode: UUID
    patient: PersonId
    clinician: PersonId
    by: PersonId


class EpisodeRuns(DomainError):
    """The patient has an episode that has not ended."""

    code = "episode-runs"
    advice = "Go on with that episode, or discharge the patient from it first."


class WrongStage(DomainError):
    """The episode is at another stage."""

    code = "wrong-stage"
    advice = "Read the episode again: somebody was faster, or it has ended."


class AddressedToAnother(DomainError):
    """The referral asks another clinician."""

    code = "addressed-to-another"
    advice = "Let them decide, or ask the clinic's desk to refer the patient to you."


class OwnReferral(DomainError):
    """Who refers a patient cannot take them on: that would open any record to anybody."""

    code = "own-referral"
    advice = "Let a colleague or the clinic's desk refer the patient to you."
