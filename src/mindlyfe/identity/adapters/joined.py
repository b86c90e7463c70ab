"""Merging put together: routes and the worker."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from litestar import Router

from mindlyfe.identity.adapters.http import merges as merges_http
from mindlyfe.identity.adapters.merges import Merges
from mindlyfe.identity.adapters.relations import CareRelations
from mindlyfe.identity.adapters.sessions import SessionList
from mindlyfe.identity.application.endings import Endings
from mindlyfe.identity.application.merges import MergeRequests
from mindlyfe.identity.application.merging import Merging
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.kernel.alone import alone
from mindlyfe.kernel.audit import Audit
from mindlyfe.kernel.module import Platform, Worker
from mindlyfe.kernel.personal import PersonData


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """For the wiring."""

    routes: Sequence[Router]
    workers: Mapping[str, Worker]

    @classmethod
    def of(cls, p: Platform, streams: IdentityStreams) -> Self:
        """On what the host lends."""
        sources = {name: p.asks.of(PersonData, context=name) for name in p.contexts}
        bell, listed, relations = asyncio.Event(), Merges(p.database), CareRelations(p.database)
        requests = MergeRequests(
            streams=streams,
            listed=listed,
            caseloads=relations,
            sources=sources,
            audit=Audit(p.database),
            clock=p.clock,
            approved=bell.set,
        )
        going = Merging(
            streams=streams,
            merges=listed,
            caseloads=relations,
            sources=sources,
            endings=Endings(streams, SessionList(p.database), p.clock),
            clock=p.clock,
            bell=bell,
        )
        return cls(
            routes=[merges_http.proposals(requests), merges_http.decisions(requests)],
            workers={"merges": lambda: alone(p.database, "merges", going.run)},
        )
