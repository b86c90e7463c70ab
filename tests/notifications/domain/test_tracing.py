"""A provider's answer is kept without what is private."""

import pytest

from mindlyfe.notifications.domain.tracing import LONGEST_ANSWER, discreet


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("250 2.0.0 Ok: queued as 4bF7x91234567", "250 2.0.0 Ok: queued as 4bF7x91234567"),
        ("550 5.1.1 <amina@example.org>: unknown user", "550 5.1.1 <…>: unknown user"),
        ("The 'To' number +44 7700 900123 is not valid.", "The 'To' number … is not valid."),
        ("one\r\ntwo\x00three", "one two three"),
        ("queued SM00000000000000000000000000000001", "queued SM00000000000000000000000000000001"),
    ],
)
def test_an_answer_names_nobody(answer: str, kept: str) -> None:
    assert discreet(answer) == kept


def test_an_answer_is_bounded() -> None:
    assert len(discreet("x" * 10_000)) == LONGEST_ANSWER
