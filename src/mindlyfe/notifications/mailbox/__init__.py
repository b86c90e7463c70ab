"""The development mailbox: an SMTP server that keeps every mail, and pages to read them. Never in production."""

from pathlib import Path


def run(smtp_port: int, http_port: int, directory: Path) -> None:
    """Serve SMTP and the pages until SIGTERM or SIGINT."""
    from mindlyfe.notifications.mailbox.server import serve  # noqa: PLC0415 (the command line imports this module)

    serve(smtp_port, http_port, directory)
