from dataclasses import replace

import pytest

from remediator.core.evidence import Unchecked
from remediator.core.model import Advise, Change, HandOver, Plan, Resource, Signal, Verdict, Watch
from remediator.core.runbook import Setting, VerificationContext
from remediator.core.serialization import from_json, to_json
from remediator.core.settings import Limits, Settings, Workload
from remediator.core.timestamps import after
from remediator.incidents.assessment import assess, was_applied
from remediator.incidents.diagnosis import decide, diagnose
from remediator.problems import route
from remediator.problems.alb_gateway_errors import RUNBOOK
from remediator.problems.alb_gateway_errors.model import Gateway, GatewayAnswers, GroupAnswers
from remediator.problems.alb_gateway_errors.task_count_model import CountSchedule, CountSet
from remediator.resources.cloudformation import Stack
from remediator.resources.ecs.backends import Backend, Behind
from remediator.resources.endpoint import Endpoint
from remediator.resources.iam.session_policy import LIMIT_CHARS, session_policy
from remediator.resources.load_balancing.target_health import HostCount, HostCounts
from tests.fakes import checked, operation
from tests.runbooks.evidence_of_gateway import (
    answers,
    at_zero,
    backend,
    bounds,
    evidence,
    hosts,
    minute,
    outcome,
    release,
    sets,
    stop,
)
from tests.runbooks.evidence_of_targets import BALANCER_ARN, GROUP_ARN, code, gap, group, known
from tests.samples import NOW, SERVICE_ARN, incident

ID = "alb_gateway_errors"
SETTING = Setting(now=NOW, settings=Settings(), workload=None, opened_at=NOW)
LATE = evidence(answers=answers(c504=60, p99_ms=60_000))


def diagnosed(e, setting=SETTING):
    return diagnose(RUNBOOK, e, setting)


def decision_on(e, setting=SETTING):
    return decide(RUNBOOK, diagnosed(e, setting), e, setting)


def handed_to(e):
    found = decision_on(e)
    assert isinstance(found, HandOver), found
    return found.runbook, found.resource.kind


# -- causes: the guide's error codes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("why", "e", "cause"),
    [
        ("502", evidence(answers=answers(c502=12)), f"{ID}.502"),
        ("503", evidence(answers=answers(c503=12)), f"{ID}.503"),
        ("504", evidence(answers=answers(c504=12)), f"{ID}.504"),
        ("the application's own", evidence(answers=answers(target_5xx=300)), f"{ID}.target_5xx"),
        ("most of them 503", evidence(answers=answers(c502=3, c503=900, c504=1)), f"{ID}.503"),
        ("most of them the application's", evidence(answers=answers(c502=3, target_5xx=900)), f"{ID}.target_5xx"),
        ("all targets unhealthy, and 502", evidence(groups=(group(code(503)),), answers=answers(c502=9)), f"{ID}.502"),
        ("nothing failed", evidence(), None),
    ],
)
def test_who_answered_what_names_the_row_of_the_guide(why, e, cause):
    assert diagnosed(e).cause == cause, why


def test_metrics_that_cannot_be_read_leave_every_row_open():
    found = diagnosed(evidence(answers=gap("Denied: GetMetricData")))
    assert len(found.unchecked) == 4
    assert found.cause is None


def test_a_row_that_was_not_answered_is_ruled_out():
    ruled_out = {x.cause.split(".")[1] for x in diagnosed(evidence(answers=answers(c503=9))).ruled_out}
    assert ruled_out == {"502", "504", "target_5xx"}


@pytest.mark.parametrize("cause", RUNBOOK.causes, ids=lambda c: c.id)
def test_each_row_says_in_both_languages_how_a_person_confirms_it_and_where_to_look(cause):
    assert cause.confirm.en
    assert cause.confirm.ja
    assert cause.look
    assert all(line.startswith("aws ") and "<" in line for line in cause.look)


@pytest.mark.parametrize(
    "metric",
    [
        "HTTPCode_ELB_502_Count",
        "HTTPCode_ELB_503_Count",
        "HTTPCode_ELB_504_Count",
        "HTTPCode_ELB_5XX_Count",
        "HTTPCode_Target_5XX_Count",
    ],
)
def test_alarms_on_5xx_start_it(metric):
    facts = {"namespace": "AWS/ApplicationELB", "metric": metric}
    signal = Signal(
        kind="alarm", resource=Resource("load_balancer", BALANCER_ARN), level="high", at=NOW, key="k", facts=facts
    )
    assert route(signal).id == ID


