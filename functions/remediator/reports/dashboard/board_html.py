"""The board as HTML for a dashboard: what is open and can be answered, what the last seven days were, the figures. Pure."""

from collections.abc import Iterable, Iterator

from ...core.text import Text, same
from ...gates import gate_named, title_of
from ..sections.response_clocks import NAMES as CLOCK_NAMES
from ..sentences import minutes
from ..status import level_word
from .board import Board, Spread
from .buttons import answers, undo
from .incident_row import ORIGINS, TAKEN_BY, UNTIL, IncidentRow, ending, standing
from .widget_html import Tone, Viewer, button, now_as_told, panel, shown, toned, whole

OPEN_SHOWN, ENDED_SHOWN = 50, 25
LEVEL_TONES: dict[str, Tone] = {"high": "bad", "medium": "mind"}
ENDING_TONES: dict[str, Tone] = {
    "fixed": "good", "recovered_without_us": "good", "not_fixed": "bad", "abandoned": "bad", "cannot_tell": "mind",
}  # fmt: skip
NOTHING = Text("none", "なし")


def board_html(board: Board, viewer: Viewer, *, here: str, desk: str) -> str:
    """The board.

    Args:
        board: to be shown.
        viewer: for whom.
        here: ARN of the widget's own function, which shows an incident's page.
        desk: ARN of the approve function, which takes what people say.
    """
    return panel(
        viewer,
        _heading(Text("Open incidents", "未解決のインシデント"), viewer, len(board.open)),
        _open(board, viewer, here, desk),
        _heading(Text("Last 7 days", "過去 7 日間"), viewer, board.incidents),
        _cards(board, viewer),
        _ended(board, viewer, here, desk),
        _foot(board, viewer, here),
    )


def _heading(words: Text, viewer: Viewer, count: int) -> str:
    return f"<h2>{viewer.says(words)}: {count}</h2>"


def _open(board: Board, viewer: Viewer, here: str, desk: str) -> str:
    if not board.open:
        return f"<p>{toned(viewer.says(Text('Nothing is open.', '未解決のインシデントはありません。')), 'good')}</p>"
    heads = (
        Text("opened", "発生"), Text("level", "レベル"), Text("resource", "リソース"), Text("problem", "事象"),
        Text("state", "状態"), Text("what you can do", "操作"),
    )  # fmt: skip
    rows = (_open_row(line, viewer, here, desk) for line in board.open[:OPEN_SHOWN])
    return _list(viewer, heads, rows, len(board.open) - OPEN_SHOWN)


def _open_row(line: IncidentRow, viewer: Viewer, here: str, desk: str) -> tuple[str, ...]:
    return (
        whole(viewer.time(line.opened_at)),
        _level(line, viewer),
        _page(line, here),
        _what(line, viewer),
        _stands(line, viewer),
        answers(line, viewer, desk) + (undo(line, viewer, desk) if line.undoable else ""),
    )


def _stands(line: IncidentRow, viewer: Viewer) -> str:
    said = [viewer.says(standing(line))]
    if line.question:
        said[0] = toned(said[0], "mind")
        said += (viewer.says(line.question.plan), f"{viewer.says(UNTIL)} {whole(viewer.time(line.question.until))}")
    elif line.change:
        said.append(viewer.says(line.change))
    if line.taken_by:
        said.append(viewer.says(TAKEN_BY) + f": {shown(line.taken_by, 80)}")
    return "<br>".join(said)


def _ended(board: Board, viewer: Viewer, here: str, desk: str) -> str:
    if not board.ended:
        return ""
    heads = (
        Text("opened", "発生"), Text("resource", "リソース"), Text("problem", "事象"), Text("what was done", "実施した変更"),
        Text("ended as", "結果"), Text("what you can do", "操作"),
    )  # fmt: skip
    rows = (
        (
            whole(viewer.time(line.opened_at)),
            _page(line, here),
            _what(line, viewer),
            viewer.says(line.change) if line.change else "-",
            _ending(line.verdict, viewer),
            undo(line, viewer, desk) if line.undoable else "",
        )
        for line in board.ended[:ENDED_SHOWN]
    )
    return _list(viewer, heads, rows, len(board.ended) - ENDED_SHOWN)


def _page(line: IncidentRow, here: str) -> str:
    name = shown(line.resource, 80) or shown(line.id, 80)
    return button(name, here, {"incident": line.id}, look="link")


