"""Addresses of servers that people name: https, its own port, a name of the internet."""

import re
from typing import Final
from urllib.parse import urlsplit

HOST: Final = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
"""A name with a dot whose end is no number: no address, no host of one's own network."""


class NotOfTheWeb(ValueError):
    """An address that is not asked, whatever it leads to."""


def web_address(url: str) -> str:
    """The same without its fragment, if it may be asked at all. Raises NotOfTheWeb."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise NotOfTheWeb
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise NotOfTheWeb from None
    if parts.scheme != "https" or "@" in parts.netloc or port not in {None, 443} or not HOST.fullmatch(host):
        raise NotOfTheWeb
    return parts._replace(fragment="").geturl()


def host_of(url: str) -> str:
    """What may be shown of an address."""
    return urlsplit(url).hostname or ""
