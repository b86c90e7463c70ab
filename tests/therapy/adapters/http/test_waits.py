"""The waiting list over HTTP: who joins for whom, who judges, who sees what, and what each refusal says."""

from typing import Any
from uuid import uuid4

import pytest

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.ties import Begun, Held

EVENINGS = {"zone": "Europe/London", "times": [{"weekday": 2, "from": "17:00", "to": "20:00"}]}
WORSE = {"urgency": "urgent", "reason": "She hardly sleeps."}
MOVED = {"reason": "Moved to another town."}


class Scene:
    """A desk, two therapists and a patient."""

    def __init__(self, clinic: Any) -> None:
        self.clinic, self.id = clinic, str(uuid4())
        self.desk, self.patient = clinic.person("reception"), clinic.person("patient")
        self.ruiz, self.mensah = clinic.person("therapist"), clinic.person("therapist")

    @property
    def path(self) -> str:
        return f"/v1/waits/{self.id}"

    async def join(self, by: Any = None, patient: Any = None, **wishes: Any) -> Any:
        body: dict[str, Any] = {"wishes": EVENINGS | wishes}
        if by is not None or patient is not None:
            body["patient"] = str((patient or self.patient).id)
        return await (by or self.patient).put(self.path, json=body)

    async def step(self, by: Any, name: str, json: Any = None, **headers: str) -> Any:
        return await by.post(f"{self.path}/{name}", json=json, **headers)

    async def judge(self, by: Any, **headers: str) -> Any:
        return await by.put(f"{self.path}/urgency", json=WORSE, **headers)

    async def one(self, by: Any) -> dict[str, Any]:
        found: dict[str, Any] = (await by.get(self.path)).json()
        return found

    def treats(self, clinician: Any) -> None:
        held = Held(kind="care", id=uuid4(), subject=self.patient.id, since=self.clinic.clock.now, until=None)
        self.clinic.identity.told.append(Begun(clinician.id, held))


@pytest.fixture
def scene(clinic: Any) -> Scene:
    return Scene(clinic)


async def test_a_patient_joins_pauses_comes_back_and_leaves(scene: Scene) -> None:
    assert (await scene.join()).json() == {"wait": scene.id, "version": 1}
    assert (await scene.join()).json()["version"] == 1, "the same again"
    assert (await scene.step(scene.patient, "pause")).json()["version"] == 2
    assert (await scene.step(scene.patient, "resumption")).json()["version"] == 3
    wishes = {"wishes": {"zone": "Asia/Kathmandu", "short_notice": True}}
    assert (await scene.patient.put(f"{scene.path}/wishes", json=wishes)).json()["version"] == 4
    (mine,) = (await scene.patient.get("/v1/me/waits")).json()["items"]
    assert mine == {
        "id": scene.id,
        "patient": str(scene.patient.id),
        "therapist": None,
        "team": None,
        "status": "waiting",
        "since": "2026-06-01T06:00:00Z",
        "version": 4,
    }, "when they joined, and nothing of a rank"
    assert (await scene.step(scene.patient, "departure")).json()["version"] == 5
    assert (await scene.one(scene.patient))["status"] == "left"


async def test_desk_and_clinicians_have_somebody_wait(scene: Scene) -> None:
    assert (await scene.join(scene.desk)).status_code == 201
    scene.id = str(uuid4())
    refused(await scene.join(scene.desk), 409, "already-waiting")
    refused(await scene.join(scene.ruiz), 404, "not-found")
    scene.patient = scene.clinic.person("patient")
    assert (await scene.join(scene.ruiz, therapist=str(scene.ruiz.id))).status_code == 201, "with themselves"
    scene.id, scene.patient = str(uuid4()), scene.clinic.person("patient")
    scene.treats(scene.mensah)
    assert (await scene.join(scene.mensah)).status_code == 201, "who treats them"


async def test_nobody_joins_for_a_stranger(scene: Scene) -> None:
    refused(await scene.join(scene.clinic.person("patient")), 404, "not-found")
    scene.clinic.identity.patients.discard(scene.patient.id)
    refused(await scene.join(scene.desk), 404, "not-found")
    refused(await scene.join(scene.clinic.person("reception", tenant=uuid4())), 404, "not-found")


