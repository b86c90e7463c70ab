"""A person's rights put together: routes, workers, and what identity itself holds of a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from litestar import Router

from mindlyfe.identity.adapters.exports import Exports
from mindlyfe.identity.adapters.http import exports as exports_http
from mindlyfe.identity.adapters.told import Told, Treatments
from mindlyfe.identity.application.exports import PersonalExports
from mindlyfe.identity.application.gathering import Gathering
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.kernel.alone import alone
from mindlyfe.kernel.module import Platform, Worker
from mindlyfe.kernel.personal import Personal, PersonData

ASK_S: Final = 30.0
"""How long a context may take to tell, or to erase, what it holds of a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """For the wiring."""

    routes: Sequence[Router]
    workers: Mapping[str, Worker]
    personal: Personal

    @classmethod
    def of(cls, p: Platform, streams: IdentityStreams) -> Self:
        """On what the host lends."""
        gathering = _gathering(p, streams)
        return cls(
            routes=[exports_http.routes(_exports(p, streams))],
            workers={"exports": lambda: alone(p.database, "exports", gathering.run)},
            personal=Personal(tells=Told(p.database, streams).tells, retains=Treatments(p.database, p.clock).retains),
        )


def _exports(p: Platform, streams: IdentityStreams) -> PersonalExports:
    return PersonalExports(
        streams=streams,
        listed=Exports(p.database),
        objects=p.objects,
        keys=p.keys,
        contexts=tuple(p.contexts),
        clock=p.clock,
        ids=p.ids,
    )


def _gathering(p: Platform, streams: IdentityStreams) -> Gathering:
    return Gathering(
        streams=streams,
        listed=Exports(p.database),
        sources={name: p.asks.of(PersonData, context=name, timeout_s=ASK_S) for name in p.contexts},
        objects=p.objects,
        keys=p.keys,
        clock=p.clock,
    )
