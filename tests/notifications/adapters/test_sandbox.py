"""A clinic's words hold values and conditions, and nothing that could reach further or go on for ever."""

from datetime import UTC, datetime

import pytest

from mindlyfe.notifications.adapters.words import Words
from mindlyfe.notifications.application.content import local
from mindlyfe.notifications.contract.templates import TemplateUnsound
from mindlyfe.notifications.domain import template

VALUES = {
    "name": "Amina <b>",
    "sender": "",
    "home": "http://localhost",
    "items": 1,
    "starts": local(datetime(2026, 12, 1, 9, tzinfo=UTC), "Asia/Kathmandu"),
    "minutes": 50,
}


@pytest.mark.parametrize(
    "body",
    [
        "Bis {{ starts | moment }}, {{ minutes }} Minuten.",
        "{% if items > 1 %}{{ items }} Termine{% elif sender %}{{ sender }}{% else %}ein Termin{% endif %}",
        "{% if sender and not items == 1 or minutes >= 5 %}x{% endif %}",
        "Without a value",
    ],
)
def test_values_and_conditions_are_sound(body: str) -> None:
    Words().refuse_unsound("appointment-reminder", body)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("{{ patient }}", "no value patient"),
        ("{{ link }}", "no value link"),
        ("{{ name.__class__ }}", "Getattr"),
        ("{{ name['x'] }}", "Getitem"),
        ("{{ range(10) }}", "Call"),
        ("{% for x in name %}{{ x }}{% endfor %}", "For"),
        ("{% include 'layout.html' %}", "Include"),
        ("{% extends 'layout.html' %}", "Extends"),
        ("{% set name = 1 %}", "Assign"),
        ("{% macro m() %}{% endmacro %}", "Macro"),
        ("{{ minutes * 1000000 }}", "Mul"),
        ("{{ 'a' ~ name }}", "Concat"),
        ("{{ name | upper }}", "Only"),
        ("{{ name | moment }}", "Only"),
        ("{{ starts | moment('x') }}", "Only"),
        ("{{ name", "Line 1 cannot be read"),
        ("{{ [name] }}", "List"),
    ],
)
def test_what_reaches_further_is_refused_and_named(body: str, named: str) -> None:
    with pytest.raises(TemplateUnsound, match=named):
        Words().refuse_unsound("appointment-reminder", body)


def test_it_stands_between_our_greeting_and_our_footer() -> None:
    words = template.Words("Ihr Termin", "Bis {{ starts | moment }}, <i>{{ name }}</i>.\n\nWir freuen uns.")
    subject, text, page = Words().framed(words, "de-AT", VALUES)
    assert subject == "Ihr Termin"
    assert text.startswith("Guten Tag Amina <b>,\n\nBis Dienstag 1 Dezember 2026, 14:45 (Asia/Kathmandu)")
    assert "http://localhost/crisis" in text
    assert "&lt;i&gt;Amina &lt;b&gt;&lt;/i&gt;" in page
    assert "<p>Wir freuen uns.</p>" in page
    assert "http://localhost/crisis" in page


def test_a_language_that_we_do_not_speak_has_an_english_frame_and_its_own_months() -> None:
    _, text, _ = Words().framed(template.Words("La cita", "Hasta {{ starts | moment }}."), "es", VALUES)
    assert text.startswith("Hello Amina")
    assert "martes 1 diciembre 2026" in text
