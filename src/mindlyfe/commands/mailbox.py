"""`mailbox`: run the development mailbox."""

from pathlib import Path

from mindlyfe.notifications.mailbox import run


def mailbox(*, smtp_port: int, http_port: int, directory: Path) -> None:
    """Run the development mailbox.

    Parameters
    ----------
    directory
        Where the mail is kept.
    """
    run(smtp_port, http_port, directory)
