"""`phone`: run the development phone."""

from pathlib import Path

from mindlyfe.notifications.phone import run


def phone(*, port: int, directory: Path, account: str, token_file: Path) -> None:
    """Run the development phone.

    Parameters
    ----------
    directory
        Where the texts are kept.
    account
        The account that may send texts.
    token_file
        The file with its secret.
    """
    run(port, directory, account, token_file)
