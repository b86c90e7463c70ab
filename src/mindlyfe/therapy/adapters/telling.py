"""How therapy tells of people in FHIR."""

from typing import Any

from mindlyfe.kernel.messages import PersonId


def identified(person: PersonId) -> dict[str, Any]:
    """A person as FHIR refers to them: by our id, which needs no address."""
    return {"identifier": {"system": "urn:mindlyfe:person", "value": str(person)}}
