"""What identity tells of a person for their export: account, profile, who treats them, what they asked for."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

import msgspec
from psycopg.rows import dict_row

from mindlyfe.identity.application.acts import consent_stream, member_stream
from mindlyfe.identity.application.bundle import consented, human
from mindlyfe.identity.application.photos import Photos
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.domain.fhir import practitioner_id
from mindlyfe.identity.domain.member import Member
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import REGION, PersonId, TenantId
from mindlyfe.kernel.personal import Entry
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.retained import Retained

CARE: Final[LiteralString] = """
    select id, patient, clinician, since, until from care where patient = %(person)s or clinician = %(person)s
    order by since, id"""
SIGNED_IN: Final[LiteralString] = """
    select id as session, device, client as app, methods as proved_by, aal as assurance_level,
        opened_at as signed_in_at, used_at as last_used_at, ended_at
    from session where tenant = current_setting('app.tenant')::uuid and person = %(person)s
      and organisation = %(organisation)s order by opened_at, id"""
TREATED: Final[LiteralString] = """
    select count(*), max(coalesce(until, %(now)s)) from care where patient = %(person)s and since <= %(now)s"""
ASKED: Final[LiteralString] = """
    select 'export' as kind, id, status, requested_at, expires_at from export where person = %(person)s
    order by requested_at, id"""
WRONG: Final[LiteralString] = "select id from correction where person = %(person)s order by asked_at, id"


@dataclass(frozen=True, slots=True)
class Told:
    """Reads it all under the person's key."""

    database: Database
    streams: IdentityStreams
    photos: Photos

    async def tells(self, tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        """Everything, in the organisation that was asked."""
        return [
            *await self._human(tenant, person),
            *await self._photo(tenant, person),
            *await self._consents(tenant, person),
            *await self._sessions(tenant, person),
            *await self._care(tenant, person),
            *await self._asked(tenant, person),
        ]

    async def _human(self, tenant: TenantId, person: PersonId) -> list[Entry]:
        try:
            member, _ = await self.streams.members.load(tenant, member_stream(tenant, person))
            account, _ = await self.streams.accounts.load(REGION, person)
        except Erased:
            return []
        email = account.email if account else None
        found: list[Entry] = []
        if account:
            organisations = [str(one) for one in account.organisations]
            values = {"e_mail_address": account.email, "belongs_to_organisations": organisations}
            found.append(Entry(topic="account", values=values, resource=_practitioner(member, email)))
        if member:
            values, patient = _profile(member), "patient" in member.roles
            found.append(
                Entry(topic="profile", values=values, resource=human("Patient", values, email) if patient else None)
            )
        return found

    async def _photo(self, tenant: TenantId, person: PersonId) -> list[Entry]:
        try:
            content = await self.photos.of(tenant, person)
        except NotFound:
            return []
        photo = {"content_type": "image/jpeg", "base64": b64encode(content).decode()}
        return [Entry(topic="profile", values={"photo": photo})]

    async def _consents(self, tenant: TenantId, person: PersonId) -> list[Entry]:
        try:
            state, _ = await self.streams.consents.load(tenant, consent_stream(tenant, person))
        except Erased:
            return []
        return [
            consented(derived("consent", tenant, person, n), one)
            for n, one in enumerate(state.history if state else ())
        ]

    async def _sessions(self, tenant: TenantId, person: PersonId) -> list[Entry]:
        async with self.database.app(REGION) as tx, tx.cursor(row_factory=dict_row) as rows:
            found = await (await rows.execute(SIGNED_IN, {"person": person, "organisation": tenant})).fetchall()
        return [Entry(topic="sessions", values=msgspec.to_builtins(row)) for row in found]

    async def _care(self, tenant: TenantId, person: PersonId) -> list[Entry]:
        async with self.database.app(tenant) as tx, tx.cursor(row_factory=dict_row) as rows:
            found = await (await rows.execute(CARE, {"person": person})).fetchall()
        return [Entry(topic="care", values=_relation(row, person)) for row in found]

    async def _asked(self, tenant: TenantId, person: PersonId) -> list[Entry]:
        async with self.database.app(tenant) as tx, tx.cursor(row_factory=dict_row) as rows:
            found = await (await rows.execute(ASKED, {"person": person})).fetchall()
            wrong = await (await rows.execute(WRONG, {"person": person})).fetchall()
        entries = [Entry(topic="requests", values=msgspec.to_builtins(row)) for row in found]
        for row in wrong:
            state, _ = await self.streams.corrections.load(tenant, row["id"])
            if state:
                entries.append(Entry(topic="requests", values={"kind": "correction"} | msgspec.to_builtins(state)))
        return entries


def _practitioner(member: Member | None, email: str | None) -> dict[str, Any] | None:
    """Staff, under an id of its own: somebody may be a patient as well."""
    if member is None or not member.roles - {"patient"}:
        return None
    return human("Practitioner", _profile(member), email) | {"id": str(practitioner_id(member.person))}


def _profile(member: Member) -> dict[str, Any]:
    """All of it, whatever a profile comes to hold."""
    values: dict[str, Any] = msgspec.to_builtins(member)
    return values | {"roles": sorted(member.roles)}


def _relation(row: dict[str, Any], person: PersonId) -> dict[str, Any]:
    """Of a clinician, only that they treated somebody: who it was is the patient's."""
    mine = row["patient"] == person
    return {
        "relationship": str(row["id"]),
        "as": "patient" if mine else "clinician",
        "treated_by": str(row["clinician"]) if mine else None,
        "since": row["since"].isoformat(),
        "until": row["until"].isoformat() if row["until"] else None,
    }


@dataclass(frozen=True, slots=True)
class Treatments:
    """Care relationships are records of treatment; one that runs counts until now."""

    database: Database
    clock: Clock

    async def retains(self, tenant: TenantId, person: PersonId) -> Sequence[Retained]:
        """How many the person had as a patient, and the end of the last."""
        asked = {"person": person, "now": self.clock()}
        async with self.database.app(tenant) as tx:
            count, latest = await (await tx.execute(TREATED, asked)).fetchone() or (0, None)
        return [Retained(records="clinical", count=count, latest=latest)] if latest is not None else []
