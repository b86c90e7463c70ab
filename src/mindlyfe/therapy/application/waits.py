"""What people do with the waiting list: join, wish, judge, pause, leave, remove, look."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import IdTaken, NotFound
from mindlyfe.kernel.messages import Act, PersonId, Principal, TenantId
from mindlyfe.kernel.policy import DataClass, Thing
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.roles import CLINICIANS
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.contract.waiting import JoinWaitingList, JudgeUrgency, WaitDetail, WaitId, WaitSaved, Wishes
from mindlyfe.therapy.domain.wait import (
    Joined,
    Step,
    Wait,
    change,
    existing,
    join,
    judge,
    leave,
    pause,
    remove,
    resume,
)

type Decision = Callable[[Wait], Sequence[Step]]


class Looks(Protocol):
    """Whoever looks for slots to offer."""

    async def look(self, tenant: TenantId, at: datetime) -> None:
        """Something changed in the clinic: look soon."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Places on the waiting list."""

    streams: Streams[Wait, Step]
    patients: Patients
    reach: Reach
    looks: Looks
    clock: Clock

    async def join(self, wait: WaitId, c: JoinWaitingList, who: Principal, act: Act) -> WaitSaved:
        """Wait, or have somebody wait.

        Raises NotFound (no patient of theirs), IdTaken, AlreadyWaiting, OneWish, WishesBackwards, UnknownZone.
        """
        patient = c.patient or who.id
        await self._arranges(who, patient, c.wishes.therapist)
        await self.patients.header(tenant=who.tenant, person=patient)
        wish = Joined(patient=patient, by=who.id, wishes=c.wishes, at=self.clock())

        def decision(state: Wait | None) -> Sequence[Step]:
            if state is not None and state.patient != patient:
                raise IdTaken
            return join(state, wish)

        return await self._saved(wait, act, decision, None, who.tenant)

    async def wish(self, wait: WaitId, wishes: Wishes, who: Principal, act: Act, expected: int | None) -> WaitSaved:
        """Wish for something else. Raises NotFound, NotWaiting, OneWish, WishesBackwards, UnknownZone."""
        return await self._arranged(wait, who, act, expected, lambda s: change(s, by=who.id, wishes=wishes))

    async def pause(self, wait: WaitId, who: Principal, act: Act, expected: int | None) -> WaitSaved:
        """Want no offers for now. Raises NotFound, NotWaiting."""
        return await self._arranged(wait, who, act, expected, lambda s: pause(s, by=who.id))

    async def resume(self, wait: WaitId, who: Principal, act: Act, expected: int | None) -> WaitSaved:
        """Want offers again. Raises NotFound, NotWaiting."""
        now = self.clock()
        return await self._arranged(wait, who, act, expected, lambda s: resume(s, by=who.id, now=now))

    async def leave(self, wait: WaitId, who: Principal, act: Act, expected: int | None) -> WaitSaved:
        """Wait no longer. Raises NotFound, NotWaiting."""
        now = self.clock()
        return await self._arranged(wait, who, act, expected, lambda s: leave(s, by=who.id, now=now))

    async def remove(self, wait: WaitId, reason: str, who: Principal, act: Act, expected: int | None) -> WaitSaved:
        """Take somebody off the list. Raises NotFound, NotWaiting."""
        now = self.clock()
        return await self._arranged(wait, who, act, expected, lambda s: remove(s, by=who.id, reason=reason, now=now))

    async def judge(self, wait: WaitId, c: JudgeUrgency, who: Principal, act: Act, expected: int | None) -> WaitSaved:
        """Say how urgent it is. Raises NotFound, AssuranceTooLow, NotWaiting.

        Whoever treats the patient judges, whom they wait for, and, of who waits for anybody, every clinician: somebody
        has to before there is any care.
        """
        now = self.clock()
        state = await self._state(wait, who)
        if state.patient == who.id:
            raise NotFound
        if state.wishes.therapist not in {None, who.id}:
            await self.reach.require(who, "write", Thing(who.tenant, state.patient, "clinical"))

        def decision(state: Wait | None) -> Sequence[Step]:
            return judge(existing(state), by=who.id, urgency=c.urgency, reason=c.reason, now=now)

        return await self._saved(wait, act, decision, expected, who.tenant)

    async def one(self, wait: WaitId, who: Principal) -> WaitDetail:
        """The place as the caller may see it. Raises NotFound, Unavailable."""
        state, version = await self.streams.load(who.tenant, wait)
        state = await self._seen(state, who)
        opens = (await self.reach.decide(who, "read", _thing(who.tenant, state, "clinical"))).allowed
        return WaitDetail(
            id=wait,
            patient=state.patient,
            therapist=state.wishes.therapist,
            team=state.wishes.team,
            status=state.status,
            since=state.since,
            version=version,
            wishes=state.wishes,
            removed_because=state.removed_because,
            urgency=state.urgency if opens else None,
            urgency_reason=state.urgency_reason if opens else "",
        )

    async def _seen(self, state: Wait | None, who: Principal) -> Wait:
        found = existing(state)
        for_anybody = found.wishes.therapist is None and who.id != found.patient
        if for_anybody and not who.roles.isdisjoint(CLINICIANS):
            return found
        if not (await self.reach.decide(who, "read", _thing(who.tenant, found, "logistics"))).allowed:
            raise NotFound
        return found

    async def _state(self, wait: WaitId, who: Principal) -> Wait:
        return await self._seen((await self.streams.load(who.tenant, wait))[0], who)

    async def _arranges(self, who: Principal, patient: PersonId, therapist: PersonId | None) -> None:
        """Raises NotFound for whoever may not arrange anything for the patient."""
        parties = (who.id,) if therapist == who.id else ()
        await self.reach.require(who, "write", Thing(who.tenant, patient, "logistics", parties))

    async def _arranged(
        self, wait: WaitId, who: Principal, act: Act, expected: int | None, decision: Decision
    ) -> WaitSaved:
        state = await self._state(wait, who)
        verdict = await self.reach.decide(who, "write", _thing(who.tenant, state, "logistics"))
        if not verdict.allowed:
            raise verdict.refusal
        return await self._saved(wait, act, lambda s: decision(existing(s)), expected, who.tenant)

    async def _saved(
        self,
        wait: UUID,
        act: Act,
        decision: Callable[[Wait | None], Sequence[Step]],
        expected: int | None,
        tenant: TenantId,
    ) -> WaitSaved:
        decided = await self.streams.decide(act, wait, decision, expected=expected)
        await self.looks.look(tenant, self.clock())
        return WaitSaved(WaitId(wait), decided.version)


def _thing(tenant: TenantId, state: Wait, of: DataClass) -> Thing:
    return Thing(tenant, state.patient, of, state.parties)
