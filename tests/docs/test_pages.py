"""The pages of docs/ name files that are there, and nothing in the project cites a document that is not."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), *(ROOT / name for name in ("README.md", "CHANGELOG.md"))]
OURS = ("sim", "tests", "docs", "scenarios", "README.md")
TEXT = {".py", ".md", ".yaml", ".yml", ".html", ".js", ".css", ".cpp", ".txt"}
ELSEWHERE = re.compile(
    "|".join(("DESIGN" + r"\.md", "FACTS" + r"\.md", "the " + "issue", "THEORY" + r"\.md"))
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_a_file(page: Path):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_source_that_a_page_names_is_there(page: Path):
    named = re.findall(r"`((?:sim|tests|docs|scenarios)/[\w/.-]*)`", page.read_text(encoding="utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_no_file_cites_a_document_that_is_not_in_the_project():
    citing = [
        str(path.relative_to(ROOT))
        for name in OURS
        for path in ([ROOT / name] if (ROOT / name).is_file() else sorted((ROOT / name).rglob("*")))
        if path.suffix in TEXT and ELSEWHERE.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert citing == []
