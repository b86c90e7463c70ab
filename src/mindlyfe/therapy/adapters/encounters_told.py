"""What the export of a person says of the encounters they came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.personal import Entry
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters.telling import identified
from mindlyfe.therapy.contract import Kind
from mindlyfe.therapy.contract.encounters import Stage
from mindlyfe.therapy.domain.encounter import Encounter, Step

THEIRS: Final[LiteralString] = "select encounter from encounter where patient = %s order by starts_at, encounter"
STATUS: Final[Mapping[Stage, str]] = {
    "planned": "planned",
    "arrived": "arrived",
    "left": "cancelled",
    "in-progress": "in-progress",
    "finished": "finished",
    "cancelled": "cancelled",
}
"""FHIR's word for each stage (R4, EncounterStatus)."""
CLASS: Final[Mapping[Kind, str]] = {"video": "VR", "on-site": "AMB"}
CLASSES: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


@dataclass(frozen=True, slots=True)
class EncountersTold:
    """Reads them under the patient's key. That a therapist met somebody, their appointments tell."""

    database: Database
    streams: Streams[Encounter, Step]

    async def tells(self, tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        """Every encounter of the patient, in the order of their appointments."""
        async with self.database.app(tenant) as tx:
            rows = await (await tx.execute(THEIRS, (person,))).fetchall()
        found: list[Entry] = []
        for (encounter,) in rows:
            try:
                state, _ = await self.streams.load(tenant, encounter)
            except Erased:
                continue
            if state:
                found.append(_told(encounter, state))
        return found


def _told(encounter: UUID, state: Encounter) -> Entry:
    ended = state.ended_at or state.arrived_at
    lasted = {f"{part}_seconds": state.seconds(part, ended) for part in ("patient", "therapist")}
    values: dict[str, Any] = {
        "encounter": str(encounter),
        "appointment": str(state.come.appointment),
        "therapist": str(state.come.therapist),
        "stage": state.stage,
        "arrived_at": state.arrived_at.isoformat(),
        "started_at": state.started_at.isoformat() if state.started_at else None,
        "ended_at": state.ended_at.isoformat() if state.ended_at else None,
        "closed_by_the_platform": state.by_platform,
        "whereabouts": msgspec.to_builtins(state.come.whereabouts),
        **lasted,
    }
    resource: dict[str, Any] = {
        "resourceType": "Encounter",
        "id": str(encounter),
        "status": STATUS[state.stage],
        "class": {"system": CLASSES, "code": CLASS[state.come.kind]},
        "subject": identified(state.patient),
        "participant": [{"individual": identified(state.come.therapist)}],
        "appointment": [{"reference": f"Appointment/{state.come.appointment}"}],
        "period": {"start": (state.started_at or state.arrived_at).isoformat()},
    }
    if state.ended_at:
        resource["period"]["end"] = state.ended_at.isoformat()
    return Entry(topic="appointments", values=values, resource=resource)
