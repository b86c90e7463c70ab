"""Passkeys: asked for, added, and taken as a proof of who somebody is."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from mindlyfe.identity.application.acts import by, factors_stream, unrepeatable
from mindlyfe.identity.application.openings import Openings
from mindlyfe.identity.application.ports import Authenticators
from mindlyfe.identity.application.verification import Verification
from mindlyfe.identity.contract import SignedIn
from mindlyfe.identity.contract.passkeys import Credential, PasskeyChallenge, SignInByPasskey
from mindlyfe.identity.domain import ceremony
from mindlyfe.identity.domain.account import existing
from mindlyfe.identity.domain.factors import LASTS, changes_of
from mindlyfe.identity.domain.holdings import Passkey
from mindlyfe.identity.domain.passkeys import PasskeyRefused, answer
from mindlyfe.identity.domain.refusals import ChallengeEnded
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import REGION, Act, PersonId

PROOF = ("hwk", "user")
SYNCED = ("swk", "user")
"""How somebody proved who they are (RFC 8176): a key in one device, or one that is synchronised; verified by it."""


@dataclass(frozen=True, slots=True)
class Passkeys:
    """Ask an authenticator, and take its answer."""

    verification: Verification
    openings: Openings
    authenticators: Authenticators

    def request(self) -> PasskeyChallenge:
        """A challenge for whoever has a passkey here."""
        signed, until = self.asked("sign-in", ceremony.ANYBODY)
        return PasskeyChallenge(encoded(signed), self.authenticators.request(signed), until.expires_at)

    def asked(self, what: ceremony.Ceremony, person: PersonId) -> tuple[bytes, ceremony.Asked]:
        """A new challenge: its bytes, and what they stand for."""
        opening = self.openings
        until = opening.clock().replace(microsecond=0) + LASTS
        asked = ceremony.Asked(ceremony=what, id=opening.ids(), person=person, expires_at=until)
        return ceremony.written(asked, opening.keys.mac), asked

    async def sign_in(self, c: SignInByPasskey, act: Act, *, device: str) -> SignedIn:
        """Open a session at assurance 2. Raises ChallengeEnded, PasskeyRefused, SignInFailed."""
        person = _owner(c.credential)
        try:
            account, version = await self.openings.streams.accounts.load(REGION, person)
        except Erased:
            raise PasskeyRefused from None
        factors = await self.verification.factors(person)
        methods = await self.proved(person, c.challenge, c.credential, act)
        organisation, roles = await self.openings.place(existing(account), c.organisation)
        opened = await self.openings.open(
            act,
            person=person,
            organisation=organisation,
            roles=roles,
            aal=2,
            methods=methods,
            device=device.strip(),
        )
        if await self.openings.outdated(act, opened, version, changes_of(factors)):
            raise ChallengeEnded
        return opened

    async def proved(self, person: PersonId, challenge: str, credential: Credential, act: Act) -> tuple[str, ...]:
        """How the person proved who they are; the challenge is used up. Raises ChallengeEnded, PasskeyRefused."""
        now, signed = self.openings.clock(), decoded(challenge)
        asked = ceremony.read("sign-in", signed, self.openings.keys.mac, person=ceremony.ANYBODY, now=now)
        known = await self._known(person, decoded(credential.raw_id))
        if _owner(credential) != person:
            raise PasskeyRefused
        signs = self.authenticators.signed(credential, signed, known.key)
        once = by(unrepeatable(act).within(REGION), person)
        await self.openings.streams.factors.decide(
            once, factors_stream(person), lambda state: answer(state, known.credential, signs, asked, now)
        )
        return SYNCED if known.synced else PROOF

    async def _known(self, person: PersonId, credential: bytes) -> Passkey:
        factors = await self.verification.factors(person)
        passkeys: Sequence[Passkey] = factors.passkeys if factors else ()
        known = next((one for one in passkeys if one.credential == credential), None)
        if known is None:
            raise PasskeyRefused
        return known


def decoded(text: str) -> bytes:
    """What base64url stands for. Raises ChallengeEnded."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ChallengeEnded from None


def encoded(raw: bytes) -> str:
    """Base64url, unpadded."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _owner(credential: Credential) -> PersonId:
    """Who the passkey says its owner is."""
    raw = decoded(credential.response.user_handle)
    if len(raw) != len(UUID(int=0).bytes):
        raise PasskeyRefused
    return PersonId(UUID(bytes=raw))
