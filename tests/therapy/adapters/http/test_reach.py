"""What opens a patient's calendar besides care: supervision and a broken glass; several at once, and by date."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from mindlyfe.identity.contract.break_glass import BreakGlassClosedV1, BreakGlassOpenedV1
from mindlyfe.identity.contract.events import CareEndedV1
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.policy import Kind
from mindlyfe.kernel.ties import BY_ITSELF, Begun, Held

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


async def seen(clinician: Any, patient: Any) -> int:
    return int((await clinician.get(f"/v1/patients/{patient.id}/appointments")).status_code)


def held(clinic: Any, kind: Kind, patient: Any, via: Any = BY_ITSELF) -> Held:
    return Held(kind=kind, id=uuid4(), subject=patient.id, since=clinic.clock.now - HOUR, until=None, via=via)


async def test_asvs_8_3_2_supervision_closes_with_the_care_it_reads_along(clinic: Any) -> None:
    sato, patient, care = clinic.person("supervisor"), clinic.person("patient"), uuid4()
    clinic.identity.told = [Begun(sato.id, held(clinic, "supervision", patient, via=care))]
    assert await seen(sato, patient) == 200
    await clinic.tell(CareEndedV1(care=care, patient=patient.id, clinician=PersonId(uuid4()), until=clinic.clock.now))
    assert await seen(sato, patient) == 404


async def test_a_supervision_opens_nothing_to_who_is_no_supervisor_any_more(clinic: Any) -> None:
    sato, patient = clinic.person("therapist"), clinic.person("patient")
    clinic.identity.told = [Begun(sato.id, held(clinic, "supervision", patient))]
    assert await seen(sato, patient) == 404


async def test_asvs_8_3_2_a_broken_glass_opens_at_once_and_closes_at_once(clinic: Any) -> None:
    ruiz, patient = clinic.person("therapist"), clinic.person("patient")
    assert await seen(ruiz, patient) == 404
    now = clinic.clock.now
    glass: dict[str, Any] = {"glass": uuid4(), "patient": patient.id, "clinician": ruiz.id}
    await clinic.tell(BreakGlassOpenedV1(**glass, since=now, until=now + 2 * HOUR))
    assert await seen(ruiz, patient) == 200
    assert [dict(row.detail) for row in clinic.audited] == [{}, {"break_glass": True}]
    await clinic.tell(BreakGlassClosedV1(**glass, until=now))
    assert await seen(ruiz, patient) == 404
    assert clinic.identity.asked == 1


async def test_what_began_unheard_opens_when_a_denial_is_doubted(clinic: Any) -> None:
    ruiz, patient = clinic.person("therapist"), clinic.person("patient")
    assert await seen(ruiz, patient) == 404
    clinic.identity.told = [Begun(ruiz.id, held(clinic, "break-glass", patient))]
    assert await seen(ruiz, patient) == 404
    clinic.clock.now += 1.001 * SECOND
    assert await seen(ruiz, patient) == 200


async def test_several_clinicians_treat_one_patient_and_each_ends_alone(clinic: Any) -> None:
    one, two, patient = clinic.person("therapist"), clinic.person("therapist"), clinic.person("patient")
    first, second = held(clinic, "care", patient), held(clinic, "care", patient)
    clinic.identity.told = [Begun(one.id, first), Begun(two.id, second)]
    assert [await seen(one, patient), await seen(two, patient)] == [200, 200]
    await clinic.tell(CareEndedV1(care=first.id, patient=patient.id, clinician=one.id, until=clinic.clock.now))
    assert [await seen(one, patient), await seen(two, patient)] == [404, 200]


@pytest.mark.parametrize("back", [timedelta(seconds=6), timedelta(hours=1)])
async def test_a_clock_that_went_back_makes_no_copy_fresh(clinic: Any, back: timedelta) -> None:
    ruiz, patient = clinic.person("therapist"), clinic.person("patient")
    clinic.identity.told = [Begun(ruiz.id, held(clinic, "care", patient))]
    assert await seen(ruiz, patient) == 200
    clinic.identity.reachable = False
    clinic.clock.now -= back
    assert await seen(ruiz, patient) == 503


async def test_asvs_8_3_3_nobody_who_is_no_clinician_is_asked_about(clinic: Any) -> None:
    """The decision is the asking person's: no role of a program, nor of the desk, borrows a clinician's ties."""
    patient = clinic.person("patient")
    clinic.identity.told = [Begun(patient.id, held(clinic, "care", patient))]
    assert await seen(clinic.person("service", "reception"), patient) == 403
    assert clinic.identity.asked == 0
