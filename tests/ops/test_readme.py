import pytest

from ops.guide import FILES, PAGES, ROOT, made, with_table
from ops.guide_page import page
from ops.guide_rows import ROWS


@pytest.mark.parametrize("language", FILES)
def test_the_readmes_table_is_the_one_that_the_runbooks_give(language):
    text = (ROOT / FILES[language]).read_text()
    assert with_table(text, language) == text, "stale: run `make guide`"


@pytest.mark.parametrize("language", PAGES)
def test_the_guides_page_is_the_one_that_the_runbooks_give(language):
    assert made()[PAGES[language]] == (ROOT / PAGES[language]).read_text(), "stale: run `make guide`"


@pytest.mark.parametrize("language", PAGES)
def test_the_guides_page_tells_every_row(language):
    told = page(language)
    assert [row for row in ROWS if f"(`{row}`)" not in told] == []


def test_both_pages_give_the_same_commands():
    commands = [[line for line in page(lang).splitlines() if line.startswith(("aws ", "curl "))] for lang in PAGES]
    assert commands[0] == commands[1]
    assert len(commands[0]) > 50
