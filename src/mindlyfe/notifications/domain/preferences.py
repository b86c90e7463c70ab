"""What a person prefers: by which channels they are told of what, and when not. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.notifications.contract import Channel, Kind
from mindlyfe.notifications.contract.workflows import ChannelWishes, QuietHours, WorkflowName, WorkflowWishes

_DAYS: Final = 9
"""So many days without a minute that is not quiet: there is none."""
_DAY: Final = timedelta(days=1)


class Preferred(Event, frozen=True, kw_only=True, tag="preferences.set.v1"):
    """A person said all that they prefer."""

    person: PersonId
    channels: ChannelWishes
    workflows: tuple[WorkflowWishes, ...]
    quiet: tuple[QuietHours, ...]
    at: Instant


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """What is preferred; nothing, before anything is said."""

    person: PersonId | None = None
    channels: ChannelWishes = ChannelWishes()
    workflows: tuple[WorkflowWishes, ...] = ()
    quiet: tuple[QuietHours, ...] = ()


NONE: Final = Preferences()


def evolve(_: Preferences | None, said: Preferred) -> Preferences:
    """What was said last holds."""
    return Preferences(person=said.person, channels=said.channels, workflows=said.workflows, quiet=said.quiet)


def prefer(state: Preferences | None, wish: Preferred) -> Sequence[Preferred]:
    """Say it; what was said before, nothing happens."""
    return [] if state == evolve(None, wish) else [wish]


def wanted(
    preferences: Preferences, name: WorkflowName, *, on: Iterable[Channel], critical: bool, ready: frozenset[Channel]
) -> frozenset[Channel]:
    """The channels to use, of those that are `ready`.

    A person's word on this workflow goes before their word on the channel, and that before what the workflow has `on`.
    What is critical asks nobody.
    """
    if critical:
        return ready
    said = {**dict.fromkeys(on, True), **_said(preferences.channels)}
    for narrower in preferences.workflows:
        if narrower.workflow == name:
            said |= _said(narrower.channels)
    return frozenset(channel for channel in ready if said.get(channel, False))


def _said(wishes: ChannelWishes) -> dict[Channel, bool]:
    said: dict[Channel, bool | None] = {
        "email": wishes.email,
        "sms": wishes.sms,
        "push": wishes.push,
        "in-app": wishes.in_app,
    }
    return {channel: wish for channel, wish in said.items() if wish is not None}


def refused(preferences: Preferences, kind: Kind, channel: Channel) -> bool:
    """Whether a person said no to this channel: for the workflow of that name, or else for all."""
    said = _said(preferences.channels).get(channel, True)
    for narrower in preferences.workflows:
        if narrower.workflow == kind:
            said = _said(narrower.channels).get(channel, said)
    return not said


def quiet_until(now: datetime, quiet: Sequence[QuietHours], zone: str) -> datetime | None:
    """Now when it is not quiet, else when it ends to be; None: it never does."""
    place, at = ZoneInfo(zone), now
    while ends := [end for end in (_end(at.astimezone(place), hours, place) for hours in quiet) if end is not None]:
        at = max(end.astimezone(now.tzinfo) for end in ends)
        if at - now > _DAYS * _DAY:
            return None
    return at


def _end(local: datetime, hours: QuietHours, place: ZoneInfo) -> datetime | None:
    """When these hours end, if `local` is within them. They belong to the day on which they begin."""
    over = hours.to <= hours.from_
    clock, today = f"{local:%H:%M}", local.date()
    if clock >= hours.from_ and (over or clock < hours.to) and _counts(today, hours):
        return _wall(today + _DAY if over else today, hours.to, place, after=local)
    if over and clock < hours.to and _counts(today - _DAY, hours):
        return _wall(today, hours.to, place, after=local)
    return None


def _counts(day: date, hours: QuietHours) -> bool:
    return not hours.weekdays or day.isoweekday() in hours.weekdays


def _wall(day: date, clock: str, place: ZoneInfo, *, after: datetime) -> datetime:
    """That time of the clock: the first one after that moment, where clocks show it twice."""
    midnight = clock == "24:00"
    wall = datetime.combine(day + _DAY if midnight else day, time.fromisoformat("00:00" if midnight else clock), place)
    return wall if wall.timestamp() > after.timestamp() else wall.replace(fold=1)
