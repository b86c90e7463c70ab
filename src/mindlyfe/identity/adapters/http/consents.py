"""Consents: texts to agree to, what one permits oneself, what is recorded for patients, and proofs."""

from typing import Final
from uuid import UUID

from litestar import Router

from mindlyfe.identity.adapters.consent_texts import ConsentTexts
from mindlyfe.identity.application.consents import Agreements
from mindlyfe.identity.application.proofs import Proofs
from mindlyfe.identity.application.sight import Sight
from mindlyfe.identity.contract.consents import (
    CheckProof,
    ConsentHistory,
    ConsentSaved,
    ConsentText,
    ConsentView,
    GiveConsent,
    Proof,
    PublishText,
    RecordConsent,
    SignedProof,
    WithdrawConsent,
)
from mindlyfe.identity.domain.consent import (
    ExpiryPast,
    NoGuardian,
    NotGiven,
    ProofInvalid,
    RecipientUnclear,
    TextSuperseded,
    UnknownText,
    WitnessNeeded,
)
from mindlyfe.identity.domain.profile_refusals import UnknownLanguage
from mindlyfe.kernel.errors import KeyReused, NotFound
from mindlyfe.kernel.http import Page, get, post
from mindlyfe.kernel.messages import PersonId, Principal

UNGIVEN: Final = (UnknownText, RecipientUnclear, ExpiryPast, KeyReused)
UNENDED: Final = (RecipientUnclear, NotGiven, KeyReused)


def texts(agreements: Agreements, proofs: Proofs, shown: ConsentTexts) -> Router:
    """`/v1/consent-texts`, `/v1/consent-proofs`."""

    @post("/consent-texts", needs="consent-texts:publish", refuses=(UnknownLanguage, KeyReused))
    async def publish(data: PublishText, who: Principal) -> ConsentText:
        """Publish the next version of a wording. Earlier versions stay, and stay provable."""
        return await agreements.publish(data, who)

    @get("/consent-texts", needs="consent-texts:read")
    async def newest(who: Principal) -> Page[ConsentText]:
        """What people are asked to agree to: the newest version per purpose and language."""
        return Page(await shown.shown(who.tenant))

    @get("/consent-texts/{text:uuid}", needs="consent-texts:read", refuses=(NotFound,))
    async def version(text: UUID, who: Principal) -> ConsentText:
        """One version, old ones too."""
        found = await shown.text(who.tenant, text)
        if found is None:
            raise NotFound
        return found

    @post("/consent-proofs/check", needs="consent-proofs:check", status_code=200, refuses=(ProofInvalid,))
    async def check(data: CheckProof, who: Principal) -> Proof:
        """What a proof says, if it is one that this clinic gave and nobody changed."""
        return proofs.check(who.tenant, data.proof)

    return Router("/v1", route_handlers=[publish, newest, version, check], tags=["Consents"])


def own(agreements: Agreements, proofs: Proofs) -> Router:
    """`/v1/me/consents`."""

    @get(needs="my-consents:read")
    async def standing(who: Principal) -> Page[ConsentView]:
        """Where each of the caller's consents stands."""
        return Page(await proofs.standing(who.tenant, who.id))

    @post(needs="my-consents:change", status_code=200, refuses=(*UNGIVEN, TextSuperseded))
    async def give(data: GiveConsent, who: Principal) -> ConsentSaved:
        """Permit what the newest version of a text says."""
        return await agreements.give(data, who)

    @post("/withdrawal", needs="my-consents:change", status_code=200, refuses=UNENDED)
    async def withdraw(data: WithdrawConsent, who: Principal) -> ConsentSaved:
        """Permit it no longer. It counts at once; what a clinical decision rests on stays in the record."""
        return await agreements.withdraw(who.id, data, who)

    @get("/history", needs="my-consents:read")
    async def history(who: Principal) -> ConsentHistory:
        """Everything the caller gave and withdrew, oldest first."""
        return await proofs.history(who.tenant, who.id)

    @get("/{consent:uuid}/proof", needs="my-consents:read", refuses=(NotFound, ProofInvalid))
    async def proof(consent: UUID, who: Principal) -> SignedProof:
        """What the caller agreed to, word for word, signed."""
        return await proofs.proof(who.tenant, who.id, consent)

    handlers = [standing, give, withdraw, history, proof]
    return Router("/v1/me/consents", route_handlers=handlers, tags=["Consents"])


def of_patients(proofs: Proofs, sight: Sight) -> Router:
    """`/v1/patients/{person}/consents`, read."""

    @get(needs="consents:read", clinical=True, audits="consents.read", refuses=(NotFound,))
    async def standing(person: PersonId, who: Principal) -> Page[ConsentView]:
        """Where each of a patient's consents stands; of a merged account, those of the one that is left."""
        return Page(await proofs.standing(who.tenant, await sight.require(person, who)))

    @get("/history", needs="consents:read", clinical=True, audits="consents.read", refuses=(NotFound,))
    async def history(person: PersonId, who: Principal) -> ConsentHistory:
        """Everything a patient gave and withdrew, oldest first; of a merged account, what it gave and withdrew."""
        await sight.require(person, who)
        return await proofs.history(who.tenant, person)

    @get(
        "/{consent:uuid}/proof",
        needs="consents:read",
        clinical=True,
        audits="consents.read",
        refuses=(NotFound, ProofInvalid),
    )
    async def proof(person: PersonId, consent: UUID, who: Principal) -> SignedProof:
        """What a patient agreed to, word for word, signed."""
        await sight.require(person, who)
        return await proofs.proof(who.tenant, person, consent)

    return Router("/v1/patients/{person:uuid}/consents", route_handlers=[standing, history, proof], tags=["Consents"])


def for_patients(agreements: Agreements, sight: Sight) -> Router:
    """`/v1/patients/{person}/consents`, recorded by staff."""

    @post(
        needs="consents:record",
        clinical=True,
        status_code=200,
        refuses=(NotFound, *UNGIVEN, WitnessNeeded, NoGuardian),
    )
    async def record(person: PersonId, data: RecordConsent, who: Principal) -> ConsentSaved:
        """Record what the guardian permits, or what was signed on paper before a witness."""
        return await agreements.record(await sight.require(person, who, "write"), data, who)

    @post("/withdrawal", needs="consents:record", clinical=True, status_code=200, refuses=(NotFound, *UNENDED))
    async def withdraw(person: PersonId, data: WithdrawConsent, who: Principal) -> ConsentSaved:
        """Record that a patient permits it no longer."""
        return await agreements.withdraw(await sight.require(person, who, "write"), data, who)

    return Router("/v1/patients/{person:uuid}/consents", route_handlers=[record, withdraw], tags=["Consents"])
