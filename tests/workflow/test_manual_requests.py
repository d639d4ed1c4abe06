"""What a person starts: replay to look, replay to fix, undo, answers to questions."""

import json
from types import SimpleNamespace

import pytest

from remediator.handlers import intake
from sandbox import applications as programs
from sandbox.laptop import Act, Laptop
from sandbox.scenarios import by_name

OBSERVE = {"auto-remediation": "observe"}


@pytest.fixture
def laptop():
    with Laptop() as opened:
        yield opened


def by_hand(request):
    return lambda laptop: laptop.told.append(intake.handle(request(laptop), SimpleNamespace()))


def stopped(laptop):
    return next(e for e in reversed(laptop.world.events) if e["detail"]["lastStatus"] == "STOPPED")


def play(laptop, request, *, at_s=150, tags=None):
    """A leaking service, and a request by hand a while later."""
    laptop.told = []
    laptop.world.run_service(tags=tags)
    laptop.world.fall_ill(programs.LEAKS)
    laptop.run((Act(at_s=at_s, do=by_hand(request)),))
    return laptop.told[0][0]


def record(laptop, incident):
    return next(r for r in laptop.records() if r["pk"] == f"incident#{incident}")


def test_a_replay_of_an_event_looks_tells_and_changes_nothing(laptop):
    found = play(laptop, lambda at: {"replay": stopped(at), "apply": False}, tags=OBSERVE)
    assert found["how"] == "replay"
    assert laptop.world.writes == ()
    replayed = record(laptop, found["incident"])
    assert (replayed["verdict"], replayed["origin"], replayed["level"]) == ("replayed", "replay", "low")
    reports = [r for r in laptop.reports if r.attributes.get("incident") == found["incident"] and r.level != "pager"]
    assert [r.level for r in reports] == ["low"]
    assert "a replay only looks" in " ".join(reports[0].mail.split())


def test_a_replay_of_an_incident_reads_its_stored_evidence_and_nothing_else(laptop):
    play(laptop, lambda at: {"replay": at.records()[0]["pk"].removeprefix("incident#")}, tags=OBSERVE)
    found = laptop.told[0][0]
    replayed = record(laptop, found["incident"])
    assert replayed["verdict"] == "replayed"
    assert "evidence" not in replayed
    assert json.loads(replayed["case_final"])["diagnosis"]["held"][0]["cause"] == "ecs_task_restarting.out_of_memory"


def test_a_replay_that_may_apply_goes_through_the_gates(laptop):
    found = play(laptop, lambda at: {"replay": stopped(at), "apply": True, "by": "sato"}, tags=OBSERVE)
    assert found["how"] == "replay_apply"
    assert laptop.world.writes == ()
    assert record(laptop, found["incident"])["verdict"] == "not_fixed"


def test_a_replay_that_may_apply_does_not_change_what_another_incident_is_changing(laptop):
    found = play(laptop, lambda at: {"replay": stopped(at), "apply": True})
    assert found["how"] == "replay_apply"
    assert [w.action for w in laptop.world.writes].count("ecs:UpdateService") == 1


def test_an_undo_by_hand_restores_what_was_before(laptop):
    laptop.told = []
    scenario = by_name("out-of-memory")
    scenario.begin(laptop.world)
    first = laptop.world.service.definition.arn if hasattr(laptop.world.service, "definition") else None
    laptop.run()
    healed = laptop.records()[0]["pk"].removeprefix("incident#")
    at_s = (laptop.clock.now() - laptop._start).total_seconds() + 60
    laptop.run((Act(at_s=at_s, do=by_hand(lambda _: {"undo": healed, "by": "sato"})),))
    last = laptop.world.writes[-1]
    assert last.action == "ecs:UpdateService"
    assert last.parameters["taskDefinition"].endswith("portfolio-api:1") or last.parameters["taskDefinition"] == first
    undone = record(laptop, laptop.told[0][0]["incident"])
    assert (undone["origin"], undone["verdict"]) == ("undo", "fixed")


@pytest.mark.parametrize("of", ["incident without a change", "no-such-incident"])
def test_an_undo_of_what_was_never_changed_is_refused_at_once(laptop, of):
    def request(at):
        known = at.records()[0]["pk"].removeprefix("incident#")
        return {"undo": known if of.startswith("incident") else of}

    found = play(laptop, request, tags=OBSERVE)
    assert "no change" in found["refused"] or "no incident" in found["refused"]
    assert laptop.world.writes == ()
    assert len(laptop.durable.names) == 1