# -- a service that runs nothing ---------------------------------------------------------------------------------------


def test_the_last_count_seen_is_restored_alone_where_nobody_can_have_wanted_zero():
    plan = decision_on(at_zero())
    assert isinstance(plan, Plan)
    assert (plan.fix, plan.response, plan.resource.arn) == ("restore_count", "auto", SERVICE_ARN)
    assert plan.calls[0].parameters["desiredCount"] == 3
    assert plan.undo[0].parameters["desiredCount"] == 0


@pytest.mark.parametrize(
    ("why", "changes", "words"),
    [
        ("autoscaling does not own it", {"bounds": (bounds(owned=False),)}, "no autoscaling minimum"),
        ("the minimum is zero", {"bounds": (bounds(0, 6),)}, "allows zero"),
        ("it is suspended", {"bounds": (bounds(suspended=("DynamicScalingOutSuspended",)),)}, "suspended"),
        (
            "a schedule",
            {"schedules": (CountSchedule(service=SERVICE_ARN, name="night", when="cron(0 12 * * ? *)"),)},
            "night",
        ),
        ("the schedule is not known", {"schedules": gap()}, "could not be read"),
        (
            "a person",
            {"count_sets": sets(CountSet(service=SERVICE_ARN, at=NOW, count=0, by="sato"))},
            "sato set it to 0",
        ),
        ("who it was is not known", {"count_sets": gap()}, "could not be read"),
        ("too early to know who it was", {"hosts": hosts(3, 3, newest_minutes_ago=5)}, "is not known"),
        ("too long ago to know who it was", {"hosts": hosts(3, 3, newest_minutes_ago=90)}, "is not known"),
        ("not all calls are known", {"count_sets": replace(sets(), complete=False)}, "is not known"),
        ("no count was seen", {"hosts": hosts(0, 0)}, "guide's example"),
        ("the counts are not known", {"hosts": gap()}, "guide's example"),
    ],
)
def test_a_person_is_asked_where_something_may_have_wanted_zero_or_is_not_known(why, changes, words):
    plan = decision_on(at_zero(**changes))
    assert plan.response == "ask", why
    assert words in plan.ask_because.en


def test_autoscaling_itself_is_no_person():
    by = CountSet(service=SERVICE_ARN, at=NOW, count=0, by="AutoScaling", of_nobody=True)
    assert decision_on(at_zero(count_sets=sets(by), hosts=hosts(3, 3, newest_minutes_ago=1))).response == "auto"


@pytest.mark.parametrize(
    ("seen", "minimum", "maximum", "ceiling", "count"),
    [
        ((3, 3, 3), 1, 6, 0, 3),
        ((9, 9, 9), 1, 6, 0, 6),
        ((1, 1, 1), 2, 6, 0, 2),
        ((4, 4, 4, 2, 1), 1, 6, 0, 4),
        ((4, 4, 2, 2), 1, 6, 0, 4),
        ((4, 4, 4), 1, 6, 3, 3),
        ((), 1, 6, 0, 2),
    ],
)
def test_the_count_is_the_usual_one_of_the_last_hour_within_the_bounds(seen, minimum, maximum, ceiling, count):
    workload = Workload(name="portfolio", task_ceiling=ceiling)
    e = at_zero(hosts=hosts(*seen, newest_minutes_ago=30), bounds=(bounds(minimum, maximum),))
    assert decision_on(e, replace(SETTING, workload=workload)).calls[0].parameters["desiredCount"] == count


def test_a_day_that_is_told_by_its_changes_alone_gives_the_same_count():
    day = HostCounts(
        healthy=tuple(HostCount(at=after(NOW, -60 * m), hosts=n) for m, n in ((1440, 3), (40, 1), (35, 0)))
    )
    plan = decision_on(at_zero(hosts=day))
    assert plan.calls[0].parameters["desiredCount"] == 3
    assert plan.response == "auto"


