"""What identity may be asked to do: shapes are checked here, meaning in the domain."""

from datetime import date
from typing import Annotated, Literal

import msgspec

from mindlyfe.identity.contract.sessions import Device
from mindlyfe.kernel.messages import Command, Instant, PersonId, Role, TenantId

Name = Annotated[
    str,
    msgspec.Meta(
        max_length=120,
        pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$",
        description="As it is shown to others.",
        examples=["Amina Khalil"],
    ),
]
Email = Annotated[
    str,
    msgspec.Meta(
        max_length=254,
        pattern=r"""^[^@\s\x00-\x1f\x7f<>()\[\],;:"\\]{1,64}@[^@\s\x00-\x1f\x7f<>()\[\],;:"\\]+$""",
        description="One address; it is found again whatever its case.",
        examples=["amina@harbour.example"],
    ),
]
Password = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=1024, description="12 to 128 characters.", examples=["umbrella-tortoise-lagoon"]
    ),
]
Zone = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z0-9_+/-]{1,64}$", description="IANA name of a time zone.", examples=["Europe/London"]
    ),
]
Locale = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$", description="BCP 47 language tag.", examples=["en-GB"]
    ),
]
Code = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z0-9_.-]{1,400}$",
        description="What follows `#code=` in a link.",
        examples=["AZC4pHweejqfUyuPHJ1OEA.m0vQ2f6s"],
    ),
]
DateOfBirth = Annotated[date, msgspec.Meta(description="Of a patient.", examples=["1990-04-02"])]
Pronouns = Annotated[str, msgspec.Meta(max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["she/her"])]
Phone = Annotated[
    str,
    msgspec.Meta(pattern=r"^\+[1-9][0-9]{6,14}$", description="E.164.", examples=["+442079460958"]),
]
Relation = Annotated[str, msgspec.Meta(max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["mother"])]
Roles = Annotated[frozenset[Role], msgspec.Meta(min_length=1)]
Delivery = Literal["cookie", "bearer"]
Logistics = Literal["appointments", "travel", "billing", "emergency"]


class Guardian(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who stands by a minor. A contact, not an account: they sign in nowhere and read nothing."""

    name: Name
    phone: Phone
    relation: Relation = ""
    email: Email | None = None
    may: frozenset[Logistics] = frozenset()
    """What the clinic may arrange with them."""


class NewOrganisation(Command, frozen=True):
    """The clinic to open."""

    name: Name
    zone: Zone
    locale: Locale


class NewAdministrator(Command, frozen=True):
    """Its first administrator, who needs no verification: they hold the one-time code."""

    name: Name
    email: Email
    password: Password
    zone: Zone


class SetUp(Command, frozen=True):
    """Open the first clinic of this installation, by the one-time code that `up` printed."""

    code: Code
    organisation: NewOrganisation
    administrator: NewAdministrator


class Register(Command, frozen=True):
    """Ask to join a clinic as a patient; `clinic` is the code of its registration link."""

    clinic: Code
    name: Name
    email: Email
    password: Password
    date_of_birth: date
    zone: Zone
    locale: Locale
    guardian: Guardian | None = None
    """Needed below 18."""


class Verify(Command, frozen=True):
    """Prove an address by the code in the mail, and that it was you who registered. Doing so twice changes nothing."""

    code: Code
    password: Password
    """The one that was chosen at the registration."""


class CancelRegistration(Command, frozen=True):
    """Say by the code in the mail that it was not you who registered."""

    code: Code


class SignIn(Command, frozen=True):
    """Open a session. `organisation` chooses one of several; the first joined is the default.

    `device` is what its owner will know the session by; without it, the kind of browser is noted.
    """

    email: Email
    password: Password
    delivery: Delivery
    organisation: TenantId | None = None
    device: Device | None = None


class Refresh(Command, frozen=True):
    """Exchange a refresh token; a browser sends its cookie instead."""

    refresh_token: str | None = None


class Invite(Command, frozen=True):
    """Offer somebody to join with these roles. A patient needs a date of birth, which they are asked for again."""

    email: Email
    name: Name
    roles: Roles
    date_of_birth: DateOfBirth | None = None
    locale: Locale | None = None
    """The language of the message and of who joins; the clinic's if none is given."""


class AcceptInvitation(Command, frozen=True):
    """Join by an invitation's code. Who has an account already gives its password; a patient their date of birth."""

    code: Code
    password: Password
    zone: Zone
    date_of_birth: DateOfBirth | None = None


class AssignRoles(Command, frozen=True):
    """All roles a member has from now on."""

    roles: Roles


class StartCare(Command, frozen=True):
    """`clinician` treats `patient` from now on, or from `since`; until `until`, if that is agreed."""

    patient: PersonId
    clinician: PersonId
    since: Instant | None = None
    until: Instant | None = None


class NamesAsked(Command, frozen=True):
    """Whose names are wanted."""

    ids: Annotated[frozenset[PersonId], msgspec.Meta(max_length=200)]
