"""How an incident in a list stands and where it comes from, in words: the same on the dashboard and on the terminal."""

from ..core.text import Text, same
from .lines import Line
from .storm import VERDICT_WORDS

UNTIL, TAKEN_BY = Text("answer until", "回答期限"), Text("taken over by", "対応者")
STATES = {
    "opened": Text("not begun yet", "開始前"),
    "running": Text("being looked after", "対応中"),
    "asking": Text("waits for a person", "承認待ち"),
    "answered": Text("answered", "回答済み"),
}
ENDINGS = VERDICT_WORDS | {
    "abandoned": Text("ABANDONED", "中断"),
    "extended": Text("LENT ON", "延長"),
    "let_go": Text("LET GO", "返却不要"),
    "refused": Text("REFUSED", "実施不可"),
    "replayed": Text("REPLAYED", "再現のみ"),
}
ORIGINS = {
    "undo": Text("undo, by a person", "取り消し（担当者による）"),
    "recover": Text("recovery, by a person", "復旧操作（担当者による）"),
    "replay": Text("replay", "再現"),
    "replay_apply": Text("replay that may change", "再実行"),
}


def standing(line: Line) -> Text:
    """How it ended, or what it is at; a word that nobody knows as it is in the ledger."""
    return STATES.get(line.state, same(line.state)) if line.open else ending(line.verdict)


def ending(verdict: str) -> Text:
    """The word for how an incident ended."""
    return ENDINGS.get(verdict, same(verdict or "-"))
