"""What binds clinicians to patients, for the copies in clinical contexts: the question, and what each event says."""

from collections.abc import Mapping
from typing import Final, Protocol

from mindlyfe.identity.contract.break_glass import BreakGlassClosedV1, BreakGlassOpenedV1
from mindlyfe.identity.contract.events import CareEndedV1, CareStartedV1
from mindlyfe.identity.contract.supervision import SupervisionEndedV1
from mindlyfe.kernel.messages import Event, PersonId, TenantId
from mindlyfe.kernel.ties import Begun, Held, Meaning, Over


class Ties(Protocol):
    """Who reaches whom, as identity knows it now."""

    async def held(self, *, tenant: TenantId, holder: PersonId) -> list[Held]:
        """All that binds a clinician to patients, now or later: care, supervision of who gives it, broken glass."""
        ...


def _care(e: CareStartedV1) -> Begun:
    return Begun(e.clinician, Held(kind="care", id=e.care, subject=e.patient, since=e.since, until=e.until))


def _glass(e: BreakGlassOpenedV1) -> Begun:
    return Begun(e.clinician, Held(kind="break-glass", id=e.glass, subject=e.patient, since=e.since, until=e.until))


MEANINGS: Final[Mapping[type[Event], Meaning]] = {
    CareStartedV1: _care,
    CareEndedV1: lambda e: Over("care", e.care, e.until),
    SupervisionEndedV1: lambda e: Over("supervision", e.supervision, e.until),
    BreakGlassOpenedV1: _glass,
    BreakGlassClosedV1: lambda e: Over("break-glass", e.glass, e.until),
}
"""What a supervision's beginning opens is known when the copy is confirmed the next time."""
