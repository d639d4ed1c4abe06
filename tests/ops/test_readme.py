import pytest

from ops import ROOT
from ops.guide.documents import FILES, stale, with_table
from ops.guide.pages import PAGES, page
from ops.guide.rows import ROWS


@pytest.mark.parametrize("language", FILES)
def test_the_readmes_table_is_the_one_that_the_runbooks_give(language):
    text = (ROOT / FILES[language]).read_text()
    assert with_table(text, language) == text, "stale: run `make guide`"


def test_every_page_and_table_is_as_the_runbooks_give_it():
    assert sorted(stale()) == [], "stale: run `make guide`"


@pytest.mark.parametrize("language", PAGES)
def test_the_page_of_the_guide_has_every_row_in_its_language(language):
    text = page(language)
    assert [row for row in ROWS if f"`{row}`" not in text] == []
    assert any(ord(sign) > 0x3000 for sign in text) == (language == "ja")
