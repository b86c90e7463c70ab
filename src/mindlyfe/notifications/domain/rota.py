"""Who is on duty: a weekly rota by the clock of the clinic, covers for once, and who is away. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import msgspec

from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.notifications.contract.escalations import Away, Cover, RotaUnsound, Shift


class RotaSet(Event, frozen=True, kw_only=True, tag="rota.set.v1"):
    """This holds from now on."""

    zone: str
    weekly: tuple[Shift, ...]
    covers: tuple[Cover, ...]
    away: tuple[Away, ...]
    by: PersonId
    at: Instant


class Rota(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on duty when."""

    zone: str = "UTC"
    weekly: tuple[Shift, ...] = ()
    covers: tuple[Cover, ...] = ()
    away: tuple[Away, ...] = ()


NOBODY: Final = Rota()


def evolve(_: Rota | None, said: RotaSet) -> Rota:
    """What was said last holds."""
    return Rota(zone=said.zone, weekly=said.weekly, covers=said.covers, away=said.away)


def set_rota(state: Rota | None, wish: RotaSet) -> Sequence[RotaSet]:
    """Say it; what holds already, nothing happens. Raises RotaUnsound."""
    if wish.zone not in available_timezones():
        raise RotaUnsound(f"There is no time zone {wish.zone}.")
    times = [(one.since, one.until) for one in wish.covers] + [(one.since, one.until) for one in wish.away]
    if any(until <= since for since, until in times) or any(one.from_ == one.to for one in wish.weekly):
        raise RotaUnsound
    return [] if state == evolve(None, wish) else [wish]


def ladder(rota: Rota, now: datetime) -> list[PersonId]:
    """Who is to be called now, the first first, each once. Who is away is replaced by who stands in, or left out."""
    covered = [(one.rank, one.person) for one in rota.covers if one.since <= now < one.until]
    taken = {rank for rank, _ in covered}
    local = now.astimezone(ZoneInfo(rota.zone))
    weekly = [(one.rank, one.person) for one in rota.weekly if one.rank not in taken and _on(one, local)]
    ranked = sorted([*covered, *weekly], key=lambda one: one[0])
    found = [_present(person, rota.away, now) for _, person in ranked]
    return list(dict.fromkeys(person for person in found if person is not None))


def people(rota: RotaSet) -> set[PersonId]:
    """Everybody it names."""
    named = {one.person for one in rota.weekly} | {one.person for one in rota.covers}
    named |= {one.person for one in rota.away}
    return named | {one.stands_in for one in rota.away if one.stands_in is not None}


def _on(shift: Shift, local: datetime) -> bool:
    """Whether a shift runs; one over midnight belongs to the day on which it begins."""
    clock, today, yesterday = f"{local:%H:%M}", local.isoweekday(), (local - timedelta(days=1)).isoweekday()
    if shift.from_ < shift.to:
        return shift.weekday == today and shift.from_ <= clock < shift.to
    return (shift.weekday == today and clock >= shift.from_) or (shift.weekday == yesterday and clock < shift.to)


def _present(person: PersonId, away: Sequence[Away], now: datetime) -> PersonId | None:
    """They, or who stands in for them, or for those."""
    seen: set[PersonId] = set()
    one: PersonId | None = person
    while one is not None and (gone := _away(one, away, now)) is not None:
        seen.add(one)
        one = gone.stands_in if gone.stands_in not in seen else None
    return one


def _away(person: PersonId, away: Sequence[Away], now: datetime) -> Away | None:
    return next((one for one in away if one.person == person and one.since <= now < one.until), None)
