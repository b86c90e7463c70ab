"""Every route of every context × nobody, wrong roles, another clinic: closed. New routes are tested by themselves."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import uuid4

import httpx
import pytest

from mindlyfe.assembly import modules
from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.person import Person, expect
from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.endpoints import Endpoint, endpoints
from mindlyfe.kernel.messages import Role
from mindlyfe.kernel.openapi import documents
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.described import described

MODULES = modules(Settings())
GRANTS = {permission: roles for module in MODULES for permission, roles in module.grants.items()}
DESCRIBED = {one.name: one for one in described(documents(MODULES))}
ENDPOINTS = {f"{one.method} {one.path}": one for module in MODULES for one in endpoints(module)}
GUARDED = [one for one in ENDPOINTS.values() if one.needs]
REGIONAL = {permission for permission, roles in GRANTS.items() if list(roles) == ["operator"]}
"""What operators do for all clinics of the region: for them, no clinic is another one."""
OF_SOMETHING = [one for one in GUARDED if "{" in one.path and one.needs not in REGIONAL | {"flags:set"}]
"""What is a clinic's. A flag is everybody's: its name is in the code, and each clinic has a value of its own."""
CLINICAL = [one for one in GUARDED if one.clinical and set(GRANTS[one.needs or ""]) - {"patient"}]
ROLES: frozenset[Role] = frozenset(get_args(Role.__value__))
HOURS = {"zone": "Europe/London", "weekly": [{"weekday": day, "from": "00:00", "to": "23:00"} for day in range(1, 8)]}

BY_ITS_BODY = {
    "PUT /v1/care-relationships/{care}": (422, "not-in-care"),
    "PUT /v1/supervisions/{supervision}": (422, "not-in-supervision"),
}
"""Makes what its path names, and is refused for the people in its body: as if they were not anywhere."""


def named(one: Endpoint) -> str:
    return f"{one.method} {one.path}"


class Harbour:
    """A clinic in which everything is there that a path can name, and a clinic beside it."""

    def __init__(self, platform: Any) -> None:
        self.platform, (base, mailbox) = platform, (platform.base, platform.mailbox)
        self.http = httpx.Client(timeout=20)
        clinic = Clinic.open(base, mailbox, "routes", "Harbour Clinic", platform.setup_link())
        self.other = Clinic.open(base, mailbox, "routes", "Meadow Clinic", platform.setup_link()).administrator
        therapist, patient = clinic.invite("Dr Ruiz", "ines", "therapist"), clinic.register("Amina", "amina")
        self.admin, self.signer = admin, _ = clinic.administrator, platform.signer()
        self.tenant = admin.tenant
        self.names = {"patient": patient.id, "therapist": therapist.id, "clinician": therapist.id}
        link = expect(admin.call("GET", "/v1/registration-links"), 200).json()["items"][0]["id"]
        self.names |= {"person": patient.id, "link": link}
        self.names["session"] = expect(admin.call("GET", "/v1/me/sessions"), 200).json()["items"][0]["id"]
        self.names["factor"] = expect(admin.call("GET", "/v1/me/factors"), 200).json()["totp"]["factor"]
        self.names |= {"care": str(uuid4()), "appointment": str(uuid4()), "consent": str(uuid4())}
        self.names |= {"handover": str(uuid4()), "flag": "self-registration"}
        wording = {"purpose": "research", "language": "en", "text": "I agree."}
        self.names["text"] = expect(admin.call("POST", "/v1/consent-texts", wording), 201).json()["id"]
        pair = {"patient": patient.id, "clinician": therapist.id}
        expect(admin.call("PUT", f"/v1/care-relationships/{self.names['care']}", pair), 200, 201)
        self.names |= self._watched(clinic, therapist, patient) | self._noted(therapist, patient)
        moved = {"giver": self.names["supervisor"], "receiver": therapist.id}
        strong = self.signer.bearer("clinic-admin", tenant=self.tenant, person=admin.id, aal=2)
        order = f"{platform.base}/v1/handovers/{self.names['handover']}"
        expect(httpx.put(order, json=moved, headers=strong, timeout=20), 200)
        self._proposed(clinic, patient, strong)
        invitation = {"email": "priya@routes.example", "name": "Priya", "roles": ["reception"]}
        self.names["invitation"] = expect(admin.call("POST", "/v1/invitations", invitation), 201).json()["invitation"]
        wish = {"what": "name", "words": "It is spelled otherwise."}
        self.names["correction"] = expect(patient.call("POST", "/v1/me/corrections", wish), 201).json()["id"]
        self.names["export"] = expect(patient.call("POST", "/v1/me/exports"), 202).json()["id"]
        self.names["starts_at"] = self._book(therapist, patient)
        self.names |= {"episode": self._referred(clinic), "wait": str(uuid4())}
        expect(patient.call("PUT", f"/v1/waits/{self.names['wait']}", {"wishes": {"zone": "UTC"}}), 201)
        app = {"name": "Diary", "kind": "public", "redirect_uris": ["https://diary.example/"], "scopes": ["openid"]}
        operator = self.signer.bearer("operator", tenant=self.tenant, aal=2)
        made = httpx.post(f"{base}/v1/apps", json=app, headers=operator, timeout=20)
        self.names |= {"app": expect(made, 201).json()["id"], "authorization": str(uuid4())}
        self.before = platform.settled()
        for name, owner, path in (("delivery", admin, "/v1/deliveries"), ("notice", patient, "/v1/inbox")):
            self.names[name] = expect(owner.call("GET", path), 200).json()["items"][0]["id"]

    def _watched(self, clinic: Clinic, therapist: Person, patient: Person) -> dict[str, str]:
        """A supervisor, and a record that was opened without care."""
        supervisor, supervision = clinic.invite("Dr Sato", "hana", "supervisor"), str(uuid4())
        pair = {"supervisor": supervisor.id, "clinician": therapist.id}
        expect(clinic.administrator.call("PUT", f"/v1/supervisions/{supervision}", pair), 200)
        strong = self.signer.bearer("supervisor", tenant=self.tenant, person=supervisor.id, aal=2)
        why = {"patient": patient.id, "reason": "The emergency department called."}
        answer = httpx.post(f"{self.platform.base}/v1/break-glass", json=why, headers=strong, timeout=20)
        return {"supervisor": supervisor.id, "supervision": supervision, "glass": expect(answer, 201).json()["id"]}

    def _noted(self, therapist: Person, patient: Person) -> dict[str, str]:
        """A draft with one text, by a template of the clinic."""
        template = {"name": "Couples", "sections": [{"key": "both", "title": "Both"}]}
        note, revision, base = str(uuid4()), str(uuid4()), self.platform.base
        strong = self.signer.bearer("therapist", "clinic-admin", tenant=self.tenant, person=therapist.id, aal=2)
        made = httpx.post(f"{base}/v1/note-templates", json=template, headers=strong, timeout=20)
        names = {
            "note": note,
            "revision": revision,
            "earlier": revision,
            "template": expect(made, 201).json()["template"],
        }
        place = f"{base}/v1/patients/{patient.id}/notes/{note}"
        expect(httpx.put(place, json={"template": names["template"]}, headers=strong, timeout=20), 201)
        text = {"base": [], "sections": [{"section": "both", "text": "They talk."}]}
        expect(httpx.put(f"{place}/revisions/{revision}", json=text, headers=strong, timeout=20), 200)
        return names | {"addendum": str(uuid4()), "disclosure": str(uuid4())}

    def _referred(self, clinic: Clinic) -> str:
        """An episode of another patient: whoever books has one by that."""
        episode, desk = str(uuid4()), clinic.invite("Noor", "noor", "reception")
        strong = self.signer.bearer("reception", tenant=self.tenant, person=desk.id, aal=2)
        wish = {"patient": clinic.register("Leila", "leila").id}
        answer = httpx.put(f"{self.platform.base}/v1/episodes/{episode}", json=wish, headers=strong, timeout=20)
        expect(answer, 201)
        return episode

    def _proposed(self, clinic: Clinic, patient: Person, strong: dict[str, str]) -> None:
        """The patient registered twice, and somebody noticed."""
        self.names |= {"merge": str(uuid4()), "survivor": patient.id}
        self.names["duplicate"] = clinic.register("Amina", "amina-again").id
        pair = {one: self.names[one] for one in ("duplicate", "survivor")}
        path = f"{self.platform.base}/v1/merges/{self.names['merge']}"
        wish = pair | {"why": "registered-twice"}
        expect(httpx.put(path, json=wish, headers=strong, timeout=20), 200)

    def _book(self, therapist: Person, patient: Person) -> str:
        expect(therapist.call("PUT", "/v1/availability", HOURS | {"minutes": 60}), 200)
        times = {"from": datetime.now(UTC).isoformat(), "to": (datetime.now(UTC) + timedelta(days=9)).isoformat()}
        path = httpx.URL(f"/v1/therapists/{therapist.id}/slots", params=times)
        slots = expect(patient.call("GET", str(path)), 200).json()["items"]
        off = {"zone": "UTC", "first": "2020-01-01", "last": "2020-01-01"}
        taken = expect(therapist.call("POST", "/v1/time-off", off), 201).json()["time_off"]
        team = {"name": "Everybody", "members": [{"therapist": therapist.id}]}
        self.names["team"] = expect(self.admin.call("POST", "/v1/teams", team), 201).json()["team"]
        feed = {"url": "https://calendar.example/a.ics", "zone": "UTC"}
        self.names["feed"] = expect(therapist.call("POST", "/v1/calendar-feeds", feed), 201).json()["feed"]
        self.names |= {"schedule": therapist.id, "time_off": taken}
        wish = {"therapist": therapist.id, "starts_at": slots[20]["starts_at"]}
        expect(patient.call("PUT", f"/v1/appointments/{self.names['appointment']}", wish), 201)
        return str(slots[40]["starts_at"])

    def call(self, endpoint: Endpoint, headers: dict[str, str]) -> httpx.Response:
        """A request that could succeed, were it not for who sends it."""
        one = DESCRIBED[named(endpoint)]
        path = re.sub(r"\{(\w+)\}", lambda name: self.names[name[1]], endpoint.path)
        body = one.body and one.body | {name: self.names[name] for name in one.body.keys() & self.names.keys()}
        now = datetime.now(UTC)
        times = {"from": now.isoformat(), "to": (now + timedelta(days=1)).isoformat()}
        query = {name: times[name] for name, needed in one.query.items() if needed}
        url = f"{self.platform.base}{path}"
        return self.http.request(endpoint.method, url, json=body, params=query, headers=headers)


@pytest.fixture(scope="module")
def harbour(lasting_platform: Any) -> Harbour:
    return Harbour(lasting_platform)


@pytest.fixture(autouse=True)
def nothing_happens(harbour: Harbour) -> Iterator[None]:
    """What a closed door refuses leaves no trace in any log; what comes late is seen by the next test."""
    yield
    assert harbour.platform.written() == harbour.before


def test_every_endpoint_is_described() -> None:
    assert DESCRIBED.keys() == ENDPOINTS.keys()
    assert all(DESCRIBED[name].public == (one.needs is None) for name, one in ENDPOINTS.items())


@pytest.mark.parametrize("endpoint", GUARDED, ids=named)
def test_nobody_comes_in_without_a_token(harbour: Harbour, endpoint: Endpoint) -> None:
    refused(harbour.call(endpoint, {}), 401, "unauthenticated")


@pytest.mark.parametrize("endpoint", GUARDED, ids=named)
def test_all_other_roles_together_are_not_enough(harbour: Harbour, endpoint: Endpoint) -> None:
    tenant, person = harbour.tenant, harbour.names["therapist"]
    for roles in (ROLES - GRANTS[endpoint.needs or ""], frozenset[Role]()):
        answer = harbour.call(endpoint, harbour.signer.bearer(*roles, tenant=tenant, person=person))
        refused(answer, 403, "forbidden")


@pytest.mark.parametrize("endpoint", CLINICAL, ids=named)
def test_staff_with_a_password_alone_is_kept_from_what_is_clinical(harbour: Harbour, endpoint: Endpoint) -> None:
    """Each role that may come in; with a second factor the door opens to what only shows something."""
    tenant, person = harbour.tenant, harbour.names["therapist"]
    for role in sorted(GRANTS[endpoint.needs or ""] - {"patient"}):
        weak, strong = (harbour.signer.bearer(role, tenant=tenant, person=person, aal=aal) for aal in (1, 2))
        refused(harbour.call(endpoint, weak), 403, "assurance-too-low")
        if endpoint.method == "GET" and not endpoint.streams:
            answer = harbour.call(endpoint, strong)
            assert answer.status_code != 403, f"{role}: {answer.text}"


@pytest.mark.parametrize("endpoint", OF_SOMETHING, ids=named)
@pytest.mark.parametrize("person", ["other", "patient", "therapist"])
def test_another_clinic_finds_nothing(harbour: Harbour, endpoint: Endpoint, person: str) -> None:
    """Neither its own people do, nor do ours with a token of theirs."""
    who = harbour.names.get(person, harbour.other.id)
    headers = harbour.signer.bearer(*ROLES, tenant=harbour.other.tenant, person=who, aal=2)
    refused(harbour.call(endpoint, headers), *BY_ITS_BODY.get(named(endpoint), (404, "not-found")))


@pytest.mark.parametrize("endpoint", [one for one in GUARDED if one.method == "GET" and not one.streams], ids=named)
def test_asvs_3_5_3_looking_changes_nothing(harbour: Harbour, endpoint: Endpoint) -> None:
    """Somebody with every role looks at everything: the logs of all contexts stay as they are."""
    headers = harbour.signer.bearer(*ROLES, tenant=harbour.tenant, person=harbour.names["therapist"], aal=2)
    assert harbour.call(endpoint, headers).status_code < 500
