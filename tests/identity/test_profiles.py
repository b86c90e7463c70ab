"""Profiles over HTTP: one's own, those of patients, what others are told of them, and every refusal."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from mindlyfe.identity.contract import Contact, Recipients, RegistrationStartedV1
from mindlyfe.identity.contract.profiles import BestHours, Patients
from mindlyfe.identity.domain.organisation import Founded, found, open_link
from mindlyfe.identity.testing.person import PASSWORD
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.principals import act

PROFILE = {"name": "Fatima Yusuf", "zone": "Europe/London", "locale": "so", "pronouns": "she/her"}
SAFE = {
    "safe_name": "F.",
    "phone": "+442079460958",
    "safe_contact": {
        "avoid": ["call"],
        "sender": "Aunt Hodan",
        "hours": [{"from": "10:00", "to": "12:00", "weekdays": [1, 2]}],
    },
    "emergency_contact": {"name": "Hodan", "phone": "+442079460959", "relation": "sister"},
}
GUARDIAN = {"name": "Emi", "phone": "+81312345678", "relation": "mother", "may": ["appointments"]}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"locale": "xx"}, "unknown-language"),
    ({"zone": "Mars/Base"}, "unknown-zone"),
    ({"phone": "+2101234567"}, "unknown-phone"),
    ({"safe_contact": {"hours": [{"from": "22:00", "to": "06:00"}]}}, "empty-hours"),
]


async def test_ones_own_profile_is_read_and_replaced_as_a_whole(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    assert (await pat.put("/v1/me/profile", PROFILE | SAFE, if_match='"1"')).headers["etag"] == '"2"'
    answer = await pat.get("/v1/me/profile")
    mine = answer.json()
    assert answer.headers["etag"][:3] == '"2.'
    assert {name: mine[name] for name in PROFILE} == PROFILE
    assert mine["safe_contact"] == {
        "voicemail": False,
        "shared_phone": False,
        "discreet": True,
        "sender": "Aunt Hodan",
        "avoid": ["call"],
        "hours": [{"from": "10:00", "to": "12:00", "weekdays": [1, 2]}],
    }
    assert (mine["safe_name"], mine["phone"], mine["minor"]) == ("F.", "+442079460958", False)
    assert (mine["date_of_birth"], mine["country"]) == ("1990-04-02", None)
    await pat.put("/v1/me/profile", PROFILE)
    assert (await pat.get("/v1/me/profile")).json()["safe_name"] == ""
    refused(await pat.put("/v1/me/profile", PROFILE | SAFE, if_match='"1"'), 412, "version-conflict")


@pytest.mark.parametrize(("change", "code"), WRONG)
async def test_what_cannot_be_is_refused_of_oneself_and_of_the_front_desk(
    house: Any, change: dict[str, Any], code: str
) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient()
    refused(await pat.put("/v1/me/profile", PROFILE | change), 422, code)
    refused(await clinic.admin.put(f"/v1/patients/{pat.id}/profile", PROFILE | change), 422, code)
    assert (await pat.get("/v1/me/profile")).json()["version"] == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"phone": "0207 946 0958"}, "phone"),
        ({"safe_contact": {"avoid": ["pigeon"]}}, "safe_contact"),
        ({"safe_contact": {"sender": "bank@money.example"}}, "safe_contact"),
        ({"safe_contact": {"sender": "x" * 41}}, "safe_contact"),
        ({"guardian": GUARDIAN | {"may": ["notes"]}}, "guardian"),
        ({"date_of_birth": "1991-01-01"}, "date_of_birth"),
    ],
)
async def test_what_has_not_the_form_is_named(house: Any, change: dict[str, Any], field: str) -> None:
    pat = await (await house.clinic()).patient()
    problem = refused(await pat.put("/v1/me/profile", PROFILE | change), 400, "malformed")
    assert problem["errors"][0]["field"].startswith(field)


async def test_whereabouts_are_confirmed_with_their_moment(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient()
    assert (await pat.put("/v1/me/whereabouts", {"country": "SO"})).status_code == 200
    house.clock.pass_(minutes=2)
    key = {"idempotency_key": "here"}
    assert (await pat.put("/v1/me/whereabouts", {"country": "SO"}, **key)).json()["version"] == 3
    refused(await pat.put("/v1/me/whereabouts", {"country": "GB"}, **key), 422, "idempotency-key-reused")
    refused(await pat.put("/v1/me/whereabouts", {"country": "XX"}), 422, "unknown-country")
    asked: dict[str, Any] = {"tenant": clinic.tenant, "person": PersonId(UUID(pat.id))}
    place = await house.module.answers[Patients].whereabouts(**asked)
    assert (place.country, place.confirmed_at) == ("SO", house.clock.now)
    member = next(m for m in (await clinic.admin.get("/v1/members")).json()["items"] if m["person"] == pat.id)
    assert member["version"] == 3
    answers: Patients = house.module.answers[Patients]
    assert await answers.locate(**asked, country="FR"), "another context heard it from them"
    assert not await answers.locate(**asked, country="XX")
    assert (await answers.whereabouts(**asked)).country == "FR"


async def test_the_front_desk_keeps_profiles_and_every_look_is_on_record(house: Any) -> None:
    clinic = await house.clinic()
    desk, pat = await clinic.staff("reception"), await clinic.patient()
    path = f"/v1/patients/{pat.id}"
    changed = await desk.put(f"{path}/profile", PROFILE | SAFE, if_match='"1"')
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    refused(await desk.put(f"{path}/profile", PROFILE, if_match='"1"'), 412, "version-conflict")
    assert (await desk.put(f"{path}/profile", PROFILE | SAFE, idempotency_key="k")).status_code == 200
    refused(await desk.put(f"{path}/profile", PROFILE, idempotency_key="k"), 422, "idempotency-key-reused")
    assert (await desk.get(f"{path}/profile")).json()["emergency_contact"]["name"] == "Hodan"
    header = (await desk.get(f"{path}/header")).json()
    assert header == {
        "person": pat.id,
        "name": "Fatima Yusuf",
        "date_of_birth": "1990-04-02",
        "pronouns": "she/her",
        "version": 2,
    }
    looks = [row for row in house.audit.rows if row.action == "profiles.read"]
    assert [(str(row.actor), str(row.subject)) for row in looks] == [(desk.id, pat.id)] * 2


async def test_a_wrong_date_of_birth_is_corrected_with_a_reason(house: Any) -> None:
    clinic = await house.clinic()
    desk, pat = await clinic.staff("reception"), await clinic.patient()
    path, right = f"/v1/patients/{pat.id}/date-of-birth", {"date_of_birth": "1991-04-02", "reason": "Passport."}
    refused(await desk.put(path, {"date_of_birth": "1991-04-02", "reason": " "}), 400, "malformed")
    refused(await desk.put(path, right | {"date_of_birth": "2031-04-02"}), 422, "impossible-birth")
    refused(await desk.put(path, right, if_match='"7"'), 412, "version-conflict")
    assert (await desk.put(path, right, if_match='"1"', idempotency_key="b")).json()["version"] == 2
    refused(await desk.put(path, right | {"reason": "Other."}, idempotency_key="b"), 422, "idempotency-key-reused")
    assert (await pat.get("/v1/me/profile")).json()["date_of_birth"] == "1991-04-02"
    refused(await pat.put(path, right), 403, "forbidden")
    both = await clinic.staff("reception", "patient", email="both@mail.example")
    refused(await both.put(f"/v1/patients/{both.id}/date-of-birth", right), 403, "own-record")
    async with house.platform.database.app(clinic.tenant) as tx:
        query = "select actor, subject from audit where action = 'member.birth-corrected.v1'"
        assert await (await tx.execute(query)).fetchall() == [(UUID(desk.id), UUID(pat.id))]


async def test_who_turns_out_to_be_a_minor_needs_a_guardian(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient()
    path = f"/v1/patients/{pat.id}"
    right = {"date_of_birth": "2010-01-31", "reason": "Passport."}
    assert (await clinic.admin.put(f"{path}/date-of-birth", right)).status_code == 200
    refused(await pat.put("/v1/me/profile", PROFILE), 422, "guardian-needed")
    refused(await clinic.admin.put(f"{path}/profile", PROFILE), 422, "guardian-needed")
    assert (await clinic.admin.put(f"{path}/profile", PROFILE | {"guardian": GUARDIAN})).status_code == 200
    shown = (await clinic.admin.get(f"{path}/profile")).json()
    assert (shown["minor"], shown["guardian"]) == (True, GUARDIAN | {"email": None})


async def test_a_minor_registers_with_a_guardian_where_the_clinic_takes_minors(house: Any) -> None:
    tenant, link, setups = TenantId(uuid4()), uuid4(), house.setups
    founded = Founded(name="Young", zone="Asia/Tokyo", locale="ja", region="eu", minimum_age=16)
    clinics = setups.streams.organisations
    await clinics.decide(act(tenant), tenant, lambda state: found(state, founded))
    await clinics.decide(act(tenant), tenant, lambda state: open_link(state, link))
    wish = {
        "clinic": setups.links.code("registration-link", tenant, link, None),
        "email": "yuki@mail.example",
        "password": "umbrella-tortoise-lagoon",
        "name": "Yuki",
        "date_of_birth": "2010-01-31",
        "zone": "Asia/Tokyo",
        "locale": "ja",
    }
    visitor = house.visitor()
    refused(await visitor.post("/v1/registrations", wish), 422, "guardian-needed")
    wrong = wish | {"guardian": GUARDIAN | {"phone": "+2101234567"}}
    refused(await visitor.post("/v1/registrations", wrong), 422, "unknown-phone")
    assert (await visitor.post("/v1/registrations", wish | {"guardian": GUARDIAN})).status_code == 202
    code = await house.mailed_code(RegistrationStartedV1)
    assert (await visitor.post("/v1/verifications", {"code": code, "password": PASSWORD})).status_code == 200
    visitor.email = "yuki@mail.example"
    assert (await visitor.sign_in()).status_code == 201
    assert (await visitor.get("/v1/me/profile")).json()["guardian"]["name"] == "Emi"


async def test_who_is_no_patient_or_not_in_ones_care_is_not_found(house: Any) -> None:
    harbour, meadow = await house.clinic("Harbour"), await house.clinic("Meadow")
    therapist, pat = await harbour.staff("therapist"), await harbour.patient()
    path, care = f"/v1/patients/{pat.id}/", f"/v1/care-relationships/{uuid4()}"
    for what in ("profile", "header"):
        refused(await therapist.get(path + what), 404, "not-found")
        refused(await meadow.admin.get(path + what), 404, "not-found")
        refused(await harbour.admin.get(f"/v1/patients/{therapist.id}/{what}"), 404, "not-found")
        refused(await pat.get(path + what), 403, "forbidden")
    refused(await meadow.admin.put(path + "profile", PROFILE), 404, "not-found")
    right = {"date_of_birth": "1991-04-02", "reason": "Passport."}
    refused(await meadow.admin.put(path + "date-of-birth", right), 404, "not-found")
    await harbour.admin.put(care, {"patient": pat.id, "clinician": therapist.id})
    assert (await therapist.get(path + "header")).json()["name"] == "Pat"
    assert (await therapist.get(path + "profile")).status_code == 200
    refused(await therapist.put(path + "profile", PROFILE), 403, "forbidden")
    await harbour.admin.post(care + "/end")
    refused(await therapist.get(path + "header"), 404, "not-found")


async def test_others_learn_what_they_need_to_reach_somebody_without_harm(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient()
    await pat.put("/v1/me/profile", PROFILE | SAFE)
    asked = {"tenant": clinic.tenant, "person": PersonId(UUID(pat.id))}
    contact = await house.module.answers[Recipients].contact(**asked)
    assert contact == Contact(
        "F.",
        "pat@mail.example",
        "so",
        "Europe/London",
        avoid=frozenset({"call"}),
        discreet=True,
        hours=(BestHours(from_="10:00", to="12:00", weekdays=frozenset({1, 2})),),
        sender="Aunt Hodan",
        phone="+442079460958",
    )
    header = await house.module.answers[Patients].header(**asked)
    assert (header.name, header.date_of_birth) == ("Fatima Yusuf", date(1990, 4, 2))
    for question in ("header", "whereabouts"):
        with pytest.raises(NotFound):
            await getattr(house.module.answers[Patients], question)(tenant=TenantId(uuid4()), person=asked["person"])
    await house.platform.keys.erase(clinic.tenant, asked["person"])
    with pytest.raises(NotFound):
        await house.module.answers[Patients].header(**asked)
