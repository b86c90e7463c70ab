"""Tests of a pure domain: given what happened, when this is decided, then that happens, or is refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mindlyfe.kernel.errors import DomainError


@dataclass(frozen=True, slots=True)
class Given[S, E]:
    """What happened so far."""

    evolve: Callable[[S | None, E], S]
    events: tuple[E, ...]

    @property
    def state(self) -> S | None:
        """The state that came of it."""
        state: S | None = None
        for event in self.events:
            state = self.evolve(state, event)
        return state

    def when(self, decision: Callable[[S | None], Sequence[E]]) -> "When[S, E]":
        """Decide upon it."""
        return When(self, decision)


@dataclass(frozen=True, slots=True)
class When[S, E]:
    """A decision upon what happened."""

    given: Given[S, E]
    decision: Callable[[S | None], Sequence[E]]

    def then(self, *events: E) -> S | None:
        """Exactly these events come of it; returns the state after them."""
        decided = tuple(self.decision(self.given.state))
        assert decided == events, f"decided {decided}, expected {events}"
        return Given(self.given.evolve, self.given.events + decided).state

    def refused[R: DomainError](self, reason: type[R]) -> R:
        """It is refused for this reason; returns the refusal."""
        try:
            decided = tuple(self.decision(self.given.state))
        except reason as refusal:
            return refusal
        raise AssertionError(f"decided {decided}, expected the refusal {reason.__name__}")


def given[S, E](evolve: Callable[[S | None, E], S], *events: Any) -> Given[S, E]:
    """`given(evolve, Booked(...)).when(cancel).then(Cancelled(...))`, or `.refused(TooLate)`.

    The events are those `evolve` takes: a checker would infer from them that it takes no others.
    """
    return Given(evolve, events)