def _what(line: IncidentRow, viewer: Viewer) -> str:
    origin = ORIGINS.get(line.origin)
    return viewer.says(line.title) + (f"<br>{toned(viewer.says(origin), 'quiet')}" if origin else "")


def _level(line: IncidentRow, viewer: Viewer) -> str:
    return toned(viewer.says(level_word(line.level)), LEVEL_TONES.get(line.level, ""))


def _ending(verdict: str, viewer: Viewer) -> str:
    return toned(whole(viewer.says(ending(verdict))), ENDING_TONES.get(verdict, ""))


# -- figures --------------------------------------------------------------------------------------------------------


def _cards(board: Board, viewer: Viewer) -> str:
    times = (
        (Text("first report", "最初の報告"), board.first_report),
        (Text("recovery", "復旧"), board.recovery),
    )
    clocks = (
        (viewer.says(CLOCK_NAMES[k.clock]), f"{k.met} / {k.met + k.missed}")  # type: ignore[index]  # one of the four
        for k in board.clocks
    )
    named = (
        (Text("Ended as", "結果"), ((_ending(v, viewer), str(n)) for v, n in board.verdicts)),
        (Text("Changes, by runbook", "変更（ランブック別）"), ((shown(r), str(n)) for r, n in board.changes)),
        (
            Text("Refusals, by gate", "見送り（チェック別）"),
            ((viewer.says(title_of(g) if gate_named(g) else same(g)), str(n)) for g, n in board.refusals),
        ),
        (Text("Clocks met", "目標時間の達成"), clocks),
    )
    cards = [_times(viewer, times), *(_card(viewer, title, pairs) for title, pairs in named)]
    return f'<div class="rem-cards">{"".join(cards)}</div>'


def _times(viewer: Viewer, times: Iterable[tuple[Text, Spread | None]]) -> str:
    heads = (Text("time to", "所要時間"), same("p50"), same("p95"), Text("number", "件数"))
    rows = (
        (viewer.says(what), _minutes(s.p50_s, viewer), _minutes(s.p95_s, viewer), str(s.count))
        if s
        else (viewer.says(what), "-", "-", "0")
        for what, s in times
    )
    return f"<div>{_table(viewer, heads, rows)}</div>"


def _minutes(seconds: float, viewer: Viewer) -> str:
    if seconds < 60:
        return whole(viewer.says(Text(f"{seconds:.0f} s", f"{seconds:.0f} 秒")))
    return whole(viewer.says(minutes(seconds)))


def _card(viewer: Viewer, title: Text, pairs: Iterator[tuple[str, str]]) -> str:
    rows = tuple(pairs) or ((toned(viewer.says(NOTHING), "quiet"), ""),)
    return f"<div>{_table(viewer, (title, Text('number', '件数')), rows)}</div>"


def _list(viewer: Viewer, heads: Iterable[Text], rows: Iterable[tuple[str, ...]], left_out: int) -> str:
    """A table that becomes a list where there is little room, and says how many rows it leaves out."""
    more = viewer.says(Text(f"and {left_out} more", f"ほか {left_out} 件"))
    rest = f'<p class="rem-quiet">{more}</p>' if left_out > 0 else ""
    return _table(viewer, heads, rows, look=' class="rem-list"') + rest


def _table(viewer: Viewer, heads: Iterable[Text], rows: Iterable[tuple[str, ...]], look: str = "") -> str:
    head = "".join(f'<th scope="col">{viewer.says(h)}</th>' for h in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table{look}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _foot(board: Board, viewer: Viewer, here: str) -> str:
    found = [f"{viewer.says(Text('Read', '読み取り'))}: {now_as_told(viewer, board.at)}"]
    if board.unread:
        found.append(
            viewer.says(Text(f"{board.unread} records cannot be read", f"読み取れない記録: {board.unread} 件"))
        )
    if not board.whole:
        part = Text(
            "The ledger is longer than what was read: the figures are too low.",
            "台帳の一部のみを読み取ったため、実際の件数はこれより多くなります。",
        )
        found.append(toned(viewer.says(part), "mind"))
    again = button(viewer.says(Text("Read again", "再読み込み")), here, {"show": "board"}, inside=True)
    return f'<p class="rem-quiet">{" · ".join(found)} {again}</p>'
