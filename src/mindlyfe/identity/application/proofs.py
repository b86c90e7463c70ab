"""What a person agreed to, told and proved: views of the history, and signed proofs of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from mindlyfe.identity.application.consents import Agreements, Texts
from mindlyfe.identity.contract.consents import ConsentChange, ConsentHistory, ConsentView, Proof, SignedProof
from mindlyfe.identity.domain.consent import (
    Change,
    Consent,
    Given,
    ProofInvalid,
    Withdrawn,
    standing,
    standings,
    withdrawal_of,
)
from mindlyfe.kernel.attest import Attestor, Forged, fingerprint
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import PersonId, TenantId


@dataclass(frozen=True, slots=True)
class Proofs:
    """Looks back at consents."""

    agreements: Agreements
    texts: Texts
    attestor: Attestor
    clock: Clock

    async def standing(self, tenant: TenantId, person: PersonId) -> list[ConsentView]:
        """Where each consent stands now, in the order they were first given."""
        history, now = await self.agreements.history(tenant, person), self.clock()
        views: list[ConsentView] = []
        for change in standings(Consent(person=person, history=tuple(history))):
            shown = _shown(history, change)
            view = ConsentView(
                purpose=change.purpose,
                recipient=change.recipient,
                standing=standing(change, now),
                since=change.at,
                expires_at=shown.expires_at,
                text=shown.shown.id,
                version=shown.shown.number,
            )
            views.append(view)
        return views

    async def history(self, tenant: TenantId, person: PersonId) -> ConsentHistory:
        """Every change, oldest first."""
        history = await self.agreements.history(tenant, person)
        items = [_line(consent_id(tenant, person, n), change) for n, change in enumerate(history, 1)]
        return ConsentHistory(items=items, version=len(history))

    async def proof(self, tenant: TenantId, person: PersonId, consent: UUID) -> SignedProof:
        """What was agreed to by one giving. Raises NotFound, ProofInvalid when the text is not what it was."""
        history = await self.agreements.history(tenant, person)
        for number, change in enumerate(history, 1):
            if isinstance(change, Given) and consent_id(tenant, person, number) == consent:
                proof = await self._proof(tenant, consent, change, withdrawal_of(history, number))
                return SignedProof(proof, self.attestor.signed(msgspec.json.encode(proof)))
        raise NotFound

    def check(self, tenant: TenantId, signed: str) -> Proof:
        """What a proof says, if this clinic gave it. Raises ProofInvalid."""
        try:
            proof = msgspec.json.decode(self.attestor.opened(signed), type=Proof)
        except Forged:
            raise ProofInvalid from None
        if proof.organisation != tenant:
            raise ProofInvalid
        return proof

    async def _proof(self, tenant: TenantId, consent: UUID, given: Given, ended: Withdrawn | None) -> Proof:
        text = await self.texts.text(tenant, given.shown.id)
        if text is None or given.shown.hash != fingerprint(text.purpose, text.language, str(text.version), text.text):
            raise ProofInvalid("The text that was shown is no longer what it was. Tell the operator.")
        return Proof(
            consent=consent,
            organisation=tenant,
            person=given.person,
            purpose=given.purpose,
            recipient=given.recipient,
            text=text.id,
            text_version=text.version,
            text_hash=text.hash,
            wording=text.text,
            at=given.at,
            by=given.by,
            how=given.how,
            witness=given.witness,
            guardian=given.guardian,
            session=given.session,
            aal=given.aal,
            authenticated_at=given.authenticated_at,
            expires_at=given.expires_at,
            withdrawn_at=ended.at if ended else None,
            issued_at=self.clock(),
        )


def consent_id(tenant: TenantId, person: PersonId, number: int) -> UUID:
    """The id of one line of a person's history, counted from 1."""
    return derived("consent-line", tenant, person, number)


def _shown(history: Sequence[Change], change: Change) -> Given:
    """The giving that is the last change of a consent, or that it ended."""
    key = change.purpose, change.recipient
    return next(one for one in reversed(history) if isinstance(one, Given) and (one.purpose, one.recipient) == key)


def _line(line: UUID, change: Change) -> ConsentChange:
    given = change if isinstance(change, Given) else None
    return ConsentChange(
        id=line,
        given=given is not None,
        purpose=change.purpose,
        recipient=change.recipient,
        at=change.at,
        by=change.by,
        how=change.how,
        text=given.shown.id if given else None,
        version=given.shown.number if given else None,
        expires_at=given.expires_at if given else None,
        reason=change.reason if isinstance(change, Withdrawn) else "",
    )
