"""Checks what somebody proves themselves by, and counts what was wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mindlyfe.identity.application.acts import by, factors_stream, unrepeatable
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract.factors import BackupCodeProof, SecondProof, TotpProof
from mindlyfe.identity.domain.backup_codes import digest
from mindlyfe.identity.domain.challenge import Challenge
from mindlyfe.identity.domain.factors import Change, Factors, ProofRejected
from mindlyfe.identity.domain.proofs import by_backup_code, by_totp
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import REGION, Act, PersonId
from mindlyfe.kernel.secrecy import Keys

type Decision = Callable[[Factors | None], Sequence[Change]]


@dataclass(frozen=True, slots=True)
class Verification:
    """Each right proof is used up, each wrong one counted, in one transaction with the look at what is there."""

    streams: IdentityStreams
    keys: Keys
    clock: Clock

    async def factors(self, person: PersonId) -> Factors | None:
        """What a person has; None: nothing yet."""
        try:
            factors, _ = await self.streams.factors.load(REGION, factors_stream(person))
        except Erased:
            return None
        return factors

    async def right(self, person: PersonId, proof: SecondProof, act: Act, challenge: Challenge | None = None) -> bool:
        """Whether the proof is right; then it is used up, and the challenge with it. Raises ChallengeEnded, TooMany."""
        changes: list[Change] = []
        decision = self._decision(person, proof, challenge)

        def judged(state: Factors | None) -> Sequence[Change]:
            changes[:] = decision(state)
            return changes

        once = by(unrepeatable(act).within(REGION), person)
        await self.streams.factors.decide(once, factors_stream(person), judged)
        return not any(isinstance(change, ProofRejected) for change in changes)

    def _decision(self, person: PersonId, proof: SecondProof, challenge: Challenge | None) -> Decision:
        now = self.clock()
        match proof:
            case TotpProof(code=code):
                return lambda state: by_totp(state, code, challenge, now)
            case BackupCodeProof(code=code):
                kept = digest(code, person, self.keys.mac)
                return lambda state: by_backup_code(state, kept, challenge, now)
