"""The streams of identity with the read models that are filled in their transactions."""

from mindlyfe.identity.adapters import rights_streams as rights
from mindlyfe.identity.adapters.addresses import AddressBook
from mindlyfe.identity.adapters.clinics import Clinics
from mindlyfe.identity.adapters.consent_texts import ConsentTexts
from mindlyfe.identity.adapters.directory import Directory
from mindlyfe.identity.adapters.glasses import Glasses
from mindlyfe.identity.adapters.handovers import UnfinishedHandovers
from mindlyfe.identity.adapters.invited import Invited
from mindlyfe.identity.adapters.registered_apps import AllowedApps, RegisteredApps
from mindlyfe.identity.adapters.relations import CareRelations
from mindlyfe.identity.adapters.revocations import RevocationNotes
from mindlyfe.identity.adapters.sessions import SessionList
from mindlyfe.identity.adapters.supervisions import Supervisions
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.domain import (
    account,
    address_change,
    allowance,
    app,
    authorization,
    break_glass,
    care,
    consent,
    factors,
    handover,
    invitation,
    member,
    organisation,
    recovery,
    registration,
    session,
    setup,
    supervision,
    wording,
)
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.secrecy import Keys
from mindlyfe.kernel.streams import Snapshots, Streams


def identity_streams(database: Database, keys: Keys) -> IdentityStreams:
    """What is about a person is sealed under their key: of the region for accounts, of the clinic for the rest."""
    return IdentityStreams(
        accounts=_accounts(database, keys),
        sessions=_sessions(database, keys),
        factors=_factors(database, keys),
        offers=Streams(database, keys, name="setup", events=setup.Change, evolve=setup.evolve),
        organisations=_organisations(database, keys),
        members=_members(database, keys),
        registrations=_registrations(database, keys),
        invitations=_invitations(database, keys),
        apps=_apps(database, keys),
        authorizations=_authorizations(database, keys),
        allowances=_allowances(database, keys),
        care=_care(database, keys),
        handovers=_handovers(database, keys),
        supervisions=_supervisions(database, keys),
        glasses=_glasses(database, keys),
        exports=rights.exports(database, keys),
        wordings=_wordings(database, keys),
        consents=_consents(database, keys),
        recoveries=Streams(database, keys, name="recovery", events=recovery.Change, evolve=recovery.evolve),
        address_changes=_address_changes(database, keys),
        corrections=rights.corrections(database, keys),
        cases=rights.cases(database, keys),
        erasures=rights.erasures(database, keys),
    )


def _accounts(database: Database, keys: Keys) -> Streams[account.Account, account.Change]:
    return Streams(
        database,
        keys,
        name="account",
        events=account.Change,
        evolve=account.evolve,
        subject=lambda state: state.person,
        inline=(AddressBook(database, keys),),
    )


def _sessions(database: Database, keys: Keys) -> Streams[session.Session, session.Change]:
    return Streams(
        database,
        keys,
        name="session",
        events=session.Change,
        evolve=session.evolve,
        subject=lambda state: state.person,
        inline=(SessionList(database), RevocationNotes()),
        snapshots=Snapshots(session.Session),
    )


def _factors(database: Database, keys: Keys) -> Streams[factors.Factors, factors.Change]:
    return Streams(
        database,
        keys,
        name="factors",
        events=factors.Change,
        evolve=factors.evolve,
        subject=lambda state: state.person,
        snapshots=Snapshots(factors.Factors),
    )


def _organisations(database: Database, keys: Keys) -> Streams[organisation.Organisation, organisation.Change]:
    return Streams(
        database,
        keys,
        name="organisation",
        events=organisation.Change,
        evolve=organisation.evolve,
        inline=(Clinics(database),),
    )


def _members(database: Database, keys: Keys) -> Streams[member.Member, member.Change]:
    return Streams(
        database,
        keys,
        name="member",
        events=member.Change,
        evolve=member.evolve,
        subject=lambda state: state.person,
        inline=(Directory(database), RevocationNotes()),
    )


def _registrations(database: Database, keys: Keys) -> Streams[registration.Registration, registration.Change]:
    return Streams(
        database,
        keys,
        name="registration",
        events=registration.Change,
        evolve=registration.evolve,
        subject=lambda state: state.person,
    )


def _invitations(database: Database, keys: Keys) -> Streams[invitation.Invitation, invitation.Change]:
    return Streams(
        database,
        keys,
        name="invitation",
        events=invitation.Change,
        evolve=invitation.evolve,
        subject=lambda state: state.offer.person,
        inline=(Invited(database),),
    )


def _apps(database: Database, keys: Keys) -> Streams[app.App, app.Change]:
    return Streams(database, keys, name="app", events=app.Change, evolve=app.evolve, inline=(RegisteredApps(database),))


def _authorizations(database: Database, keys: Keys) -> Streams[authorization.Authorization, authorization.Change]:
    return Streams(
        database,
        keys,
        name="authorization",
        events=authorization.Change,
        evolve=authorization.evolve,
        subject=lambda state: state.person,
    )


def _allowances(database: Database, keys: Keys) -> Streams[allowance.Allowance, allowance.Change]:
    return Streams(
        database,
        keys,
        name="allowance",
        events=allowance.Change,
        evolve=allowance.evolve,
        subject=lambda state: state.person,
        inline=(AllowedApps(database),),
    )


def _care(database: Database, keys: Keys) -> Streams[care.Care, care.Change]:
    return Streams(
        database,
        keys,
        name="care",
        events=care.Change,
        evolve=care.evolve,
        subject=lambda state: state.patient,
        inline=(CareRelations(database),),
    )


def _wordings(database: Database, keys: Keys) -> Streams[wording.Wordings, wording.Change]:
    texts = (ConsentTexts(database),)
    return Streams(database, keys, name="consent-text", events=wording.Change, evolve=wording.evolve, inline=texts)


def _consents(database: Database, keys: Keys) -> Streams[consent.Consent, consent.Change]:
    return Streams(
        database,
        keys,
        name="consent",
        events=consent.Change,
        evolve=consent.evolve,
        subject=lambda state: state.person,
    )


def _handovers(database: Database, keys: Keys) -> Streams[handover.Handover, handover.Change]:
    events, inline = handover.Change, (UnfinishedHandovers(database),)
    return Streams(database, keys, name="handover", events=events, evolve=handover.evolve, inline=inline)


def _supervisions(database: Database, keys: Keys) -> Streams[supervision.Supervision, supervision.Change]:
    events, inline = supervision.Change, (Supervisions(database),)
    return Streams(database, keys, name="supervision", events=events, evolve=supervision.evolve, inline=inline)


def _glasses(database: Database, keys: Keys) -> Streams[break_glass.Glass, break_glass.Change]:
    return Streams(
        database,
        keys,
        name="break-glass",
        events=break_glass.Change,
        evolve=break_glass.evolve,
        subject=lambda state: state.patient,
        inline=(Glasses(database),),
    )


def _address_changes(database: Database, keys: Keys) -> Streams[address_change.AddressChange, address_change.Change]:
    return Streams(
        database,
        keys,
        name="address-change",
        events=address_change.Change,
        evolve=address_change.evolve,
        subject=lambda state: state.person,
    )
