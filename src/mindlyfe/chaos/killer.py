"""Kills parts of a running platform with SIGKILL, at seeded random moments, while writes are under way."""

import os
import random
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mindlyfe.chaos.bookers import Ledger
from mindlyfe.stack import instance, state

PATIENCE_S: Final = 60.0
PAUSE_S: Final = (0.3, 1.5)
SPARED: Final = frozenset({"mailbox"})
"""The mailbox stands for the outside world, which does not die with us."""


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: what, when, how many requests were under way, how long until it ran again."""

    part: str
    under_way: int
    back_after_s: float

    def __str__(self) -> str:
        return f"{self.part} ({self.under_way} under way, back in {self.back_after_s:.1f} s)"


@dataclass(slots=True)
class Killer:
    """Kills in the instance whose data is in `data`; the order and the moments come from `seed`."""

    data: Path
    ledger: Ledger
    seed: int
    kills: list[Kill] = field(default_factory=list[Kill])

    def run(self, count: int) -> None:
        """Kill `count` times, each part in turn in a shuffled order.

        Raises AssertionError when one does not come back.
        """
        rng = random.Random(self.seed)
        order: list[str] = []
        for _ in range(count):
            if not order:
                order = rng.sample(self._names(), len(self._names()))
            time.sleep(rng.uniform(*PAUSE_S))
            self.kills.append(self._kill(order.pop()))

    def _kill(self, name: str) -> Kill:
        victim = self._part(name)
        assert victim.process, f"{name} does not run"
        under_way = self._wait_for_writes()
        began = time.monotonic()
        os.kill(victim.process.pid, signal.SIGKILL)
        while time.monotonic() - began < PATIENCE_S:
            part = self._part(name)
            if part.state == "running" and part.process and part.process.pid != victim.process.pid:
                return Kill(name, under_way, time.monotonic() - began)
            time.sleep(0.05)
        raise AssertionError(f"{name} did not come back in {PATIENCE_S:.0f} s")

    def _wait_for_writes(self) -> int:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self.ledger.under_way:
                return self.ledger.under_way
            time.sleep(0.001)
        raise AssertionError("nobody books any more")

    def _names(self) -> list[str]:
        return [part.name for part in self._state().parts if part.process and part.name not in SPARED]

    def _part(self, name: str) -> state.PartState:
        return next(part for part in self._state().parts if part.name == name)

    def _state(self) -> state.State:
        here = instance.find(self.data)
        found = state.read(here) if here else None
        assert found, f"nothing runs in {self.data}"
        return found
