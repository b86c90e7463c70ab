"""The page of the development phone: texts, newest first, all or those to one number."""

from html import escape
from typing import Final
from urllib.parse import quote

from mindlyfe.notifications.mailbox.pages import page
from mindlyfe.notifications.phone.book import Received

ROOT: Final = "/dev/phone"
BANNER: Final = "Development phone: nothing here was really sent."


def shown(texts: list[Received]) -> bytes:
    """The whole page."""
    if not texts:
        return page("Phone", "<p>No text yet.</p>", BANNER)
    rows = "".join(
        f"<tr><td>{text.at:%Y-%m-%d %H:%M:%S} UTC</td>"
        f'<td><a href="{ROOT}?to={quote(text.to)}">{escape(text.to)}</a></td>'
        f"<td>{escape(text.sender)}</td><td>{escape(text.body)}</td><td>{escape(text.status)}</td>"
        f"<td>{text.parts}</td></tr>"
        for text in reversed(texts)
    )
    heads = "".join(f"<th>{head}</th>" for head in ("At", "To", "From", "Text", "Status", "Parts"))
    return page("Phone", f'<p><a href="{ROOT}">All texts</a></p><table><tr>{heads}</tr>{rows}</table>', BANNER)
