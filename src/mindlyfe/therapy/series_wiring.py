"""Puts series of appointments into therapy."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.identity.contract.ties import MEANINGS, Ties
from mindlyfe.kernel.messages import Event, PersonId, Recorded, TenantId
from mindlyfe.kernel.module import Module, Platform, Reaction
from mindlyfe.kernel.personal import Entry, Personal
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.ties import TieCopy
from mindlyfe.therapy.adapters import series
from mindlyfe.therapy.adapters.engagements import EngagedTimes
from mindlyfe.therapy.adapters.http.series import routes
from mindlyfe.therapy.adapters.merged import Merged
from mindlyfe.therapy.adapters.series import OccurrenceList, SeriesList
from mindlyfe.therapy.adapters.timetable import Timetable
from mindlyfe.therapy.application.in_turn import in_turn
from mindlyfe.therapy.application.occurrences import Occurrences
from mindlyfe.therapy.application.series import BookedSeries
from mindlyfe.therapy.application.series_merged import MergedSeries
from mindlyfe.therapy.contract.series import SeriesChangedV1, SeriesId
from mindlyfe.therapy.domain.access import POLICY
from mindlyfe.therapy.domain.booked_series import Change, Series, SeriesBegun, SeriesEnded, SeriesExtended, evolve


def with_series(module: Module, p: Platform) -> Module:
    """Therapy with series; its appointments are kept with an OccurrenceList."""
    listed = SeriesList(p.database)
    streams: Streams[Series, Change] = Streams(
        p.database,
        p.keys,
        name="series",
        events=Change,
        evolve=evolve,
        subject=lambda state: state.patient,
        inline=(listed,),
    )
    occurrences = _occurrences(module, p, streams)
    merged = MergedSeries(streams, listed, occurrences)
    hears: dict[type[Event], Reaction] = {
        SeriesChangedV1: occurrences.changed,
        MemberMergedV1: in_turn(module.hears[MemberMergedV1], merged.member_merged),
    }

    def publishes(r: Recorded[Any]) -> Event | None:
        return published(r) or module.publishes(r)

    return replace(
        module,
        routes=[*module.routes, *routes(_booked(p, streams, occurrences))],
        streams=(*module.streams, streams),
        hears={**module.hears, **hears},
        publishes=publishes,
        personal=_personal(module.personal, listed),
    )


def published(r: Recorded[Any]) -> Event | None:
    """What is told of a series: that something is wanted of it; its appointments are told by themselves."""
    if isinstance(r.event, SeriesBegun | SeriesExtended | SeriesEnded):
        return SeriesChangedV1(series=SeriesId(r.stream))
    return None


def _occurrences(module: Module, p: Platform, streams: Streams[Series, Change]) -> Occurrences:
    return Occurrences(
        series=streams,
        appointments=next(one for one in module.streams if one.name == "appointment"),
        known=OccurrenceList(p.database),
        published=Timetable(p.database),
        engagements=EngagedTimes(p.database),
        clock=p.clock,
    )


def _booked(p: Platform, streams: Streams[Series, Change], occurrences: Occurrences) -> BookedSeries:
    return BookedSeries(
        streams=streams,
        occurrences=occurrences,
        known=occurrences.known,
        published=occurrences.published,
        engagements=occurrences.engagements,
        patients=p.asks.of(Patients),
        reach=Reach(POLICY, TieCopy(p.database, MEANINGS), p.asks.of(Ties), p.clock, Merged(p.database)),
        clock=p.clock,
    )


def _personal(personal: Personal, listed: SeriesList) -> Personal:
    """What therapy holds of a person, and their series with it."""

    async def tells(tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        return [*await personal.tells(tenant, person), *await listed.tells(tenant, person)]

    return replace(
        personal,
        tells=tells,
        erases={**personal.erases, **series.ERASES},
        moves={**personal.moves, **series.MOVES},
    )
