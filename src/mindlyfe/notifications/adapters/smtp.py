"""Hands mail over by SMTP."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Final

import aiosmtplib

from mindlyfe.kernel.config import MailSettings
from mindlyfe.notifications.application.ports import Mail, NotHandedOver

TIMEOUT_S: Final = 10.0
PERMANENT: Final = 500


class Smtp:
    """One SMTP server; a connection per mail."""

    name = "smtp"

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    async def hand_over(self, mail: Mail) -> str:
        """The server's answer to the message. Raises NotHandedOver; permanent when the server answers 5xx."""
        s = self._settings
        password = s.password_file.read_text().strip() if s.password_file else None
        try:
            _, answer = await aiosmtplib.send(
                composed(mail, s.sender),
                hostname=s.host,
                port=s.port,
                username=s.user or None,
                password=password,
                use_tls=s.security == "tls",
                start_tls=s.security == "starttls",
                timeout=TIMEOUT_S,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            code = max((r.code for r in refused.recipients), default=PERMANENT)
            raise NotHandedOver(f"smtp-{code}", permanent=code >= PERMANENT) from refused
        except aiosmtplib.SMTPResponseException as refused:
            raise NotHandedOver(f"smtp-{refused.code}", permanent=refused.code >= PERMANENT) from refused
        except (aiosmtplib.SMTPException, OSError) as failure:
            raise NotHandedOver("smtp-unreachable") from failure
        return answer


def composed(mail: Mail, sender: str) -> EmailMessage:
    """A multipart message, text first. An address with a line break cannot get into a header: it is refused."""
    message = EmailMessage()
    name, address = parseaddr(sender)
    user, _, domain = address.partition("@")
    message["From"] = Address(name, user, domain)
    try:
        message["To"] = mail.to
    except ValueError as wrong:
        raise NotHandedOver("bad-address", permanent=True) from wrong
    message["Subject"] = mail.subject
    message["Message-ID"] = mail.id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message
