"""What the host lends to a context (Platform) and what a context offers to the host (Module)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar import Router

from mindlyfe.kernel.asks import Asks
from mindlyfe.kernel.cache import Cache
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.declared import Flag
from mindlyfe.kernel.flags import Flags
from mindlyfe.kernel.ids import Ids
from mindlyfe.kernel.inbox import ReadModel
from mindlyfe.kernel.messages import Event, Heard, Recorded, Role
from mindlyfe.kernel.objects import Objects
from mindlyfe.kernel.personal import Personal
from mindlyfe.kernel.policy import Policy
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.projections import AsyncProjection
from mindlyfe.kernel.secrecy import Keys
from mindlyfe.kernel.streams import Streams

type Reaction = Callable[[Heard[Any]], Awaitable[None]]
type Worker = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What the host process lends to one context. Nothing here does I/O until it is used."""

    context: str
    settings: Settings
    database: Database
    keys: Keys
    asks: Asks
    objects: Objects
    cache: Cache
    flags: Flags
    clock: Clock
    ids: Ids
    contexts: Sequence[str]
    """All there are, served here or elsewhere: who asks each of them leaves none out."""


def _nothing(_: Recorded[Any]) -> Event | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """What a bounded context offers to the host process."""

    name: str
    routes: Sequence[Router] = ()
    grants: Mapping[str, frozenset[Role]] = field(default_factory=dict[str, frozenset[Role]])
    """Permission → the roles that have it. A route's `needs` must be a key."""
    streams: Sequence[Streams[Any, Any]] = ()
    publishes: Callable[[Recorded[Any]], Event | None] = _nothing
    """Private event → public event, or nothing. Pure."""
    policy: Policy | None = None
    """Who may do what to whose data, where the context holds any of a patient."""
    hears: Mapping[type[Event], Reaction] = field(default_factory=dict[type[Event], Reaction])
    """Public events of others → what to do. Each message is handled once per `heard.act`."""
    follows: Sequence[ReadModel] = ()
    """Read models fed by public events of others, a batch per transaction."""
    projections: Sequence[AsyncProjection[Any]] = ()
    """Asynchronous projections of own events (inline ones belong to their streams)."""
    answers: Mapping[type[Any], object] = field(default_factory=dict[type[Any], object])
    """Contract Protocol → the object that answers it."""
    personal: Personal = field(default_factory=Personal)
    """What it holds of a person, and how that is told and erased."""
    flags: Sequence[Flag[Any]] = ()
    """What clinics, or operators for all of them, may switch."""
    gauges: Mapping[str, Callable[[], float]] = field(default_factory=dict[str, Callable[[], float]])
    """Metrics to look at: name → what reads the number, from memory."""
    workers: Mapping[str, Worker] = field(default_factory=dict[str, Worker])
    """Named background loops, each running until cancelled."""

    def stream(self, name: str) -> Streams[Any, Any]:
        """The streams of this name. Raises StopIteration when there are none."""
        return next(one for one in self.streams if one.name == name)
