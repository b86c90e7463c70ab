"""Whether a provider is asked: one that fails rests, longer each time, until one message got through."""

import time
from collections.abc import Callable
from typing import Final, Literal

OPENS_AFTER: Final = 3
"""Failures in a row."""
FIRST_REST_S: Final = 2.0
LONGEST_REST_S: Final = 300.0


class Circuit:
    """Every call `begins` and then ends in one of the other ways. `now` is a clock that never goes back, seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures, self._rests, self._probing = 0, 0, False
        self._until: float | None = None

    @property
    def state(self) -> Literal["working", "resting", "probing"]:
        """`probing` while one call finds out whether it works again, or may."""
        if self._until is None:
            return "working"
        return "resting" if self._now() < self._until else "probing"

    @property
    def left_s(self) -> float:
        """How long it still rests."""
        return max(0.0, self._until - self._now()) if self._until is not None else 0.0

    def admits(self) -> bool:
        """Whether a call may begin; one at a time after a rest."""
        return self.state == "working" or (self.state == "probing" and not self._probing)

    def begins(self) -> None:
        """A call is made."""
        self._probing = self._until is not None

    def answered(self) -> None:
        """The provider works, whatever it said."""
        self._failures, self._rests, self._probing, self._until = 0, 0, False, None

    def failed(self, rests_s: float | None) -> None:
        """The provider failed; `rests_s` is for how long it said that it wants to be left alone."""
        if self._until is not None and not self._probing:
            return  # one of those that had begun before it was left alone
        self._failures += 1
        if self._probing or rests_s is not None or self._failures >= OPENS_AFTER:
            rest = min(FIRST_REST_S * 2**self._rests, LONGEST_REST_S)
            self._until = self._now() + min(max(rest, rests_s or 0.0), LONGEST_REST_S)
            self._rests = min(self._rests + 1, 20)
        self._probing = False

    def broke_off(self) -> None:
        """Nobody knows how it would have ended."""
        self._probing = False
