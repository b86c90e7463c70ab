"""The streams of identity with the read models that are filled in their transactions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from mindlyfe.identity.adapters.addresses import AddressBook
from mindlyfe.identity.adapters.clinics import Clinics
from mindlyfe.identity.adapters.consent_texts import ConsentTexts
from mindlyfe.identity.adapters.corrections import Corrections
from mindlyfe.identity.adapters.directory import Directory
from mindlyfe.identity.adapters.erasures import Cases, Erasures
from mindlyfe.identity.adapters.exports import Exports
from mindlyfe.identity.adapters.glasses import Glasses
from mindlyfe.identity.adapters.handovers import UnfinishedHandovers
from mindlyfe.identity.adapters.invited import Invited
from mindlyfe.identity.adapters.merges import Merges
from mindlyfe.identity.adapters.pending import PendingRegistrations
from mindlyfe.identity.adapters.registered_apps import AllowedApps, RegisteredApps
from mindlyfe.identity.adapters.relations import CareRelations
from mindlyfe.identity.adapters.revocations import RevocationNotes
from mindlyfe.identity.adapters.second_factors import SecondFactors
from mindlyfe.identity.adapters.sessions import SessionList
from mindlyfe.identity.adapters.setup_links import OfferedLinks
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
    photo,
    recovery,
    registration,
    session,
    setup,
    supervision,
    wording,
)
from mindlyfe.kernel.messages import Event, PersonId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.secrecy import Keys
from mindlyfe.kernel.streams import Projection, Snapshots, Streams


def identity_streams(database: Database, keys: Keys) -> IdentityStreams:
    """What is about a person is sealed under their key: of the region for accounts, of the clinic for the rest."""
    of, d = _Kinds(database, keys), database
    sessions = Snapshots(session.Session)
    return IdentityStreams(
        accounts=of("account", account.Change, account.evolve, _person, AddressBook(d, keys)),
        sessions=of(
            "session", session.Change, session.evolve, _person, SessionList(d), RevocationNotes(), kept=sessions
        ),
        factors=of(
            "factors", factors.Change, factors.evolve, _person, SecondFactors(d), kept=Snapshots(factors.Factors)
        ),
        offers=of("setup", setup.Change, setup.evolve, None, OfferedLinks(d)),
        organisations=of("organisation", organisation.Change, organisation.evolve, None, Clinics(d)),
        members=of("member", member.Change, member.evolve, _person, Directory(d), RevocationNotes()),
        registrations=of("registration", registration.Change, registration.evolve, _person, PendingRegistrations(d)),
        invitations=of("invitation", invitation.Change, invitation.evolve, lambda one: one.offer.person, Invited(d)),
        apps=of("app", app.Change, app.evolve, None, RegisteredApps(d), RevocationNotes()),
        authorizations=of("authorization", authorization.Change, authorization.evolve, _person),
        allowances=of("allowance", allowance.Change, allowance.evolve, _person, AllowedApps(d)),
        care=of("care", care.Change, care.evolve, _patient, CareRelations(d)),
        handovers=of("handover", handover.Change, handover.evolve, None, UnfinishedHandovers(d)),
        merges=of("merge", merge.Change, merge.evolve, None, Merges(d)),
        supervisions=of("supervision", supervision.Change, supervision.evolve, None, Supervisions(d)),
        glasses=of("break-glass", break_glass.Change, break_glass.evolve, _patient, Glasses(d)),
        exports=of("export", export.Change, export.evolve, _person, Exports(d)),
        wordings=of("consent-text", wording.Change, wording.evolve, None, ConsentTexts(d)),
        consents=of("consent", consent.Change, consent.evolve, _person),
        recoveries=of("recovery", recovery.Change, recovery.evolve),
        address_changes=of("address-change", address_change.Change, address_change.evolve, _person),
        photos=of("photo", photo.Change, photo.evolve, _person),
        corrections=of("correction", correction.Change, correction.evolve, _person, Corrections(d)),
        cases=of("erasure-request", erasure_request.Change, erasure_request.evolve, _person, Cases(d)),
        erasures=of("erasure", erasure.Change, erasure.evolve, None, Erasures(d)),
    )


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Makes the streams of one aggregate after the other, all in one database."""

    database: Database
    keys: Keys

    def __call__[S, E: Event](
        self,
        name: str,
        events: Any,
        evolve: Callable[[S | None, E], S],
        subject: Callable[[S], PersonId | None] | None = None,
        *inline: Projection[E],
        kept: Snapshots[S] | None = None,
    ) -> Streams[S, E]:
        """Under the key of its `subject`, with its read models; states are `kept` of what is folded often."""
        return Streams(
            self.database,
            self.keys,
            name=name,
            events=events,
            evolve=evolve,
            subject=subject,
            inline=inline,
            snapshots=kept,
        )


class _Personal(Protocol):
    @property
    def person(self) -> PersonId: ...


class _OfPatient(Protocol):
    @property
    def patient(self) -> PersonId: ...


def _person(state: _Personal) -> PersonId:
    return state.person


def _patient(state: _OfPatient) -> PersonId:
    return state.patient
