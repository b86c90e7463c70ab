"""A person's second factors: see, add, change and remove them."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from mindlyfe.identity.application.acts import factors_stream, unrepeatable
from mindlyfe.identity.application.endings import Endings
from mindlyfe.identity.application.passkeys import PROOF, SYNCED, decoded, encoded
from mindlyfe.identity.application.step_ups import StepUps
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.verification import Decision, Verification
from mindlyfe.identity.contract.factors import (
    BackupCodes,
    ConfirmTotp,
    FactorAdded,
    FactorRemoved,
    FactorsView,
    TotpOffer,
    TotpView,
)
from mindlyfe.identity.contract.passkeys import AddPasskey, PasskeyChallenge, PasskeyView, RenamePasskey
from mindlyfe.identity.domain import totp
from mindlyfe.identity.domain.account import existing
from mindlyfe.identity.domain.backup_codes import CODE_BYTES, COUNT, digest, spelled
from mindlyfe.identity.domain.ceremony import read
from mindlyfe.identity.domain.enrolment import (
    OFFER_LASTS,
    NothingOffered,
    confirm_totp,
    offer_totp,
    remove,
    replace_codes,
)
from mindlyfe.identity.domain.factors import BackupCodesMade, Change, Factors, PasskeyAdded, TotpConfirmed, TotpOffered
from mindlyfe.identity.domain.passkeys import add, rename
from mindlyfe.kernel.messages import REGION, Principal

ISSUER: Final = "MindLyfe"
CLINICAL: Final = "Without a second factor, staff sees nothing of patients."


@dataclass(frozen=True, slots=True)
class SecondFactors:
    """Changes end the person's other sessions."""

    streams: IdentityStreams
    verification: Verification
    step_ups: StepUps
    endings: Endings

    async def all(self, who: Principal) -> FactorsView:
        """What the caller has."""
        factors = await self.verification.factors(who.id) or Factors(person=who.id)
        app = TotpView(factors.totp.factor, factors.totp.at) if factors.totp else None
        keys = tuple(PasskeyView(p.factor, p.name, p.synced, p.added_at, p.used_at) for p in factors.passkeys)
        return FactorsView(factors.needed, app, keys, len(factors.codes))

    async def offer_totp(self, who: Principal) -> TotpOffer:
        """A secret for an app; the same request again, the same. Raises AssuranceTooLow, NothingOffered."""
        opening = self.step_ups.openings
        secret = base64.b32encode(opening.random(totp.SECRET_BYTES)).decode()
        wish = TotpOffered(person=who.id, factor=opening.ids(), secret=secret, at=opening.clock())
        await self.streams.factors.decide(
            who.act.within(REGION), factors_stream(who.id), lambda state: offer_totp(state, wish, aal=who.aal)
        )
        factors = await self.verification.factors(who.id)
        if factors is None or factors.offered is None:
            raise NothingOffered  # a repeated request, confirmed since
        offered = factors.offered
        account, _ = await self.streams.accounts.load(REGION, who.id)
        address = totp.address(offered.secret, account=existing(account).email, issuer=ISSUER)
        return TotpOffer(offered.factor, offered.secret, address, offered.at + OFFER_LASTS)

    async def confirm_totp(self, c: ConfirmTotp, who: Principal) -> FactorAdded:
        """Let the app count, and the session with it.

        Raises AssuranceTooLow, NothingOffered, CodeWrong, SessionEnded.
        """
        await self.step_ups.running(who)
        codes, kept = self._codes(who)
        now = self.step_ups.openings.clock()
        changes = await self._changed(who, lambda state: confirm_totp(state, c.code, codes=kept, aal=who.aal, now=now))
        [factor] = [change.factor for change in changes if isinstance(change, TotpConfirmed)]
        first = any(isinstance(change, BackupCodesMade) for change in changes)
        session = await self.step_ups.strengthened(who, aal=2, methods=("otp",))
        return FactorAdded(factor, session, codes if first else ())

    async def passkey_challenge(self, who: Principal) -> PasskeyChallenge:
        """What a browser needs to make a passkey."""
        passkeys = self.step_ups.passkeys
        signed, asked = passkeys.asked("registration", who.id)
        account, _ = await self.streams.accounts.load(REGION, who.id)
        factors = await self.verification.factors(who.id)
        options = passkeys.authenticators.creation(
            signed,
            person=who.id,
            account=existing(account).email,
            known=[known.credential for known in factors.passkeys] if factors else [],
        )
        return PasskeyChallenge(encoded(signed), options, asked.expires_at)

    async def add_passkey(self, c: AddPasskey, who: Principal) -> FactorAdded:
        """Let a passkey count, and the session with it.

        Raises ChallengeEnded, PasskeyRefused, PasskeyKnown, AssuranceTooLow, SessionEnded.
        """
        await self.step_ups.running(who)
        passkeys, now = self.step_ups.passkeys, self.step_ups.openings.clock()
        signed = decoded(c.challenge)
        read("registration", signed, passkeys.openings.keys.mac, person=who.id, now=now)
        key = passkeys.authenticators.registered(c.credential, signed)
        codes, kept = self._codes(who)
        wish = PasskeyAdded(
            person=who.id,
            factor=passkeys.openings.ids(),
            name=c.name.strip(),
            credential=key.credential,
            key=key.key,
            signs=key.signs,
            synced=key.synced,
            at=now,
        )
        changes = await self._changed(who, lambda state: add(state, wish, codes=kept, aal=who.aal))
        session = await self.step_ups.strengthened(who, aal=2, methods=SYNCED if key.synced else PROOF)
        return FactorAdded(wish.factor, session, codes if len(changes) > 1 else ())

    async def rename_passkey(self, factor: UUID, c: RenamePasskey, who: Principal) -> None:
        """Call it something else. Raises NotFound."""
        name = c.name.strip()
        await self.streams.factors.decide(
            who.act.within(REGION), factors_stream(who.id), lambda state: rename(state, factor, name)
        )

    async def replace_codes(self, who: Principal) -> BackupCodes:
        """New backup codes. Raises AssuranceTooLow, NoSecondFactor."""
        codes, kept = self._codes(who)
        now = self.step_ups.openings.clock()
        await self._changed(who, lambda state: replace_codes(state, kept, aal=who.aal, now=now))
        return BackupCodes(codes)

    async def remove(self, factor: UUID, who: Principal) -> FactorRemoved:
        """Give one up. Raises NotFound, AssuranceTooLow."""
        now = self.step_ups.openings.clock()
        await self._changed(who, lambda state: remove(state, factor, aal=who.aal, now=now))
        left = await self.verification.factors(who.id)
        needed = left is not None and left.needed
        warned = not needed and who.roles != frozenset({"patient"})
        return FactorRemoved(needed, CLINICAL if warned else None)

    def _codes(self, who: Principal) -> tuple[tuple[str, ...], tuple[bytes, ...]]:
        """New backup codes as they are shown, and what is kept of them."""
        opening = self.step_ups.openings
        codes = tuple(spelled(opening.random(COUNT * CODE_BYTES)))
        return codes, tuple(digest(code, who.id, opening.keys.mac) for code in codes)

    async def _changed(self, who: Principal, decision: Decision) -> Sequence[Change]:
        """What a change came to. What is shown once cannot be shown again for the same key."""
        changes: list[Change] = []

        def noted(state: Factors | None) -> Sequence[Change]:
            changes[:] = decision(state)
            return changes

        once = unrepeatable(who.act).within(REGION)
        await self.streams.factors.decide(once, factors_stream(who.id), noted)
        await self.endings.end(once, who.id, but=who.session)
        return changes
