"""One HTML file that holds all it needs: it opens from disk, asks nothing of any network, and the same page
is the same bytes.

A content security policy in its head allows the scripts and style sheets that stand in it, by their hashes,
and nothing else: text of a user that came to be markup could neither run nor fetch.  Plotly needs two things
more: an empty style sheet, which it makes and fills by rules, and style attributes, which it sets on text; by
these nothing can be fetched either.
"""

import json
import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from sim.show.report.page import Page

ASSETS = Path(__file__).parent / "assets"
FILE = "report.html"
POLICY = (
    "default-src 'none'; script-src {scripts}; style-src {styles}; style-src-attr 'unsafe-inline'; img-src "
    "data:; "
    "connect-src 'none'; base-uri 'none'; form-action 'none'"
)
PIECES = re.compile(r"\([^)]*\)|\S+")  # of what stands behind a value: no line ends in one
ENDS = re.compile(
    "</script|<script|<!--", re.IGNORECASE
)  # what would end a script in a page, or hide its end


def save(page: Page, folder: Path) -> Path:
    """The page, written into a folder."""
    path = folder / FILE
    path.write_text(html(page), encoding="utf-8", newline="\n")
    return path


def html(page: Page) -> str:
    """The page as HTML; whatever text is in its parts stays text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    charts = page.charts
    scripts = [
        _asset("report.js"),
        *([_asset("plotly-cartesian.min.js"), _asset("charts.js")] if charts else []),
    ]
    style = _asset("report.css")
    policy = POLICY.format(
        scripts=" ".join(map(_allowed, scripts)), styles=" ".join(map(_allowed, (style, "")))
    )
    drawn = [{"data": chart.data, "layout": chart.layout, "narrow": chart.narrow} for chart in charts]
    environment = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"tied": _tied, "pieces": PIECES.findall}
    return environment.get_template("report.html.jinja").render(
        page=page,
        number={id(chart): row for row, chart in enumerate(charts)}.get,
        id=id,
        policy=policy,
        style=Markup(style),
        scripts=[Markup(script) for script in scripts],
        charts=Markup(_data(drawn)) if charts else "",
    )


def _tied(text: str) -> str:
    """The text with each percent sign on the line of its number."""
    return text.replace(" %", "\u00a0%")


@cache
def _asset(name: str) -> str:
    """A script or a style as it stands in a page."""
    text = (ASSETS / name).read_text(encoding="utf-8")
    assert not ENDS.search(text), "what stands in a page must not end its own element"
    assert "\r" not in text, "a browser would read it as another text, with another hash"
    return text


def _allowed(text: str) -> str:
    """The source of a policy that allows a script or style of this text."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _data(value: Any) -> str:
    """JSON that can stand in a script: no character in it means anything to HTML."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
