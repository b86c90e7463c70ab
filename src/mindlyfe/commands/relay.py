"""`relay`: publish the events of contexts in this process."""

from mindlyfe import host
from mindlyfe.commands.common import configuration


def relay(*, contexts: str) -> None:
    """Publish the events of contexts in this process.

    Parameters
    ----------
    contexts
        Names, separated by commas.
    """
    host.relay(configuration(), contexts.split(","))
