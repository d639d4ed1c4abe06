"""One trouble, one incident: what an incident that was handed over to knows of those that noticed it first. Pure."""

from collections.abc import Iterator

from ..core.model import MODES, Fact, Incident, Mode, Resource, Signal, strictest
from ..core.plan import Advise, Decision, HandOver, Watch
from ..core.problem_titles import HANDED_OVER_BY
from ..core.text import Text, same
from ..core.timestamps import seconds_between
from ..events.internal import KIND as HANDED_OVER
from ..events.internal import place

NOT_YET_S = 900  # guide, emergency flow step 2: first response within 15 minutes
NOT_YET = Text(
    "Nothing here explains yet what was noticed elsewhere; watching whether it shows.",
    "検知された症状を説明できる事象はまだ確認されていないため、監視を続けます。",
)
MOST_HAND_OVERS = 4  # load balancer, target group, service, table: no trouble of the guide is noticed further away


def hand_overs(incident: Incident) -> tuple[Signal, ...]:
    """The signals by which other incidents handed over to this one, oldest first."""
    return tuple(s for s in incident.signals if s.kind == HANDED_OVER)


def chain_of(incident: Incident) -> tuple[str, ...]:
    """Every place that the trouble came from on its way here, `<runbook> <arn>`, each once."""
    return tuple(dict.fromkeys(p for s in hand_overs(incident) for p in s.facts.get("chain", ())))


def without_circle(decision: Decision, incident: Incident) -> Decision:
    """The decision; a hand-over that would lead back, or on for ever, becomes advice for a person."""
    if not isinstance(decision, HandOver):
        return decision
    came, to = chain_of(incident), place(decision.runbook, decision.resource)
    if to == place(incident.runbook, incident.resource) or to in came:
        because = Text("it came from there", "そこから引き継がれたため")
    elif len(came) >= MOST_HAND_OVERS:
        because = Text(f"it was handed over {len(came)} times already", f"すでに {len(came)} 回引き継がれたため")
    else:
        return decision
    return alone(decision, because)


def not_seen_yet(decision: Decision, incident: Incident, now: str) -> Decision:
    """A wait where the trouble was noticed elsewhere and nothing here explains it yet: what is behind may show later.

    Only for incidents that a hand-over has opened; the others have their own signal to go by.
    """
    first = min(incident.signals, key=lambda s: s.at, default=None)
    waited_s = seconds_between(incident.opened_at, now)
    if not isinstance(decision, Advise) or decision.final or first is None or first.kind != HANDED_OVER:
        return decision
    return Watch(NOT_YET, NOT_YET_S) if waited_s < NOT_YET_S else decision


def alone(decision: HandOver, because: Text) -> Advise:
    """What a person is told where a hand-over did not come about, so that nothing that was noticed is lost."""
    where = f"{decision.runbook}, {decision.resource.name}"
    return Advise(
        Text(
            f"{decision.why.en}. It is not handed over to {where}: {because.en}.",
            f"{decision.why.ja}。{where} には引き継ぎません（{because.ja}）。",
        )
    )


def held_to(mode: Mode | None, incident: Incident) -> Mode | None:
    """The strictest of `mode` and what is tagged where the trouble was noticed; an untagged place says nothing."""
    found = [known for s in hand_overs(incident) for known in MODES if known == s.facts.get("mode")]
    return strictest(mode, *found) if mode and found else mode


def noticed(incident: Incident) -> tuple[Fact, ...]:
    """Every symptom that was noticed elsewhere and belongs to this incident, with its time, oldest first."""
    found = (*(_handed_over(s) for s in hand_overs(incident)), *_joined(incident))
    return tuple(sorted(found, key=lambda fact: fact.at))


def _handed_over(signal: Signal) -> Fact:
    came = str(signal.facts.get("from", ""))
    known = HANDED_OVER_BY.get(came)
    arn = str(signal.facts.get("noticed_on", ""))
    name = Resource("", arn).name if arn.count(":") >= 5 else ""
    label = known.symptom if known else same(came)
    why = str(signal.facts.get("why", ""))
    return Fact(label, f"{name}: {why}" if name else why, came, str(signal.facts.get("since", "")) or signal.at)


def _joined(incident: Incident) -> Iterator[Fact]:
    """Signals about another resource: they came after their own incident had become part of this one."""
    for signal in incident.signals:
        if signal.kind != HANDED_OVER and signal.resource != incident.resource:
            what = str(signal.facts.get("metric") or signal.facts.get("alarm") or signal.kind)
            yield Fact(Text("further signal", "追加の通知"), f"{signal.resource.name}: {what}", signal.kind, signal.at)
