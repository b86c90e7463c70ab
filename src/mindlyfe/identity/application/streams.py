"""The streams of identity, one kind per aggregate."""

from dataclasses import dataclass
from typing import Any

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
from mindlyfe.kernel.streams import Streams


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityStreams:
    """What one signs in by, apps, and set-up offers belong to the region, the others to an organisation."""

    accounts: Streams[account.Account, account.Change]
    sessions: Streams[session.Session, session.Change]
    factors: Streams[factors.Factors, factors.Change]
    offers: Streams[setup.SetUpOffer, setup.Change]
    organisations: Streams[organisation.Organisation, organisation.Change]
    members: Streams[member.Member, member.Change]
    registrations: Streams[registration.Registration, registration.Change]
    invitations: Streams[invitation.Invitation, invitation.Change]
    apps: Streams[app.App, app.Change]
    authorizations: Streams[authorization.Authorization, authorization.Change]
    allowances: Streams[allowance.Allowance, allowance.Change]
    care: Streams[care.Care, care.Change]
    handovers: Streams[handover.Handover, handover.Change]
    supervisions: Streams[supervision.Supervision, supervision.Change]
    glasses: Streams[break_glass.Glass, break_glass.Change]
    exports: Streams[export.Export, export.Change]
    wordings: Streams[wording.Wordings, wording.Change]
    consents: Streams[consent.Consent, consent.Change]
    recoveries: Streams[recovery.Recovery, recovery.Change]
    address_changes: Streams[address_change.AddressChange, address_change.Change]
    photos: Streams[photo.Photo, photo.Change]
    corrections: Streams[correction.Correction, correction.Change]
    merges: Streams[merge.Merge, merge.Change]
    cases: Streams[erasure_request.Case, erasure_request.Change]
    erasures: Streams[erasure.Erasure, erasure.Change]

    def all(self) -> list[Streams[Any, Any]]:
        """Every kind."""
        return [
            self.accounts,
            self.sessions,
            self.factors,
            self.offers,
            self.organisations,
            self.members,
            self.registrations,
            self.invitations,
            self.apps,
            self.authorizations,
            self.allowances,
            self.care,
            self.handovers,
            self.supervisions,
            self.glasses,
            self.exports,
            self.wordings,
            self.consents,
            self.recoveries,
            self.address_changes,
            self.photos,
            self.corrections,
            self.merges,
            self.cases,
            self.erasures,
        ]
