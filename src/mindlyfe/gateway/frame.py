"""What all our pages have around them: a page is its content, after a comment that names title, width and script."""

import re
from pathlib import Path
from string import Template
from typing import Final

_HEAD: Final = re.compile(r"<!--\n((?:\w+: .+\n)+)-->\n")


def framed(page: Path, frame: Path) -> str:
    """The whole page. Raises ValueError for one that does not begin as it should."""
    text = page.read_text("utf-8")
    head = _HEAD.match(text)
    said = dict(line.split(": ", 1) for line in head[1].splitlines()) if head else {}
    if head is None or not {"title"} <= said.keys() <= {"title", "width", "script"}:
        raise ValueError(
            f"{page}: a page begins with a comment of `title: …`, and `width: …` and `script: …` if need be"
        )
    script = f'\n<script type="module" src="/assets/{said["script"]}.js"></script>' if "script" in said else ""
    return Template(frame.read_text("utf-8")).substitute(
        title=said["title"],
        page=page.stem,
        width=f' class="{said["width"]}"' if "width" in said else "",
        script=script,
        content=text[head.end() :],
    )
