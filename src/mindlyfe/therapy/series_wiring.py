"""Puts series of appointments into therapy."""

from typing import Any

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.kernel.messages import Event, Recorded
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.personal import Personal
from mindlyfe.kernel.slices import joined
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters import series
from mindlyfe.therapy.adapters.engagements import EngagedTimes
from mindlyfe.therapy.adapters.http.series import routes
from mindlyfe.therapy.adapters.reaching import reach_of
from mindlyfe.therapy.adapters.series import OccurrenceList, SeriesList
from mindlyfe.therapy.adapters.timetable import Timetable
from mindlyfe.therapy.application.occurrences import Occurrences
from mindlyfe.therapy.application.series import BookedSeries
from mindlyfe.therapy.application.series_merged import MergedSeries
from mindlyfe.therapy.contract.series import SeriesChangedV1, SeriesId
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
    slice_ = Module(
        name=module.name,
        routes=routes(_booked(p, streams, occurrences)),
        streams=(streams,),
        hears={SeriesChangedV1: occurrences.changed, MemberMergedV1: merged.member_merged},
        publishes=published,
        personal=Personal(tells=listed.tells, erases=series.ERASES, moves=series.MOVES),
    )
    return joined(module, slice_)


def published(r: Recorded[Any]) -> Event | None:
    """What is told of a series: that something is wanted of it; its appointments are told by themselves."""
    if isinstance(r.event, SeriesBegun | SeriesExtended | SeriesEnded):
        return SeriesChangedV1(series=SeriesId(r.stream))
    return None


def _occurrences(module: Module, p: Platform, streams: Streams[Series, Change]) -> Occurrences:
    return Occurrences(
        series=streams,
        appointments=module.stream("appointment"),
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
        reach=reach_of(p),
        clock=p.clock,
    )
