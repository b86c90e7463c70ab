"""What the next step of a run does, from what is known at that moment. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from mindlyfe.notifications.contract import Channel
from mindlyfe.notifications.contract.workflows import (
    Before,
    Condition,
    Delay,
    Digest,
    Outcome,
    Send,
    Step,
    Throttle,
    Until,
)
from mindlyfe.notifications.domain.run import Asked, Change, Ended, LeftOut, Run, Waits


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a step needs to know beside its run; each step asks for a part of it."""

    zone: str = "UTC"
    """The recipient's."""
    channels: frozenset[Channel] = frozenset()
    """Those the recipient lets us use for this workflow."""
    outcomes: Mapping[str, frozenset[Outcome]] = {}
    """What came of earlier steps, as far as it is known."""
    admitted: bool = True
    """Whether a throttle lets it pass."""


NOTHING: Final = Facts()


def next_step(run: Run, steps: Sequence[Step], facts: Facts, now: datetime) -> Change:  # noqa: PLR0911 # per kind
    """What happens next: a wait, a delivery asked for or left out, or the end."""
    place = run.place
    if place >= len(steps):
        return Ended(at=now)
    match steps[place]:
        case Delay(minutes=minutes) | Digest(minutes=minutes):
            return Waits(then=place + 1, until=now + timedelta(minutes=minutes))
        case Until(at=at):
            return Waits(then=place + 1, until=next_wall(now, at, facts.zone))
        case Before() as step:
            moment = _moment(run, step)
            if moment > (run.due_at or now):  # what passed while nobody carried it on is caught up with
                return Waits(then=place + 1, until=moment)
            return LeftOut(step=step.key, why="passed", then=_next_before(steps, place))
        case Throttle(key=key):
            if not facts.admitted:
                return Ended(why="throttled", at=now)
            return LeftOut(step=key, why="admitted", then=place + 1)
        case Send() as step:
            return _send(run, steps, step, facts, now)


def next_wall(now: datetime, at: str, zone: str) -> datetime:
    """When the clock of `zone` next shows `at`, after now; UTC. A time that clocks leave out comes when they do."""
    place = ZoneInfo(zone)
    today = now.astimezone(place).date()
    walls = (datetime.combine(today + timedelta(days=day), time.fromisoformat(at), place) for day in range(3))
    return next(moment for moment in (wall.astimezone(now.tzinfo) for wall in walls) if moment > now)


def _send(run: Run, steps: Sequence[Step], step: Send, facts: Facts, now: datetime) -> Change:
    then = run.place + 1
    if _late(run, steps, now):
        return LeftOut(step=step.key, why="late", then=then)
    if not all(_holds(condition, facts.outcomes) for condition in step.when):
        return LeftOut(step=step.key, why="condition", then=then)
    each: dict[Channel, None] = dict.fromkeys(step.channels)
    channels: tuple[Channel, ...] = tuple(channel for channel in each if channel in facts.channels)
    if not channels:
        return LeftOut(step=step.key, why="not-wanted", then=then)
    return Asked(step=step.key, channels=channels, then=then)


def _late(run: Run, steps: Sequence[Step], now: datetime) -> bool:
    """Whether it is too late to tell: it has begun, or the next word on it is due already."""
    if run.moment is None:
        return False
    following = next((step for step in steps[run.place :] if isinstance(step, Before)), None)
    return run.moment <= now or (following is not None and _moment(run, following) <= now)


def _holds(condition: Condition, outcomes: Mapping[str, frozenset[Outcome]]) -> bool:
    return (condition.was in outcomes.get(condition.step, frozenset())) == condition.holds


def _moment(run: Run, step: Before) -> datetime:
    assert run.moment is not None, "a sound workflow waits for a moment only where it is about one"
    return run.moment - timedelta(minutes=step.minutes)


def _next_before(steps: Sequence[Step], place: int) -> int:
    return next((i for i in range(place + 1, len(steps)) if isinstance(steps[i], Before)), len(steps))
