"""What the development mailbox keeps: every mail, a file each."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Final

import msgspec
from aiosmtpd.smtp import SMTP, Envelope, Session

from mindlyfe.kernel.ids import uuid7

NEWEST: Final = 200


class Kept(msgspec.Struct, frozen=True):
    """One mail as it was received."""

    id: str
    message_id: str
    to: str
    sender: str
    subject: str
    at: datetime
    text: str
    html: str


class Box:
    """Mails as files, named so that they sort by arrival; a mail is acknowledged once its file is in place."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._mails = [read(path) for path in sorted(directory.glob("*.eml"))]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        """Called by aiosmtpd for each message."""
        name = uuid7().hex
        content = envelope.content or b""
        part = self._directory / f"{name}.part"
        part.write_bytes(content if isinstance(content, bytes) else content.encode())
        self._mails.append(read(part.rename(self._directory / f"{name}.eml")))
        return f"250 kept as {name}"

    def newest(self, to: str | None) -> list[Kept]:
        """Mails in the order of arrival: all to one address, or the newest of everybody."""
        if to is None:
            return self._mails[-NEWEST:]
        return [mail for mail in self._mails if to.lower() == mail.to.lower()]

    def one(self, name: str) -> Kept | None:
        """The mail of this id."""
        return next((mail for mail in self._mails if mail.id == name), None)


def read(path: Path) -> Kept:
    """A mail from its file."""
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    return Kept(
        id=path.stem,
        message_id=str(mail.get("Message-ID", "")),
        to=str(mail.get("To", "")),
        sender=str(mail.get("From", "")),
        subject=str(mail.get("Subject", "")),
        at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        text=str(text.get_content()) if text else "",
        html=str(page.get_content()) if page else "",
    )
