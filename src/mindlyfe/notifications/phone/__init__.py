"""The development phone: takes text messages as Twilio does and shows them. Never in production."""

from pathlib import Path


def run(port: int, directory: Path, account: str, token_file: Path) -> None:
    """Serve until SIGTERM or SIGINT."""
    from mindlyfe.notifications.phone.server import serve  # noqa: PLC0415 (the command line imports this module)

    serve(port, directory, account, token_file)
