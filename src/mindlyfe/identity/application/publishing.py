"""Which private events others hear of, and as what: ids only."""

from uuid import UUID

from mindlyfe.identity.contract import (
    CareEndedV1,
    CareStartedV1,
    InvitationIssuedV1,
    MemberJoinedV1,
    RegistrationRepeatedV1,
    RegistrationStartedV1,
    RolesChangedV1,
)
from mindlyfe.identity.contract.consents import ConsentChangedV1
from mindlyfe.identity.domain import care, consent, invitation, member, registration
from mindlyfe.kernel.messages import Event, Recorded

type Private = registration.Change | invitation.Change | member.Change | care.Change | consent.Change


def published(recorded: Recorded[Private]) -> Event | None:
    """The public event, or None."""
    return _public(recorded.event, recorded.stream)


def _public(event: Private, stream: UUID) -> Event | None:  # noqa: PLR0911 # one line per event
    match event:
        case registration.Started(person=person):
            return RegistrationStartedV1(person=person, flow=stream)
        case registration.Repeated(owner=owner):
            return RegistrationRepeatedV1(person=owner)
        case invitation.Issued(roles=roles) | invitation.Reissued(roles=roles):
            return InvitationIssuedV1(invitation=stream, patient="patient" in roles)
        case member.Joined(person=person, roles=roles):
            return MemberJoinedV1(person=person, roles=roles)
        case member.RolesChanged(person=person, roles=roles):
            return RolesChangedV1(person=person, roles=roles)
        case care.Started(patient=patient, clinician=clinician, since=since):
            return CareStartedV1(patient=patient, clinician=clinician, since=since)
        case care.Ended(patient=patient, clinician=clinician, until=until):
            return CareEndedV1(patient=patient, clinician=clinician, until=until)
        case consent.Given() | consent.Withdrawn():
            return ConsentChangedV1(
                person=event.person,
                purpose=event.purpose,
                recipient=event.recipient,
                given=isinstance(event, consent.Given),
                keeps_clinical_basis=event.purpose in consent.CLINICAL,
            )
        case _:
            return None
