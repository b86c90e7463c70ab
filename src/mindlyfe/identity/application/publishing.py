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
from mindlyfe.identity.contract.break_glass import BreakGlassClosedV1, BreakGlassOpenedV1, BreakGlassReviewedV1
from mindlyfe.identity.contract.consents import ConsentChangedV1
from mindlyfe.identity.contract.corrections import CorrectionDecidedV1
from mindlyfe.identity.contract.erasures import ErasureCompletedV1, ErasureOrderedV1, ErasureRefusedV1
from mindlyfe.identity.contract.exports import ExportReadyV1
from mindlyfe.identity.contract.factors import FactorsChangedV1
from mindlyfe.identity.contract.flows import (
    AddressChangeAskedV1,
    AddressChangedV1,
    PasswordChangedV1,
    RecoveryAskedV1,
)
from mindlyfe.identity.contract.handovers import CaseloadHandedOverV1
from mindlyfe.identity.contract.members import MemberLeftV1, MemberReinstatedV1, MemberSuspendedV1
from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.identity.contract.organisations import OrganisationChangedV1
from mindlyfe.identity.contract.sessions import SessionEndedV1
from mindlyfe.identity.contract.supervision import SupervisionEndedV1, SupervisionStartedV1
from mindlyfe.identity.domain import (
    account,
    address_change,
    break_glass,
    care,
    consent,
    correction,
    erasure,
    erasure_request,
    export,
    factors,
    handover,
    invitation,
    member,
    merge,
    organisation,
    recovery,
    registration,
    session,
    supervision,
)
from mindlyfe.kernel.messages import Event, PersonId, Recorded

type Access = supervision.Change | break_glass.Change | handover.Change | merge.Change
type OfAccounts = account.Change | factors.Change | recovery.Change | address_change.Change | session.Change
type OfPeople = registration.Change | invitation.Change | member.Change | care.Change | consent.Change
type OfRights = export.Change | correction.Change | erasure_request.Change | erasure.Change
type Private = OfPeople | OfAccounts | Access | OfRights | organisation.Change


def published(recorded: Recorded[Private]) -> Event | None:
    """The public event, or None."""
    return _public(recorded.event, recorded.stream)


def _public(event: Private, stream: UUID) -> Event | None:  # noqa: PLR0911, PLR0912 # one line per event
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
        case member.Suspended(person=person):
            return MemberSuspendedV1(person=person)
        case member.Reinstated(person=person, roles=roles):
            return MemberReinstatedV1(person=person, roles=roles)
        case member.Left(person=person, at=at, into=into):
            return None if into else MemberLeftV1(person=person, at=at)  # their appointments go on
        case organisation.Described() | organisation.AgeChanged():
            return OrganisationChangedV1()
        case care.Started(care=id_, patient=patient, clinician=clinician, since=since, until=until):
            return CareStartedV1(care=id_, patient=patient, clinician=clinician, since=since, until=until)
        case care.Ended(care=id_, patient=patient, clinician=clinician, until=until, passed_to=to):
            return CareEndedV1(care=id_, patient=patient, clinician=clinician, until=until, passed_to=to)
        case consent.Given() | consent.Withdrawn():
            return ConsentChangedV1(
                person=event.person,
                purpose=event.purpose,
                recipient=event.recipient,
                given=isinstance(event, consent.Given),
                keeps_clinical_basis=event.purpose in consent.CLINICAL,
            )
        case account.PasswordChanged() | account.AddressChanged() | recovery.Asked() | address_change.Asked():
            return _of_account(event, PersonId(stream))
        case session.Revoked() | session.ReuseDetected():
            return SessionEndedV1(session=stream)
        case _:
            return _of_rights(event) or _of_access(event, stream)


def _of_rights(event: Private) -> Event | None:
    match event:
        case export.Made(export=id_, person=person):
            return ExportReadyV1(person=person, export=id_) if person else None
        case correction.Decided(correction=id_, person=person):
            return CorrectionDecidedV1(person=person, correction=id_) if person else None
        case erasure_request.Refused(person=person, possible_on=day):
            return ErasureRefusedV1(person=person, by_law=day is not None)
        case erasure.Ordered(person=person):
            return ErasureOrderedV1(person=person)
        case erasure.Completed(person=person):
            return ErasureCompletedV1(person=person)
        case _:
            return None


def _of_access(event: Private, stream: UUID) -> Event | None:  # noqa: PLR0911 # one line per event
    match event:
        case supervision.Started(supervision=id_, supervisor=supervisor, clinician=clinician, since=since):
            return SupervisionStartedV1(supervision=id_, supervisor=supervisor, clinician=clinician, since=since)
        case supervision.Ended(supervision=id_, supervisor=supervisor, clinician=clinician, until=until):
            return SupervisionEndedV1(supervision=id_, supervisor=supervisor, clinician=clinician, until=until)
        case break_glass.Opened(patient=patient, clinician=clinician, at=at, until=until):
            return BreakGlassOpenedV1(glass=stream, patient=patient, clinician=clinician, since=at, until=until)
        case break_glass.Ended(patient=patient, clinician=clinician, at=at):
            return BreakGlassClosedV1(glass=stream, patient=patient, clinician=clinician, until=at)
        case break_glass.Reviewed(patient=patient, notice=notice):
            return BreakGlassReviewedV1(glass=stream, patient=patient, notice=notice == "send")
        case handover.Finished(giver=giver, receiver=receiver, handover=id_):
            return CaseloadHandedOverV1(handover=id_, giver=giver, receiver=receiver)
        case merge.Told(merge=id_, duplicate=duplicate, survivor=survivor):
            return MemberMergedV1(merge=id_, duplicate=duplicate, survivor=survivor)
        case _:
            return _of_factors(event)


def _of_account(
    event: account.PasswordChanged | account.AddressChanged | recovery.Asked | address_change.Asked, person: PersonId
) -> Event | None:
    """What the region tells; an account's stream is its person's id."""
    match event:
        case account.PasswordChanged():
            return PasswordChangedV1(person=person)
        case account.AddressChanged(ask=ask):
            return AddressChangedV1(person=person, ask=ask)
        case recovery.Asked(person=whose):
            return RecoveryAskedV1(person=whose) if whose else None
        case address_change.Asked(person=whose, ask=ask, owner=owner):
            return AddressChangeAskedV1(person=whose, ask=ask, owner=owner)


def _of_factors(event: Private) -> Event | None:
    """What the owner of a factor should hear of, in case it was not they."""
    match event:
        case factors.TotpConfirmed(person=whose) | factors.BackupCodesMade(person=whose):
            return FactorsChangedV1(person=whose) if whose else None
        case factors.Removed(person=whose) | factors.BackupCodeUsed(emptied=whose):
            return FactorsChangedV1(person=whose) if whose else None
        case factors.PasskeyAdded(person=person) | factors.Reset(person=person):
            return FactorsChangedV1(person=person)
        case _:
            return None
