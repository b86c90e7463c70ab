"""Who may see a delivery: its recipient; and, without content, those who answer for the clinic's messages."""

from collections.abc import Set
from typing import Final

from mindlyfe.kernel.messages import Role

ANSWERABLE: Final[frozenset[Role]] = frozenset({"clinic-admin", "operator"})


def sees_all(roles: Set[Role]) -> bool:
    """Whether somebody sees the deliveries of everybody in the clinic."""
    return bool(ANSWERABLE & roles)
