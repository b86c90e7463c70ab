"""Snapshots: the state of a long stream, kept so that not every event must be folded each time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snapshots[S]:
    """Keep the state every `every` events. Another shape of `state`, or another `revision`, ignores what was kept."""

    state: type[S]
    every: int = 100
    revision: int = 1
    """Raise it when `evolve` changes its meaning and the state keeps its shape."""
