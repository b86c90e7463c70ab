"""A person's rights put together: routes, workers, and what identity itself holds of a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from litestar import Router

from mindlyfe.identity.adapters.corrections import Corrections
from mindlyfe.identity.adapters.erases import ERASES, KEEPS, MOVES
from mindlyfe.identity.adapters.erasures import Cases, Erasures
from mindlyfe.identity.adapters.exports import Exports
from mindlyfe.identity.adapters.glasses import Glasses
from mindlyfe.identity.adapters.http import corrections as corrections_http
from mindlyfe.identity.adapters.http import erasures as erasures_http
from mindlyfe.identity.adapters.http import exports as exports_http
from mindlyfe.identity.adapters.merges import Merges
from mindlyfe.identity.adapters.namesakes import Namesakes
from mindlyfe.identity.adapters.pending import PendingRegistrations
from mindlyfe.identity.adapters.sessions import SessionList
from mindlyfe.identity.adapters.told import Told, Treatments
from mindlyfe.identity.adapters.tombstones import PURPOSE, Tombstones
from mindlyfe.identity.application.corrections import PersonalCorrections
from mindlyfe.identity.application.endings import Endings
from mindlyfe.identity.application.erasing import Erasing
from mindlyfe.identity.application.erasures import ErasureRequests
from mindlyfe.identity.application.exports import PersonalExports
from mindlyfe.identity.application.gathering import Gathering
from mindlyfe.identity.application.photos import Photos
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.unconfirmed import Unconfirmed
from mindlyfe.kernel.alone import alone
from mindlyfe.kernel.attest import Attestor
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
    def of(cls, p: Platform, streams: IdentityStreams, photos: Photos) -> Self:
        """On what the host lends."""
        sources = _sources(p)
        gathering, worker = _gathering(p, streams, sources), erasing(p, streams)
        unconfirmed = Unconfirmed(streams, PendingRegistrations(p.database), worker, p.clock)
        requests = ErasureRequests(
            streams=streams,
            listed=Cases(p.database),
            sources=sources,
            begins=worker,
            clock=p.clock,
            merged=Merges(p.database),
        )
        return cls(
            routes=[
                exports_http.routes(_exports(p, streams)),
                corrections_http.routes(
                    PersonalCorrections(streams=streams, listed=Corrections(p.database), clock=p.clock, ids=p.ids)
                ),
                erasures_http.own(requests),
                erasures_http.cases(requests),
                erasures_http.holds(requests),
            ],
            workers={
                "exports": lambda: alone(p.database, "exports", gathering.run),
                "erasures": lambda: alone(p.database, "erasures", worker.run),
                "registrations": lambda: alone(p.database, "registrations", unconfirmed.run),
            },
            personal=Personal(
                tells=Told(p.database, streams, photos).tells,
                retains=Treatments(p.database, p.clock).retains,
                erases=ERASES,
                keeps=KEEPS,
                moves=MOVES,
            ),
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


def _sources(p: Platform) -> Mapping[str, PersonData]:
    """Every context, to be asked for what it holds of a person."""
    return {name: p.asks.of(PersonData, context=name, timeout_s=ASK_S) for name in p.contexts}


def erasing(p: Platform, streams: IdentityStreams) -> Erasing:
    """The worker that erases people; a restore repeats by it what was erased since."""
    return Erasing(
        streams=streams,
        listed=Erasures(p.database),
        sources=_sources(p),
        endings=Endings(streams, SessionList(p.database), p.clock),
        namesakes=Namesakes(p.database, streams),
        tombstones=Tombstones(p.objects, Attestor(p.keys, PURPOSE)),
        merged=Merges(p.database),
        keys=p.keys,
        clock=p.clock,
    )


def _gathering(p: Platform, streams: IdentityStreams, sources: Mapping[str, PersonData]) -> Gathering:
    return Gathering(
        streams=streams,
        listed=Exports(p.database),
        sources=sources,
        objects=p.objects,
        keys=p.keys,
        emergencies=Glasses(p.database),
        clock=p.clock,
        merged=Merges(p.database),
    )
