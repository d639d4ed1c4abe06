"""A storm as messages: one to the high topic (mail and chat in one), one to the pagers' topic."""

import json
from collections.abc import Iterator
from typing import Any

from ...core.settings import Settings
from ...core.text import Language, Text, same
from ...core.timestamps import seconds_between
from ...incidents.storm import WELL, Member, Summary
from ..compose import ascii_subject
from ..moments import clock
from ..sentences import clause, listed, minutes, sentence, told, told_text
from ..status import DECIDE, LEVELS, WORDS
from .amazon_q import DESCRIPTION_CHARS, TITLE_CHARS
from .mrkdwn import code, fitting, plain
from .sns import Message, structured
from .text_columns import wrapped

LISTED = 10  # of a kind, by name; the command lists the rest
TITLE_CHARS_EACH = 120
LEAST_CHARS = 250  # of a part in a chat, however long the parts before it are
COMMAND = "remediator incidents --most 200"
_LIST = Text("To list them", "一覧表示")
NO_WORKLOAD = Text("no declared workload", "ワークロード未宣言")
VERDICT_WORDS = {v.value: word for v, word in WORDS.items()} | {
    "handed_over": Text("PART OF ANOTHER", "他のインシデントに統合"),
    "opted_out": Text("OPTED OUT", "対象外"),
}
HEADS = {
    "begins": Text("STORM", "障害多発"),
    "grows": Text("STORM GOES ON", "障害多発 継続中"),
    "over": Text("STORM OVER", "障害多発 終息"),
}
Part = tuple[Text, Text]  # label and sentence


def storm_messages(summary: Summary, settings: Settings) -> tuple[Message, ...]:
    """What to publish for `summary`, each in the language of its topic."""
    language, paged = settings.language_of("high"), settings.language_of("pager")
    head = _head(summary, settings.zone)
    subject = ascii_subject(f"[{HEADS[summary.kind].en}] [high] {head.en}", f" ({summary.storm})")
    attributes = {"level": "high", "stage": f"storm_{summary.kind}", "incident": summary.storm}
    parts = tuple(_parts(summary))
    chat = json.dumps(_chat(summary, head, parts, language), ensure_ascii=False)
    return (
        Message(
            topic="high",
            subject=subject,
            message=structured(_mail(summary, head, parts, language), chat),
            attributes=attributes,
            structured=True,
        ),
        Message(
            topic="pager",
            subject=subject,
            message=json.dumps(_pager(summary, head, paged), ensure_ascii=False),
            attributes=attributes,
        ),
    )


def _head(summary: Summary, zone: str) -> Text:
    count, since = len(summary.members), clock(summary.began, summary.at, zone)
    return Text(f"{count} incidents since {since}", f"{since} 以降のインシデント {count} 件")


def _parts(summary: Summary) -> Iterator[Part]:
    yield Text("What", "概要"), _what(summary)
    problems = tuple(clause(told_text(t, TITLE_CHARS_EACH)) + same(f": {n}") for _, t, n in summary.by_problem())
    yield Text("By problem", "問題別"), sentence(listed(problems))
    workloads = tuple(
        (same(told(name, 80)) if name else NO_WORKLOAD) + same(f": {n}") for name, n in summary.by_workload()[:LISTED]
    )
    yield Text("By workload", "ワークロード別"), sentence(listed(workloads))
    yield Text("Changed", "変更"), _changed(summary.members)
    yield Text("Waits for a person", "人の対応待ち"), _waits(summary.members)
    if verdicts := summary.by_verdict():
        words = tuple(VERDICT_WORDS.get(v, same(told(v, 40))) + same(f": {n}") for v, n in verdicts)
        open_ = sum(not m.ended for m in summary.members)
        rest = (Text(f"still at work: {open_}", f"対応中: {open_}"),) if open_ else ()
        yield Text("Verdicts", "判定"), sentence(listed((*words, *rest)))


