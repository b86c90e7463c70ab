"""What identity answers over HTTP."""

from typing import Literal
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.members import Standing
from mindlyfe.kernel.messages import Instant, PersonId, Role, TenantId


class SetUpDone(msgspec.Struct, frozen=True):
    """The clinic is open; its administrator can sign in."""

    organisation: TenantId
    administrator: PersonId


class Accepted(msgspec.Struct, frozen=True):
    """The same answer to every registration, whoever the address belongs to."""

    message: str = "If the address is right, a message is on its way to it."


class Verified(msgspec.Struct, frozen=True):
    """The address is proved; its owner can sign in."""

    status: Literal["verified"] = "verified"


class RegistrationCancelled(msgspec.Struct, frozen=True):
    """Nobody gets an account by it, and what was given is deleted."""

    status: Literal["cancelled"] = "cancelled"


class InvitationAccepted(msgspec.Struct, frozen=True):
    """Somebody joined, and can sign in."""

    status: Literal["accepted"] = "accepted"


class SignedIn(msgspec.Struct, frozen=True):
    """A session. The tokens are null when they travel in cookies."""

    session: UUID
    person: PersonId
    organisation: TenantId
    roles: frozenset[Role]
    expires_at: Instant
    """When the access token ends; refresh before."""
    access_token: str | None = None
    refresh_token: str | None = None
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 # a scheme, not a secret


class Me(msgspec.Struct, frozen=True):
    """The caller as a member of the organisation the token names. `version` is the profile's."""

    person: PersonId
    organisation: TenantId
    organisation_name: str
    name: str
    pronouns: str
    email: str
    roles: frozenset[Role]
    zone: str
    locale: str
    version: int


class MemberView(msgspec.Struct, frozen=True):
    """A member as reception and administrators see them."""

    person: PersonId
    name: str
    roles: frozenset[Role]
    zone: str
    joined_at: Instant
    version: int
    standing: Standing
    second_factor: bool | None = None
    """Whether somebody of the staff has one, for administrators; null: a patient, or not the caller's to know."""


class TherapistView(msgspec.Struct, frozen=True):
    """Somebody one can book with."""

    id: PersonId
    name: str


class RegistrationLink(msgspec.Struct, frozen=True):
    """Lets patients register at the clinic until it is closed."""

    id: UUID
    code: str
    url: str


class InvitationView(msgspec.Struct, frozen=True):
    """An invitation that is on its way."""

    invitation: UUID
    expires_at: Instant


class MemberSaved(msgspec.Struct, frozen=True):
    """A member changed."""

    person: PersonId
    version: int


class CareSaved(msgspec.Struct, frozen=True):
    """A care relationship changed."""

    id: UUID
    version: int


class CareView(msgspec.Struct, frozen=True):
    """A care relationship as staff see it."""

    id: UUID
    patient: PersonId
    clinician: PersonId
    since: Instant
    until: Instant | None
    version: int


class Names(msgspec.Struct, frozen=True):
    """Id → name, of those the caller may know."""

    names: dict[PersonId, str]
