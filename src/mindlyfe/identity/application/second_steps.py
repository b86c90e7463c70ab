"""The second step of a sign-in: the challenge that a right password gets, and the session that a right answer opens."""

from dataclasses import dataclass
from uuid import UUID

from mindlyfe.identity.application.openings import Openings
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.tries import SECOND_STEP, Tries
from mindlyfe.identity.application.verification import Verification
from mindlyfe.identity.contract import SignedIn
from mindlyfe.identity.contract.factors import FinishSignIn, Method, SecondFactorNeeded
from mindlyfe.identity.domain import challenge
from mindlyfe.identity.domain.factors import LASTS, Factors
from mindlyfe.identity.domain.refusals import ChallengeEnded, SecondFactorFailed
from mindlyfe.kernel.errors import Erased, TooMany
from mindlyfe.kernel.messages import REGION, Act, TenantId

BY_CODE = ("pwd", "otp")
"""How somebody signed in (RFC 8176)."""


@dataclass(frozen=True, slots=True)
class SecondSteps:
    """For who has a second factor, a password opens no session."""

    streams: IdentityStreams
    verification: Verification
    openings: Openings
    tries: Tries

    def needed(
        self, factors: Factors | None, organisation: TenantId, version: int, device: str
    ) -> SecondFactorNeeded | None:
        """The challenge for somebody whose password was right, if they have a second factor.

        `version` is that of the account whose password it was.
        """
        if factors is None or not factors.needed:
            return None
        until = self.openings.clock().replace(microsecond=0) + LASTS
        made = challenge.Challenge(
            id=self.openings.ids(),
            person=factors.person,
            organisation=organisation,
            account=version,
            changes=factors.changes,
            expires_at=int(until.timestamp()),
            device=device,
        )
        return SecondFactorNeeded(challenge.written(made, self.openings.keys.mac), _methods(factors), until)

    async def finish(self, c: FinishSignIn, act: Act) -> SignedIn:
        """Open the session at assurance 2. Raises ChallengeEnded, SecondFactorFailed, TooMany."""
        shown = challenge.read(c.challenge, self.openings.keys.mac)
        try:
            return await self._finished(shown, c, act)
        except (ChallengeEnded, TooMany) as refusal:
            await self.tries.note(act, SECOND_STEP, shown.person, refusal.code)
            raise

    async def _finished(self, shown: challenge.Challenge, c: FinishSignIn, act: Act) -> SignedIn:
        if await self._account(shown.person) != shown.account:
            raise ChallengeEnded
        if not await self.verification.right(shown.person, c.proof, act, shown):
            raise SecondFactorFailed
        roles = await self.openings.roles(shown.organisation, shown.person)
        if not roles:
            raise ChallengeEnded
        opened = await self.openings.open(
            act,
            person=shown.person,
            organisation=shown.organisation,
            roles=roles,
            aal=2,
            methods=BY_CODE,
            device=shown.device,
        )
        if await self.openings.outdated(act, opened, shown.account, shown.changes):
            raise ChallengeEnded
        return opened

    async def _account(self, person: UUID) -> int:
        """The version of the account."""
        try:
            _, version = await self.streams.accounts.load(REGION, person)
        except Erased:
            raise ChallengeEnded from None
        return version


def _methods(factors: Factors) -> tuple[Method, ...]:
    """What the person can answer by."""
    has: dict[Method, bool] = {
        "totp": factors.totp is not None,
        "backup-code": bool(factors.codes),
        "passkey": bool(factors.passkeys),
    }
    return tuple(method for method, there in has.items() if there)
