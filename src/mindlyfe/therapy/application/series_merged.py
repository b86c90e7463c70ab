"""What becomes of series when two accounts of one patient become one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.kernel.messages import Heard, PersonId, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.occurrences import Occurrences
from mindlyfe.therapy.contract.series import SeriesId
from mindlyfe.therapy.domain.booked_series import Change, Series, follow_merge


class Listed(Protocol):
    """The read model."""

    async def of_patient(self, tenant: TenantId, patient: PersonId) -> Sequence[SeriesId]:
        """Some of the series that stand under this patient."""
        ...


@dataclass(frozen=True, slots=True)
class MergedSeries:
    """Each moves once; killed in the middle, it goes on."""

    streams: Streams[Series, Change]
    listed: Listed
    occurrences: Occurrences

    async def member_merged(self, heard: Heard[MemberMergedV1]) -> None:
        """Make the duplicate's series the survivor's, and finish what was begun. Raises Erased, Unavailable."""
        duplicate, survivor = heard.event.duplicate, heard.event.survivor
        while some := await self.listed.of_patient(heard.act.tenant, duplicate):
            for series in some:
                await self.streams.decide(
                    heard.act.step(str(series)),
                    series,
                    lambda state: follow_merge(state, duplicate=duplicate, survivor=survivor),
                )
                await self.occurrences.complete(series, heard.act)
