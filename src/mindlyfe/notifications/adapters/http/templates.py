"""The words of messages: a clinic's own, previewed, and sent to oneself to see."""

from typing import cast, get_args

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from mindlyfe.kernel.errors import Erased, NotFound, VersionConflict
from mindlyfe.kernel.http import delete, get, post, put
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.notifications.application.writing import Writing
from mindlyfe.notifications.contract.templates import (
    Preview,
    SetTemplate,
    TemplateUnsound,
    TemplateView,
    TestSent,
    WrittenChannel,
)
from mindlyfe.notifications.contract.workflows import WorkflowName
from mindlyfe.notifications.domain.template import Place, Words
from mindlyfe.notifications.domain.workflow import NATURES

PLACE = "/{message:str}/{channel:str}/{language:str}"
LONGEST_LANGUAGE = 3


def routes(writing: Writing) -> Router:
    """`/v1/message-templates`."""
    handlers = [*_keeping(writing), *_trying(writing)]
    return Router("/v1/message-templates", route_handlers=handlers, tags=["Message templates"])


def _keeping(writing: Writing) -> list[HTTPRouteHandler]:
    @get(PLACE, needs="message-templates:read", aal=2, refuses=(NotFound,))
    async def show_template(message: str, channel: str, language: str, who: Principal) -> TemplateView:
        """The clinic's words for a kind of message by a channel in a language, and the values they may name."""
        return await writing.view(who.tenant, _place(message, channel, language))

    @put(PLACE, needs="message-templates:write", aal=2, refuses=(NotFound, TemplateUnsound, VersionConflict))
    async def write_template(  # noqa: PLR0917 - a path of three names
        message: str, channel: str, language: str, data: SetTemplate, who: Principal, act: Act, expected: int | None
    ) -> TemplateView:
        """Put the clinic's words in place. Nothing that tells of treatment stands in a subject or a text message."""
        place = _place(message, channel, language)
        return await writing.write(place, Words(data.subject, data.body), who, act, expected)

    @delete(PLACE, needs="message-templates:write", aal=2, refuses=(NotFound, VersionConflict), status_code=200)
    async def drop_template(  # noqa: PLR0917 - a path of three names
        message: str, channel: str, language: str, who: Principal, act: Act, expected: int | None
    ) -> TemplateView:
        """Go back to the shipped words. Again: no change."""
        return await writing.drop(_place(message, channel, language), who, act, expected)

    return [show_template, write_template, drop_template]


def _trying(writing: Writing) -> list[HTTPRouteHandler]:
    @post(
        PLACE + "/preview",
        needs="message-templates:read",
        aal=2,
        refuses=(NotFound, TemplateUnsound),
        status_code=200,
    )
    async def preview_template(message: str, channel: str, language: str, data: SetTemplate) -> Preview:
        """Words filled with sample values. Nothing is kept."""
        return writing.preview(_place(message, channel, language), Words(data.subject, data.body))

    @post(PLACE + "/test", needs="message-templates:write", aal=2, refuses=(NotFound, Erased), status_code=202)
    async def send_test(message: str, channel: str, language: str, who: Principal, act: Act) -> TestSent:
        """Send the caller one with sample values, in the words in use for this language."""
        return await writing.send_test(_place(message, channel, language), who, act)

    return [preview_template, send_test]


def _place(message: str, channel: str, language: str) -> Place:
    """Raises NotFound for what there is none of."""
    spoken = language.isascii() and language.isalpha() and language.islower() and 2 <= len(language) <= LONGEST_LANGUAGE
    if message not in NATURES or channel not in get_args(WrittenChannel.__value__) or not spoken:
        raise NotFound
    return Place(cast("WorkflowName", message), cast("WrittenChannel", channel), language)
