"""What the host would lend to a context, for tests of one context: its neighbours are played."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from mindlyfe.kernel.asks import Asks
from mindlyfe.kernel.clock import Clock, system_clock
from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.flags import Flags
from mindlyfe.kernel.ids import uuid7
from mindlyfe.kernel.module import Platform
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.secrecy import Keys
from mindlyfe.kernel.testing.keys import MemoryKeys


def lent(
    database: Database,
    answers: Mapping[type[Any], object],
    *,
    settings: Settings | None = None,
    keys: Keys | None = None,
    clock: Clock = system_clock,
    cache: Any = None,
    objects: Any = None,
    contexts: Sequence[str] = (),
) -> Platform:
    """A platform on `database`, whose neighbours answer what `answers` holds (contract Protocol → object).

    Objects are not there, nor is the cache, unless they are given.
    """
    nothing = cast("Any", None)
    settings = settings or Settings()
    asks = Asks(nothing, region=settings.region)
    asks.bind(answers)
    return Platform(
        context=database.context,
        settings=settings,
        database=database,
        keys=keys or MemoryKeys(),
        asks=asks,
        objects=objects,
        cache=cache,
        flags=Flags(database),
        clock=clock,
        ids=uuid7,
        contexts=contexts or (database.context,),
    )
