"""What of a person goes from identity's tables when they are erased, and what stays."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, LiteralString

ERASES: Final[Mapping[str, LiteralString]] = MappingProxyType(
    {
        "account_address": "delete from account_address where person = %(person)s",
        "second_factor": "delete from second_factor where person = %(person)s",
        "session": "delete from session where person = %(person)s",
        "member": "delete from member where person = %(person)s",
        "allowance": "delete from allowance where person = %(person)s",
        "care": "delete from care where patient = %(person)s",
        "break_glass": "delete from break_glass where patient = %(person)s",
        "invitation": "delete from invitation where person = %(person)s",
        "pending_registration": "delete from pending_registration where person = %(person)s",
        "export": "delete from export where person = %(person)s",
        "correction": "delete from correction where person = %(person)s",
        "erasure_request": "delete from erasure_request where person = %(person)s",
    }
)
"""Table → what deletes the person's rows, in the organisation or the region that is named."""
KEEPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "erasure": "the list of erasures itself, ids and moments: it must outlive every backup of the keys",
        "supervision": "ids of staff alone: who supervised whom, which their patients' records rest on",
        "revocation": "ids and moments of what tokens no longer count; it keeps an erased person's tokens from working",
        "merge": "ids and moments: an old id leads to the account that is left, and the erasing of one to the others",
        "merging": "ids alone, of those whose merge is not over; the rows go with its end",
    }
)
"""Table that names a person → why its rows stay."""
MOVES: Final[Mapping[str, LiteralString]] = MappingProxyType(
    {
        "member": "select exists (select from member where person = %(person)s and standing <> 'left')",
        "care": """select exists (select from care where patient = %(person)s
            and (until is null or until > greatest(since, now())))""",
    }
)
"""Table → whether something there still is a duplicate's that should be the survivor's."""
