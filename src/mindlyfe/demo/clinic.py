"""A clinic as the demo needs it: opened by its one-time link, with staff by invitation and patients by registration."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from mindlyfe.demo.mail import Mailbox
from mindlyfe.demo.person import Person, expect

AT_ONCE: Final = 8


@dataclass(slots=True)
class Clinic:
    """An organisation, its administrator, and the code by which patients register."""

    base: str
    mailbox: Mailbox
    run: str
    name: str
    administrator: Person
    code: str = ""

    @classmethod
    def open(cls, base: str, mailbox: Mailbox, run: str, name: str, link: str) -> "Clinic":
        """Follow a one-time set-up link; the administrator is signed in with a second factor afterwards."""
        admin = Person(base, f"{name} Admin", address("admin", name, run))
        asked = {
            "code": link.rsplit("#code=", maxsplit=1)[-1],
            "organisation": {"name": name, "zone": "Europe/London", "locale": "en-GB"},
            "administrator": {"name": admin.name, "email": admin.email, "password": admin.password, "zone": admin.zone},
        }
        expect(admin.call("POST", "/v1/setup", asked), 201)
        admin.sign_in()
        admin.enrol()
        clinic = cls(base, mailbox, run, name, admin)
        clinic.code = expect(admin.call("POST", "/v1/registration-links"), 201).json()["code"]
        return clinic

    def invite(self, name: str, label: str, role: str) -> Person:
        """Invite somebody to the staff; they accept, sign in and get a second factor."""
        person = self.joined(name, label, role)
        person.enrol()
        return person

    def joined(self, name: str, label: str, role: str) -> Person:
        """Invite somebody to the staff; they accept by the link in their mail and sign in, by their password alone."""
        person = Person(self.base, name, address(label, self.name, self.run))
        invitation = {"email": person.email, "name": name, "roles": [role]}
        expect(self.administrator.call("POST", "/v1/invitations", invitation), 201, 202)
        mail = self.mailbox.expect(person.email, "invit")
        accepted = {"code": mail.code, "password": person.password, "zone": person.zone}
        expect(person.call("POST", "/v1/invitations/acceptance", accepted), 200, 201)
        person.sign_in()
        return person

    def register(self, name: str, label: str, zone: str = "Europe/London") -> Person:
        """Register a patient by the clinic's code; they verify by the link in their mail and sign in."""
        person = Person(self.base, name, address(label, self.name, self.run), zone=zone)
        asked = {
            "clinic": self.code,
            "name": person.name,
            "email": person.email,
            "password": person.password,
            "date_of_birth": "1990-04-02",
            "zone": person.zone,
            "locale": "en-GB",
        }
        expect(person.call("POST", "/v1/registrations", asked), 202)
        mail = self.mailbox.expect(person.email, "confirm")
        proof = {"code": mail.code, "password": person.password}
        for _ in ("by the person", "once more, as browsers do"):
            expect(person.call("POST", "/v1/verifications", proof), 200)
        person.sign_in()
        return person

    def register_many(self, count: int) -> list[Person]:
        """Several patients, registered side by side."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda n: self.register(f"Racer {n}", f"racer{n}"), range(count)))


def address(who: str, clinic: str, run: str) -> str:
    """A mail address of this run alone, so that the demo can be played again on the same platform."""
    return f"{who}.{run}@{clinic.split(maxsplit=1)[0].lower()}.example"
