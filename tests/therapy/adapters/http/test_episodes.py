"""Episodes of care over HTTP: who refers, who decides, what opens, and what each refusal says."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from mindlyfe.kernel.testing.answers import refused
from mindlyfe.therapy.contract import AppointmentBookedV1, AppointmentCancelledV1, AppointmentId
from mindlyfe.therapy.contract.episodes import EpisodeAcceptedV1, EpisodeEndedV1

PROBLEM = {"words": "Depressive episode", "system": "icd-10", "code": "F32.1"}


class Scene:
    """A desk, two therapists and a patient."""

    def __init__(self, clinic: Any) -> None:
        self.clinic, self.id = clinic, str(uuid4())
        self.desk, self.patient = clinic.person("reception"), clinic.person("patient")
        self.ruiz, self.mensah = clinic.person("therapist"), clinic.person("therapist")

    @property
    def path(self) -> str:
        return f"/v1/episodes/{self.id}"

    async def refer(self, by: Any = None, **wish: Any) -> Any:
        wish = {"patient": str(self.patient.id), "problem": PROBLEM, "reason": "by phone"} | wish
        return await (by or self.desk).put(self.path, json=wish)

    async def step(self, by: Any, name: str, json: Any = None, **headers: str) -> Any:
        return await by.post(f"{self.path}/{name}", json=json, **headers)

    async def accepted(self) -> None:
        assert (await self.refer()).status_code == 201
        assert (await self.step(self.ruiz, "acceptance")).status_code == 200


@pytest.fixture
def scene(clinic: Any) -> Scene:
    return Scene(clinic)


def told(clinic: Any, event: Any) -> Any:
    """The event as the inbox brings it, for the reaction to it."""
    return clinic.module.hears[type(event)](clinic.heard(event))


async def test_from_referral_to_discharge(scene: Scene) -> None:
    assert (await scene.refer()).json() == {"episode": scene.id, "version": 1}
    waiting = (await scene.ruiz.get("/v1/episodes")).json()["items"]
    assert [one["id"] for one in waiting] == [scene.id]
    assert "problem" not in waiting[0]
    assert (await scene.step(scene.ruiz, "acceptance")).json()["version"] == 2
    assert (await scene.step(scene.ruiz, "beginning")).json()["version"] == 3
    worry = {"problem": {"words": "Generalised anxiety"}}
    assert (await scene.ruiz.put(f"{scene.path}/problem", json=worry)).json()["version"] == 4
    end = {"ending": "completed", "words": "She is well."}
    assert (await scene.step(scene.ruiz, "discharge", end)).json()["version"] == 5
    found = (await scene.patient.get(scene.path)).json()
    assert (found["stage"], found["ending"], found["words"]) == ("discharged", "completed", "She is well.")
    assert found["problem"]["words"] == "Generalised anxiety"
    assert [one["stage"] for one in (await scene.patient.get("/v1/me/episodes")).json()["items"]] == ["discharged"]


async def test_acceptance_begins_care_and_opens_the_record(scene: Scene) -> None:
    await scene.accepted()
    (begun,) = scene.clinic.identity.told
    assert (begun.holder, str(begun.held.id), begun.held.subject) == (scene.ruiz.id, scene.id, scene.patient.id)
    page = f"/v1/patients/{scene.patient.id}/episodes"
    assert [one["id"] for one in (await scene.ruiz.get(page)).json()["items"]] == [scene.id]
    refused(await scene.mensah.get(page), 404, "not-found")


async def test_the_desk_sees_where_an_episode_stands_and_nothing_clinical(scene: Scene) -> None:
    await scene.accepted()
    seen = (await scene.desk.get(scene.path)).json()
    assert seen["stage"] == "accepted"
    assert (seen.get("problem"), seen.get("reason", "")) == (None, "")
    opened = (await scene.ruiz.get(scene.path)).json()
    assert (opened["problem"]["code"], opened["reason"]) == ("F32.1", "by phone")


async def test_what_waits_for_anybody_shows_no_problem_before_it_is_accepted(scene: Scene) -> None:
    await scene.refer()
    assert (await scene.mensah.get(scene.path)).json().get("problem") is None
    await scene.step(scene.ruiz, "acceptance")
    refused(await scene.mensah.get(scene.path), 404, "not-found")


async def test_a_referral_to_one_clinician_is_theirs(scene: Scene) -> None:
    await scene.refer(addressed_to=str(scene.ruiz.id))
    assert (await scene.mensah.get("/v1/episodes")).json()["items"] == []
    for step, body in (("acceptance", None), ("refusal", {"reason": "no"})):
        refused(await scene.step(scene.mensah, step, body), 404, "not-found")
    assert (await scene.ruiz.get(scene.path)).json()["problem"] == PROBLEM
    assert (await scene.step(scene.ruiz, "refusal", {"reason": "not for us"})).status_code == 200
    refused(await scene.step(scene.ruiz, "acceptance"), 409, "wrong-stage")


async def test_a_colleague_in_care_still_does_not_decide_for_who_was_asked(scene: Scene) -> None:
    await scene.accepted()
    await scene.step(scene.ruiz, "discharge", {"ending": "completed"})
    scene.id = str(uuid4())
    await scene.clinic.identity.begin(
        tenant=scene.clinic.tenant, care=uuid4(), patient=scene.patient.id, clinician=scene.mensah.id
    )
    await scene.refer(addressed_to=str(scene.ruiz.id))
    refused(await scene.step(scene.mensah, "acceptance"), 409, "addressed-to-another")


async def test_nobody_opens_a_record_by_referring_to_themselves(scene: Scene) -> None:
    assert (await scene.refer(by=scene.ruiz)).status_code == 201
    refused(await scene.step(scene.ruiz, "acceptance"), 409, "own-referral")
    assert scene.clinic.identity.told == []
    assert (await scene.step(scene.mensah, "acceptance")).status_code == 200


async def test_a_patient_has_one_episode_that_runs(scene: Scene) -> None:
    await scene.refer()
    first, scene.id = scene.id, str(uuid4())
    refused(await scene.refer(), 409, "episode-runs")
    scene.id = first
    assert (await scene.refer()).json()["version"] == 1, "the same again"
    refused(await scene.refer(by=scene.mensah), 409, "id-taken")


async def test_who_is_no_patient_here_is_not_referred(scene: Scene) -> None:
    refused(await scene.refer(patient=str(uuid4())), 404, "not-found")


async def test_steps_out_of_order_are_refused(scene: Scene) -> None:
    await scene.accepted()
    await scene.step(scene.ruiz, "discharge", {"ending": "dropped-out"})
    for step, body in (("beginning", None), ("discharge", {"ending": "other"})):
        refused(await scene.step(scene.ruiz, step, body), 409, "wrong-stage")
    refused(await scene.ruiz.put(f"{scene.path}/problem", json={"problem": PROBLEM}), 409, "wrong-stage")


async def test_only_who_treats_writes(scene: Scene) -> None:
    await scene.accepted()
    for who in (scene.mensah, scene.clinic.person("therapist", tenant=uuid4())):
        refused(await scene.step(who, "beginning"), 404, "not-found")
        refused(await scene.step(who, "discharge", {"ending": "other"}), 404, "not-found")
    refused(await scene.step(scene.desk, "discharge", {"ending": "other"}), 403, "forbidden")
    refused(await scene.step(scene.patient, "discharge", {"ending": "other"}), 403, "forbidden")
    scene.clinic.identity.told.clear()
    scene.clinic.clock.now += timedelta(seconds=6)
    refused(await scene.step(scene.ruiz, "beginning"), 404, "not-found")


async def test_a_stale_version_changes_nothing(scene: Scene) -> None:
    await scene.accepted()
    refused(await scene.step(scene.ruiz, "beginning", if_match='"1"'), 412, "version-conflict")
    assert (await scene.ruiz.get(scene.path)).json()["stage"] == "accepted"


async def test_a_first_booking_is_a_referral_and_a_second_is_not(scene: Scene) -> None:
    for _ in range(2):
        booked = AppointmentBookedV1(
            appointment=AppointmentId(UUID(int=7)),
            patient=scene.patient.id,
            therapist=scene.ruiz.id,
            starts_at=scene.clinic.clock.now,
            minutes=50,
        )
        await told(scene.clinic, booked)
    (waiting,) = (await scene.ruiz.get("/v1/episodes")).json()["items"]
    assert (waiting["source"], waiting["addressed_to"]) == ("booking", str(scene.ruiz.id))
    scene.id = waiting["id"]
    assert (await scene.step(scene.ruiz, "acceptance")).status_code == 200


async def test_cancelling_the_booking_withdraws_the_referral_until_it_is_accepted(scene: Scene) -> None:
    pair: dict[str, Any] = {"patient": scene.patient.id, "therapist": scene.ruiz.id}
    for number, stage in ((1, "withdrawn"), (2, "accepted")):
        appointment = AppointmentId(UUID(int=number))
        starts: dict[str, Any] = {"starts_at": scene.clinic.clock.now, "minutes": 50}
        await told(scene.clinic, AppointmentBookedV1(appointment=appointment, **pair, **starts))
        (waiting,) = (await scene.ruiz.get("/v1/episodes")).json()["items"]
        scene.id = waiting["id"]
        if stage == "accepted":
            await scene.step(scene.ruiz, "acceptance")
        over = AppointmentCancelledV1(appointment=appointment, **pair, by=scene.patient.id, late=False)
        await told(scene.clinic, over)
        assert (await scene.patient.get(scene.path)).json()["stage"] == stage


async def test_a_patient_takes_their_referral_back(scene: Scene) -> None:
    await scene.refer()
    refused(await scene.step(scene.clinic.person("patient"), "withdrawal"), 404, "not-found")
    assert (await scene.step(scene.patient, "withdrawal")).status_code == 200
    assert (await scene.step(scene.desk, "withdrawal")).json()["version"] == 2, "again: nothing"
    refused(await scene.step(scene.ruiz, "acceptance"), 404, "not-found")
    scene.id = str(uuid4())
    await scene.accepted()
    refused(await scene.step(scene.patient, "withdrawal"), 409, "wrong-stage")


async def test_care_begins_later_when_identity_was_away_and_ends_with_treatment(scene: Scene) -> None:
    await scene.refer()
    scene.clinic.identity.reachable = False
    assert (await scene.step(scene.ruiz, "acceptance")).status_code == 200
    assert scene.clinic.identity.told == []
    scene.clinic.identity.reachable = True
    whose: dict[str, Any] = {"episode": UUID(scene.id), "patient": scene.patient.id, "clinician": scene.ruiz.id}
    for _ in range(2):
        await told(scene.clinic, EpisodeAcceptedV1(**whose))
    assert len(scene.clinic.identity.told) == 1
    for _ in range(2):
        await told(scene.clinic, EpisodeEndedV1(**whose, by=scene.ruiz.id))
    assert scene.clinic.identity.told == []
