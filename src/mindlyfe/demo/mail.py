"""Reads the development mailbox over HTTP, as a person would read their mail."""

import re
import time
from typing import Final

import httpx
import msgspec

LINK: Final = re.compile(r"https?://\S+")
PATIENCE_S: Final = 30.0


class Mail(msgspec.Struct, frozen=True):
    """One delivered message."""

    message_id: str
    to: str
    subject: str
    text: str
    sender: str = ""

    @property
    def code(self) -> str:
        """The code in the message's link: what follows `#code=`."""
        link = LINK.search(self.text)
        if link is None or "#code=" not in link.group():
            raise AssertionError(f"no link with a code in the mail {self.subject!r}")
        return link.group().split("#code=")[1].rstrip(".)>")


class Mailbox:
    """The mailbox at `url`, e.g. `http://localhost:8080/dev/mailbox`."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=10)

    def of(self, address: str) -> list[Mail]:
        """Everything delivered to `address`, oldest first."""
        answer = self._http.get("/messages", params={"to": address})
        answer.raise_for_status()
        return msgspec.json.decode(answer.content, type=list[Mail])

    def expect(self, address: str, word: str, *, count: int = 1, patience_s: float = PATIENCE_S) -> Mail:
        """The newest mail whose subject holds `word`, once at least `count` different ones have come.

        Raises AssertionError when they do not come in time.
        """
        deadline = time.monotonic() + patience_s
        while True:
            found = [mail for mail in self.of(address) if word.lower() in mail.subject.lower()]
            if len({mail.message_id for mail in found}) >= count:
                return found[-1]
            if time.monotonic() > deadline:
                raise AssertionError(f"{address} got {len(found)} mails about {word!r}, expected {count}")
            time.sleep(0.1)