async def test_wishes_that_mean_nothing_are_refused(scene: Scene) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"therapist": str(scene.ruiz.id), "team": str(uuid4())}, "one-wish"),
        ({"zone": "Europe/Nowhere"}, "unknown-zone"),
        ({"earliest": "2026-07-02", "latest": "2026-07-01"}, "wishes-backwards"),
    ]
    for wishes, code in wrong:
        refused(await scene.join(**wishes), 422, code)
    await scene.join()
    for wishes, code in wrong:
        answer = await scene.patient.put(f"{scene.path}/wishes", json={"wishes": EVENINGS | wishes})
        refused(answer, 422, code)


async def test_an_id_is_one_patients(scene: Scene) -> None:
    await scene.join()
    other = scene.clinic.person("patient")
    answer = await other.put(scene.path, json={"wishes": EVENINGS})
    refused(answer, 409, "id-taken")


async def test_clinicians_alone_judge_and_the_desk_never_reads_it(scene: Scene) -> None:
    await scene.join()
    for who in (scene.desk, scene.patient):
        refused(await scene.judge(who), 403, "forbidden")
    assert (await scene.judge(scene.mensah)).status_code == 200, "of who waits for anybody, any clinician"
    judged = await scene.one(scene.mensah)
    assert (judged["urgency"], judged["urgency_reason"]) == ("urgent", WORSE["reason"])
    for who in (scene.desk, scene.ruiz):
        seen = await scene.one(who)
        assert (seen["urgency"], seen["urgency_reason"]) == (None, ""), "neither the desk nor who has no relation"
    assert (await scene.one(scene.patient))["urgency_reason"] == WORSE["reason"], "it is theirs"
    weak = scene.clinic.person("therapist")
    weak.headers = scene.clinic.signer.bearer("therapist", person=weak.id, tenant=scene.clinic.tenant, aal=1)
    refused(await scene.judge(weak), 403, "assurance-too-low")


async def test_of_who_waits_for_one_therapist_that_one_judges_and_who_treats(scene: Scene) -> None:
    await scene.join(therapist=str(scene.ruiz.id))
    refused(await scene.judge(scene.mensah), 404, "not-found")
    assert (await scene.judge(scene.ruiz)).status_code == 200
    treating = scene.clinic.person("supervisor")
    scene.treats(treating)
    assert (await scene.judge(treating)).status_code == 200
    refused(await scene.judge(scene.clinic.person("therapist", tenant=uuid4())), 404, "not-found")


async def test_lists_show_who_waits_and_nothing_clinical(scene: Scene) -> None:
    await scene.join(therapist=str(scene.ruiz.id))
    await scene.judge(scene.ruiz)
    first, scene.id, scene.patient = scene.id, str(uuid4()), scene.clinic.person("patient")
    scene.clinic.clock.pass_(minutes=1)
    await scene.join()
    page = (await scene.desk.get("/v1/waits", limit=1)).json()
    assert [one["id"] for one in page["items"]] == [first]
    assert "urgency" not in page["items"][0]
    rest = (await scene.desk.get("/v1/waits", cursor=page["next"])).json()
    assert [one["id"] for one in rest["items"]] == [scene.id]
    assert [one["id"] for one in (await scene.mensah.get("/v1/waits")).json()["items"]] == [scene.id]
    refused(await scene.patient.get("/v1/waits"), 403, "forbidden")
    refused(await scene.desk.get("/v1/waits", cursor="nonsense"), 400, "malformed")


async def test_somebody_is_removed_with_a_reason_they_read(scene: Scene) -> None:
    await scene.join()
    refused(await scene.step(scene.patient, "removal", MOVED), 403, "forbidden")
    assert (await scene.step(scene.desk, "removal", MOVED)).status_code == 200
    found = await scene.one(scene.patient)
    assert (found["status"], found["removed_because"]) == ("removed", MOVED["reason"])
    for name, body in (("pause", None), ("resumption", None), ("departure", None), ("removal", MOVED)):
        refused(await scene.step(scene.desk, name, body), 409, "not-waiting")
    refused(await scene.desk.put(f"{scene.path}/wishes", json={"wishes": EVENINGS}), 409, "not-waiting")
    refused(await scene.judge(scene.ruiz), 409, "not-waiting")
    scene.id = str(uuid4())
    assert (await scene.join()).status_code == 201, "they may join again"


