"""Text messages by their type: others may read them on the phone, so nothing clinical finds a place in them. Pure."""

from string import Formatter
from typing import Final

import msgspec

from mindlyfe.kernel.errors import DomainError

PLACEHOLDERS: Final = frozenset({"time", "sender", "link"})
"""All that a text can say of anything."""


class NotForTexts(DomainError):
    """The template says more than a text message may."""

    status = 422
    code = "not-for-texts"
    advice = "Use the placeholders {time}, {sender} and {link} alone."


class TextValues(msgspec.Struct, frozen=True, kw_only=True):
    """What fills a template: a moment, the name that its reader wants to see as the sender, the way into the app."""

    time: str = ""
    sender: str = ""
    link: str = ""


class TextTemplate(msgspec.Struct, frozen=True):
    """Words with placeholders. Make one by `text_template`, which refuses what does not belong here."""

    words: str

    def filled(self, values: TextValues) -> str:
        """The text. A sender that is not to be named leaves no trace."""
        told = msgspec.structs.asdict(values)
        text = " ".join(self.words.format(**told).split()).removeprefix(":").strip()
        return text[:1].upper() + text[1:]


def text_template(words: str) -> TextTemplate:
    """A template out of words such as `{sender}: your appointment is {time}. {link}`. Raises NotForTexts."""
    try:
        parts = list(Formatter().parse(words))
    except ValueError:
        raise NotForTexts from None
    for _, name, spec, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or spec or conversion):
            raise NotForTexts
    return TextTemplate(words)
