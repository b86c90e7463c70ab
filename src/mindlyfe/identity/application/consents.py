"""Consents: give, withdraw, record for somebody, look back, and answer whether something is permitted now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from mindlyfe.identity.application.acts import consent_stream, member_stream, wording_stream
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.surviving import survivor
from mindlyfe.identity.contract.consents import (
    CLINIC,
    ConsentAnswer,
    ConsentSaved,
    ConsentText,
    GiveConsent,
    PublishText,
    Purpose,
    Recipient,
    RecordConsent,
    Way,
    WithdrawConsent,
)
from mindlyfe.identity.domain.consent import (
    Change,
    Consent,
    Given,
    Shown,
    TextSuperseded,
    UnknownText,
    Withdrawn,
    answer,
    give,
    withdraw,
)
from mindlyfe.identity.domain.member import Member
from mindlyfe.identity.domain.places import known_language
from mindlyfe.identity.domain.profile import patient
from mindlyfe.identity.domain.wording import publish
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.messages import PersonId, Principal, TenantId


class Texts(Protocol):
    """The read model of consent texts."""

    async def text(self, tenant: TenantId, text: UUID) -> ConsentText | None:
        """One version."""
        ...

    async def newest(self, tenant: TenantId, purpose: Purpose, language: str) -> ConsentText | None:
        """What is shown now."""
        ...


@dataclass(frozen=True, slots=True)
class Agreements:
    """What people permit. Answers Consents of the contract, from the record itself."""

    streams: IdentityStreams
    texts: Texts
    clock: Clock

    async def publish(self, c: PublishText, who: Principal) -> ConsentText:
        """Publish the next version of a wording; the same words again change nothing. Raises UnknownLanguage."""
        now, language = self.clock(), known_language(c.language)
        stream = wording_stream(who.tenant, c.purpose, language)
        await self.streams.wordings.decide(
            who.act,
            stream,
            lambda state: publish(state, who.tenant, c.purpose, language, c.text, by=who.id, now=now),
        )
        text = await self.texts.newest(who.tenant, c.purpose, language)
        if text is None:
            raise NotFound
        return text

    async def give(self, c: GiveConsent, who: Principal) -> ConsentSaved:
        """The caller permits it. Raises UnknownText, TextSuperseded, RecipientUnclear, ExpiryPast."""
        text = await self._text(who.tenant, c.text)
        newest = await self.texts.newest(who.tenant, text.purpose, text.language)
        if newest != text:
            raise TextSuperseded
        return await self._give(self._given(who.id, c, text, who, how="self"), who)

    async def record(self, person: PersonId, c: RecordConsent, who: Principal) -> ConsentSaved:
        """Record what a patient's guardian permits, or what was signed on paper: also an earlier text.

        Raises NotFound, UnknownText, RecipientUnclear, ExpiryPast, WitnessNeeded, NoGuardian.
        """
        member = await self.patient(who.tenant, person)
        text = await self._text(who.tenant, c.text)
        guardian = member.details.guardian
        given = self._given(
            person,
            c,
            text,
            who,
            how=c.how,
            witness=c.witness.strip() if c.witness else None,
            guardian=guardian.name if guardian and c.how == "guardian" else None,
        )
        return await self._give(given, who)

    async def withdraw(self, person: PersonId, c: WithdrawConsent, who: Principal) -> ConsentSaved:
        """Permit it no longer: the caller's own, or a patient's who told staff. Raises RecipientUnclear, NotGiven."""
        wish = Withdrawn(
            person=person,
            purpose=c.purpose,
            recipient=c.recipient,
            at=self.clock(),
            by=who.id,
            how="self" if person == who.id else "paper",
            reason=c.reason.strip(),
        )
        stream = consent_stream(who.tenant, person)
        decided = await self.streams.consents.decide(who.act, stream, lambda state: withdraw(state, wish))
        return ConsentSaved(person, decided.version)

    async def given(
        self, *, tenant: TenantId, person: PersonId, purpose: Purpose, recipient: Recipient | None = None
    ) -> ConsentAnswer:
        """Whether it is permitted now; of a merged account, by the one that is left."""
        try:
            person = await survivor(self.streams, tenant, person)
            state, _ = await self.streams.consents.load(tenant, consent_stream(tenant, person))
        except Erased:
            return ConsentAnswer(False)
        return answer(state, (purpose, recipient or CLINIC), self.clock())

    async def history(self, tenant: TenantId, person: PersonId) -> Sequence[Change]:
        """All changes of a person's consents, oldest first. Raises NotFound when they were erased."""
        try:
            state, _ = await self.streams.consents.load(tenant, consent_stream(tenant, person))
        except Erased:
            raise NotFound from None
        return state.history if isinstance(state, Consent) else ()

    async def patient(self, tenant: TenantId, person: PersonId) -> Member:
        """The patient. Raises NotFound."""
        try:
            member, _ = await self.streams.members.load(tenant, member_stream(tenant, person))
        except Erased:
            raise NotFound from None
        return patient(member)

    async def _give(self, wish: Given, who: Principal) -> ConsentSaved:
        stream = consent_stream(who.tenant, wish.person)
        decided = await self.streams.consents.decide(who.act, stream, lambda state: give(state, wish))
        return ConsentSaved(wish.person, decided.version)

    async def _text(self, tenant: TenantId, text: UUID) -> ConsentText:
        found = await self.texts.text(tenant, text)
        if found is None:
            raise UnknownText
        return found

    def _given(
        self,
        person: PersonId,
        c: GiveConsent | RecordConsent,
        text: ConsentText,
        who: Principal,
        *,
        how: Way,
        witness: str | None = None,
        guardian: str | None = None,
    ) -> Given:
        at: datetime = self.clock()
        return Given(
            person=person,
            purpose=text.purpose,
            recipient=c.recipient,
            shown=Shown(text.id, text.version, text.hash),
            at=at,
            by=who.id,
            how=how,
            session=who.session,
            aal=who.aal,
            authenticated_at=who.authenticated_at,
            expires_at=c.expires_at,
            witness=witness,
            guardian=guardian,
        )