def _what(summary: Summary) -> Text:
    alone = sum(m.alone for m in summary.members)
    rest = len(summary.members) - alone
    lasts = minutes(seconds_between(summary.began, summary.at))
    if summary.kind == "over":
        return Text(
            f"The storm is over: nothing new was reported lately. {alone} incidents were reported one by one, {rest} are "
            "told here.",
            f"新たな報告がなくなり、障害多発は終息しました。個別に報告したものは {alone} 件、ここでまとめて報告するものは {rest} 件です。",
        )
    return Text(
        f"More incidents at once than one can read about, for {lasts.en} now. The first {alone} were reported one by one; "
        f"{rest} more are told here. Each one is worked on and stands in the ledger. Questions, changes and escalations "
        "are still sent one by one; a last summary follows with the verdicts.",
        f"短時間に多数のインシデントが発生しています（継続 {lasts.ja}）。最初の {alone} 件は個別に報告済みで、以降の {rest} 件は"
        "ここでまとめて報告します。いずれも台帳に記録され、対応は進んでいます。承認依頼、変更、エスカレーションは引き続き個別に通知し、"
        "終息後に判定をまとめて報告します。",
    )


def _changed(members: tuple[Member, ...]) -> Text:
    found = tuple(_named(m, title) for m in members for title in m.changed)
    return _some(found, Text("Nothing so far.", "まだありません。"))


def _waits(members: tuple[Member, ...]) -> Text:
    found = tuple(_named(m, VERDICT_WORDS.get(m.state, DECIDE)) for m in members if m.waits)
    return _some(found, Text("Nothing so far.", "まだありません。"))


def _named(member: Member, what: Text) -> Text:
    name = told(f"{member.resource} ({member.incident})", 160)
    return clause(told_text(what, TITLE_CHARS_EACH)) + same(f" - {name}")


def _some(found: tuple[Text, ...], otherwise: Text) -> Text:
    if not found:
        return otherwise
    more = len(found) - LISTED
    rest = (Text(f"and {more} more", f"ほか {more} 件"),) if more > 0 else ()
    count = Text(f"{len(found)}: ", f"{len(found)} 件: ")
    return count + sentence(listed((*found[:LISTED], *rest)))


def _status(summary: Summary, language: Language) -> str:
    return f"{HEADS[summary.kind].in_(language)} [{LEVELS['high'].in_(language)}]"


def _mail(summary: Summary, head: Text, parts: tuple[Part, ...], language: Language) -> str:
    lines = wrapped(f"{_status(summary, language)}  {head.in_(language)}", rest="  ")
    for label, text in parts:
        lines += ["", f"{label.in_(language)}:", *wrapped(text.in_(language), "  ", "  ")]
    lines += ["", f"{_LIST.in_(language)}:", f"  {COMMAND}", ""]
    return "\n".join(lines)


def _chat(summary: Summary, head: Text, parts: tuple[Part, ...], language: Language) -> dict[str, Any]:
    title = f"{_status(summary, language)}: {head.in_(language)}"
    lines = "\n".join(_lines(parts, DESCRIPTION_CHARS - len(COMMAND) - 3, language))
    return {
        "version": "1.0",
        "source": "custom",
        "id": f"{summary.storm}-{summary.kind}",
        "content": {
            "textType": "client-markdown",
            "title": fitting(title, TITLE_CHARS),
            "description": f"{lines}\n{code(COMMAND)}",
            "keywords": ["high", "storm"],
        },
        "metadata": {
            "threadId": summary.storm,
            "summary": fitting(head.in_(language), TITLE_CHARS),
            "eventType": f"remediator.storm_{summary.kind}",
        },
    }


def _lines(parts: tuple[Part, ...], room: int, language: Language) -> Iterator[str]:
    """A line for each part in `room` characters; a long one leaves the later ones enough to say what they are about."""
    for n, (label, text) in enumerate(parts):
        head, later = f"*{plain(label.in_(language))}*  ", LEAST_CHARS * (len(parts) - n - 1)
        line = head + fitting(text.in_(language), room - later - len(head) - 1)
        room -= len(line) + 1
        yield line


def _pager(summary: Summary, head: Text, language: Language) -> dict[str, Any]:
    """Keys are only ever added. `dedup_key` is the storm's id, so its messages are one page."""
    return {
        "incident": summary.storm,
        "dedup_key": summary.storm,
        "level": "high",
        "stage": f"storm_{summary.kind}",
        "status": HEADS[summary.kind].en,
        "summary": head.in_(language),
        "incidents": len(summary.members),
        "changed": sum(len(m.changed) for m in summary.members),
        "waiting": sum(m.waits for m in summary.members),
        "unresolved": sum(m.ended and m.state not in WELL for m in summary.members),
        "opened_at": summary.began,
        "at": summary.at,
    }
