"""One part of the platform: how it is prepared, started, asked for its health and stopped."""

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from mindlyfe.stack.account import AccountOptions
from mindlyfe.stack.probes import Probe


class Tier(int, Enum):
    """The order in which parts are stopped: the edge first, the servers last."""

    SERVER = 0
    SERVICE = 1
    EDGE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A server or service in a process of its own, or (`once`) a step that ends by itself."""

    name: str
    tier: Tier
    command: Callable[[], Sequence[str]]
    """Called after `prepare`."""
    ready: Probe | None = None
    """None for a step, which is ready when it has ended well."""
    prepare: Callable[[], None] = lambda: None
    """Blocking work before each start, done in a thread."""
    needs: frozenset[str] = frozenset()
    """The parts that must be ready before this one starts."""
    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    account: AccountOptions = field(default_factory=AccountOptions)
    port: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    drain: Probe | None = None
    """Asked before it is stopped: take nothing new."""
    contexts: frozenset[str] = frozenset()
    """Whose requests the gateway may send here."""

    @property
    def once(self) -> bool:
        """Whether this is a step that ends."""
        return self.ready is None
