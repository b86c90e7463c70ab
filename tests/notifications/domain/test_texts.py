"""A text has no place for anything clinical."""

import pytest

from mindlyfe.notifications.domain.texts import NotForTexts, TextValues, text_template

VALUES = TextValues(time="Tue 1 Dec, 14:45", sender="Harbour", link="https://x.example")


@pytest.mark.parametrize(
    "words",
    [
        "Your {diagnosis} is ready",
        "{time} with {therapist}",
        "{0}",
        "{}",
        "{time.tzinfo}",
        "{sender!r}",
        "{link:>80}",
        "{time",
        "{link[0]}",
    ],
)
def test_a_template_that_could_say_more_is_refused(words: str) -> None:
    with pytest.raises(NotForTexts):
        text_template(words)


def test_a_sender_that_is_not_to_be_named_leaves_no_trace() -> None:
    template = text_template("{sender}: your appointment is on {time}. {link}")
    assert template.filled(VALUES) == "Harbour: your appointment is on Tue 1 Dec, 14:45. https://x.example"
    discreet = template.filled(TextValues(time=VALUES.time, link=VALUES.link))
    assert discreet == "Your appointment is on Tue 1 Dec, 14:45. https://x.example"


def test_what_fills_a_template_is_no_template() -> None:
    assert text_template("{sender}").filled(TextValues(sender="{link}", link="no")) == "{link}"