def test_nobody_answers_within_the_hour_and_nothing_is_changed(laptop):
    laptop.world.run_service(tags={"auto-remediation": "approve"})
    laptop.world.fall_ill(programs.LEAKS)
    laptop.run()
    assert laptop.world.writes == ()
    assert "nobody answered in time" in " ".join(" ".join(r.mail.split()) for r in laptop.reports)


def test_an_answer_counts_once(laptop):
    answers = []
    laptop.world.run_service(tags={"auto-remediation": "approve"})
    laptop.world.fall_ill(programs.LEAKS)

    def twice(at):
        reference = at.question()
        answers.extend(at.answer("approve", reference=reference) for _ in range(2))

    laptop.run((Act(after_question_s=60, do=twice),))
    assert [a["accepted"] for a in answers] == [True, False]
    assert [w.action for w in laptop.world.writes].count("ecs:UpdateService") == 1


def asked_and(laptop, *acts):
    laptop.told = []
    laptop.world.run_service(tags={"auto-remediation": "approve"})
    laptop.world.fall_ill(programs.LEAKS)
    laptop.run(tuple(Act(after_question_s=s, do=lambda at, a=a: laptop.told.append(at.answer(a))) for s, a in acts))
    return [found["accepted"] for found in laptop.told]


def test_a_held_question_stays_open_for_another_hour_and_nothing_is_changed_until_it_is_approved(laptop):
    assert asked_and(laptop, (1800, "hold"), (5000, "approve")) == [True, True]
    assert [w.action for w in laptop.world.writes].count("ecs:UpdateService") == 1
    asked_at = [r.at for r in laptop.reports if r.level != "pager" and r.attributes.get("stage") == "ask"]
    assert len(asked_at) == 2
    (changed_at,) = [w.at for w in laptop.world.writes if w.action == "ecs:UpdateService"]
    assert (changed_at - asked_at[0]).total_seconds() > 3600


def test_a_question_that_is_asked_again_before_the_hold_is_written_down_stays_open(laptop):
    """The execution may be faster than the desk: what the desk writes last must not close the new question."""
    laptop.told = []
    laptop.world.run_service(tags={"auto-remediation": "approve"})
    laptop.world.fall_ill(programs.LEAKS)
    states = []

    def hold(at):
        laptop.told.append(at.answer("hold"))
        states.append(at.records()[0]["state"])

    laptop.run((Act(after_question_s=600, do=hold), Act(after_question_s=700, do=lambda at: at.answer("refuse"))))
    assert laptop.told[0]["accepted"]
    assert states == ["asking"]
    assert record(laptop, laptop.told[0]["incident"])["held_by"] == "sato@example.com"


def test_a_question_is_held_once_and_then_answered_or_over(laptop):
    assert asked_and(laptop, (600, "hold"), (1200, "hold")) == [True, False]
    assert "held already" in laptop.told[1]["why"]
    assert laptop.told[1]["asked_now"]
    assert laptop.world.writes == ()
    assert "nobody answered in time" in " ".join(" ".join(r.mail.split()) for r in laptop.reports)


@pytest.mark.parametrize(
    ("answer", "reference"),
    [("approve", "no-such-incident-00000000"), ("maybe", None), ("approve", "x"), ("approve", "")],
)
def test_an_answer_that_names_nothing_open_is_refused_with_a_reason(laptop, answer, reference):
    found = []
    laptop.world.run_service(tags={"auto-remediation": "approve"})
    laptop.world.fall_ill(programs.LEAKS)

    def say(at):
        found.append(at.answer(answer, reference=at.question() if reference is None else reference or "-"))

    laptop.run((Act(after_question_s=60, do=say),))
    assert found[0]["accepted"] is False
    assert found[0]["why"]


def test_a_change_of_a_stacks_resource_says_what_to_change_in_the_template(laptop):
    laptop.world.account.stacks[laptop.world.run_service().arn] = "portfolio-infrastructure"
    laptop.world.fall_ill(programs.LEAKS)
    laptop.run()
    mail = " ".join([r.mail for r in laptop.reports if r.level != "pager"][-1].split())
    assert "Put the change into stack portfolio-infrastructure" in mail
    assert "Memory of the AWS::ECS::TaskDefinition" in mail
