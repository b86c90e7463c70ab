"""Makes exports: asks every context until each has told all it knows, then stores the copy. Deletes old ones."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

import msgspec
import structlog

from mindlyfe.identity.application.bundle import bundle
from mindlyfe.identity.application.discreet import Emergencies
from mindlyfe.identity.application.exports import place
from mindlyfe.identity.application.ports import ExportDue, MergedAccounts
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.domain.discretion import Emergency, may_read
from mindlyfe.identity.domain.export import existing, expire, made, told
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.objects import Objects
from mindlyfe.kernel.personal import Entry, PersonData
from mindlyfe.kernel.secrecy import Keys
from mindlyfe.kernel.telemetry import by_platform

REST_S: Final = 1.0
LEFT_OUT: Final = (
    "Psychotherapy notes, which a therapist keeps apart from the record, are not part of an export. Ask the clinic."
)
UNTOLD: Final = (
    "Emergency accesses to a record are part of an export once they were reviewed and their notice was sent. "
    "Some notices are withheld, for a reason that the privacy officer gives."
)
_log: Final = structlog.get_logger("exports")


class DueExports(Protocol):
    """What there is to do."""

    async def due(self, now: datetime) -> list[ExportDue]:
        """Copies to make, and to delete."""
        ...


class Gathered(NamedTuple):
    """What one context told."""

    context: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """The worker. It may die anywhere: what it did is done again to the same end."""

    streams: IdentityStreams
    listed: DueExports
    sources: Mapping[str, PersonData]
    """Context → what it tells."""
    objects: Objects
    keys: Keys
    emergencies: Emergencies
    clock: Clock
    merged: MergedAccounts

    async def run(self) -> None:
        """Look for work once a second, until cancelled."""
        while True:
            await self.turn()
            await asyncio.sleep(REST_S)

    async def turn(self) -> None:
        """Do all that is due. What fails is tried again in the next turn."""
        for due in await self.listed.due(self.clock()):
            try:
                await (self._delete(due) if due.over else self._make(due))
            except Erased:
                continue  # its rows are about to go
            except Exception as failure:  # noqa: BLE001 - one export's trouble
                _log.warning("export waits", export=str(due.export), exc_info=failure)

    async def _make(self, due: ExportDue) -> None:
        export = existing((await self.streams.exports.load(due.tenant, due.export))[0])
        person, act = export.person, by_platform(due.tenant)
        ids, gathered = (person, *await self.merged.into(due.tenant, person)), list[Gathered]()
        known = {one: await self.emergencies.of_patient(due.tenant, one) for one in ids}
        for context in export.contexts:
            for one in ids:
                entries = await self._told(context, due.tenant, one)
                gathered.append(Gathered(context, [each for each in entries if _may_read(known[one], each, one)]))
            await self.streams.exports.decide(act, due.export, lambda s, context=context: told(s, context))  # type: ignore[misc]
        key, now = await self.keys.of(due.tenant, person), self.clock()
        copies = {"json": self._document(due, ids, gathered), "fhir": self._bundle(due, gathered)}
        for form, copy in copies.items():
            path = place(due.tenant, person, due.export, "fhir" if form == "fhir" else "json")
            await self.objects.put(path, msgspec.json.format(msgspec.json.encode(copy)), key=key)
        await self.streams.exports.decide(act, due.export, lambda state: made(state, now))

    async def _delete(self, due: ExportDue) -> None:
        export = existing((await self.streams.exports.load(due.tenant, due.export))[0])
        now, act = self.clock(), by_platform(due.tenant)
        await self.objects.delete(place(due.tenant, export.person, due.export, "json"))
        await self.objects.delete(place(due.tenant, export.person, due.export, "fhir"))
        await self.streams.exports.decide(act, due.export, lambda state: expire(state, now))

    async def _told(self, context: str, tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        """All parts of what one context knows. Raises Unavailable: nobody is left out."""
        entries: list[Entry] = []
        after: str | None = None
        while True:
            part = await self.sources[context].export(tenant=tenant, person=person, after=after)
            entries += part.entries
            if part.next is None:
                return entries
            after = part.next

    def _document(self, due: ExportDue, ids: Sequence[PersonId], gathered: Sequence[Gathered]) -> dict[str, Any]:
        contexts: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for one in gathered:
            topics = contexts.setdefault(one.context, {})
            for entry in one.entries:
                topics.setdefault(entry.topic, []).append(entry.values)
        return {
            "format": "mindlyfe-export.v1",
            "person": ids[0],
            "merged_accounts": list(ids[1:]),
            "organisation": due.tenant,
            "made_at": self.clock(),
            "left_out": [LEFT_OUT, UNTOLD],
            "known_by": contexts,
        }

    def _bundle(self, due: ExportDue, gathered: Sequence[Gathered]) -> dict[str, Any]:
        resources = [e.resource for one in gathered for e in one.entries if e.resource]
        return bundle(derived("bundle", due.export), self.clock(), resources)


def _may_read(known: Sequence[Emergency], entry: Entry, person: PersonId) -> bool:
    """Whether it goes into the copy: what others did in an emergency access, once the person was told of it."""
    line = entry.values
    if entry.topic != "audit" or not line["emergency_access"] or line["data_of"] != str(person):
        return True
    at = datetime.fromisoformat(line["recorded_at"])
    return may_read(known, actor=UUID(line["done_by"]), thing=line["thing"], at=at)
