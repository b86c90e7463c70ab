"""The word that ends courtesies by mail."""

from uuid import UUID

import pytest
from hypothesis import given, strategies

from mindlyfe.notifications.contract import DeliveryId
from mindlyfe.notifications.domain.unsubscribing import named, word


@given(strategies.uuids(), strategies.binary(min_size=32, max_size=32))
def test_a_word_names_its_delivery(delivery: UUID, mac: bytes) -> None:
    assert named(word(DeliveryId(delivery), mac)) == delivery


@pytest.mark.parametrize("said", ["", "x", "x" * 42, "x" * 44, "ü" * 43, "?" * 43, "=" * 43])
def test_what_has_not_its_form_names_nothing(said: str) -> None:
    assert named(said) is None
