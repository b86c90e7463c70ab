"""What was written before two accounts became one is read by who treats the patient now; what runs goes on."""

from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from tests.therapy.following import NINE, Following
from tests.therapy.ward import Ward

from mindlyfe.kernel.messages import SYSTEM, PersonId
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.decisions import given
from mindlyfe.therapy.domain.episode import Accepted, PatientMerged, Referred, Withdrawn, evolve
from mindlyfe.therapy.domain.following import follow_merge

OLD, NEW, TIM = (PersonId(uuid4()) for _ in range(3))
REFERRED = Referred(patient=OLD, by=OLD, source="booking", addressed_to=TIM, at=NINE)


def test_a_running_episode_moves_and_a_second_referral_has_no_point() -> None:
    follow = partial(follow_merge, duplicate=OLD, survivor=NEW, treated=False, now=NINE)
    moved, accepted = PatientMerged(patient=NEW, was=OLD), Accepted(patient=OLD, clinician=TIM, at=NINE)
    after = given(evolve, REFERRED).when(follow).then(moved)
    assert after is not None
    assert (after.patient, after.stage) == (NEW, "referred")
    given(evolve, REFERRED, moved).when(follow).then()
    given(evolve, REFERRED, accepted).when(follow).then(moved)
    over = Withdrawn(by=SYSTEM, at=NINE)
    given(evolve, REFERRED).when(partial(follow, treated=True)).then(over)
    given(evolve, REFERRED, accepted).when(partial(follow, treated=True)).then()
    given(evolve, REFERRED, over).when(follow).then()
    given(evolve).when(follow).then()


@pytest.fixture
def following(clinic: Any) -> Following:
    return Following(clinic)


async def merged(clinic: Any, following: Following, ward: Ward) -> Any:
    """The ward's patient becomes another account, and identity moves the care of their therapist there."""
    survivor = clinic.person("patient")
    ward.discharged()
    following.treats(ward.author, survivor)
    await following.tell(ward.patient, survivor)
    return survivor


async def test_who_treats_the_survivor_reads_the_notes_of_both(clinic: Any, following: Following) -> None:
    ward = Ward(clinic)
    note, _ = await ward.signed()
    survivor, stranger = await merged(clinic, following, ward), clinic.person("therapist")
    answer = await ward.author.get(f"/v1/patients/{survivor.id}/notes")
    [listed] = answer.json()["items"]
    assert (listed["id"], listed["patient"]) == (str(note), str(ward.patient.id))
    shown = await ward.author.get(f"/v1/patients/{listed['patient']}/notes/{note}")
    assert shown.json()["texts"][0]["sections"][0]["text"]
    colleague = clinic.person("therapist")
    following.treats(colleague, survivor)
    assert (await ward.one(note, colleague)).status_code == 200
    refused(await ward.one(note, stranger), 404, "not-found")
    refused(await stranger.get(f"/v1/patients/{survivor.id}/notes"), 404, "not-found")


async def test_psychotherapy_notes_stay_their_authors_alone(clinic: Any, following: Following) -> None:
    ward = Ward(clinic, name="psychotherapy-notes")
    note, _ = await ward.signed()
    survivor, colleague = await merged(clinic, following, ward), clinic.person("therapist")
    following.treats(colleague, survivor)
    path = f"/v1/patients/{survivor.id}/psychotherapy-notes"
    assert [one["id"] for one in (await ward.author.get(path)).json()["items"]] == [str(note)]
    assert (await colleague.get(path)).json()["items"] == []
    refused(await ward.one(note, colleague), 404, "not-found")


async def referred(clinic: Any, patient: Any) -> str:
    path = f"/v1/episodes/{uuid4()}"
    answer = await clinic.person("reception").put(path, json={"patient": str(patient.id)})
    assert answer.status_code == 201, answer.text
    return path


async def test_a_referral_goes_on_for_the_survivor_once(clinic: Any, following: Following) -> None:
    old, new, desk = clinic.person("patient"), clinic.person("patient"), clinic.person("reception")
    first = await referred(clinic, old)
    assert not await following.barred(old)
    await following.tell(old, new)
    assert await following.moved(old)
    assert (await desk.get(first)).json()["patient"] == str(new.id)
    third = clinic.person("patient")
    second = await referred(clinic, third)
    await following.tell(third, new)
    assert await following.moved(third)
    assert (await desk.get(second)).json()["stage"] == "withdrawn"
    stages = [one["stage"] for one in (await desk.get(f"/v1/patients/{new.id}/episodes")).json()["items"]]
    assert sorted(stages) == ["referred", "withdrawn"], "those of the old account are the survivor's history"


async def test_who_is_in_treatment_keeps_the_account(clinic: Any, following: Following) -> None:
    old, therapist = clinic.person("patient"), clinic.person("therapist")
    path = await referred(clinic, old)
    assert (await therapist.post(f"{path}/acceptance", json=None)).status_code == 200
    assert await following.barred(old)
