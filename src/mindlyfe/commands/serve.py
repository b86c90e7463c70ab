"""`serve`: contexts in this process, as the supervisor and Kubernetes start them."""

from typing import Annotated

from cyclopts import Parameter

from mindlyfe import host
from mindlyfe.commands.common import configuration


def serve(
    *,
    contexts: str,
    port: int,
    address: Annotated[str, Parameter(name="--host")] = "127.0.0.1",
    no_relay: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Serve contexts in this process, told by MINDLYFE_CONFIG and MINDLYFE_… where everything is.

    Parameters
    ----------
    contexts
        Names, separated by commas.
    address
        Where to listen.
    no_relay
        Another process publishes their events.
    """
    host.serve(configuration(), contexts.split(","), port, host=address, relay=not no_relay)
