"""Clinicians, a patient and notes, for tests over HTTP."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import PersonId, Role
from mindlyfe.kernel.ties import BY_ITSELF, Begun, Held

SOAP = derived("note-template", "soap")
SAID = "She slept badly, and says so."
HOUR = timedelta(hours=1)


def text(subjective: str = SAID, **sections: str) -> list[dict[str, str]]:
    """The sections of a SOAP note."""
    return [{"section": name, "text": each} for name, each in ({"subjective": subjective} | sections).items()]


@dataclass
class Ward:
    """A therapist who treats a patient, and a supervisor who answers for that."""

    clinic: Any
    name: str = "notes"
    care: UUID = field(default_factory=uuid4)
    soap: UUID = SOAP

    def __post_init__(self) -> None:
        self.author, self.patient = self.clinic.person("therapist"), self.clinic.person("patient")
        self.supervisor = self.clinic.person("supervisor")
        self.clinic.identity.told = [
            self.tie("care", self.author, self.care),
            self.tie("supervision", self.supervisor, uuid4(), via=self.care),
        ]

    def tie(self, kind: Any, holder: Any, id_: UUID, via: UUID = BY_ITSELF, until: Any = None) -> Begun:
        since = self.clinic.clock.now - HOUR
        subject = PersonId(self.patient.id)
        return Begun(holder.id, Held(kind=kind, id=id_, subject=subject, since=since, until=until, via=via))

    def treating(self, *roles: Role) -> Any:
        """Another clinician who treats the patient."""
        somebody = self.clinic.person(*(roles or ("therapist",)))
        self.clinic.identity.told.append(self.tie("care", somebody, uuid4()))
        return somebody

    def discharged(self) -> None:
        """Nobody treats the patient any more, and everybody has heard so."""
        self.clinic.identity.told = []
        self.clinic.clock.pass_(seconds=6)

    def at(self, note: UUID | str = "", *more: Any) -> str:
        parts = [f"/v1/patients/{self.patient.id}/{self.name}", *([str(note)] if note else []), *map(str, more)]
        return "/".join(parts)

    async def begin(self, note: UUID, who: Any = None, **body: Any) -> Any:
        return await (who or self.author).put(self.at(note), json={"template": str(SOAP)} | body)

    async def save(
        self, note: UUID, *base: UUID, sections: Any = None, revision: UUID | None = None, who: Any = None
    ) -> Any:
        body = {"base": [str(one) for one in base], "sections": text() if sections is None else sections}
        return await (who or self.author).put(self.at(note, "revisions", revision or uuid4()), json=body)

    async def draft(self, **body: Any) -> tuple[UUID, UUID]:
        """A note with one revision."""
        note, revision = uuid4(), uuid4()
        assert (await self.begin(note, **body)).status_code == 201
        assert (await self.save(note, revision=revision)).status_code == 200
        return note, revision

    async def sign(self, note: UUID, revision: UUID, who: Any = None, **headers: str) -> Any:
        body = {"revision": str(revision)}
        return await (who or self.author).post(self.at(note, "signature"), json=body, **headers)

    async def signed(self, **body: Any) -> tuple[UUID, UUID]:
        """A note that is signed."""
        note, revision = await self.draft(**body)
        answer = await self.sign(note, revision)
        assert answer.status_code == 200, answer.text
        return note, revision

    async def strike(self, note: UUID, who: Any = None, **headers: str) -> Any:
        body = {"reason": "The wrong patient."}
        return await (who or self.author).post(self.at(note, "entered-in-error"), json=body, **headers)

    async def add(self, note: UUID, addendum: UUID, said: str = "And she eats.", who: Any = None) -> Any:
        return await (who or self.author).put(self.at(note, "addenda", addendum), json={"text": said})

    async def one(self, note: UUID, who: Any = None) -> Any:
        return await (who or self.author).get(self.at(note))

    async def listed(self, who: Any = None, **query: Any) -> list[str]:
        answer = await (who or self.author).get(self.at(), **query)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]
