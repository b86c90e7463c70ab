"""What people do with episodes of care: refer, accept, refuse, begin, describe, discharge, look."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import IdTaken, NotFound
from mindlyfe.kernel.messages import Act, PersonId, Principal, TenantId
from mindlyfe.kernel.policy import Action, DataClass, Thing, Verdict
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.roles import CLINICIANS
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.contract.episodes import DischargePatient, EpisodeDetail, EpisodeSaved, Problem, ReferPatient
from mindlyfe.therapy.domain.episode import (
    Episode,
    Referred,
    Step,
    accept,
    begin,
    describe,
    discharge,
    refer,
    refuse,
    withdraw,
)

type Decision = Callable[[Episode], Sequence[Step]]


class OpensCare(Protocol):
    """Identity, told."""

    async def accepted(self, tenant: TenantId, episode: UUID, patient: PersonId, clinician: PersonId) -> None:
        """Treatment was taken on: care begins."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Episodes:
    """The life of an episode, step by step."""

    streams: Streams[Episode, Step]
    patients: Patients
    care: OpensCare
    reach: Reach
    clock: Clock

    async def refer(self, episode: UUID, c: ReferPatient, who: Principal, act: Act) -> EpisodeSaved:
        """Ask for treatment, under the caller's own id. Raises NotFound (no patient here), IdTaken, EpisodeRuns."""
        await self.patients.header(tenant=who.tenant, person=c.patient)
        wish = Referred(
            patient=c.patient,
            by=who.id,
            source=c.source,
            addressed_to=c.addressed_to,
            problem=c.problem,
            reason=c.reason,
            at=self.clock(),
        )

        def decision(state: Episode | None) -> Sequence[Step]:
            if state is not None and (state.patient, state.referrer) != (c.patient, who.id):
                raise IdTaken
            return refer(state, wish)

        decided = await self.streams.decide(act, episode, decision)
        return EpisodeSaved(episode, decided.version)

    async def accept(self, episode: UUID, who: Principal, act: Act, expected: int | None) -> EpisodeSaved:
        """Take the patient on: care begins. Raises NotFound, WrongStage, AddressedToAnother, OwnReferral."""
        now = self.clock()
        state = await self._seen(episode, who)
        saved = await self._decide(episode, act, expected, lambda s: accept(s, by=who.id, now=now))
        await self.care.accepted(who.tenant, episode, state.patient, who.id)
        return saved

    async def refuse(self, episode: UUID, reason: str, who: Principal, act: Act, expected: int | None) -> EpisodeSaved:
        """Do not take the patient on. Raises NotFound, WrongStage, AddressedToAnother."""
        now = self.clock()
        await self._seen(episode, who)
        return await self._decide(episode, act, expected, lambda s: refuse(s, by=who.id, reason=reason, now=now))

    async def withdraw(self, episode: UUID, who: Principal, act: Act, expected: int | None) -> EpisodeSaved:
        """Take the referral back. Raises NotFound, WrongStage."""
        now = self.clock()
        verdict = await self._verdict(await self._seen(episode, who), who, "write", clinical=False)
        if not verdict.allowed:
            raise verdict.refusal
        return await self._decide(episode, act, expected, lambda s: withdraw(s, by=who.id, now=now))

    async def begin(self, episode: UUID, who: Principal, act: Act, expected: int | None) -> EpisodeSaved:
        """Treatment begins. Raises NotFound, WrongStage."""
        now = self.clock()
        await self._treating(episode, who)
        return await self._decide(episode, act, expected, lambda s: begin(s, by=who.id, now=now))

    async def describe(
        self, episode: UUID, problem: Problem, who: Principal, act: Act, expected: int | None
    ) -> EpisodeSaved:
        """Put the problem in other words. Raises NotFound, WrongStage."""
        await self._treating(episode, who)
        return await self._decide(episode, act, expected, lambda s: describe(s, by=who.id, problem=problem))

    async def discharge(
        self, episode: UUID, c: DischargePatient, who: Principal, act: Act, expected: int | None
    ) -> EpisodeSaved:
        """End treatment, and the care that began with it. Raises NotFound, WrongStage."""
        now = self.clock()
        await self._treating(episode, who)
        return await self._decide(
            episode, act, expected, lambda s: discharge(s, by=who.id, ending=c.ending, words=c.words, now=now)
        )

    async def one(self, episode: UUID, who: Principal) -> EpisodeDetail:
        """The episode as the caller may see it. Raises NotFound, Unavailable."""
        state, version = await self._load(episode, who)
        opens = await self._verdict(state, who, "read", clinical=True)
        shown = state if opens.allowed else msgspec.structs.replace(state, problem=None, reason="", words="")
        return _detail(episode, shown, version)

    async def _load(self, episode: UUID, who: Principal) -> tuple[Episode, int]:
        state, version = await self.streams.load(who.tenant, episode)
        if state is None:
            raise NotFound
        waits_for_anybody = state.stage == "referred" and state.addressed_to is None
        if waits_for_anybody and not who.roles.isdisjoint(CLINICIANS) and who.id != state.patient:
            return state, version
        if not (await self._verdict(state, who, "read", clinical=False)).allowed:
            raise NotFound
        return state, version

    async def _seen(self, episode: UUID, who: Principal) -> Episode:
        return (await self._load(episode, who))[0]

    async def _treating(self, episode: UUID, who: Principal) -> None:
        verdict = await self._verdict(await self._seen(episode, who), who, "write", clinical=True)
        if not verdict.allowed:
            raise verdict.refusal

    async def _verdict(self, state: Episode, who: Principal, action: Action, *, clinical: bool) -> Verdict:
        of: DataClass = "clinical" if clinical else "logistics"
        return await self.reach.decide(who, action, Thing(who.tenant, state.patient, of, state.parties))

    async def _decide(self, episode: UUID, act: Act, expected: int | None, decision: Decision) -> EpisodeSaved:
        def existing(state: Episode | None) -> Sequence[Step]:
            if state is None:
                raise NotFound
            return decision(state)

        decided = await self.streams.decide(act, episode, existing, expected=expected)
        return EpisodeSaved(episode, decided.version)


def _detail(episode: UUID, state: Episode, version: int) -> EpisodeDetail:
    return EpisodeDetail(
        id=episode,
        patient=state.patient,
        stage=state.stage,
        source=state.source,
        addressed_to=state.addressed_to,
        clinician=state.clinician,
        referred_at=state.referred_at,
        accepted_at=state.accepted_at,
        began_at=state.began_at,
        ended_at=state.ended_at,
        problem=state.problem,
        reason=state.reason,
        ending=state.ending,
        words=state.words,
        version=version,
    )