async def test_strangers_find_nothing_and_change_nothing(scene: Scene) -> None:
    await scene.join(therapist=str(scene.ruiz.id))
    strangers = [scene.clinic.person("patient"), scene.mensah, scene.clinic.person("reception", tenant=uuid4())]
    for who in strangers:
        refused(await who.get(scene.path), 404, "not-found")
        for name in ("pause", "resumption", "departure"):
            refused(await scene.step(who, name), 404, "not-found")
        refused(await who.put(f"{scene.path}/wishes", json={"wishes": EVENINGS}), 404, "not-found")
    for who in strangers[1:]:
        refused(await scene.step(who, "removal", MOVED), 404, "not-found")
    scene.id = str(uuid4())
    refused(await scene.desk.get(scene.path), 404, "not-found")
    refused(await scene.step(scene.desk, "pause"), 404, "not-found")


async def test_a_clinician_who_neither_treats_nor_is_waited_for_looks_and_changes_nothing(scene: Scene) -> None:
    await scene.join()
    assert (await scene.mensah.get(scene.path)).status_code == 200
    refused(await scene.step(scene.mensah, "pause"), 404, "not-found")


async def test_a_stale_version_changes_nothing_and_a_key_counts_once(scene: Scene) -> None:
    await scene.join()
    await scene.step(scene.patient, "pause")
    for name, body in (("pause", None), ("resumption", None), ("departure", None), ("removal", MOVED)):
        refused(await scene.step(scene.desk, name, body, if_match='"1"'), 412, "version-conflict")
    refused(await scene.judge(scene.ruiz, if_match='"1"'), 412, "version-conflict")
    wishes = {"wishes": {"zone": "UTC"}}
    refused(await scene.desk.put(f"{scene.path}/wishes", json=wishes, if_match='"1"'), 412, "version-conflict")
    for _ in range(2):
        again = await scene.step(scene.patient, "resumption", idempotency_key="once")
        assert again.json()["version"] == 3


async def test_when_nobody_can_say_who_treats_whom_clinicians_are_told_so(scene: Scene) -> None:
    await scene.join(therapist=str(scene.ruiz.id))
    scene.clinic.identity.reachable = False
    refused(await scene.mensah.get(scene.path), 503, "unavailable")
    refused(await scene.judge(scene.mensah), 503, "unavailable")
    refused(await scene.step(scene.mensah, "pause"), 503, "unavailable")
    refused(await scene.step(scene.mensah, "removal", MOVED), 503, "unavailable")
    refused(await scene.mensah.put(f"{scene.path}/wishes", json={"wishes": EVENINGS}), 503, "unavailable")
    scene.id = str(uuid4())
    refused(await scene.join(scene.mensah), 503, "unavailable")


async def test_a_merge_moves_the_place_and_keeps_the_time(scene: Scene) -> None:
    await scene.join()
    survivor = scene.clinic.person("patient")
    event = MemberMergedV1(merge=uuid4(), duplicate=scene.patient.id, survivor=survivor.id)
    personal = scene.clinic.module.personal
    for _ in range(2):
        await scene.clinic.module.hears[MemberMergedV1](scene.clinic.heard(event))
    (mine,) = (await survivor.get("/v1/me/waits")).json()["items"]
    assert (mine["id"], mine["since"]) == (scene.id, "2026-06-01T06:00:00Z")
    told = await personal.tells(scene.clinic.tenant, survivor.id)
    (place,) = [one for one in told if one.values.get("wait") == scene.id]
    assert place.values["wishes"]["times"][0]["from"] == "17:00"


async def test_what_a_patient_wished_is_erased_with_them_and_forgotten_of_a_therapist(scene: Scene) -> None:
    await scene.join(therapist=str(scene.ruiz.id))
    erase = scene.clinic.module.personal.erases["waiting"]
    for person, left in ((scene.ruiz.id, [None]), (scene.patient.id, [])):
        async with scene.clinic.database.app(scene.clinic.tenant) as tx:
            await tx.execute(erase, {"person": person})
            rows = await (await tx.execute("select therapist from waiting")).fetchall()
        assert [row[0] for row in rows] == left
