"""The FHIR R4 form of an export: a collection of resources (interop map: Patient, Practitioner, Appointment, …)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from mindlyfe.identity.domain.consent import Given, Withdrawn
from mindlyfe.kernel.personal import Entry

SYSTEM: Final = "urn:mindlyfe:person"


def bundle(id_: UUID, made_at: datetime, resources: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A Bundle of type collection; each resource under the address that others refer to it by."""
    return {
        "resourceType": "Bundle",
        "id": str(id_),
        "type": "collection",
        "timestamp": made_at.isoformat(),
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources],
    }


def human(kind: str, values: dict[str, Any], email: str | None) -> dict[str, Any]:
    """A Patient or a Practitioner: what the clinic calls somebody, and how to reach them."""
    resource: dict[str, Any] = {
        "resourceType": kind,
        "id": values["person"],
        "identifier": [{"system": SYSTEM, "value": values["person"]}],
        "name": [{"text": values["name"]}],
    }
    if email:
        resource["telecom"] = [{"system": "email", "value": email}]
    if values.get("date_of_birth"):
        resource["birthDate"] = values["date_of_birth"]
    language = {"coding": [{"system": "urn:ietf:bcp:47", "code": values["locale"]}]}
    resource["communication"] = [{"language": language}] if kind == "Patient" else [language]
    return resource


def consented(id_: UUID, change: Given | Withdrawn) -> Entry:
    """A consent given or withdrawn, as an entry with a FHIR Consent."""
    given = isinstance(change, Given)
    values: dict[str, Any] = msgspec.to_builtins(change)
    who = {"identifier": {"system": SYSTEM, "value": str(change.person)}}
    category = {"system": "http://loinc.org", "code": "59284-0", "display": "Consent Document"}
    scope = {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": _scope(change.purpose)}
    resource: dict[str, Any] = {
        "resourceType": "Consent",
        "id": str(id_),
        "status": "active" if given else "inactive",
        "scope": {"coding": [scope]},
        "category": [{"coding": [category]}],
        "patient": who,
        "dateTime": change.at.isoformat(),
        "policyRule": {"text": f"{change.purpose}, for {change.recipient.kind}"},
        "provision": {"type": "permit" if given else "deny"},
    }
    return Entry(topic="consents", values=values, resource=resource)


def _scope(purpose: str) -> str:
    return {"treatment": "treatment", "research": "research"}.get(purpose, "patient-privacy")
