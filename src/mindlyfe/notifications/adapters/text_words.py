"""Words of text messages: a folder per language, a file per kind, read and checked once."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from mindlyfe.notifications.adapters.words import BRIEF, FALLBACK, TEMPLATES, in_words
from mindlyfe.notifications.domain.texts import TextTemplate, text_template

WAITING: Final = "message-waiting"
"""Says that there is a message, and nothing else: for a phone that others use."""


class TextWords:
    """Templates by language and kind. Raises NotForTexts when one of them could say more than a text may."""

    def __init__(self, folder: Path = TEMPLATES) -> None:
        self._templates: Mapping[tuple[str, str], TextTemplate] = {
            (path.parent.parent.name, path.stem): text_template(path.read_text().strip())
            for path in sorted(folder.glob("*/sms/*.txt"))
        }

    def template(self, kind: str, locale: str) -> TextTemplate | None:
        """The one in the language of `locale`, or in English; None for what is not said by text."""
        language = locale.replace("_", "-").partition("-")[0].lower()
        return self._templates.get((language, kind)) or self._templates.get((FALLBACK, kind))

    def waiting(self, locale: str) -> TextTemplate:
        """Says only that there is a message."""
        found = self.template(WAITING, locale)
        assert found is not None, "the template for shared phones is missing"
        return found

    @staticmethod
    def moment(at: datetime, locale: str) -> str:
        """`Tue 1 Dec, 14:45`, by the reader's own clock."""
        return in_words(at, BRIEF, locale.replace("_", "-").partition("-")[0].lower())
