"""Texts are cut between signs: a letter keeps its marks, a flag its halves, a syllable its parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediator.redaction.graphemes import LONGEST, before_a_sign
from remediator.redaction.redact import CUT, bounded

SIGNS = (
    "e\u0301",
    "が",
    "か\u3099",
    "ｶ\uff9e",
    "한",
    "\u1112\u1161\u11ab",
    "🇯🇵",
    "👍🏽",
    "👩\u200d💻",
    "षि",
    "ก็",
    "a",
    "復",
    "😀",
    "❤\ufe0f",
)


@pytest.mark.parametrize("sign", SIGNS)
def test_no_sign_is_cut_in_two(sign):
    text = sign * 40
    for limit in range(2, len(text)):
        kept = bounded(text, limit).removesuffix(CUT)
        assert kept == "" or len(kept) % len(sign) == 0, (limit, kept)


def test_a_sign_without_end_is_cut_all_the_same():
    zalgo = "a" + "\u0301" * 500

    assert len(bounded(zalgo, 100)) == 100


@given(st.text(alphabet=st.sampled_from("".join(SIGNS) + " \n"), max_size=200), st.integers(0, 200))
def test_the_place_is_never_behind_and_never_far_before(text, end):
    assert end - LONGEST <= before_a_sign(text, end) <= end


@given(st.text(max_size=300), st.integers(1, 300))
def test_what_is_kept_is_the_beginning_and_within_the_limit(text, limit):
    kept = bounded(text, limit)

    assert len(kept) <= max(limit, 1)
    assert text.startswith(kept.removesuffix(CUT)) or kept == text
