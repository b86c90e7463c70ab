"""Renders templates: a folder per language, per kind one file with subject and text, one with HTML."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from babel.core import UnknownLocaleError
from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, pass_context, select_autoescape
from jinja2.runtime import Context

from mindlyfe.notifications.adapters.sandbox import Sandbox, placeholders
from mindlyfe.notifications.application.content import LocalTime
from mindlyfe.notifications.contract import Kind
from mindlyfe.notifications.contract.workflows import WorkflowName
from mindlyfe.notifications.domain import template

TEMPLATES: Final = Path(__file__).parent / "templates"
FALLBACK: Final = "en"
BRIEF: Final = "EEE d MMM, HH:mm"


class Words:
    """Jinja templates on disk; a language that is missing falls back to English, value by value never."""

    def __init__(self, folder: Path = TEMPLATES) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        filters: dict[str, Any] = self._environment.filters
        filters["moment"] = _moment
        self._sandbox = Sandbox(_moment)

    def render(self, kind: Kind, locale: str, values: dict[str, Any]) -> tuple[str, str, str]:
        """Subject, text, HTML. The first line of the text template is the subject."""
        language = self.language(kind, locale)
        told = values | {"language": language}
        subject, _, text = self._environment.get_template(f"{language}/{kind}.txt").render(told).partition("\n")
        html = self._environment.get_template(f"{language}/{kind}.html").render(told | {"subject": subject})
        return subject.strip(), text.strip() + "\n", html

    def refuse_unsound(self, message: WorkflowName, body: str) -> None:
        """Whether a clinic's words can be a mail of this kind. Raises TemplateUnsound."""
        self._sandbox.refuse_unsound(message, body)

    def placeholders(self, message: WorkflowName) -> list[str]:
        """The values that a mail of this kind may name."""
        return placeholders(message)

    def framed(self, words: template.Words, locale: str, values: Mapping[str, Any]) -> tuple[str, str, str]:
        """Subject, text, HTML of a mail in a clinic's words: between our greeting and our footer."""
        language = self.language("frame", locale)
        told = {**values, "language": locale.replace("_", "-").partition("-")[0].lower()}
        body = self._sandbox.filled(words.body, told).strip()
        told |= {"body": body, "subject": words.subject, "language": language}
        text = self._environment.get_template(f"{language}/frame.txt").render(told)
        paragraphs = [part for part in body.split("\n\n") if part.strip()]
        html = self._environment.get_template(f"{language}/frame.html").render(told | {"paragraphs": paragraphs})
        return words.subject.strip(), text.strip() + "\n", html

    def brief(self, at: datetime, locale: str) -> str:
        """A moment in few letters."""
        return in_words(at, BRIEF, locale.replace("_", "-").partition("-")[0].lower())

    def notice(self, kind: Kind, locale: str, values: dict[str, Any] | None) -> tuple[str, str]:
        """Title and text of a notice; without values, the title alone."""
        template = self._environment.get_template(f"{self.language(kind, locale, 'in-app/')}/in-app/{kind}.txt")
        language = {"language": self.language(kind, locale, "in-app/")}
        title = " ".join("".join(template.blocks["title"](template.new_context(language))).split())
        if values is None:
            return title, ""
        return title, " ".join("".join(template.blocks["text"](template.new_context(language | values))).split())

    def line(self, locale: str) -> str:
        """That something came, and nothing else."""
        return self._environment.get_template(f"{self.language('push', locale)}/push.txt").render().strip()

    def language(self, kind: str, locale: str, part: str = "") -> str:
        """In which language it is said: that of `locale`, or English."""
        language = locale.replace("_", "-").partition("-")[0].lower()
        try:
            self._environment.get_template(f"{language}/{part}{kind}.txt")
        except TemplateNotFound:
            return FALLBACK
        return language


@pass_context
def _moment(context: Context, at: LocalTime) -> str:
    return moment(at, str(context["language"]))


def moment(at: LocalTime, language: str) -> str:
    """`Tuesday 1 December 2026, 09:00 (Europe/London)`, in words of the language; English, where it has none."""
    return f"{in_words(at.at, 'EEEE d MMMM yyyy, HH:mm', language)} ({at.zone})"


def in_words(at: datetime, form: str, language: str) -> str:
    """A moment by its own wall clock, in the words of a language (CLDR)."""
    try:
        return format_datetime(at.replace(tzinfo=None), form, locale=language)
    except (UnknownLocaleError, ValueError):
        return format_datetime(at.replace(tzinfo=None), form, locale=FALLBACK)