def test_no_count_is_written_where_it_is_unknown_who_owns_it():
    found = decision_on(at_zero(bounds=gap("Denied: DescribeScalableTargets")))
    assert isinstance(found, Advise)
    assert "DescribeScalableTargets" in found.why.en


def test_no_count_is_written_where_autoscaling_allows_none():
    assert isinstance(decision_on(at_zero(bounds=(bounds(0, 0),))), Advise)


@pytest.mark.parametrize(
    "backends",
    [
        (backend(desired=0, controller="CODE_DEPLOY"),),
        (backend(desired=0), replace(backend(desired=0, arn=SERVICE_ARN + "-2"), group=GROUP_ARN + "2")),
    ],
)
def test_another_controller_or_several_services_are_a_persons_to_decide(backends):
    assert isinstance(decision_on(at_zero(backends=backends)), Advise)


def test_the_services_tag_decides_over_its_count_and_the_load_balancers_over_the_timeout():
    silent = backend(desired=0, running=0)
    untagged = replace(silent, behind=Behind(managed=True, service=replace(silent.service, tags={})))
    assert RUNBOOK.opt_in_tag(at_zero()) == "auto"
    assert RUNBOOK.opt_in_tag(at_zero(backends=(untagged,))) is None
    assert RUNBOOK.opt_in_tag(evidence(gateway=Gateway(arn=BALANCER_ARN), answers=answers(c504=9))) is None
    assert RUNBOOK.opt_in_tag(at_zero(answers=answers(c504=9), gateway=Gateway(arn=BALANCER_ARN))) is None


# -- what lies behind it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codes", [{"c502": 9}, {"c503": 9}])
@pytest.mark.parametrize(
    ("why", "changes", "to"),
    [
        ("tasks are killed", {"stops": (stop(),)}, ("ecs_task_restarting", "ecs_service")),
        (
            "tasks never start",
            {"stops": (stop(started_at="", stop_code="TaskFailedToStart", reason="CannotPullContainerError: x"),)},
            ("ecs_task_not_starting", "ecs_service"),
        ),
        ("targets fail", {"groups": (group(code(404)),)}, ("alb_targets_unhealthy", "target_group")),
        ("none is healthy yet", {"groups": (group({"state": "initial"}),)}, ("alb_targets_unhealthy", "target_group")),
        ("tasks are missing", {"backends": (backend(running=0),)}, ("ecs_task_not_starting", "ecs_service")),
        (
            "stops come before targets that fail",
            {"stops": (stop(),), "groups": (group(code(503)),)},
            ("ecs_task_restarting", "ecs_service"),
        ),
    ],
)
def test_502_and_503_lead_to_the_cause_behind_them(codes, why, changes, to):
    assert handed_to(evidence(answers=answers(**codes), **changes)) == to, why


@pytest.mark.parametrize("rollout", ["IN_PROGRESS", "COMPLETED"])
def test_a_release_of_the_last_minutes_is_watched(rollout):
    found = decision_on(evidence(answers=answers(c503=9), backends=(backend(deployments=release(3, rollout)),)))
    assert isinstance(found, Watch)


def test_an_older_release_explains_nothing():
    e = evidence(answers=answers(c502=9), backends=(backend(deployments=release(40, "COMPLETED")),))
    assert isinstance(decision_on(e), Advise)


@pytest.mark.parametrize("old", [stop(30), stop(stop_code="UserInitiated", reason="Task stopped by user")])
def test_old_stops_and_wanted_ones_explain_nothing(old):
    assert isinstance(decision_on(evidence(answers=answers(c502=9), stops=(old,))), Advise)


def test_502_with_nothing_behind_it_is_told():
    found = decision_on(evidence(answers=answers(c502=9)))
    assert isinstance(found, Advise)
    assert "Nothing behind it" in found.why.en


@pytest.mark.parametrize("unread", ["backends", "stops", "groups"])
def test_what_could_not_be_read_decides_nothing(unread):
    found = decision_on(evidence(answers=answers(c502=9), **{unread: gap("Denied: x")}))
    assert isinstance(found, Advise)
    assert "Denied: x" in found.why.en


@pytest.mark.parametrize("codes", [{"c502": 9}, {"c503": 9}, {"c504": 9}])
def test_a_target_groups_alarm_leads_to_the_load_balancers_own_incident(codes):
    noticed = Gateway(arn=BALANCER_ARN, noticed_on=GROUP_ARN)
    assert handed_to(evidence(answers=answers(**codes), gateway=noticed)) == (ID, "load_balancer")


