"""Members as administrators manage them: where they stand, what their register says, and what others hear of it."""

from datetime import date
from typing import Annotated, Literal

import msgspec

from mindlyfe.kernel.messages import Command, Event, Instant, PersonId, Role

type Standing = Literal["active", "suspended", "left"]
NamePrefix = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[^\x00-\x40\x5b-\x60\x7b-\xbf][^\x00-\x1f\x7f]{0,59}$",
        description="How the name, or one of its words, begins; it begins with a letter.",
        examples=["Am"],
    ),
]
Reason = Annotated[
    str,
    msgspec.Meta(
        max_length=400,
        pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$",
        description="Why, for those who read it later.",
        examples=["Left her laptop on a train."],
    ),
]
Profession = Annotated[
    str,
    msgspec.Meta(
        max_length=80, pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$", examples=["Psychologist"]
    ),
]
Licence = Annotated[str, msgspec.Meta(max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["HCPC PYL012345"])]


class SuspendMember(Command, frozen=True):
    """Let a member do nothing here until they are reinstated."""

    reason: Reason


class EnterRegister(Command, frozen=True):
    """What the professional register says of a member of staff, replaced as a whole."""

    profession: Profession
    licence: Licence = ""
    valid_until: date | None = None


class RegisterEntry(msgspec.Struct, frozen=True):
    """What the professional register says."""

    profession: str
    licence: str
    valid_until: date | None


class MemberDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One member as reception and administrators see them. `reason` is why they are suspended, if they are."""

    person: PersonId
    name: str
    pronouns: str
    email: str
    roles: frozenset[Role]
    zone: str
    locale: str
    standing: Standing
    reason: str
    register: RegisterEntry | None
    merged_into: PersonId | None = None
    """The account of the same patient that this one became."""
    version: int


class MemberSuspendedV1(Event, frozen=True, tag="identity.member-suspended.v1"):
    """Somebody may do nothing in the organisation for now."""

    person: PersonId


class MemberReinstatedV1(Event, frozen=True, tag="identity.member-reinstated.v1"):
    """Somebody may do again what their roles allow."""

    person: PersonId
    roles: frozenset[Role]


class MemberLeftV1(Event, frozen=True, tag="identity.member-left.v1"):
    """Somebody belongs to the organisation no longer."""

    person: PersonId
    at: Instant
