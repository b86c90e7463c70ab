"""What becomes of the times of somebody who belongs to the clinic no longer."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec

from mindlyfe.kernel.messages import SYSTEM
from mindlyfe.therapy.domain.appointment import Appointment, Change
from mindlyfe.therapy.domain.attending import cancel
from mindlyfe.therapy.domain.availability import Availability, HoursPublished, OverridesSet, Schedule
from mindlyfe.therapy.domain.availability import Change as HoursChange

REASON: Final = "The clinic cancelled this appointment."
"""Its other party reads it: neither that somebody left nor who."""
UNSAID: Final = ("id", "windows", "days")


def freed(state: Appointment | None, *, now: datetime) -> Sequence[Change]:
    """Cancel in the clinic's name what has not begun. What is cancelled, has begun or is over stays as it is."""
    if state is None or state.status not in {"requested", "booked"} or state.starts_at <= now:
        return []
    return cancel(state, by=SYSTEM, reason=REASON, now=now)


def closed(state: Availability | None) -> Sequence[HoursChange]:
    """Offer no slots any more, by any schedule. Who comes back publishes hours anew."""
    return [change for each in state.schedules for change in _emptied(state, each)] if state else []


def _emptied(state: Availability, schedule: Schedule) -> Iterator[HoursChange]:
    if schedule.windows:
        rules = {name: value for name, value in msgspec.structs.asdict(schedule).items() if name not in UNSAID}
        yield HoursPublished(therapist=state.therapist, schedule=schedule.id, windows=(), **rules)
    if schedule.days:
        yield OverridesSet(therapist=state.therapist, schedule=schedule.id, days=())
