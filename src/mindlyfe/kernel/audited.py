"""What the audit says of one person, for their export: as rows and as FHIR AuditEvents."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString
from uuid import UUID

from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.postgres import Database

# What others did to the person's data, and what the person did.
ABOUT: Final[LiteralString] = """
    select position, at, actor, action, subject, object, outcome,
           detail ? 'break_glass' or action like 'break-glass%%' as emergency
    from audit
    where (subject = %(person)s or actor = %(person)s) and position > %(after)s order by position limit %(limit)s"""

type Line = tuple[dict[str, Any], dict[str, Any]]


async def audited(
    database: Database, tenant: TenantId, person: PersonId, after: int, limit: int
) -> tuple[Sequence[Line], int | None]:
    """The next rows about a person, and the place of the last; None for the place when there are no more."""
    asked = {"person": person, "after": after, "limit": limit}
    async with database.app(tenant) as tx:
        rows = await (await tx.execute(ABOUT, asked)).fetchall()
    lines = [_line(database.context, row) for row in rows]
    return lines, rows[-1][0] if len(rows) == limit else None


def _line(context: str, row: Sequence[Any]) -> Line:
    position, at, actor, action, subject, thing, outcome, emergency = row
    values = {
        "recorded_at": at.isoformat(),
        "done_by": str(actor),
        "action": action,
        "data_of": str(subject) if subject else None,
        "thing": thing,
        "outcome": outcome,
        "emergency_access": emergency,
    }
    return values, _event(derived("audit", context, position), context, values)


def _event(id_: UUID, context: str, values: dict[str, Any]) -> dict[str, Any]:
    subject = values["data_of"]
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": str(id_),
        "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"},
        "subtype": [{"system": "urn:mindlyfe:action", "code": values["action"]}],
        "recorded": values["recorded_at"],
        "outcome": "0" if values["outcome"] == "done" else "4",
        "agent": [{"who": {"identifier": {"system": "urn:mindlyfe:person", "value": values["done_by"]}}}],
        "source": {"observer": {"display": f"mindlyfe {context}"}},
    }
    event["agent"][0]["requestor"] = True
    if subject:
        event["entity"] = [{"what": {"identifier": {"system": "urn:mindlyfe:person", "value": subject}}}]
    return event
