"""What binds somebody to a patient opens what identity keeps of them: care, supervision, a broken glass; not a role."""

from typing import Any
from uuid import uuid4

import pytest

from mindlyfe.kernel.testing.answers import refused

RECORDING = {"purpose": "recording", "language": "en", "text": "Sessions may be recorded."}


@pytest.fixture
async def clinic(house: Any) -> Any:
    return await house.clinic()


class Scene:
    """A patient, who treats them, who supervises that, and the paths of the patient's consents."""

    def __init__(self, house: Any, clinic: Any) -> None:
        self.house, self.clinic = house, clinic

    async def set(self) -> "Scene":
        self.pat, self.ruiz = await self.clinic.patient(), await self.clinic.staff("therapist")
        self.sato = await self.clinic.staff("supervisor")
        self.text = (await self.clinic.admin.post("/v1/consent-texts", RECORDING)).json()["id"]
        assert (await self.pat.post("/v1/me/consents", {"text": self.text})).status_code == 200
        self.care, self.supervision = f"/v1/care-relationships/{uuid4()}", f"/v1/supervisions/{uuid4()}"
        self.consents = f"/v1/patients/{self.pat.id}/consents"
        return self

    async def caring(self) -> None:
        pair = {"patient": self.pat.id, "clinician": self.ruiz.id}
        assert (await self.clinic.admin.put(self.care, pair)).status_code == 200

    async def supervised(self) -> None:
        pair = {"supervisor": self.sato.id, "clinician": self.ruiz.id}
        assert (await self.clinic.admin.put(self.supervision, pair)).status_code == 200

    async def sees(self, person: Any) -> bool:
        """The same at every way in."""
        answers = [await person.get(f"{self.consents}{rest}") for rest in ("", "/history")]
        seen = {answer.status_code for answer in answers}
        assert seen in ({200}, {404}), [answer.text for answer in answers]
        return seen == {200}

    async def records(self, person: Any) -> int:
        wish = {"text": self.text, "how": "paper", "witness": "Tom"}
        return int((await person.post(self.consents, wish)).status_code)


@pytest.fixture
async def scene(house: Any, clinic: Any) -> Scene:
    return await Scene(house, clinic).set()


async def test_care_opens_consents_while_it_runs(scene: Scene) -> None:
    assert not await scene.sees(scene.ruiz)
    await scene.caring()
    assert await scene.sees(scene.ruiz)
    assert await scene.records(scene.ruiz) == 200
    assert (await scene.clinic.admin.post(f"{scene.care}/end")).status_code == 200
    assert not await scene.sees(scene.ruiz)
    assert await scene.records(scene.ruiz) == 404


async def test_who_supervises_reads_along_and_records_nothing(scene: Scene) -> None:
    await scene.supervised()
    assert not await scene.sees(scene.sato)
    await scene.caring()
    assert await scene.sees(scene.sato)
    assert await scene.records(scene.sato) == 404
    assert (await scene.clinic.admin.post(f"{scene.supervision}/end")).status_code == 200
    assert not await scene.sees(scene.sato)


async def test_a_broken_glass_shows_consents_and_the_look_says_so(scene: Scene) -> None:
    why = {"patient": scene.pat.id, "reason": "Nobody who treats her can be reached."}
    glass = (await scene.ruiz.post("/v1/break-glass", why)).json()["id"]
    scene.house.audit.rows.clear()
    assert await scene.sees(scene.ruiz)
    assert [(row.action, dict(row.detail)) for row in scene.house.audit.rows] == [
        ("consents.read", {"break_glass": True})
    ] * 2
    assert await scene.records(scene.ruiz) == 404
    assert (await scene.ruiz.post(f"/v1/break-glass/{glass}/end")).status_code == 200
    assert not await scene.sees(scene.ruiz)


async def test_who_arranges_or_watches_reaches_all_patients_of_the_clinic_and_nobody_else(scene: Scene) -> None:
    meadow = await scene.house.clinic("Meadow")
    desk, officer = await scene.clinic.staff("reception"), await scene.clinic.staff("privacy-officer")
    assert await scene.sees(desk)
    assert await scene.records(desk) == 200
    assert await scene.sees(officer)
    refused(await officer.post(scene.consents, {"text": scene.text, "how": "paper", "witness": "T"}), 403, "forbidden")
    for nobody in (meadow.admin, await meadow.staff("therapist")):
        assert not await scene.sees(nobody)


async def test_nobody_takes_down_their_own_consent_as_staff(scene: Scene) -> None:
    both = await scene.clinic.staff("reception", "patient", email="both@mail.example")
    path = f"/v1/patients/{both.id}/consents"
    assert (await both.get(path)).status_code == 200
    refused(await both.post(path, {"text": scene.text, "how": "paper", "witness": "Tom"}), 404, "not-found")
