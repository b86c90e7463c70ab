"""Lists as CSV (RFC 4180), for spreadsheets: a cell that a spreadsheet would run as a formula is defused."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, Literal
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response

from mindlyfe.kernel.paging import Page

type Form = Literal["json", "csv"]
MEDIA_TYPE: Final = "text/csv"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def shown[T](page: Page[T], kind: type[T], form: Form | None, request: Request[Any, Any, Any]) -> Any:
    """The page as it was asked for: by `format`, or else by the header Accept. The route says `csv=True`."""
    accepted = request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip().lower()
    if form == "csv" or (form is None and accepted == MEDIA_TYPE):
        headers = {"content-disposition": "attachment; filename=list.csv", "vary": "accept"}
        if page.next:
            headers["link"] = f'<{request.url.path}?{_following(request, page.next)}>; rel="next"'
        return Response(written(page.items, kind), media_type=MEDIA_TYPE, headers=headers)
    return page


def written(items: Sequence[Any], kind: type[Any]) -> bytes:
    """The fields of the Structs, a row each, under a row of their names."""
    names = [field.encode_name for field in msgspec.structs.fields(kind)]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(names)
    for item in items:
        rows.writerow([cell(getattr(item, name)) for name in kind.__struct_fields__])
    return text.getvalue().encode()


def cell(value: Any) -> str:
    """One value as text. Numbers stay numbers; text never begins like a formula (CWE-1236)."""
    match value:
        case None:
            return ""
        case bool() | int() | float():
            return str(value).lower()
        case datetime() | date():
            return value.isoformat()
        case frozenset() | set():
            return cell(" ".join(sorted(map(str, value))))
        case list() | tuple():
            return cell(" ".join(map(str, value)))
        case _:
            text = str(value)
            return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _following(request: Request[Any, Any, Any], word: str) -> str:
    query = {name: value for name, value in request.query_params.items() if name not in {"cursor", "format"}}
    return urlencode({**query, "format": "csv", "cursor": word})
