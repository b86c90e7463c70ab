"""`python -m benchmarks.events`: durable appends, rebuilds and relayed events a second, with others in the same run."""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from statistics import median
from typing import Any, Final

import uvloop

from benchmarks.events.ours import appends_per_s, bare, production, rebuilt_per_s
from benchmarks.events.peers import eventsourcing_per_s, pgbench_per_s
from benchmarks.events.relay import relayed_per_s
from benchmarks.events.server import directory, postgresql
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.testing.databases import dropped, prepared
from mindlyfe.kernel.testing.rooms import MIGRATIONS
from mindlyfe.stack.postgresql import Postgresql

CALLERS: Final = (1, 16, 64)
AIMS: Final = {
    "bare, 16 callers / pgbench": 0.5,
    "bare, 16 callers / eventsourcing": 5.0,
    "production, 16 callers / pgbench": 0.2,
    "relayed": 15_000.0,
}
PATHS: Final = {"bare": bare, "production": production}


class Bench:
    """One run: each figure several times, in turn, so that a slow moment of the machine meets all of them."""

    def __init__(self, server: Postgresql, within: Path, seconds: float) -> None:
        self._server, self._within, self._seconds = server, within, seconds
        self.figures: dict[str, list[float]] = {}

    def note(self, name: str, figure: float) -> None:
        """One more measurement."""
        self.figures.setdefault(name, []).append(figure)
        print(f"  {name:32} {figure:>10,.0f} /s", file=sys.stderr)

    def round(self, number: int) -> None:
        """Every figure of appends once, on a fresh database."""
        administrator, name = self._server.address(), f"round{number}"
        self.note("pgbench, 16 clients", pgbench_per_s(administrator, self._within, 16, self._seconds))
        settings = self._prepared(name)
        for path, callers in [(p, c) for p in PATHS for c in CALLERS]:
            rate = _run(appends_per_s(settings, PATHS[path], callers, self._seconds))
            self.note(f"{path}, {callers} callers", rate)
        dropped(administrator, settings)
        self.note("eventsourcing, 16 threads", eventsourcing_per_s(administrator, 16, self._seconds))

    def rebuild(self, events: int) -> None:
        """How fast a read model is made anew."""
        settings = self._prepared("rebuild")
        self.note("rebuilt", _run(rebuilt_per_s(settings, events)))
        dropped(self._server.address(), settings)

    def relay(self, events: int) -> None:
        """From commit to a consumer's committed effect."""
        rate = _run(
            relayed_per_s(self._server.address(), self._within / "passwords", self._within / "relay", events=events)
        )
        self.note("relayed", rate)

    def _prepared(self, name: str) -> DatabaseSettings:
        return prepared(self._server.address(), {"rooms": MIGRATIONS}, self._within / "passwords", name=name)


def _run(work: Any) -> float:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rate: float = runner.run(work)
        return rate


def ratios(figures: dict[str, float]) -> dict[str, float]:
    """The figures that have an aim."""
    found = {}
    for name in AIMS:
        above, _, below = name.partition(" / ")
        peer = {"pgbench": "pgbench, 16 clients", "eventsourcing": "eventsourcing, 16 threads", "": ""}[below]
        if above in figures:
            found[name] = figures[above] / figures[peer] if peer else figures[above]
    return found


def main() -> int:
    """Measure and print; 0 even when an aim is missed, since the machine may be busy."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--quick", action="store_true", help="one short round, no relay")
    words.add_argument("--json", action="store_true", help="figures on standard output as JSON")
    chosen = words.parse_args()
    with directory() as within, postgresql(within) as server:
        bench = Bench(server, within, 2 if chosen.quick else 5)
        for number in range(1 if chosen.quick else 3):
            bench.round(number)
        bench.rebuild(4_000 if chosen.quick else 40_000)
        if not chosen.quick:
            bench.relay(60_000)
    figures = {name: median(rates) for name, rates in bench.figures.items()}
    if chosen.json:
        print(json.dumps({"per_s": figures, "ratios": ratios(figures)}))
        return 0
    for name, rate in figures.items():
        print(f"{name:34} {rate:>10,.0f} /s")
    for name, ratio in ratios(figures).items():
        print(f"{name:34} {ratio:>10,.2f}    aim {AIMS[name]:,g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
