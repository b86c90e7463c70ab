"""Hands mail over by SMTP."""

from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Final

import aiosmtplib

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.config import MailSettings
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.resilience import guarded
from mindlyfe.notifications.application.ports import Mail, NotHandedOver

CONNECT_S: Final = 5.0
ANSWER_S: Final = 45.0
"""A server may look at a mail for a while before it takes it: who hangs up too early sends it twice."""
TIMEOUT_S: Final = 60.0
GOODBYE_S: Final = 1.0
REST_S: Final = 2.0
LONGEST_ANSWER: Final = 200
PERMANENT: Final = 500


class Smtp:
    """One SMTP server, left alone for two seconds at a time while it fails.

    A connection per mail: on loopback a kept one saves 1 ms of CPU of 3, and then may have gone stale unnoticed.
    """

    name = "smtp"

    def __init__(self, settings: MailSettings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._guarded = guarded("the mail server", self._send, timeout_s=TIMEOUT_S, rests_s=REST_S)

    async def hand_over(self, mail: Mail) -> str:
        """The server's answer to the message. Raises NotHandedOver; permanent when it will never take this one."""
        message = composed(mail, self._settings.sender)
        message["Date"] = format_datetime(self._clock())
        try:
            return (await self._guarded(message))[:LONGEST_ANSWER]
        except Unavailable as failure:
            raise NotHandedOver("smtp-unreachable") from failure
        except aiosmtplib.SMTPRecipientsRefused as refused:
            code = max((r.code for r in refused.recipients), default=PERMANENT)
            raise NotHandedOver(f"smtp-{code}", permanent=code >= PERMANENT) from refused
        except aiosmtplib.SMTPDataError as refused:
            raise NotHandedOver(f"smtp-{refused.code}", permanent=refused.code >= PERMANENT) from refused
        except aiosmtplib.SMTPResponseException as refused:
            # Of us, not of this mail (the password, the sender): an operator can mend it; nothing is lost till then.
            raise NotHandedOver(f"smtp-{refused.code}") from refused
        except aiosmtplib.SMTPException as failure:
            raise NotHandedOver("smtp-unsupported") from failure

    async def _send(self, message: EmailMessage) -> str:
        s = self._settings
        server = aiosmtplib.SMTP(
            hostname=s.host,
            port=s.port,
            username=s.user or None,
            password=s.password_file.read_text().strip() if s.password_file else None,
            use_tls=s.security == "tls",
            start_tls=s.security == "starttls",
            timeout=CONNECT_S,
        )
        try:
            await server.connect()
            _, answer = await server.send_message(message, timeout=ANSWER_S)
            with suppress(aiosmtplib.SMTPException):
                await server.quit(timeout=GOODBYE_S)
            return answer
        finally:
            server.close()


def composed(mail: Mail, sender: str) -> EmailMessage:
    """A multipart message, text first. An address with a line break cannot get into a header: it is refused."""
    message = EmailMessage()
    name, address = parseaddr(sender)
    user, _, domain = address.partition("@")
    message["From"] = Address(mail.sender or name, user, domain)
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
