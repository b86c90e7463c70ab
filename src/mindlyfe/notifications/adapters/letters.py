"""Composes e-mails as they travel."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Final

from mindlyfe.notifications.application.ports import Mail, NotHandedOver

SEVEN_BITS: Final = SMTP.clone(cte_type="7bit")
"""Nothing on the way has a reason to encode it anew: a signature (DKIM) stays good."""


def composed(mail: Mail, sender: str, now: datetime) -> EmailMessage:
    """A multipart message, text first. An address with a line break cannot get into a header: it is refused.

    Raises NotHandedOver.
    """
    utf8 = not mail.to.isascii()
    message = EmailMessage(policy=SEVEN_BITS.clone(utf8=True) if utf8 else SEVEN_BITS)
    name, address = parseaddr(sender)
    user, _, domain = address.partition("@")
    message["From"] = Address(mail.sender or name, user, domain)
    try:
        message["To"] = mail.to
        [only] = message["To"].addresses
    except ValueError as wrong:
        raise NotHandedOver("bad-address", permanent=True) from wrong
    if not only.domain:
        raise NotHandedOver("bad-address", permanent=True)
    message["Subject"] = mail.subject
    message["Message-ID"] = mail.id
    message["Date"] = format_datetime(now)
    message["Auto-Submitted"] = "auto-generated"
    if mail.wishes:
        message["List-Unsubscribe"] = f"<{mail.wishes}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    if mail.calendar:
        parameters = {"method": mail.calendar.method}
        message.add_alternative(mail.calendar.body, subtype="calendar", params=parameters)
    return message