def test_errors_of_the_application_are_said_to_be_none_of_the_load_balancer():
    found = decision_on(
        evidence(answers=answers(target_5xx=300), gateway=Gateway(arn=BALANCER_ARN, noticed_on=GROUP_ARN))
    )
    assert (found.runbook, found.resource.arn) == ("ecs_task_restarting", SERVICE_ARN)
    assert "only passes them on" in found.why.en


def test_errors_of_an_application_that_no_service_is_known_of_are_told():
    assert isinstance(
        decision_on(evidence(answers=answers(target_5xx=9), backends=(Backend(group=GROUP_ARN, behind=Behind()),))),
        Advise,
    )


# -- targets that are too slow -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p99_ms", "idle_s", "longer_s"),
    [(60_000, 60, "90"), (75_000, 60, "90"), (76_000, 60, "120"), (110_000, 60, "120"), (30_000, 30, "60")],
)
def test_the_idle_timeout_is_raised_over_the_p99_and_always_asks(p99_ms, idle_s, longer_s):
    gateway = Gateway(arn=BALANCER_ARN, idle_timeout_s=idle_s, tags={"auto-remediation": "auto"})
    plan = decision_on(evidence(answers=answers(c504=9, p99_ms=p99_ms), gateway=gateway))
    assert (plan.fix, plan.response) == ("raise_idle_timeout", "ask")
    assert plan.calls[0].parameters["Attributes"][0]["Value"] == longer_s
    assert plan.undo[0].parameters["Attributes"][0]["Value"] == str(idle_s)


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("answers come in time", {"answers": answers(c504=9, p99_ms=4000)}),
        ("no timeout would cover them", {"answers": answers(c504=9, p99_ms=130_000)}),
        (
            "it is at the ceiling",
            {
                "gateway": Gateway(arn=BALANCER_ARN, idle_timeout_s=120, tags={"auto-remediation": "auto"}),
                "answers": answers(c504=9, p99_ms=120_000),
            },
        ),
        ("not opted in", {"gateway": Gateway(arn=BALANCER_ARN), "answers": answers(c504=9, p99_ms=60_000)}),
    ],
)
def test_else_it_is_a_slow_response(why, changes):
    assert handed_to(evidence(**changes)) == ("alb_slow_response", "target_group"), why


def test_a_lower_ceiling_is_kept_to():
    strict = replace(SETTING, settings=Settings(limits=Limits(idle_timeout_ceiling_s=75)))
    assert decision_on(LATE, strict).calls[0].parameters["Attributes"][0]["Value"] == "75"


def test_targets_that_fail_are_not_only_slow():
    assert handed_to(evidence(answers=answers(c504=9, p99_ms=60_000), groups=(group(code(503)),))) == (
        "alb_targets_unhealthy",
        "target_group",
    )


def test_timeouts_that_have_ended_are_watched():
    assert isinstance(decision_on(evidence(answers=answers(c504=9, ago=6, p99_ms=60_000))), Watch)


def test_nothing_answered_is_handed_over_all_the_same():
    assert handed_to(evidence(answers=answers(c504=9, p99_ms=None))) == ("alb_slow_response", "target_group")


# -- plans -------------------------------------------------------------------------------------------------------------

PLANS = [decision_on(at_zero()), decision_on(LATE)]


@pytest.mark.parametrize("plan", PLANS, ids=lambda p: p.fix)
def test_a_plan_is_what_aws_takes_and_fits_a_session_policy(plan):
    for call in (*plan.calls, *plan.undo):
        checked(operation(call.action).input_shape, call.parameters, call.action)
    assert len(session_policy(plan.calls)) <= LIMIT_CHARS
    assert from_json(Plan, to_json(plan)) == plan
    assert plan.hash == from_json(Plan, to_json(plan)).hash


@pytest.mark.parametrize(
    ("plan", "e"), list(zip(PLANS, (at_zero(), LATE), strict=True)), ids=lambda x: getattr(x, "fix", "")
)
def test_a_write_whose_answer_was_lost_is_found_by_its_pre_image(plan, e):
    assert was_applied(plan, RUNBOOK.current_values(e)) is False


