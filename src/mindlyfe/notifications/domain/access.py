"""Who may see a delivery: its recipient; and, without content, those who answer for the clinic's messages."""

from collections.abc import Sequence, Set
from typing import Final

from mindlyfe.kernel.errors import Forbidden
from mindlyfe.kernel.messages import REGION, PersonId, Principal, Role, TenantId
from mindlyfe.kernel.roles import ADMIN, OPERATOR

ANSWERABLE: Final[frozenset[Role]] = ADMIN | OPERATOR


def sees_all(roles: Set[Role]) -> bool:
    """Whether somebody sees the deliveries of everybody in the clinic."""
    return bool(ANSWERABLE & roles)


def place(who: Principal, *, region: bool) -> TenantId:
    """Where the messages lie: in the caller's clinic, or in the region, for operators. Raises Forbidden."""
    if region and "operator" not in who.roles:
        raise Forbidden("Messages to accounts are for operators to see.")
    return REGION if region else who.tenant


def sees_all_escalations(who: Principal, ladder: Sequence[PersonId]) -> bool:
    """Who is on duty sees every open safety task; so does who answers for the rota, without whom it is about."""
    return who.id in ladder or not {"clinic-admin", "privacy-officer"}.isdisjoint(who.roles)
