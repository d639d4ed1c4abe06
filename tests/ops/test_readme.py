import pytest

from ops.guide import FILES, ROOT, with_table


@pytest.mark.parametrize("language", FILES)
def test_the_readmes_table_is_the_one_that_the_runbooks_give(language):
    text = (ROOT / FILES[language]).read_text()
    assert with_table(text, language) == text, "stale: run `make guide`"
