"""How somebody wants to be reached: under which name, by which channel, at which hours. Pure."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from mindlyfe.identity.contract.profiles import BestHours
from mindlyfe.notifications.contract import Kind

BEFORE_ITS_START: Final[frozenset[Kind]] = frozenset(
    {
        "appointment-booked",
        "appointment-cancelled",
        "appointment-moved",
        "appointment-requested",
        "appointment-declined",
        "appointment-reminder",
    }
)
"""What is of no use once the appointment has begun: it waits for no hour after that."""
APPOINTMENTS: Final[frozenset[Kind]] = BEFORE_ITS_START | frozenset[Kind]({"appointment-missed"})
"""What tells of an appointment."""
ANSWERS: Final[frozenset[Kind]] = APPOINTMENTS | frozenset[Kind](
    {"waiting-offer", "export-ready", "correction-decided", "erasure-refused", "erasure-put-off"}
)
"""What people booked, waited or asked for."""
COURTESIES: Final[frozenset[Kind]] = ANSWERS | frozenset[Kind]({"safety-task", "erasure-carried-out"})
"""Not sent by a channel that the person asked us not to use. What guards an account is: it has no other way."""
UNHURRIED: Final[frozenset[Kind]] = ANSWERS | frozenset[Kind](
    {"record-opened", "caseload-handed-over", "caseload-received"}
)
"""What waits for the best hours. Nothing that guards an account does, nor what would come too late."""
IN_APP: Final[frozenset[Kind]] = UNHURRIED | frozenset[Kind]({"break-glass-used", "accounts-merged", "safety-task"})
"""What stands in the inbox of the app, too. Not what guards an account, or comes to who cannot sign in."""
_DAYS: Final = 15
"""How far to look: hours that a change of the clocks leaves out come again a week later."""


def sender_name(chosen: str, *, discreet: bool, clinic: str) -> str:
    """What mail is shown to come from: what the person chose, or else the clinic; empty: the installation's own."""
    return chosen or ("" if discreet else " ".join(clinic.split()))


def moment_to_send(now: datetime, hours: Sequence[BestHours], zone: str, *, before: datetime | None = None) -> datetime:
    """Now within the best hours, else when the next begin; now as well if that is not `before` what it is about."""
    place = ZoneInfo(zone)
    if not hours or _within(now.astimezone(place), hours):
        return now
    found = min((at for at in _beginnings(now, hours, place) if at > now), default=now)
    return now if before is not None and found >= before else found


def _beginnings(now: datetime, hours: Sequence[BestHours], place: ZoneInfo) -> list[datetime]:
    """When best hours begin in the days to come: twice where the clock goes back, never where it leaves them out."""
    today = now.astimezone(place).date()
    walls = [
        datetime.combine(today + timedelta(days=day), time.fromisoformat(window.from_), place).replace(fold=fold)
        for day in range(_DAYS)
        for window in hours
        for fold in (0, 1)
    ]
    moments = [wall.astimezone(now.tzinfo) for wall in walls]
    return [moment for moment in moments if _within(moment.astimezone(place), hours)]


def _within(local: datetime, hours: Sequence[BestHours]) -> bool:
    """Whether a wall clock shows one of these hours."""
    clock = f"{local:%H:%M}"
    return any(
        window.from_ <= clock < window.to and (not window.weekdays or local.isoweekday() in window.weekdays)
        for window in hours
    )
