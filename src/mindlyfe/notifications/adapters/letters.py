"""Composes e-mails as they travel."""

import re
from datetime import datetime
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTPUTF8, compat32
from email.utils import format_datetime, formataddr, parseaddr
from typing import Final

from mindlyfe.notifications.application.ports import Mail, NotHandedOver

LONGEST_LINE: Final = 900
"""Of what is sent as it is; SMTP takes 998 characters."""
PLAIN: Final = compat32.clone(linesep="\r\n", cte_type="7bit", max_line_length=LONGEST_LINE)
"""A third of the time that the newer policies take; and nobody on the way has a reason to encode it anew: a signature
(DKIM) stays good."""
ADDRESS: Final = re.compile(r"[^\s\x00-\x20<>()\[\],;:\\\"@\x7f]+@[^\s\x00-\x20<>()\[\],;:\\\"@\x7f]+")


def composed(mail: Mail, sender: str, now: datetime) -> bytes:
    """A multipart message, text first. What is no address, or more than one, does not get into a header: it is refused.

    Raises NotHandedOver.
    """
    if not ADDRESS.fullmatch(mail.to):
        raise NotHandedOver("bad-address", permanent=True)
    message = _empty(wide=not mail.to.isascii())
    for name, value in _headers(mail, sender, now):
        message[name] = value
    message.attach(_part(mail.text, "plain"))
    message.attach(_part(mail.html, "html"))
    if mail.calendar:
        part = MIMEText(mail.calendar.body, "calendar", "utf-8")
        part.set_param("method", mail.calendar.method)
        message.attach(part)
    return message.as_bytes()


def _empty(*, wide: bool) -> Message:
    if not wide:
        return MIMEMultipart("alternative", policy=PLAIN)
    message = EmailMessage(policy=SMTPUTF8)
    message.make_alternative()
    return message


def _headers(mail: Mail, sender: str, now: datetime) -> list[tuple[str, str]]:
    name, address = parseaddr(sender)
    headers = [
        ("From", formataddr((_line(mail.sender) or name, address))),
        ("To", mail.to),
        ("Subject", _line(mail.subject)),
        ("Message-ID", mail.id),
        ("Date", format_datetime(now)),
        ("Auto-Submitted", "auto-generated"),
    ]
    if mail.wishes:
        headers += [
            ("List-Unsubscribe", f"<{mail.wishes}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]
    return headers


def _line(words: str) -> str:
    """Words without line breaks and other control characters."""
    return " ".join("".join(one if one.isprintable() else " " for one in words).split())


def _part(content: str, kind: str) -> MIMEText:
    """Readable as it is where it can be, else encoded."""
    as_it_is = content.isascii() and all(len(line) <= LONGEST_LINE for line in content.splitlines())
    return MIMEText(content, kind, "us-ascii" if as_it_is else "utf-8")
