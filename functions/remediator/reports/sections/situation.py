"""Blocks that say what is known: what broke, who is affected, why, why not, and what nobody could look at."""

from ...core.model import Fact, Incident
from ...core.plan import Advise
from ...core.text import Text, same
from ...core.timestamps import is_moment
from ...incidents.case import Case
from ...incidents.diagnosis import ConfirmedCause
from ...incidents.recurrence import ABANDONED, began, persisting
from ..blocks import Block, Item, Shown, Statement
from ..moments import clock, clock_with, within
from ..sentences import LABEL_CHARS, capital, clause, listed, pair, sentence, spaced, told, told_text
from ..status import WORDS, lasted

SINCE = "since"
TOP_FACTS = 2  # the rest stands in the details: ten seconds are short
_WHEN_FOUND = Text("When found: ", "検知時: ")
SITUATION_CHARS = 400
WHY_CHARS = 300


def shown(fact: Fact, zone: str) -> Shown:
    """A fact, fit to be shown; a moment as its value is written as people read it."""
    value = told(fact.value)
    if is_moment(value) and "T" in value:  # a day alone stays one
        value = clock(value, zone=zone)
    return Shown(told_text(fact.label, LABEL_CHARS), same(value), told(fact.source, 200), told(fact.at, 40))


def all_shown(facts: tuple[Fact, ...], zone: str) -> tuple[Shown, ...]:
    """The same for several, in their order."""
    return tuple(shown(fact, zone) for fact in facts)


def in_short(facts: tuple[Fact, ...], zone: str) -> Text:
    """Labels and values in one line."""
    return listed(tuple(pair(s.label, s.value.en) for s in all_shown(facts, zone)))


def since(case: Case) -> str:
    """When it began: the earliest moment that anything read or signalled names."""
    named = [f.value for f in case.about if f.label.en == SINCE] + [began(s) for s in case.incident.signals]
    return min((at for at in named if is_moment(at)), default=case.incident.opened_at)


def broke(case: Case, zone: str) -> Block:
    """What broke, since when, why, and who notices."""
    symptom, so_far = capital(clause(told_text(case.symptom, 160))), _so_far(case, zone)
    en, ja = clock_with(since(case), so_far, case.at, zone).en, within(since(case), case.at, zone)
    what = Text(f"{symptom.en}, since {en}.", f"{symptom.ja}（{ja} から、{so_far.ja}）。")
    why = (capital(sentence(told_text(case.handed_over, WHY_CHARS))),) if case.handed_over else ()
    items: list[Item] = [Statement(spaced(what, *why, _cause(case)))]
    if still := _goes_on(case.incident, zone):
        items.append(Statement(still))
    if affected := tuple(f for f in case.about if f.label.en != SINCE)[:TOP_FACTS]:
        items.append(Statement(told_text(sentence(_WHEN_FOUND + in_short(affected, zone)), SITUATION_CHARS)))
    return Block("broke", Text("BROKE", "障害"), tuple(items))


def _so_far(case: Case, zone: str) -> Text:
    """How long it has lasted, or that it is over; how many signals told of it."""
    lasts, now, times = lasted(case, since(case)), within(case.at, case.at, zone), case.incident.signal_count
    count = Text(f", {times} signals", f"、通知 {times} 件") if times > 1 else same("")
    if case.over:
        return Text(f"healthy by {now}", f"{now} までに復旧") + count
    return Text(f"for {lasts.en} now", f"継続 {lasts.ja}") + count


def _goes_on(incident: Incident, zone: str) -> Text | None:
    """That an earlier incident did not end the trouble, with its id and how often that was so in a row."""
    before = persisting(incident)
    if before is None:
        return None
    earlier, at = told(before.earlier, 64), clock(before.ended_at, incident.opened_at, zone)
    if before.verdict in ("", ABANDONED):
        return Text(
            f"It persists: incident {earlier} stopped without a word, and its alarm is still in ALARM.",
            f"継続中の障害: インシデント {earlier} の処理は報告なしに途絶え、アラームは ALARM のままです。",
        )
    word = next((w for v, w in WORDS.items() if v == before.verdict), same(told(before.verdict, 40)))
    return Text(
        f"It persists: incident {earlier} ended at {at} as {word.en}, and its alarm has not left ALARM since "
        f"(taken up again {before.times} {'time' if before.times == 1 else 'times'} in a row).",
        f"継続中の障害: インシデント {earlier} は {at} に「{word.ja}」で終了しましたが、アラームはその後も ALARM のままです"
        f"（連続 {before.times} 回目の再対応）。",
    )


def _cause(case: Case) -> Text:
    held = case.diagnosis.held
    if not held:
        return Text("Cause: not known.", "原因: 不明。")
    title = clause(told_text(held[0].title, LABEL_CHARS))
    return Text(f"Cause: {title.en}.", f"原因: {title.ja}。")


def users(case: Case, zone: str) -> Block | None:
    """The situation with where and when each figure was read."""
    if not case.about:
        return None
    return Block("users", Text("Who is affected, how it stands", "影響範囲と現在の状態"), all_shown(case.about, zone))


def cause(case: Case, zone: str) -> Block:
    """Every cause that holds, with its facts."""
    if not case.diagnosis.held:
        nothing = Text(
            "No row of the guide explains what was read.", "読み取った内容を説明できる項目がガイドにありません。"
        )
        return Block("cause", Text("Cause", "原因"), (Statement(nothing),))
    items = tuple(i for held in case.diagnosis.held for i in _held(held, zone))
    return Block("cause", Text("Cause and what shows it", "原因と根拠"), items)


def _held(held: ConfirmedCause, zone: str) -> tuple[Item, ...]:
    named = clause(capital(told_text(held.title))) + same(f" ({told(held.cause, 120)})")
    return (Statement(named), *all_shown(held.facts, zone))


def noticed(case: Case, zone: str) -> Block | None:
    """What was noticed on other resources and belongs to this incident, the earliest first."""
    title = Text("Also seen, one and the same trouble", "同じ障害による他の症状")
    return Block("noticed", title, all_shown(case.noticed, zone)) if case.noticed else None


def ruled_out(case: Case) -> Block | None:
    """What the evidence speaks against."""
    items = tuple(
        Statement(clause(capital(told_text(x.title))) + same(": ") + sentence(told_text(x.because)))
        for x in case.diagnosis.ruled_out
    )
    return Block("ruled_out", Text("Ruled out", "除外した原因"), items) if items else None


def passed_over(case: Case) -> Block | None:
    """Which fixes were looked at and not made, by their reasons."""
    if not isinstance(case.decision, Advise):
        return None
    items = tuple(Statement(sentence(capital(told_text(why)))) for why in case.decision.passed_over)
    return Block("passed_over", Text("Why no fix was made", "自動変更を行わなかった理由"), items) if items else None


def unchecked(case: Case) -> Block | None:
    """What could not be read or checked, and how many there are."""
    causes = tuple(Statement(_open(capital(told_text(x.title)), told(x.why))) for x in case.diagnosis.unchecked)
    gaps = tuple(Shown(same(told(name, LABEL_CHARS)), same(told(why))) for name, why in case.gaps.items())
    if not causes and not gaps:
        return None
    count = len(causes) + len(gaps)
    return Block(
        "unchecked", Text(f"Could not be checked ({count})", f"確認できなかった項目（{count} 件）"), (*causes, *gaps)
    )


def _open(title: Text, why: str) -> Text:
    return Text(f"Cause not checked: {title.en} - {why}", f"未確認の原因: {title.ja} - {why}")
