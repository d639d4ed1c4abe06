"""The page for who runs the product and its Japanese form say the same, and what they point to is there."""

import re
from itertools import groupby
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGLISH, JAPANESE = ROOT / "docs" / "operating.md", ROOT / "docs" / "operating.ja.md"
READERS = ENGLISH, JAPANESE, ROOT / "README.md", ROOT / "README.ja.md"
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CELL = re.compile(r"(?<!\\)\|")


def prose(text):
    return re.sub(r"^````.*?^````$|^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def headings(text):
    return re.findall(r"^(#+) +(.+)$", prose(text), re.MULTILINE)


def levels(text):
    return [len(marks) for marks, _ in headings(text)]


def blocks(text):
    return [re.sub(r"\s+#\s.*$", "", block, flags=re.MULTILINE) for block in FENCED.findall(text)]


def tables(text):
    """Of each table how many cells each of its rows has."""
    grouped = groupby(prose(text).splitlines(), lambda line: line.startswith("|"))
    return [[len(CELL.findall(line)) for line in rows] for is_table, rows in grouped if is_table]


def code_by_section(text):
    return [set(SPAN.findall(section)) for section in re.split(r"^## ", prose(text), flags=re.MULTILINE)]


def anchors(path):
    """As GitHub makes them: lower case, no punctuation, a hyphen for each space."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for _, title in headings(path.read_text("utf-8"))}


def broken_links(text, where):
    for target in LINK.findall(SPAN.sub("", prose(text))):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        path = where.parent / name if name else where
        if not path.exists() or (anchor and anchor not in anchors(path)):
            yield target


@pytest.fixture(scope="module")
def english():
    return ENGLISH.read_text("utf-8")


@pytest.fixture(scope="module")
def japanese():
    return JAPANESE.read_text("utf-8")


@pytest.mark.parametrize("shape", [levels, blocks, tables])
def test_both_pages_have_the_same_headings_code_blocks_and_tables(shape, english, japanese):
    assert shape(english) != []
    assert shape(japanese) == shape(english)


def test_every_name_and_command_of_a_section_stands_in_the_same_section_in_japanese(english, japanese):
    pairs = zip(code_by_section(english), code_by_section(japanese), strict=True)
    assert [missing for said, found in pairs if (missing := said - found)] == []


def test_the_japanese_page_names_nothing_that_the_english_one_does_not(english, japanese):
    assert [name for name in SPAN.findall(prose(japanese)) if name not in english] == []


@pytest.mark.parametrize("path", READERS, ids=lambda path: path.name)
def test_every_link_and_anchor_points_to_something_that_is_there(path):
    assert list(broken_links(path.read_text("utf-8"), path)) == []


def test_each_page_names_its_other_language_first_and_japanese_readers_are_sent_to_theirs(english, japanese):
    assert english.splitlines()[2] == "日本語: [operating.ja.md](operating.ja.md)"
    assert japanese.splitlines()[2] == "English: [operating.md](operating.md)"
    assert "docs/operating.md" not in (ROOT / "README.ja.md").read_text("utf-8")
