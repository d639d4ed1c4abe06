"""Every story of the sandbox, end to end: real event shapes in, the product's own handlers, reports out.

Each story is played once, and every test here reads how it went. Stories that the README and `make demo` show are held
in full, `scenarios_in_full/<story>.txt`: as e-mail, chat, Slack, pager and JSON, in both languages
(`tests/reports/renderings.py` says what of each). Of every other stands a short row, `scenario_rows/<problem>.txt`.
`make golden` writes them anew; their diff is the review.
"""

import re
from pathlib import Path

import pytest

from ops.commands.demo import tour
from ops.guide.example_reports import ASKED, FIXED
from remediator.problems import load_all as runbooks
from remediator.reports.channels.email import email_text
from remediator.reports.page.page import incident_page
from sandbox.scenarios import by_name, load_all
from tests.ops.scenario_rows import file_of, row_of, rows_in, write
from tests.prove.shown import faults as published_faults
from tests.reports.channel_faults import faults
from tests.reports.renderings import LANGUAGES, dossiers, last_of_each, pages_told, story_told, without_request_ids

IN_FULL = Path(__file__).parent / "scenarios_in_full"
SHOWN = frozenset({FIXED, ASKED, *(s.name for s in tour())})  # by the README and by `make demo`
GOLDEN = Path(__file__).parents[1] / "infra" / "permissions.golden.json"
UNDERLYING = {  # what IAM checks where the API's name is another
    "dynamodb:TransactWriteItems": ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem"),
}
WITHOUT_CHANGE = ("told", "watched", "held back", "ignored", "handed over")
SECRET = "hunter2"  # of the sandbox's applications: it stands in what they log
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


@pytest.fixture
def writes_anew(request):
    return request.config.option.update_snapshots


def each_story(names=None):
    """Marks a test for every story; those that are shown as `shown`. One process has all tests of a story."""
    stories = [s for s in load_all() if names is None or s.name in names]
    return pytest.mark.parametrize("scenario", [pytest.param(s, id=s.name, marks=_marks(s.name)) for s in stories])


def _marks(story):
    group = pytest.mark.xdist_group(story)
    return [group, pytest.mark.shown] if story in SHOWN else [group]


def _words(mail):
    """In any order: the ledger keeps names sorted."""
    return sorted(re.findall(r"\w+", mail))


@each_story()
def test_a_story_ends_as_it_must_and_writes_only_where_a_fix_was_applied(scenario, played):
    went = played(scenario.name)
    assert went.ending == scenario.expected
    assert bool(went.writes) is (scenario.expected.action not in WITHOUT_CHANGE)
    assert went.dead_letters == ()


@each_story(SHOWN)
def test_a_story_that_is_shown_is_told_as_it_is_held_in_full(scenario, played, writes_anew):
    went, file = played(scenario.name), IN_FULL / f"{scenario.name}.txt"
    words = story_told(report for _, report in last_of_each(went)) + pages_told(went)
    if writes_anew:
        IN_FULL.mkdir(exist_ok=True)
        file.write_text(words, encoding="utf-8")
    assert words == file.read_text(encoding="utf-8")


@each_story({s.name for s in load_all()} - SHOWN)
def test_the_end_and_the_first_lines_of_any_other_story_are_those_of_its_row(scenario, played, writes_anew):
    row = row_of(played(scenario.name))
    if writes_anew:
        write(scenario, row, SHOWN)
    assert row == rows_in(file_of(scenario)).get(scenario.name)


@each_story()
def test_a_story_is_told_within_the_limits_of_each_channel_in_both_languages_without_a_secret(scenario, played):
    went = played(scenario.name)
    assert list(published_faults(went.published, [SECRET])) == []
    for published, report in last_of_each(went):
        assert [f for language in LANGUAGES for f in faults(report, language)] == []
        assert not JAPANESE.search(email_text(report, "en"))
        assert JAPANESE.search(email_text(report, "ja"))
        assert _words(email_text(report, "en")) == _words(without_request_ids(published.mail)), "made again, the same"


@each_story()
def test_each_incident_of_a_story_has_its_page_in_both_languages_without_a_secret(scenario, played):
    went = played(scenario.name)
    for dossier in dossiers(went):
        for language in LANGUAGES:
            page = incident_page(dossier, went.settings, language)
            assert f'lang="{language}"' in page
            assert dossier.incident.id in page
            assert SECRET not in page


@each_story()
def test_every_call_of_the_product_in_a_story_is_granted_by_the_stack(scenario, played):
    granted = GOLDEN.read_text(encoding="utf-8")
    called = {r.action for r in played(scenario.name).requests}
    asked = {a for action in called for a in UNDERLYING.get(action, (action,))}
    assert {a for a in asked if f"allow {a} on" not in granted} == set()
    assert asked or scenario.expected.action == "ignored"


def test_each_story_is_held_in_full_or_in_a_row_and_nothing_is_held_of_one_that_there_is_not():
    held = [p.stem for p in IN_FULL.glob("*")]
    rows = [name for file in {file_of(s) for s in load_all()} for name in rows_in(file)]
    assert sorted(held) == sorted(SHOWN)
    assert sorted(held + rows) == sorted(s.name for s in load_all())


def test_every_row_of_every_runbook_has_a_story():
    told = {cause for s in load_all() for cause in (s.expected.cause, *s.expected.noticed)}
    told |= {f"lease_hand_back.{look.split(':')[0]}" for s in load_all() for look in s.expected.leases or ()}
    assert {f"{r.id}.{c.id}" for r in runbooks() for c in r.causes} <= told


def test_names_of_stories_are_unique():
    named = [s.name for s in load_all()]
    assert len(set(named)) == len(named)


def test_an_unknown_story_names_the_known_ones():
    with pytest.raises(KeyError, match="out-of-memory"):
        by_name("no-such-story")
