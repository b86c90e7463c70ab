"""Whether two accounts may be one patient's: who can be merged at all, and what speaks against it."""

from collections.abc import Set
from typing import Final

from mindlyfe.identity.contract.merges import Conflict
from mindlyfe.identity.domain.consent import Key
from mindlyfe.identity.domain.member import Member, belonging
from mindlyfe.identity.domain.merge_refusals import BirthDatesDiffer, ConflictsOpen, PatientsOnly, SamePerson
from mindlyfe.identity.domain.refusals import NotYourself
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.roles import PATIENT

BLOCKS: Final[frozenset[Conflict]] = frozenset({"birth-dates-differ"})
"""Nobody can acknowledge these away: one of the dates is wrong, or they are two people."""


def able(duplicate: Member | None, survivor: Member | None, *, by: PersonId) -> tuple[Member, Member]:
    """Both, if they are patients here and nothing else. Raises NotFound, SamePerson, NotYourself, PatientsOnly."""
    one, other = belonging(duplicate), belonging(survivor)
    if one.person == other.person:
        raise SamePerson
    if by in {one.person, other.person}:
        raise NotYourself
    if one.roles != PATIENT or other.roles != PATIENT:
        raise PatientsOnly
    return one, other


def conflicts(duplicate: Member, survivor: Member, permits: tuple[Set[Key], Set[Key]]) -> frozenset[Conflict]:
    """What speaks against it. `permits`: which consents of each stand."""
    found: set[Conflict] = set()
    births = {duplicate.date_of_birth, survivor.date_of_birth}
    if None in births:
        found.add("birth-date-missing")
    elif len(births) > 1:
        found.add("birth-dates-differ")
    if _spelled(duplicate.name) != _spelled(survivor.name):
        found.add("names-differ")
    if _reached(duplicate) != _reached(survivor):
        found.add("contacts-differ")
    if duplicate.details.guardian != survivor.details.guardian:
        found.add("guardians-differ")
    if permits[0] != permits[1]:
        found.add("consents-differ")
    if "suspended" in {duplicate.standing, survivor.standing}:
        found.add("suspended")
    return frozenset(found)


def acknowledge(found: frozenset[Conflict], acknowledged: frozenset[Conflict]) -> None:
    """All that was found was looked at, and none of it forbids it. Raises BirthDatesDiffer, ConflictsOpen."""
    if found & BLOCKS:
        raise BirthDatesDiffer
    if found - acknowledged:
        raise ConflictsOpen


def _spelled(name: str) -> str:
    return " ".join(name.casefold().split())


def _reached(member: Member) -> tuple[object, ...]:
    details = member.details
    return details.safe_name, details.phone, details.safe_contact, details.emergency_contact
