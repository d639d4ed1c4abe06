"""The mail: understood in ten seconds, in both languages, whatever stood in the evidence."""

import re
import unicodedata

import pytest

from remediator.core.text import Text
from remediator.reports.blocks import TOP, Command, Shown, Statement
from remediator.reports.channels.email import MAIL_CHARS, RULE, email_text
from remediator.reports.channels.text_columns import columns, command_lines, wrapped
from tests.reports.cases import HOSTILE_TEXT, SECRET
from tests.reports.reports import REPORTS

ORDINARY = [name for name in REPORTS if name != "hostile"]
LABELS = {"en": ("BROKE", "DONE", "PROOF", "UNDO", "LEFT"), "ja": ("障害", "対応", "確認", "取消", "残件")}


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", REPORTS)
def test_the_mail_reads_as_it_did_when_it_was_last_looked_at(name, language, snapshot):
    assert email_text(REPORTS[name], language) == snapshot


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", ORDINARY)
def test_the_first_lines_answer_the_five_questions_in_order(name, language):
    top = email_text(REPORTS[name], language).split(RULE)[0].splitlines()

    answered = [line.split()[0] for line in top if line and not line.startswith(" ")]
    assert [word for word in answered if word in LABELS[language]] == list(LABELS[language])
    assert len(top) <= 21


@pytest.mark.parametrize(
    "name", ["out_of_memory_fixed", "rolled_back", "made_worse_and_undone", "not_fixed", "recovered_without_us"]
)
def test_the_undo_of_an_ended_incident_stands_within_the_first_dozen_lines(name):
    lines = email_text(REPORTS[name], "en").splitlines()

    assert next(n for n, line in enumerate(lines) if line.startswith("UNDO")) < 12


@pytest.mark.parametrize("name", ORDINARY)
def test_no_english_statement_is_left_in_the_japanese_mail(name):
    report = REPORTS[name]
    mail = " ".join(email_text(report, "ja").split())

    for text in (t for b in report.blocks for i in b.items for t in (b.title, *_texts(i)) if t.en != t.ja):
        assert re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", text.ja), text
        assert " " not in text.en or " ".join(text.en.split()) not in mail


def _texts(item):
    match item:
        case Statement(text):
            return (text,)
        case Shown(label, value):
            return (label, value)
        case Command(_, lead):
            return (lead,) if isinstance(lead, Text) else ()
        case _:
            return ()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", ORDINARY)
def test_lines_keep_to_the_width_unless_one_word_is_longer(name, language):
    for line in email_text(REPORTS[name], language).splitlines():
        words = line.removesuffix(" \\").split()
        assert columns(line) <= 80 or max(map(len, words)) > 60, line


@pytest.mark.parametrize("language", ["en", "ja"])
def test_hostile_text_can_neither_pretend_to_be_a_line_nor_show_a_secret(language):
    mail = email_text(REPORTS["hostile"], language)

    assert not any(line.startswith(("UNDO     rm", "rm -rf")) for line in mail.splitlines())
    assert "\x1b" not in mail
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in mail if c != "\n")
    for secret in (SECRET, "hunter2secret", "p4ssw0rd"):
        assert secret in HOSTILE_TEXT
        assert secret not in mail


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", REPORTS)
def test_no_mail_is_longer_than_its_limit(name, language):
    assert len(email_text(REPORTS[name], language)) <= MAIL_CHARS


@pytest.mark.parametrize("name", ["out_of_memory_fixed", "approved", "rolled_back", "not_fixed", "hostile"])
def test_a_made_change_is_undone_by_a_command_that_the_mail_shows_whole(name):
    mail = email_text(REPORTS[name], "en").replace(" \\\n", " ")

    assert REPORTS[name].undo in re.sub(r" +", " ", mail)
    assert "remediator undo 3f9a1c2b7d40" in mail


@pytest.mark.parametrize("name", REPORTS)
def test_every_mail_says_how_to_switch_the_program_off(name):
    mail = re.sub(r"\s+", " ", email_text(REPORTS[name], "en").replace("\\\n", ""))

    assert "aws ssm put-parameter --name /remediator/switch --value off --type String --overwrite" in mail


def test_the_top_parts_are_what_the_renderer_puts_first():
    for report in REPORTS.values():
        parts = [b.part for b in report.blocks]
        assert all(part in TOP for part in parts[: sum(p in TOP for p in parts)])


def test_wide_characters_count_double_and_no_line_begins_with_a_full_stop():
    lines = wrapped("確認しました。" * 20, width=20)

    assert all(columns(line) <= 22 for line in lines)
    assert not any(line.startswith("。") for line in lines)
    assert "".join(lines) == "確認しました。" * 20


def test_a_long_command_is_broken_where_a_shell_joins_it_again():
    words = ("aws ecs update-service", "--cluster portfolio", f"--task-definition {'x' * 60}")

    lines = command_lines(words)

    assert len(lines) > 1
    assert all(line.endswith(" \\") for line in lines[:-1])
    assert " ".join(line.removesuffix("\\").strip() for line in lines) == " ".join(words)
