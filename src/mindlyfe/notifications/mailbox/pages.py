"""The mailbox's pages under `/dev/mailbox`: a list, one mail, and JSON for programs."""

from collections.abc import Awaitable, Callable, MutableMapping
from html import escape
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from mindlyfe.notifications.mailbox.box import Box, Kept

ROOT: Final = "/dev/mailbox"
BANNER: Final = "Development mailbox: nothing here was really sent."
STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2b2f}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.5rem;border-bottom:1px solid #d5dfe0}"
    ".banner{background:#fff3cd;padding:.5rem 1rem;border-radius:8px}pre{white-space:pre-wrap}"
    "iframe{width:100%;height:30rem;border:1px solid #d5dfe0;border-radius:8px}"
)
OUTSIDE: Final = '<base target="_blank">'
"""Links of a mail open in a page of their own: ours refuse to be framed."""
type Scope = MutableMapping[str, Any]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class Pages:
    """A plain ASGI application: the mailbox is a tool beside the platform, not a part of it."""

    def __init__(self, box: Box) -> None:
        self._box = box

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        status, kind, body = self._answer(scope["path"].rstrip("/"), scope["query_string"].decode(errors="replace"))
        headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, path: str, query: str) -> tuple[int, str, bytes]:
        to = parse_qs(query).get("to", [None])[0]
        if path == f"{ROOT}/messages":
            return 200, "application/json", msgspec.json.encode(self._box.newest(to))
        if path == ROOT:
            return 200, "text/html; charset=utf-8", page("Mailbox", listed(self._box.newest(to)))
        mail = self._box.one(path.removeprefix(f"{ROOT}/"))
        if mail is None:
            return 404, "text/html; charset=utf-8", page("Not found", "<p>There is no such mail.</p>")
        return 200, "text/html; charset=utf-8", page(mail.subject, shown(mail))


def listed(mails: list[Kept]) -> str:
    """Newest first."""
    if not mails:
        return "<p>No mail yet.</p>"
    rows = "".join(
        f"<tr><td>{mail.at:%Y-%m-%d %H:%M:%S} UTC</td><td>{escape(mail.to)}</td>"
        f'<td><a href="{ROOT}/{mail.id}">{escape(mail.subject)}</a></td></tr>'
        for mail in reversed(mails)
    )
    return f"<table><tr><th>At</th><th>To</th><th>Subject</th></tr>{rows}</table>"


def shown(mail: Kept) -> str:
    """One mail: as its HTML looks (in a sandbox without scripts), and its text."""
    return (
        f'<p><a href="{ROOT}">All mail</a></p><p>To {escape(mail.to)}<br>From {escape(mail.sender)}<br>'
        f'Message-ID {escape(mail.message_id)}</p><iframe sandbox="allow-popups allow-popups-to-escape-sandbox" '
        f'title="The mail as HTML" srcdoc="{escape(OUTSIDE + mail.html)}"></iframe>'
        f"<h2>As text</h2><pre>{escape(mail.text)}</pre>"
    )


def page(title: str, body: str, banner: str = BANNER) -> bytes:
    """A whole page with the banner that this is no real mail."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<style>{STYLE}</style></head><body><p class="banner">{banner}</p>'
        f"<h1>{escape(title)}</h1>{body}</body></html>"
    ).encode()
