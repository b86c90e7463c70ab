"""Who treats whom put together: routes, answers, workers of care, supervision, broken glass, handovers and merges."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from litestar import Router

from mindlyfe.identity.adapters.glasses import Glasses
from mindlyfe.identity.adapters.handovers import UnfinishedHandovers
from mindlyfe.identity.adapters.http import break_glass as break_glass_http
from mindlyfe.identity.adapters.http import care as care_http
from mindlyfe.identity.adapters.http import handovers as handovers_http
from mindlyfe.identity.adapters.http import supervisions as supervisions_http
from mindlyfe.identity.adapters.joined import Joined
from mindlyfe.identity.adapters.relations import CareRelations
from mindlyfe.identity.adapters.supervisions import Supervisions
from mindlyfe.identity.adapters.ties import HeldTies
from mindlyfe.identity.application.break_glass import Breaking, OverdueReviews
from mindlyfe.identity.application.care import CareRelationships
from mindlyfe.identity.application.care_orders import OrderedCare
from mindlyfe.identity.application.handing_over import HandingOver
from mindlyfe.identity.application.handovers import OrderedHandovers
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.supervisions import Supervising
from mindlyfe.identity.contract.break_glass import Officers
from mindlyfe.identity.contract.care_orders import CareOrders
from mindlyfe.identity.contract.handovers import Handovers
from mindlyfe.identity.contract.ties import Ties
from mindlyfe.kernel.alone import alone
from mindlyfe.kernel.module import Platform, Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Caring:
    """For the wiring."""

    routes: Sequence[Router]
    answers: Mapping[type[Any], object]
    workers: Mapping[str, Worker]
    gauges: Mapping[str, Callable[[], float]]

    @classmethod
    def of(cls, p: Platform, streams: IdentityStreams) -> Self:
        """On what the host lends."""
        relations, glasses = CareRelations(p.database), Glasses(p.database)
        breaking, overdue = Breaking(streams, p.clock, p.ids), OverdueReviews(glasses, p.clock)
        bell, unfinished = asyncio.Event(), UnfinishedHandovers(p.database)
        ordered = OrderedHandovers(streams, relations, p.clock, bell.set)
        going = HandingOver(streams=streams, handovers=unfinished, caseloads=relations, bell=bell)
        joined = Joined.of(p, streams)
        return cls(
            routes=[
                care_http.routes(CareRelationships(streams, p.clock), relations),
                supervisions_http.routes(Supervising(streams, p.clock), Supervisions(p.database)),
                break_glass_http.routes(breaking),
                break_glass_http.reviewing(breaking, glasses, p.clock),
                handovers_http.routes(ordered),
                *joined.routes,
            ],
            answers={
                Ties: HeldTies(p.database, p.clock),
                CareOrders: OrderedCare(streams, p.clock),
                Officers: glasses,
                Handovers: ordered,
            },
            workers={
                "reviews": overdue.run,
                "handovers": lambda: alone(p.database, "handovers", going.run),
                **joined.workers,
            },
            gauges={"mindlyfe_break_glass_reviews_overdue": lambda: overdue.count},
        )
