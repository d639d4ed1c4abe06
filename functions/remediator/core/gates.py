"""The ordered checks before a write. Pure: facts come in as values, the first Refusal wins and is named."""

from dataclasses import dataclass

from .clocks import after
from .model import MODES, Mode, Plan
from .text import Text


@dataclass(frozen=True, slots=True)
class Permit:
    """The gate has nothing against the change; `note` tells what it could not look at."""

    gate: str
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A person must approve; `why` is shown to them."""

    gate: str
    why: Text


@dataclass(frozen=True, slots=True)
class Refusal:
    """No change. `gate` names it in report, ledger and metric."""

    gate: str
    why: Text


Answer = Permit | Ask | Refusal

OPTED_IN = "opted_in"
KILL_SWITCH = "kill_switch"
FREEZE = "freeze"
LOOP_BREAKER = "loop_breaker"
BUDGET = "budget"
COOLDOWN = "cooldown"
NOT_ONLY_US = "not_only_us"
ANOTHER_ROBOT = "another_robot"
PERSON_AT_WORK = "person_at_work"
UNCHANGED = "unchanged"
LOCK = "lock"
SWITCH_CHARS = 240  # ours: a reason is one sentence


def mode_from(text: str | None) -> Mode | None:
    """The mode a tag or the switch names; None for anything else, so that a typo is never `auto`."""
    word = (text or "").strip().lower()
    return next((m for m in MODES if m == word), None)


def opted_in(mode: Mode | None, said: str | None) -> Answer:
    """The opt-in tag of the resource that is written to.

    Args:
        mode: the parsed tag; None where it is absent or not understood.
        said: the tag as read.
    """
    if mode == "auto":
        return Permit(OPTED_IN)
    if mode == "approve":
        return Ask(OPTED_IN, Text("tagged auto-remediation=approve", "タグが auto-remediation=approve です"))
    if mode is None and said:
        return Refusal(
            OPTED_IN, Text(f"tag value not understood: {said[:40]}", f"タグの値を解釈できません: {said[:40]}")
        )
    if mode is None:
        return Refusal(
            OPTED_IN,
            Text("not opted in (no auto-remediation tag)", "オプトインされていません（auto-remediation タグなし）"),
        )
    return Refusal(OPTED_IN, Text(f"tagged auto-remediation={mode}", f"タグが auto-remediation={mode} です"))


def kill_switch(value: str | None, why: str = "") -> Answer:
    """The switch of the whole deployment; unreadable or not understood means off (it fails closed).

    Args:
        value: the SSM parameter as read at the write, None where it could not be read.
        why: it could not be read.
    """
    mode = mode_from(value)
    if mode == "auto":
        return Permit(KILL_SWITCH)
    if mode == "approve":
        return Ask(KILL_SWITCH, Text("the switch is at approve", "スイッチが approve です"))
    if mode is None:
        told = f"unreadable: {why}"[:SWITCH_CHARS] if value is None else f"not understood: {value[:40]}"
        return Refusal(
            KILL_SWITCH,
            Text(f"the switch counts as off, it is {told}", f"スイッチが不明のため停止とみなします（{told}）"),
        )
    return Refusal(KILL_SWITCH, Text(f"the switch is at {mode}", f"スイッチが {mode} です"))


def freeze(state: str, until: str) -> Answer:
    """The owner's change calendars, taken together: a closed one refuses, a word that is none of AWS's asks.

    Args:
        state: as SSM GetCalendarState tells it, `OPEN` or `CLOSED`.
        until: when that changes, ISO 8601; empty where nothing is planned.
    """
    if state == "OPEN":
        return Permit(FREEZE)
    if state == "CLOSED":
        end = Text(f" until {until[:40]}", f"（{until[:40]} まで）") if until else Text("", "")
        return Refusal(FREEZE, Text("the change calendar is closed", "変更カレンダーがクローズ中です") + end)
    return unknown(FREEZE, f"the calendar's state is {state[:40] or 'missing'}")


@dataclass(frozen=True, slots=True, order=True)
class Attempt:
    """A change that was made before, of the same problem on the same resource, and how its incident ended."""

    at: str
    verdict: str
    incident: str


def loop_breaker(attempts: tuple[Attempt, ...], now: str, strikes: int, window_s: int) -> Answer:
    """Whether to go on trying.

    An earlier change that worked but came back is a strike, and so is one that did not help or whose outcome nobody
    could tell. Where this is asked the trouble is back, so each attempt of the window is one.

    Args:
        attempts: earlier changes, in any order.
        now: ISO 8601.
        strikes: so many and no more; then a person has to find what makes it come back.
        window_s: older attempts are forgotten.
    """
    since = after(now, -window_s)
    lately = sorted(a for a in attempts if a.at >= since)
    if len(lately) < strikes:
        return Permit(LOOP_BREAKER)
    told = "; ".join(f"{a.at[:16].replace('T', ' ')} UTC {a.verdict} ({a.incident})" for a in lately)
    return Refusal(
        LOOP_BREAKER,
        Text(
            f"{len(lately)} changes did not last, a person has to find out why it comes back: {told}",
            f"{len(lately)} 回の変更でも再発しています。再発の原因を人が調べてください: {told}",
        ),
    )


def planned(plan: Plan) -> Answer:
    """What the guide's row itself says: its changes run alone, or only after a person approved."""
    if plan.response == "ask":
        return Ask(
            "row", plan.ask_because or Text("the guide's row asks a person", "ガイドの項目が人の承認を求めています")
        )
    return Permit("row")


def unchanged(planned_hash: str, fresh_hash: str | None, fresh: Text) -> Answer:
    """Whether symptom and pre-image are still as read: the plan made from fresh readings is the same plan.

    Args:
        planned_hash: of the plan as it was made.
        fresh_hash: of the plan that fresh readings give; None where they give no plan.
        fresh: what fresh readings give instead, for the report.
    """
    if fresh_hash == planned_hash:
        return Permit(UNCHANGED)
    moved = Text("the situation moved since the plan was made: ", "計画後に状況が変わりました: ")
    return Refusal(UNCHANGED, moved + fresh)


def not_undone(refusal: Refusal) -> Text:
    """What is said where a change made things worse and may not be taken back by the program."""
    made_worse = Text("It made things worse and was not taken back: ", "悪化しましたが、元に戻していません: ")
    return made_worse + refusal.why


def unknown(gate: str, why: str) -> Answer:
    """A gate that cannot read its fact asks a person."""
    return Ask(gate, Text(f"could not be checked: {why}", f"確認できません: {why}"))


@dataclass(frozen=True, slots=True)
class Passed:
    """The gates' answers together."""

    answers: tuple[Answer, ...]

    @property
    def refusal(self) -> Refusal | None:
        """The first Refusal in the gates' order."""
        return next((a for a in self.answers if isinstance(a, Refusal)), None)

    @property
    def asks(self) -> tuple[Ask, ...]:
        """Every gate that wants a person."""
        return tuple(a for a in self.answers if isinstance(a, Ask))
