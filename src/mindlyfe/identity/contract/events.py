"""What identity tells: public events, which carry ids only."""

from uuid import UUID

from mindlyfe.kernel.messages import Event, Instant, PersonId, Role


class RegistrationStartedV1(Event, frozen=True, tag="identity.registration-started.v1"):
    """Somebody wants to join by a clinic's link; `flow` asks `Links.verification` for their link."""

    person: PersonId
    flow: UUID


class RegistrationRepeatedV1(Event, frozen=True, tag="identity.registration-repeated.v1"):
    """Somebody registered with the address of an account that exists; its owner is told."""

    person: PersonId


class InvitationIssuedV1(Event, frozen=True, tag="identity.invitation-issued.v1"):
    """A clinic offers somebody to join, or offers it again. `patient`: to be treated, whatever else they do."""

    invitation: UUID
    patient: bool = False


class MemberJoinedV1(Event, frozen=True, tag="identity.member-joined.v1"):
    """Somebody belongs to the organisation now."""

    person: PersonId
    roles: frozenset[Role]


class RolesChangedV1(Event, frozen=True, tag="identity.roles-changed.v1"):
    """What somebody may do in the organisation changed; `roles` are all of them."""

    person: PersonId
    roles: frozenset[Role]


class CareStartedV1(Event, frozen=True, tag="identity.care-started.v1"):
    """From `since` on, `clinician` treats `patient`; until `until`, if that was agreed."""

    care: UUID
    patient: PersonId
    clinician: PersonId
    since: Instant
    until: Instant | None = None


class CareEndedV1(Event, frozen=True, tag="identity.care-ended.v1"):
    """At `until`, which may lie ahead, the treatment ends. `passed_to` is the colleague to whom it was handed over."""

    care: UUID
    patient: PersonId
    clinician: PersonId
    until: Instant
    passed_to: PersonId | None = None
