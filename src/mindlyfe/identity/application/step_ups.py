"""Proving once more who one is, within a session: what matters much is done only soon after."""

from dataclasses import dataclass

from mindlyfe.identity.application.acts import unrepeatable
from mindlyfe.identity.application.credentials import Credentials
from mindlyfe.identity.application.openings import Openings
from mindlyfe.identity.application.passkeys import Passkeys
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.tries import Tries
from mindlyfe.identity.application.verification import Verification
from mindlyfe.identity.contract import SignedIn
from mindlyfe.identity.contract.factors import PasswordProof, Proof, Prove
from mindlyfe.identity.contract.passkeys import PasskeyProof
from mindlyfe.identity.domain.account import existing
from mindlyfe.identity.domain.refresh_token import SECRET_BYTES, made
from mindlyfe.identity.domain.refusals import ChallengeEnded, ProofFailed, SessionEnded
from mindlyfe.identity.domain.session import running, strengthen
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import REGION, Principal


@dataclass(frozen=True, slots=True)
class StepUps:
    """Counts wrong tries together with those of sign-ins."""

    streams: IdentityStreams
    credentials: Credentials
    tries: Tries
    verification: Verification
    openings: Openings
    passkeys: Passkeys

    async def prove(self, c: Prove, who: Principal) -> SignedIn:
        """New tokens of this session, as strong as the proof. Raises ProofFailed, TooMany, SessionEnded."""
        aal, methods = await self._proved(c.proof, who)
        return await self.strengthened(who, aal=aal, methods=methods)

    async def strengthened(self, who: Principal, *, aal: int, methods: tuple[str, ...]) -> SignedIn:
        """The session after its owner proved who they are by `methods`. Raises SessionEnded."""
        opening, now = self.openings, self.openings.clock()
        token = made(who.session, opening.random(SECRET_BYTES), opening.keys.mac)
        await self.streams.sessions.decide(
            unrepeatable(who.act).within(REGION),
            who.session,
            lambda state: strengthen(state, aal=aal, methods=methods, token=token.hash, now=now),
        )
        session, _ = await self.streams.sessions.load(REGION, who.session)
        roles = await opening.roles(who.tenant, who.id)
        if not roles:
            raise SessionEnded
        return await opening.granted(token, running(session, now), roles, now)

    async def running(self, who: Principal) -> None:
        """Raises SessionEnded unless the caller's session goes on."""
        session, _ = await self.streams.sessions.load(REGION, who.session)
        running(session, self.openings.clock())

    async def _proved(self, proof: Proof, who: Principal) -> tuple[int, tuple[str, ...]]:
        """The assurance that the proof gives, and its names (RFC 8176). Raises ProofFailed, TooMany, PasskeyRefused."""
        if isinstance(proof, PasswordProof):
            await self._password(proof.password, who)
            return 1, ("pwd",)
        if isinstance(proof, PasskeyProof):
            return 2, await self.passkeys.proved(who.id, proof.challenge, proof.credential, who.act)
        try:
            right = await self.verification.right(who.id, proof, who.act)
        except ChallengeEnded:
            right = False  # nothing to prove it by
        if not right:
            raise ProofFailed
        return 2, ("otp",)

    async def _password(self, password: str, who: Principal) -> None:
        try:
            state, _ = await self.streams.accounts.load(REGION, who.id)
        except Erased:
            raise SessionEnded from None
        account = existing(state)
        await self.tries.admit(account.email, who.act)
        if not await self.credentials.match(account.password, password):
            await self.tries.failed(account.email, who.act, who.id, ProofFailed)
            raise ProofFailed
        await self.tries.succeeded(account.email, who.act)
