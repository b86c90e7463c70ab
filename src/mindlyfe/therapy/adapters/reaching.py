"""Who reaches whose data in therapy: by the ties that identity told, asked anew when they are old."""

from mindlyfe.identity.contract.ties import MEANINGS, Ties
from mindlyfe.kernel.module import Platform
from mindlyfe.kernel.policy import Policy
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.ties import TieCopy
from mindlyfe.therapy.adapters.merged import Merged
from mindlyfe.therapy.domain.access import POLICY


def reach_of(p: Platform, policy: Policy = POLICY) -> Reach:
    """By therapy's policy, or that of notes."""
    return Reach(policy, TieCopy(p.database, MEANINGS), p.asks.of(Ties), p.clock, Merged(p.database))
