"""What the clinic knows of a person: how to call and reach them, where they are, who stands by them."""

from datetime import date
from typing import Annotated, Literal, Protocol

import msgspec

from mindlyfe.identity.contract.commands import Guardian, Locale, Name, Phone, Pronouns, Relation, Zone
from mindlyfe.kernel.messages import Command, Instant, PersonId, TenantId

SafeName = Annotated[
    str,
    msgspec.Meta(
        max_length=120,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="What to be called on the phone and in messages; empty: the name.",
        examples=["Sam"],
    ),
]
SenderName = Annotated[
    str,
    msgspec.Meta(
        max_length=40,
        pattern=r"^[^\x00-\x1f\x7f@<>\",;:\\]*$",
        description="The name that mail to the person is shown to come from; empty: a neutral one.",
        examples=["Sam"],
    ),
]
Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$", description="ISO 3166-1, two letters.", examples=["GB"])]
Reason = Annotated[
    str,
    msgspec.Meta(
        max_length=500,
        pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x08\x0b-\x1f\x7f]*$",
        examples=["Passport shown at the desk."],
    ),
]
From = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["10:00"])]
To = Annotated[str, msgspec.Meta(pattern="^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", examples=["12:00"])]
Weekday = Annotated[int, msgspec.Meta(ge=1, le=7)]

type Channel = Literal["email", "sms", "call", "push", "post"]


class BestHours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """When to reach somebody, by the wall clock of their zone. No weekdays (ISO: Monday is 1) means every day."""

    from_: From
    to: To
    weekdays: frozenset[Weekday] = frozenset()


class SafeContact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to reach somebody without harm. What is not said is answered in the most careful way."""

    voicemail: bool = False
    """Whether a voice message may be left."""
    shared_phone: bool = False
    """Whether others use the phone."""
    discreet: bool = True
    """Whether senders and subjects must not show the clinic."""
    sender: SenderName = ""
    avoid: frozenset[Channel] = frozenset()
    """Channels not to use."""
    hours: Annotated[tuple[BestHours, ...], msgspec.Meta(max_length=21)] = ()
    """The best ones; none means any."""


class EmergencyContact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to call when the person is in danger."""

    name: Name
    phone: Phone
    relation: Relation = ""


class ChangeProfile(Command, frozen=True):
    """A person's profile in this organisation, replaced as a whole."""

    name: Name
    zone: Zone
    locale: Locale
    pronouns: Pronouns = ""
    safe_name: SafeName = ""
    phone: Phone | None = None
    safe_contact: SafeContact = SafeContact()
    emergency_contact: EmergencyContact | None = None
    guardian: Guardian | None = None


class CorrectBirth(Command, frozen=True):
    """The date of birth was wrong; this one is right, for this reason."""

    date_of_birth: date
    reason: Reason


class ConfirmWhereabouts(Command, frozen=True):
    """The country the caller is in now: it decides which emergency services are shown."""

    country: Country


class ProfileView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a clinic keeps in a person's profile."""

    person: PersonId
    name: str
    safe_name: str
    pronouns: str
    date_of_birth: date | None
    minor: bool
    zone: str
    locale: str
    phone: str | None
    safe_contact: SafeContact
    emergency_contact: EmergencyContact | None
    guardian: Guardian | None
    country: str | None
    """Where the person is now, as they last said."""
    country_confirmed_at: Instant | None
    version: int


class PatientHeader(msgspec.Struct, frozen=True, kw_only=True):
    """What stands above everything about a patient, so that nobody writes into the wrong record."""

    person: PersonId
    name: str
    date_of_birth: date | None
    pronouns: str
    version: int


class Whereabouts(msgspec.Struct, frozen=True):
    """The country a person is in, as they last said; None when they never did."""

    country: str | None
    confirmed_at: Instant | None


class Patients(Protocol):
    """What a clinical context shows of a patient at the moment of use. All raise NotFound."""

    async def header(self, *, tenant: TenantId, person: PersonId) -> PatientHeader:
        """Name, date of birth and pronouns."""
        ...

    async def whereabouts(self, *, tenant: TenantId, person: PersonId) -> Whereabouts:
        """Where the person is: what emergency resources go by."""
        ...

    async def locate(self, *, tenant: TenantId, person: PersonId, country: str) -> bool:
        """They said that they are in this country now; False when there is no such country, and nothing changes."""
        ...