def test_after_the_writes_the_pre_images_are_gone():
    assert was_applied(PLANS[0], RUNBOOK.current_values(evidence())) is True
    assert (
        was_applied(PLANS[1], RUNBOOK.current_values(evidence(gateway=Gateway(arn=BALANCER_ARN, idle_timeout_s=90))))
        is True
    )


def test_the_same_evidence_stored_and_read_again_gives_the_same_plan():
    stored = from_json(RUNBOOK.evidence, to_json(at_zero()))
    assert decision_on(stored).hash == decision_on(at_zero()).hash


def test_the_situation_names_users_targets_and_tasks():
    case = assess(
        RUNBOOK, incident(runbook=ID, resource=Resource("load_balancer", BALANCER_ARN)), at_zero(), NOW, Settings()
    )
    values = {f.label.en: f.value for f in case.about}
    assert values["tasks running / desired"] == "portfolio-api-service: 0 / 0"
    assert values["users: requests / failed at the load balancer / at the application, last 15 min"].endswith(
        "18000 / 0"
    )
    facts = {f.label.en: f.value for f in case.diagnosis.held[0].facts}
    assert facts["last count seen above zero"].startswith("3 ")
    assert facts["autoscaling owns the count"] == "2-6"


# -- the verdict -------------------------------------------------------------------------------------------------------


def judged(after_, e=None, *, change=True, minutes=4):
    plan = PLANS[0]
    made = Change(plan=plan, applied_at=after(NOW, -60 * minutes)) if change else None
    return RUNBOOK.judge(
        after_, VerificationContext(before=e or at_zero(), change=made, now=NOW, since=after(NOW, -60 * minutes))
    )


def test_three_good_minutes_healthy_targets_and_an_endpoint_that_answers_are_fixed():
    assert judged(outcome()).verdict is Verdict.FIXED
    assert judged(outcome(), change=False).verdict is Verdict.RECOVERED_WITHOUT_US


def test_a_few_errors_are_usual():
    assert judged(outcome(minute(3, c503=2), minute(2), minute(1))).verdict is Verdict.FIXED


@pytest.mark.parametrize(
    ("why", "after_", "persists"),
    [
        ("errors go on", outcome(minute(3), minute(2, c503=900), minute(1)), True),
        ("too few minutes", outcome(minute(2), minute(1)), False),
        ("nobody asked", outcome(minute(3, None), minute(2, None), minute(1, None)), False),
        ("no data", outcome(answers=GatewayAnswers()), False),
        ("no target", outcome(groups=(group(targets=()),)), True),
        ("a target fails", outcome(groups=(group(code(503), {"state": "healthy"}),)), True),
        ("the endpoint answers 503", outcome(endpoint=Endpoint(url="http://alb/health", status=503)), False),
        ("the endpoint does not answer", outcome(endpoint=gap()), False),
    ],
)
def test_else_nothing_is_told_yet(why, after_, persists):
    found = judged(after_)
    assert (found.verdict, found.persists) == (None, persists), why


def test_minutes_before_the_change_prove_nothing():
    assert judged(outcome(), minutes=2).verdict is None


def test_an_endpoint_that_is_not_declared_is_not_asked():
    assert judged(outcome(endpoint=Endpoint())).verdict is Verdict.FIXED


def test_an_application_that_goes_on_answering_5xx_has_not_recovered():
    ill = GatewayAnswers(
        minutes=outcome().answers.get().minutes, groups=(GroupAnswers(group=GROUP_ARN, target_5xx=90),)
    )
    of_application = evidence(answers=answers(target_5xx=300))
    found = judged(outcome(answers=ill), of_application, change=False)
    assert (found.verdict, found.persists) == (None, True)
    assert judged(outcome(answers=ill)).verdict is Verdict.FIXED  # the load balancer's own errors have ended


def test_what_can_not_be_read_is_not_judged():
    with pytest.raises(Unchecked):
        judged(outcome(answers=gap()))


def test_known_readings_are_enough_for_a_stack():
    assert RUNBOOK.stack(evidence(stack=known(Stack(name="portfolio")))) == "portfolio"
    assert RUNBOOK.stack(evidence()) is None
