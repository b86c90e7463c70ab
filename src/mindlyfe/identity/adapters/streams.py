"""The streams of identity with the read models that are filled in their transactions."""

from mindlyfe.identity.adapters.addresses import AddressBook
from mindlyfe.identity.adapters.clinics import Clinics
from mindlyfe.identity.adapters.directory import Directory
from mindlyfe.identity.adapters.relations import CareRelations
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.domain import account, care, invitation, member, organisation, registration, session, setup
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.secrecy import Keys
from mindlyfe.kernel.streams import Snapshots, Streams


def identity_streams(database: Database, keys: Keys) -> IdentityStreams:
    """What is about a person is sealed under their key: of the region for accounts, of the clinic for the rest."""
    return IdentityStreams(
        accounts=Streams(
            database,
            keys,
            name="account",
            events=account.Change,
            evolve=account.evolve,
            subject=lambda state: state.person,
            inline=(AddressBook(database, keys),),
        ),
        sessions=Streams(
            database,
            keys,
            name="session",
            events=session.Change,
            evolve=session.evolve,
            subject=lambda state: state.person,
            snapshots=Snapshots(session.Session),
        ),
        offers=Streams(database, keys, name="setup", events=setup.Change, evolve=setup.evolve),
        organisations=Streams(
            database,
            keys,
            name="organisation",
            events=organisation.Change,
            evolve=organisation.evolve,
            inline=(Clinics(database),),
        ),
        members=Streams(
            database,
            keys,
            name="member",
            events=member.Change,
            evolve=member.evolve,
            subject=lambda state: state.person,
            inline=(Directory(database),),
        ),
        registrations=Streams(
            database,
            keys,
            name="registration",
            events=registration.Change,
            evolve=registration.evolve,
            subject=lambda state: state.person,
        ),
        invitations=Streams(
            database,
            keys,
            name="invitation",
            events=invitation.Change,
            evolve=invitation.evolve,
            subject=lambda state: state.offer.person,
        ),
        care=Streams(
            database,
            keys,
            name="care",
            events=care.Change,
            evolve=care.evolve,
            subject=lambda state: state.patient,
            inline=(CareRelations(database),),
        ),
    )
