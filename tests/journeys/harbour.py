"""A clinic in which everything is there that a path of the API can name, and a clinic beside it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from mindlyfe.assembly import modules
from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.person import Person, expect
from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.endpoints import Endpoint
from mindlyfe.kernel.messages import Role
from mindlyfe.kernel.openapi import documents
from mindlyfe.kernel.testing.described import described
from mindlyfe.notifications.testing.push_service import Browser

DESCRIBED = {one.name: one for one in described(documents(modules(Settings())))}
ID_OR_MOMENT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|[0-9]{4}-[0-9]{2}-[0-9]{2}T")
"""What a field of a body means, by its example: words and choices stay as they are."""
HOURS = {"zone": "Europe/London", "weekly": [{"weekday": day, "from": "00:00", "to": "23:00"} for day in range(1, 8)]}


def named(one: Endpoint) -> str:
    """As the API description names it."""
    return f"{one.method} {one.path}"


class Harbour:
    """A clinic in which everything is there that a path can name, and a clinic beside it."""

    def __init__(self, platform: Any) -> None:
        self.platform, (base, mailbox) = platform, (platform.base, platform.mailbox)
        self.http = httpx.Client(base_url=base, timeout=20)
        self.clinic = Clinic.open(base, mailbox, "routes", "Harbour Clinic", platform.setup_link())
        self.other = Clinic.open(base, mailbox, "routes", "Meadow Clinic", platform.setup_link()).administrator
        self.admin, self.signer = self.clinic.administrator, platform.signer()
        self.tenant = self.admin.tenant
        self.therapist = self.clinic.invite("Dr Ruiz", "ines", "therapist")
        self.patient = self.clinic.register("Amina", "amina")
        self.names = {"patient": self.patient.id, "therapist": self.therapist.id, "clinician": self.therapist.id}
        self.names |= {"person": self.patient.id, "flag": "self-registration", "workflow": "appointment-reminder"}
        self.names |= {"message": "appointment-reminder", "channel": "email", "language": "de"}
        self._account()
        self._cared_for()
        self._noted()
        self._merged()
        self._asked_for()
        self._booked()
        danger = {"subject": self.patient.id}
        opened = self._strong(self.therapist.id, "therapist", "POST", "/v1/escalations", danger, 201)
        self.names["escalation"] = opened["escalation"]
        self.before = platform.settled()
        for name, owner, path in (("delivery", self.admin, "/v1/deliveries"), ("notice", self.patient, "/v1/inbox")):
            self.names[name] = self._own(owner, "GET", path)["items"][0]["id"]

    def _own(self, person: Person, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """What somebody is answered in their own session."""
        return expect(person.call(method, path, body), status).json()

    def _strong(self, person: str, role: Role, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """What somebody of the clinic in this role, who showed a second factor, is answered."""
        headers = self.signer.bearer(role, tenant=self.tenant, person=person, aal=2)
        return expect(self.http.request(method, path, json=body, headers=headers), status).json()

    def _new(self, *names: str) -> None:
        self.names |= {name: str(uuid4()) for name in names}

    def _account(self) -> None:
        """What the administrator finds of their own account and of the clinic."""
        admin = self.admin
        self.names["link"] = self._own(admin, "GET", "/v1/registration-links")["items"][0]["id"]
        self.names["session"] = self._own(admin, "GET", "/v1/me/sessions")["items"][0]["id"]
        self.names["factor"] = self._own(admin, "GET", "/v1/me/factors")["totp"]["factor"]
        invitation = {"email": "priya@routes.example", "name": "Priya", "roles": ["reception"]}
        self.names["invitation"] = self._own(admin, "POST", "/v1/invitations", invitation, 201)["invitation"]
        browser = Browser().subscription()
        self.names["subscription"] = self._own(admin, "PUT", "/v1/push-subscriptions", browser)["id"]
        app = {"name": "Diary", "kind": "public", "redirect_uris": ["https://diary.example/"], "scopes": ["openid"]}
        self.names["app"] = self._strong(admin.id, "operator", "POST", "/v1/apps", app, 201)["id"]
        self._new("authorization")

    def _cared_for(self) -> None:
        """A supervisor, a record opened without care, a caseload handed over, an episode of another patient."""
        admin, names = self.admin, self.names
        self._new("care", "supervision", "handover", "episode", "task")
        pair = {"patient": self.patient.id, "clinician": self.therapist.id}
        expect(admin.call("PUT", f"/v1/care-relationships/{names['care']}", pair), 200, 201)
        supervisor = names["supervisor"] = self.clinic.invite("Dr Sato", "hana", "supervisor").id
        pair = {"supervisor": supervisor, "clinician": self.therapist.id}
        self._own(admin, "PUT", f"/v1/supervisions/{names['supervision']}", pair)
        why = {"patient": self.patient.id, "reason": "The emergency department called."}
        names["glass"] = self._strong(supervisor, "supervisor", "POST", "/v1/break-glass", why, 201)["id"]
        moved = {"giver": supervisor, "receiver": self.therapist.id}
        self._strong(admin.id, "clinic-admin", "PUT", f"/v1/handovers/{names['handover']}", moved)
        desk = self.clinic.invite("Noor", "noor", "reception").id
        wish = {"patient": self.clinic.register("Leila", "leila").id}
        self._strong(desk, "reception", "PUT", f"/v1/episodes/{names['episode']}", wish, 201)

    def _noted(self) -> None:
        """A draft with one text, by a template of the clinic."""
        names, author = self.names, self.therapist.id
        self._new("note", "revision", "addendum", "disclosure")
        names["earlier"] = names["revision"]
        template = {"name": "Couples", "sections": [{"key": "both", "title": "Both"}]}
        made = self._strong(author, "clinic-admin", "POST", "/v1/note-templates", template, 201)
        names["template"] = made["template"]
        place = f"/v1/patients/{self.patient.id}/notes/{names['note']}"
        self._strong(author, "therapist", "PUT", place, {"template": names["template"]}, 201)
        text = {"base": [], "sections": [{"section": "both", "text": "They talk."}]}
        self._strong(author, "therapist", "PUT", f"{place}/revisions/{names['revision']}", text)

    def _merged(self) -> None:
        """The patient registered twice, and somebody noticed."""
        self._new("merge")
        self.names |= {"survivor": self.patient.id, "duplicate": self.clinic.register("Amina", "amina-again").id}
        wish = {one: self.names[one] for one in ("duplicate", "survivor")} | {"why": "registered-twice"}
        self._strong(self.admin.id, "clinic-admin", "PUT", f"/v1/merges/{self.names['merge']}", wish)

    def _asked_for(self) -> None:
        """What the patient asked for: a text to agree to, a correction, a copy."""
        self._new("consent")
        wording = {"purpose": "research", "language": "en", "text": "I agree."}
        self.names["text"] = self._own(self.admin, "POST", "/v1/consent-texts", wording, 201)["id"]
        wish = {"what": "name", "words": "It is spelled otherwise."}
        self.names["correction"] = self._own(self.patient, "POST", "/v1/me/corrections", wish, 201)["id"]
        self.names["export"] = self._own(self.patient, "POST", "/v1/me/exports", None, 202)["id"]

    def _booked(self) -> None:
        """Hours, time off, a team, a calendar elsewhere, an appointment and a place on the waiting list."""
        therapist, patient, names = self.therapist, self.patient, self.names
        self._new("appointment", "group_session", "series", "wait", "offer", "hold")
        kind = {"name": "Intake", "minutes": 90}
        names["appointment_type"] = self._own(self.admin, "POST", "/v1/appointment-types", kind, 201)[
            "appointment_type"
        ]
        names["room"] = self._own(self.admin, "POST", "/v1/rooms", {"name": "Blue room"}, 201)["room"]
        self._own(therapist, "PUT", "/v1/availability", HOURS | {"minutes": 60})
        times = {"from": datetime.now(UTC).isoformat(), "to": (datetime.now(UTC) + timedelta(days=9)).isoformat()}
        path = httpx.URL(f"/v1/therapists/{therapist.id}/slots", params=times)
        slots = self._own(patient, "GET", str(path))["items"]
        group = {"title": "Tuesday group", "starts_at": "2099-01-06T17:00:00Z", "minutes": 90, "seats": 8}
        self._own(therapist, "PUT", f"/v1/group-sessions/{names['group_session']}", group, 201)
        off = {"zone": "UTC", "first": "2020-01-01", "last": "2020-01-01"}
        names["time_off"] = self._own(therapist, "POST", "/v1/time-off", off, 201)["time_off"]
        team = {"name": "Everybody", "members": [{"therapist": therapist.id}]}
        names["team"] = self._own(self.admin, "POST", "/v1/teams", team, 201)["team"]
        feed = {"url": "https://calendar.example/a.ics", "zone": "UTC"}
        names["feed"] = self._own(therapist, "POST", "/v1/calendar-feeds", feed, 201)["feed"]
        wish = {"therapist": therapist.id, "starts_at": slots[20]["starts_at"]}
        self._own(patient, "PUT", f"/v1/appointments/{names['appointment']}", wish, 201)
        self._own(patient, "PUT", f"/v1/waits/{names['wait']}", {"wishes": {"zone": "UTC"}}, 201)
        weekly = {"therapist": therapist.id, "starts_at": slots[60]["starts_at"], "count": 2}
        self._own(patient, "PUT", f"/v1/series/{names['series']}", weekly, 201)
        names |= {"schedule": therapist.id, "starts_at": slots[40]["starts_at"]}

    def call(self, endpoint: Endpoint, headers: dict[str, str]) -> httpx.Response:
        """A request that could succeed, were it not for who sends it."""
        one = DESCRIBED[named(endpoint)]
        path = re.sub(r"\{(\w+)\}", lambda name: self.names[name[1]], endpoint.path)
        meant = {name for name, example in (one.body or {}).items() if ID_OR_MOMENT.match(str(example))}
        body = one.body and one.body | {name: self.names[name] for name in meant & self.names.keys()}
        now = datetime.now(UTC)
        times = {"from": now.isoformat(), "to": (now + timedelta(days=1)).isoformat()}
        query = {name: times[name] for name, needed in one.query.items() if needed}
        return self.http.request(endpoint.method, path, json=body, params=query, headers=headers)
