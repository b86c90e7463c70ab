"""Sample values, by which who writes templates sees what they become."""

from typing import Any

from mindlyfe.notifications.contract import Kind
from mindlyfe.notifications.domain.reaching import APPOINTMENTS


def sample_values(kind: Kind, moment: object, home: str) -> dict[str, Any]:
    """What a message of a workflow could tell of; `moment` is as templates take it."""
    return {"starts": moment, "minutes": 50} if kind in APPOINTMENTS else {"link": home}
