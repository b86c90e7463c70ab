"""A provider of a channel, with its health and its pace: asked while it works, left alone while it fails."""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Final

from mindlyfe.kernel.clock import Clock
from mindlyfe.notifications.application.circuit import Circuit
from mindlyfe.notifications.application.pace import Pace
from mindlyfe.notifications.application.ports import Courier, NotHandedOver
from mindlyfe.notifications.contract import Channel, Outcome, ProviderView, Try
from mindlyfe.notifications.domain.tracing import discreet

TIMEOUT_S: Final = 60.0


class Provider[M]:
    """One provider, as this process sees it."""

    def __init__(self, courier: Courier[M], pace: Pace, clock: Clock, circuit: Circuit | None = None) -> None:
        self._courier, self._pace, self._clock = courier, pace, clock
        self._circuit = circuit or Circuit()
        self.taken, self.failures = 0, 0
        self._last: tuple[str, datetime | None] = ("", None)

    @property
    def name(self) -> str:
        """Its own among those of its channel."""
        return self._courier.name

    @property
    def resting(self) -> bool:
        """Whether it is not to be asked now."""
        return not self._circuit.admits()

    async def ask(self, message: M, *, urgent: bool) -> tuple[Try, NotHandedOver | None]:
        """What came of it, and why it was not taken if it was not. Passes on what the courier never should raise."""
        self._circuit.begins()
        answer, failure = "", None
        try:
            await self._pace.turn(urgent=urgent)
            at, began = self._clock(), time.monotonic()
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    answer = await self._courier.hand_over(message)
            except NotHandedOver as reason:
                failure = reason
            except TimeoutError:
                failure = NotHandedOver("no-answer", ill=True, uncertain=True)
        except BaseException:
            self._circuit.broke_off()
            raise
        self._ended(failure)
        took_ms = round((time.monotonic() - began) * 1000)
        return _tried(self.name, answer, failure, at, took_ms), failure

    def _ended(self, failure: NotHandedOver | None) -> None:
        if failure is not None and failure.ill:
            self._circuit.failed(failure.rests_s)
            self.failures += 1
            self._last = (failure.code, self._clock())
        else:
            self._circuit.answered()
            self.taken += failure is None

    def view(self, channel: Channel) -> ProviderView:
        """How it is."""
        state, error = self._circuit.state, self._last
        until = self._clock() + timedelta(seconds=self._circuit.left_s) if state == "resting" else None
        return ProviderView(
            name=self.name,
            channel=channel,
            state=state,
            rests_until=until,
            taken=self.taken,
            failures=self.failures,
            last_error=error[0],
            last_error_at=error[1],
            per_second=self._pace.per_second,
        )


def _tried(provider: str, answer: str, failure: NotHandedOver | None, at: datetime, took_ms: int) -> Try:
    said = discreet(failure.answer if failure else answer)
    code = failure.code if failure else ""
    return Try(provider=provider, outcome=_outcome(failure), code=code, answer=said, at=at, took_ms=took_ms)


def _outcome(failure: NotHandedOver | None) -> Outcome:
    if failure is None:
        return "taken"
    if failure.permanent:
        return "refused"
    return "ill" if failure.ill else "later"
