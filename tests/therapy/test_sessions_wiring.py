"""What therapy tells other contexts of encounters."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tests.therapy.test_wiring import recorded

from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract import AppointmentId
from mindlyfe.therapy.contract.encounters import EncounterEndedV1, EncounterStartedV1
from mindlyfe.therapy.domain.encounter import Admitted, Ended, Joined
from mindlyfe.therapy.sessions_wiring import published

APPOINTMENT = AppointmentId(UUID(int=1))
NINE = datetime.fromisoformat("2026-06-02T09:00:00Z")
PEOPLE = {"patient": PersonId(UUID(int=2)), "therapist": PersonId(UUID(int=3))}


def test_an_encounter_is_told_by_its_times_and_not_by_its_place() -> None:
    begun = Admitted(appointment=APPOINTMENT, **PEOPLE, at=NINE)
    whose: Any = {"encounter": APPOINTMENT, "appointment": APPOINTMENT, **PEOPLE}
    assert published(recorded(begun)) == EncounterStartedV1(**whose, at=NINE)
    lasted: Any = {**PEOPLE, "started_at": NINE, "patient_s": 60, "therapist_s": 60, "by_platform": True}
    over = Ended(appointment=APPOINTMENT, by=PEOPLE["therapist"], at=NINE, **lasted)
    told = EncounterEndedV1(**whose, started_at=NINE, ended_at=NINE, by_platform=True)
    assert published(recorded(over)) == told
    assert published(recorded(Joined(part="patient", at=NINE))) is None
