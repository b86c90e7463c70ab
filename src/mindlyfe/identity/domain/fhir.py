"""How people are named in FHIR: by the ids of the resources that an export holds of them."""

from collections.abc import Set as AbstractSet
from uuid import UUID

from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import PersonId, Role


def practitioner_id(person: PersonId) -> UUID:
    """Of somebody as staff: an id of its own, since they may be a patient as well."""
    return derived("practitioner", person)


def fhir_user(person: PersonId, roles: AbstractSet[Role]) -> str:
    """The resource of who signs in (SMART App Launch 2): staff as `Practitioner/…`, anybody else as `Patient/…`."""
    return f"Practitioner/{practitioner_id(person)}" if roles - {"patient"} else f"Patient/{person}"
