"""An end to courtesies by mail, for whoever holds one."""

from typing import Any, Final

from litestar import Response, Router

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.http import PUBLIC, get, post
from mindlyfe.notifications.application.unsubscribing import Unsubscribing

RATE: Final = 50
HEAD: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>No more mail of this kind</title></head>'
)
PAGE: Final = f"""{HEAD}
<body><h1>No more mail of this kind</h1>
<p>You will get no more reminders and notices by mail. What keeps your account safe is still told.</p>
<form method="post"><button>Stop them</button></form></body></html>"""
DONE: Final = f"""{HEAD}
<body><h1>Done</h1>
<p>No more mail of this kind. When you sign in, you can change that under your preferences.</p></body></html>"""


def routes(unsubscribing: Unsubscribing) -> Router:
    """`/v1/unsubscriptions`."""

    @get("/{word:str}", needs=PUBLIC, rate_per_s=RATE, refuses=(NotFound,), media_type="text/html")
    async def ask_to_unsubscribe(word: str) -> Response[Any]:
        """A page with one button: looking at a link changes nothing, as programs look at all links in a mail."""
        await unsubscribing.known(word)
        return Response(PAGE, media_type="text/html")

    @post("/{word:str}", needs=PUBLIC, rate_per_s=RATE, status_code=200, refuses=(NotFound,), media_type="text/html")
    async def unsubscribe(word: str) -> Response[Any]:
        """No more courtesies by mail to whom the message was for (List-Unsubscribe with One-Click, RFC 8058)."""
        await unsubscribing.stop(word)
        return Response(DONE, media_type="text/html")

    return Router("/v1/unsubscriptions", route_handlers=[ask_to_unsubscribe, unsubscribe], tags=["Preferences"])
