"""Words of messages that a clinic puts in place of the shipped ones, per kind, channel and language."""

from typing import Annotated, Literal

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command
from mindlyfe.notifications.contract import DeliveryId
from mindlyfe.notifications.contract.workflows import WorkflowName

type WrittenChannel = Literal["email", "sms"]
"""Channels with words of a clinic's own. What is pushed says only that there is a message."""
Subject = Annotated[
    str,
    msgspec.Meta(max_length=120, pattern=r"^[^\x00-\x1f\x7f{}]*$", description="Discreet; none for a text message."),
]
Body = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=4_000,
        pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$",
        description="Greeting and footer are added. Values stand in {{ braces }}; of a text, in {braces}.",
        examples=["See you at {{ starts | moment }}."],
    ),
]


class SetTemplate(Command, frozen=True):
    """The clinic's next version of these words."""

    body: Body
    subject: Subject = ""


class TemplateView(msgspec.Struct, frozen=True, kw_only=True):
    """The clinic's words for a kind of message; `edition` is `shipped` where it has none, and they are not shown."""

    message: WorkflowName
    channel: WrittenChannel
    language: str
    edition: str
    subject: str
    body: str
    placeholders: list[str]
    """All values that it may name."""
    version: int


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A message filled with sample values."""

    subject: str
    text: str
    html: str
    """Empty for a text message."""


class TestSent(msgspec.Struct, frozen=True):
    """The message with sample values is on its way to who asked."""

    delivery: DeliveryId


class TemplateUnsound(DomainError):
    """The words hold something that does not belong there."""

    status = 422
    code = "template-unsound"
    advice = "Mend what is named."
