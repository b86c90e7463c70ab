"""What becomes of the times of somebody who belongs to the clinic no longer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from mindlyfe.kernel.messages import SYSTEM
from mindlyfe.therapy.domain.appointment import Appointment, Change, cancel
from mindlyfe.therapy.domain.availability import Hours, HoursPublished

REASON: Final = "The clinic cancelled this appointment."
"""Its other party reads it: neither that somebody left nor who."""


def freed(state: Appointment | None, *, now: datetime) -> Sequence[Change]:
    """Cancel in the clinic's name what has not begun. What is cancelled, has begun or is over stays as it is."""
    if state is None or state.status != "booked" or state.starts_at <= now:
        return []
    return cancel(state, by=SYSTEM, reason=REASON, now=now)


def closed(state: Hours | None) -> Sequence[HoursPublished]:
    """Offer no slots any more. Who comes back publishes hours anew."""
    if state is None or not state.windows:
        return []
    hours = {name: value for name, value in msgspec.structs.asdict(state).items() if name != "windows"}
    return [HoursPublished(**hours, windows=())]
