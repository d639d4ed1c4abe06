"""Cases of the worst kind: long names, reasons of ten thousand characters, many blocks, huge undo, texts that want to act."""

from dataclasses import replace

from hypothesis import strategies as st

from remediator.core.model import Fact, Resource
from remediator.core.plan import Advise, Call
from remediator.core.text import Text
from remediator.gates.answers import Ask, Permit, Refusal
from remediator.incidents.context import IncidentContext, Noted
from remediator.incidents.diagnosis import ConfirmedCause, Diagnosis, Excluded, Open
from remediator.resources.cloudtrail.history import ApiEvent
from remediator.resources.logs.digest import LogDigest, ShapeCount
from tests.prove.hostile_texts import FILLS, MARKUP, UNSEEN, hostile_texts
from tests.reports.cases import ASK, CHANGE, ESCALATED, FIRST, OOM_FIXED, QUESTION, RAISE, SERVICE, UNDONE

SIGNS = (
    "e\u0301",
    "か\u3099",
    "👩🏽",
    "🇯🇵",
    "한",
    "\u1112\u1161\u11ab",
    "ｶ\uff9e",
    "漢",
    "&",
    "<",
    "`",
    '"',
    "\\",
    "'",
    "😀",
    "\u202e",
    "\u200b",
)
words = st.sampled_from((*MARKUP, *UNSEEN, *FILLS, *SIGNS, "word ", "復旧しました。", "out of memory "))
texts = st.one_of(
    st.lists(words, max_size=12).map("".join),
    st.tuples(words, st.sampled_from((50, 700, 10_000 // 4))).map(lambda t: (t[0] * t[1])[:10_000]),
    st.integers(0, 10_000).map(lambda seed: next(hostile_texts(seed, 1)).text),
)
both = st.builds(Text, texts, texts)
facts = st.builds(Fact, both, texts, texts, st.sampled_from(("2026-11-23T03:02:10.000Z", "", "soon", "<!here>")))


def many(of, most):
    """Mostly few, now and then as many as there can be."""
    return st.one_of(st.lists(of, max_size=2), of.map(lambda one: [one] * most)).map(tuple)


helds = st.builds(ConfirmedCause, texts, both, both, many(facts, 12))
diagnoses = st.builds(
    Diagnosis,
    many(helds, 3),
    many(st.builds(Excluded, texts, both, both), 12),
    many(st.builds(Open, texts, both, texts), 12),
)
answers = many(
    st.one_of(st.builds(Refusal, texts, both), st.builds(Ask, texts, both), st.builds(Permit, texts, both)), 14
)
calls = st.builds(
    Call,
    action=st.sampled_from(("ecs:UpdateService", "s3:PutBucketPolicy", "dynamodb:UpdateTable")),
    parameters=st.dictionaries(st.sampled_from(("Policy", "taskDefinition", "bucketName")), texts, max_size=3),
    arn=st.just(SERVICE.arn),
)
plans = st.builds(
    lambda title, undo, no_undo, before, keep: replace(
        RAISE, title=title, undo=undo, no_undo=None if undo else no_undo, before=before, after=before, keep=keep
    ),
    both,
    many(calls, 6),
    both,
    st.dictionaries(texts, texts, max_size=4),
    both,
)
events = st.builds(
    lambda name, by, parameters: Noted(call=replace(EVENT, name=name, by=by, parameters=parameters), own=False),
    texts,
    texts,
    st.dictionaries(texts, texts, max_size=3),
)
EVENT = ApiEvent(
    at="2026-11-23T02:41:07.000Z", name="UpdateTable", source="dynamodb.amazonaws.com", by="x", kind="person"
)
digests = st.builds(
    lambda text, trace: LogDigest(
        group=text, since=FIRST.at, until=FIRST.at, events=9, errors=7, first_at=FIRST.at, last_at=FIRST.at,
        shapes=(ShapeCount(shape=text, sample=text, count=3, first_at=FIRST.at, last_at=FIRST.at),) * 8,
        trace=trace, trace_at=FIRST.at, trace_stream=text,
    ),
    texts,
    many(texts, 60),
)  # fmt: skip
backgrounds = st.builds(
    lambda noted, log, cut: IncidentContext(at=FIRST.at, log=log, calls=noted, since=FIRST.at, cut=(cut,)),
    many(events, 12),
    st.one_of(st.none(), digests),
    texts,
)


@st.composite
def worst_cases(draw):
    """A case in one of the ways that an incident can stand, everything in it drawn from the worst texts."""
    start = draw(st.sampled_from((OOM_FIXED, ASK, FIRST, ESCALATED, UNDONE)))
    plan = draw(plans)
    change = replace(CHANGE, plan=plan, requests=draw(many(texts, 6))) if start.change else None
    advise = st.builds(Advise, both, many(texts, 4), many(texts, 30))
    decision = draw(st.one_of(st.just(plan), st.just(plan), advise)) if change is None and start is not ASK else plan
    resource = Resource(draw(texts), draw(st.one_of(st.just(SERVICE.arn), texts.map(lambda t: f"{SERVICE.arn}{t}"))))
    return replace(
        start,
        incident=replace(start.incident, resource=resource),
        title=draw(both),
        symptom=draw(both),
        about=draw(many(facts, 12)),
        gaps=draw(st.dictionaries(texts, texts, max_size=6)),
        diagnosis=draw(diagnoses),
        decision=decision,
        change=change,
        answers=draw(answers),
        approval=QUESTION if start is ASK else None,
        proof=draw(many(facts, 12)),
        stack=draw(st.one_of(st.none(), texts)),
        note=draw(st.one_of(st.none(), both)),
        noticed=draw(many(facts, 20)),
        background=draw(st.one_of(st.none(), backgrounds)),
    )
