"""What a therapist does with their time off."""

from dataclasses import dataclass

from mindlyfe.kernel.ids import Ids, derived
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.ports import PublishedHours
from mindlyfe.therapy.application.schedules import availability, minute
from mindlyfe.therapy.contract.availability import NoColleague, TakeTimeOff, TimeOffId, TimeOffSaved
from mindlyfe.therapy.domain.availability import Availability, Change, TimeOff, TimeOffTaken
from mindlyfe.therapy.domain.publishing import give_up, take_off


@dataclass(frozen=True, slots=True)
class TimesOff:
    """Being away, in every schedule at once. Appointments stay: they are moved one by one."""

    streams: Streams[Availability, Change]
    published: PublishedHours
    ids: Ids

    async def take(self, command: TakeTimeOff, who: Principal, act: Act) -> TimeOffSaved:
        """Be away. Asked again under the same key, the same absence.

        Raises UnknownZone, TimeOffBackwards, TooMuchTimeOff, NoColleague.
        """
        if command.colleague is not None:
            known = await self.published.of(who.tenant, command.colleague)
            if command.colleague == who.id or known is None or not known.availability.schedules:
                raise NoColleague
        id_ = TimeOffId(self.ids() if act.once is None else derived("time-off", who.tenant, who.id, act.once))
        wish = TimeOff(
            id=id_,
            zone=command.zone,
            first=command.first,
            opens=minute(command.from_),
            last=command.last,
            closes=minute(command.to),
            colleague=command.colleague,
        )
        taken = TimeOffTaken(therapist=who.id, time_off=wish)
        stream = availability(who.tenant, who.id)
        decided = await self.streams.decide(act, stream, lambda state: take_off(state, taken))
        return TimeOffSaved(id_, decided.version)

    async def give_up(self, time_off: TimeOffId, who: Principal, act: Act) -> None:
        """Be there after all. Raises NotFound."""
        stream = availability(who.tenant, who.id)
        await self.streams.decide(act, stream, lambda state: give_up(state, time_off))
