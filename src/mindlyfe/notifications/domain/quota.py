"""How often a throttled step lets something pass for one recipient. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Event, Instant, PersonId

_MOST: Final = 100


class Admitted(Event, frozen=True, kw_only=True, tag="quota.admitted.v1"):
    """A round of a run passed."""

    person: PersonId
    run: UUID
    round: int
    at: Instant


class Quota(msgspec.Struct, frozen=True):
    """The last ones that passed."""

    person: PersonId
    passed: tuple[Admitted, ...]


def evolve(state: Quota | None, admitted: Admitted) -> Quota:
    """The last ones after one more."""
    return Quota(admitted.person, (*(state.passed if state else ()), admitted)[-_MOST:])


def admit(state: Quota | None, wish: Admitted, *, most: int, minutes: int) -> Sequence[Admitted]:
    """Let it pass, unless `most` others did in the last `minutes`; who passed stays so."""
    if admits(state, wish.run, wish.round):
        return []
    since = wish.at - timedelta(minutes=minutes)
    return [wish] if len(_after(state, since)) < most else []


def admits(state: Quota | None, run: UUID, round_: int) -> bool:
    """Whether this round of this run passed."""
    return state is not None and any((one.run, one.round) == (run, round_) for one in state.passed)


def _after(state: Quota | None, since: datetime) -> Sequence[Admitted]:
    return [one for one in state.passed if one.at > since] if state else []
