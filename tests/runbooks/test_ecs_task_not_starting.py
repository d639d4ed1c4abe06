import json
import re
import shlex
from dataclasses import replace

import pytest

from remediator.core.model import Advise, Change, Plan, Signal, Verdict, Watch
from remediator.core.runbook import Setting, VerificationContext
from remediator.core.settings import Settings
from remediator.core.timestamps import after
from remediator.incidents.assessment import was_applied
from remediator.incidents.diagnosis import decide, diagnose
from remediator.problems import route
from remediator.problems.ecs_task_not_starting import RUNBOOK
from remediator.problems.ecs_task_not_starting.instance_capacity import Instance
from remediator.resources.ecs.plans.revision import REGISTRABLE
from remediator.resources.ecs.task_setup import WantedImage
from remediator.resources.iam.role_rights import Statement
from remediator.resources.iam.session_policy import LIMIT_CHARS, session_policy
from remediator.resources.vpc.network_path import AclEntry
from tests.fakes import checked, operation
from tests.runbooks.evidence_of_restarts import crash, definition, deployment, gap, service, service_deployment, stop
from tests.runbooks.evidence_of_starts import (
    ALL_ENDPOINTS,
    CUT_OFF,
    ENDPOINT_GROUP,
    NAT,
    NEW_IMAGE,
    NO_ROOM,
    NO_SECRET,
    NOT_FOUND,
    OLD_IMAGE,
    REFUSED,
    SECRET,
    SECRET_REFUSED,
    TASK_GROUP,
    TIMED_OUT,
    evidence,
    failed,
    group,
    https_from,
    loop,
    outcome,
    place,
    refusal,
    role,
    said,
    setup,
    with_secret,
)
from tests.samples import DEFINITION, NOW, SERVICE

SETTING = Setting(now=NOW, settings=Settings(), opened_at=NOW)
LATER = replace(SETTING, opened_at=after(NOW, -1200))
FRESH = (service_deployment(42, 10), service_deployment(41, 60 * 24 * 30))
BEHIND_ENDPOINTS = {"place": place(endpoints=ALL_ENDPOINTS)}
MISSING_IMAGE = {"images": (WantedImage(image=NEW_IMAGE, found=False, why="ImageNotFoundException"),)}
RESOURCES, PERMISSIONS = "ecs_task_not_starting.insufficient_resources", "ecs_task_not_starting.missing_permissions"
NETWORK, IMAGE = "ecs_task_not_starting.network_blocked", "ecs_task_not_starting.image_unavailable"
INVALID = "ecs_task_not_starting.invalid_task_definition"


def cause_of(e):
    return diagnose(RUNBOOK, e, SETTING).cause


def decision_on(e, setting=SETTING):
    return decide(RUNBOOK, diagnose(RUNBOOK, e, setting), e, setting)


# -- causes: the guide's rows ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("e", "cause"),
    [
        (evidence(said=(said(2, NO_ROOM),)), RESOURCES),
        (evidence(said=(said(2, "RESOURCE:FARGATE", "SERVICE_TASK_PLACEMENT_FAILURE"),)), RESOURCES),
        (evidence(*loop(REFUSED)), PERMISSIONS),
        (evidence(*loop(TIMED_OUT), **BEHIND_ENDPOINTS), NETWORK),
        (evidence(*loop(NOT_FOUND)), IMAGE),
        (evidence(*loop(NO_SECRET)), INVALID),
        (evidence(stop(1), crash(3)), None),
        (evidence(said=(said(2, "(service portfolio-api-service) has reached a steady state."),)), None),
        (evidence(), None),
    ],
)
def test_the_failed_starts_name_the_row_of_the_guide(e, cause):
    assert cause_of(e) == cause


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"roles": (role("logs:*"),)}, PERMISSIONS),
        ({"roles": (role(exists=False),)}, PERMISSIONS),
        ({"roles": (role("*", trusts_tasks=False),)}, PERMISSIONS),
        ({"refused": refusal()}, PERMISSIONS),
        ({"refused": refusal(by="another-role/x")}, None),
        ({"refused": refusal(error_code="ResourceNotFoundException")}, None),
        (BEHIND_ENDPOINTS, NETWORK),
        (MISSING_IMAGE, IMAGE),
        ({"definition": definition(cpu_units=300)}, RESOURCES),
        ({}, None),
    ],
)
def test_words_that_aws_cut_off_are_told_apart_by_what_the_account_shows(changes, cause):
    assert cause_of(evidence(*loop(CUT_OFF), **changes)) == cause


@pytest.mark.parametrize(
    ("unread", "cause"), [("roles", PERMISSIONS), ("place", NETWORK), ("way_groups", NETWORK), ("images", IMAGE)]
)
def test_what_could_not_be_read_leaves_the_row_open_where_the_words_are_cut_off(unread, cause):
    diagnosis = diagnose(RUNBOOK, evidence(*loop(CUT_OFF), **{unread: gap("Denied: no")}), SETTING)
    assert diagnosis.cause is None
    assert (cause, "Denied: no") in [(o.cause, o.why) for o in diagnosis.unchecked]


def test_a_timeout_names_no_closed_way_where_every_way_that_is_looked_at_is_open():
    diagnosis = diagnose(RUNBOOK, evidence(*loop(TIMED_OUT)), SETTING)
    assert diagnosis.cause is None
    assert [o.cause for o in diagnosis.unchecked] == [NETWORK]


def test_only_the_way_that_the_words_name_is_held_against_the_network():
    only_logs_missing = place(endpoints=tuple(e for e in ALL_ENDPOINTS if e.service != "logs"))
    admitted = (group(TASK_GROUP), group(ENDPOINT_GROUP, https_from(TASK_GROUP)))
    diagnosis = diagnose(RUNBOOK, evidence(*loop(TIMED_OUT), place=only_logs_missing, way_groups=admitted), SETTING)
    assert diagnosis.cause is None


def test_what_ecs_said_of_placing_ranks_behind_tasks_that_were_placed_and_failed():
    mixed = evidence(*loop(NOT_FOUND), said=(said(20, NO_ROOM), said(21, NO_ROOM), said(22, NO_ROOM)))
    held = [h.cause for h in diagnose(RUNBOOK, mixed, SETTING).held]
    assert held == [IMAGE, RESOURCES]


def test_stops_that_could_not_be_read_rule_nothing_out():
    diagnosis = diagnose(RUNBOOK, evidence(stops=gap()), SETTING)
    assert diagnosis.held == diagnosis.ruled_out == ()
    assert len(diagnosis.unchecked) == 5


def test_every_fact_says_where_and_when_it_was_read():
    for e in (evidence(*loop(REFUSED)), evidence(*loop(TIMED_OUT), **BEHIND_ENDPOINTS), evidence(*loop(NOT_FOUND))):
        for held in diagnose(RUNBOOK, e, SETTING).held:
            assert all(f.source and f.at for f in held.facts)


@pytest.mark.parametrize(
    ("kind", "facts", "mine"),
    [
        ("ecs_task_stopped", {"meaning": "failed_to_start"}, True),
        ("ecs_task_stopped", {"meaning": "out_of_memory"}, False),
        ("ecs_service_action", {"eventName": "SERVICE_TASK_PLACEMENT_FAILURE"}, True),
        ("ecs_service_action", {"eventName": "SERVICE_TASK_CONFIGURATION_FAILURE"}, True),
        ("ecs_service_action", {"eventName": "SERVICE_TASK_START_IMPAIRED"}, True),
        ("ecs_service_action", {"eventName": "ECS_OPERATION_THROTTLED"}, False),
    ],
)
def test_failed_starts_come_here_and_no_other_stop_does(kind, facts, mine):
    found = route(Signal(kind=kind, resource=SERVICE, level="high", at=NOW, key="k", facts=facts))
    assert (found is RUNBOOK) is mine


# -- when nothing is changed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", [NOT_FOUND, NO_SECRET, TIMED_OUT])
def test_one_failed_start_alone_is_watched(reason):
    assert isinstance(decision_on(evidence(failed(1, reason), deployments=FRESH, **BEHIND_ENDPOINTS)), Watch)


def test_failed_starts_that_have_ended_are_watched():
    assert isinstance(decision_on(evidence(failed(40, NOT_FOUND), failed(43, NOT_FOUND), deployments=FRESH)), Watch)


# -- room --------------------------------------------------------------------------------------------------------------


def test_missing_capacity_is_watched_for_a_quarter_of_an_hour_and_then_told():
    short = evidence(said=(said(2, NO_ROOM),))
    assert isinstance(decision_on(short), Watch)
    found = decision_on(short, LATER)
    assert isinstance(found, Advise)
    assert "subnet" in found.why.en


def test_where_only_spot_is_used_a_person_is_told_the_on_demand_way():
    spot = evidence(said=(said(2, NO_ROOM),), service=service(running=2, desired=3, providers=("FARGATE_SPOT",)))
    assert "capacityProvider=FARGATE," in " ".join(decision_on(spot, LATER).commands)


def test_capacity_that_came_back_is_watched():
    assert isinstance(decision_on(evidence(said=(said(2, NO_ROOM),), service=service()), LATER), Watch)


def test_a_size_that_fargate_does_not_run_asks_for_the_nearest_one():
    wrong = evidence(said=(said(2, NO_ROOM),), definition=definition(cpu_units=300))
    plan = decision_on(wrong)
    assert (plan.fix, plan.response) == ("correct_size", "ask")
    assert plan.before["cpu / memory_mib"] == "300 / 512"
    assert plan.calls[0].parameters == {"cpu": "512", "memory": "1024"}
    assert plan.calls[0].copy.parameters == {"taskDefinition": f"{DEFINITION}:42"}
    assert plan.undo[0].parameters["taskDefinition"] == f"{DEFINITION}:42"


def test_on_ec2_the_room_of_the_instances_is_told():
    instances = (
        Instance(id="i-1", cpu_left=128, memory_left_mib=4000),
        Instance(id="i-2", connected=False, cpu_left=999),
    )
    no_instance = "(service portfolio-api-service) was unable to place a task because no container instance met all of its requirements."
    found = decision_on(
        evidence(said=(said(2, no_instance),), instances=instances, service=service(launch="EC2", running=2, desired=3))
    )
    assert "0 of 2 container instances have room for 256 CPU units and 512 MiB" in found.why.en
    assert "128 units and 4000 MiB" in found.why.en


# -- permissions -------------------------------------------------------------------------------------------------------


def document_in(advise):
    command = next(c for c in advise.commands if "put-role-policy" in c)
    words = shlex.split(command)
    return words, json.loads(words[words.index("--policy-document") + 1])


def test_the_least_statement_that_is_missing_is_told():
    words, document = document_in(decision_on(evidence(*loop(SECRET_REFUSED), setup=with_secret())))
    assert words[words.index("--role-name") + 1] == "portfolio-execution"
    (statement,) = document["Statement"]
    assert statement == {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": SECRET}


def test_what_the_same_service_would_refuse_next_is_told_with_it():
    _, document = document_in(decision_on(evidence(*loop(REFUSED), roles=(role("logs:*"),))))
    assert {a for s in document["Statement"] for a in s["Action"]} == {
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    }


def test_the_new_policys_name_overwrites_no_inline_policy():
    taken = role("logs:*", inline=("ecs-task-start", "ecs-task-start-2"))
    words, _ = document_in(decision_on(evidence(*loop(REFUSED), roles=(taken,))))
    assert words[words.index("--policy-name") + 1] == "ecs-task-start-3"


def test_where_not_every_policy_was_read_no_policy_name_is_offered():
    found = decision_on(evidence(*loop(REFUSED), roles=(role("logs:*", whole=False),)))
    assert not any("put-role-policy" in c for c in found.commands)


def test_a_denial_that_the_roles_own_policies_do_not_explain_says_where_to_look():
    found = decision_on(evidence(*loop(REFUSED)))
    assert "permissions boundary" in found.why.en
    assert "simulate-principal-policy" in found.commands[0]


@pytest.mark.parametrize(
    ("changed", "command"),
    [(role(exists=False), "aws iam create-role"), (role("*", trusts_tasks=False), "aws iam update-assume-role-policy")],
)
def test_a_role_that_is_gone_or_not_trusted_tells_the_trust_statement(changed, command):
    found = decision_on(evidence(*loop(REFUSED), roles=(changed,)))
    assert any(c.startswith(command) for c in found.commands)
    assert any('"Service": "ecs-tasks.amazonaws.com"' in c for c in found.commands)


def test_what_cloudtrail_recorded_for_the_role_is_among_the_facts():
    (held, *_) = diagnose(RUNBOOK, evidence(*loop(SECRET_REFUSED), refused=refusal()), SETTING).held
    assert any("secretsmanager:GetSecretValue" in f.value for f in held.facts if "CloudTrail" in f.label.en)


def test_a_trail_that_could_not_be_read_changes_nothing():
    assert cause_of(evidence(*loop(REFUSED), refused=gap("throttled"))) == PERMISSIONS


def test_roles_that_could_not_be_read_name_the_row_and_decide_nothing():
    e = evidence(*loop(REFUSED), roles=gap("Denied: iam:GetRole"))
    assert cause_of(e) == PERMISSIONS
    assert "Denied: iam:GetRole" in decision_on(e).why.en


# -- network -----------------------------------------------------------------------------------------------------------


def test_a_closed_endpoint_asks_for_one_rule_from_the_tasks_group_on_443():
    plan = decision_on(evidence(*loop(TIMED_OUT), **BEHIND_ENDPOINTS))
    assert (plan.fix, plan.response) == ("admit_tasks", "ask")
    (call,) = plan.calls
    assert call.parameters["GroupId"] == ENDPOINT_GROUP
    (rule,) = call.parameters["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"], rule["UserIdGroupPairs"]) == (443, 443, [{"GroupId": TASK_GROUP}])
    assert "IpRanges" not in rule
    assert [(c.action, c.parameters) for c in plan.undo] == [("ec2:RevokeSecurityGroupIngress", call.parameters)]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (group(ENDPOINT_GROUP, tags={}), "not opted in"),
        (group(ENDPOINT_GROUP, owner="999999999999"), "another account"),
    ],
)
def test_a_group_of_others_or_without_the_tag_is_left_alone(changed, why):
    found = decision_on(evidence(*loop(TIMED_OUT), way_groups=(group(TASK_GROUP), changed), **BEHIND_ENDPOINTS))
    assert isinstance(found, Advise)
    assert any(why in t.en for t in found.passed_over)


def test_where_one_rule_would_not_do_everything_that_is_closed_is_told():
    without_logs = place(endpoints=tuple(e for e in ALL_ENDPOINTS if e.service != "logs"))
    found = decision_on(evidence(*loop(CUT_OFF), place=without_logs))
    assert isinstance(found, Advise)
    assert "does not reach logs" in found.why.en
    assert "does not reach ecr.api" in found.why.en


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"place": place()}, "rtb-0a has no default route"),
        ({"place": place(replace(NAT, via="igw-0a"))}, "get no public address"),
        ({"way_groups": (group(TASK_GROUP, egress=False),)}, "lets no 443 out"),
        (
            {
                "way_acls": (
                    replace(
                        evidence().way_acls.get()[0],
                        entries=(
                            AclEntry(number=1, egress=True, allow=False),
                            AclEntry(number=2, egress=True, allow=True),
                        ),
                    ),
                )
            },
            "network ACL acl-0a denies it",
        ),
    ],
)
def test_the_closed_way_is_told_with_what_closes_it(changes, why):
    found = decision_on(evidence(*loop(TIMED_OUT), **changes))
    assert why in found.why.en
    assert found.commands


# -- the revision ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("reason", "cause"), [(NOT_FOUND, IMAGE), (NO_SECRET, INVALID)])
def test_what_came_with_a_deployment_rolls_back(reason, cause):
    plan = decision_on(evidence(*loop(reason), deployments=FRESH))
    assert (plan.fix, plan.cause, plan.response) == ("roll_back", cause, "auto")
    assert plan.calls[0].parameters["taskDefinition"] == f"{DEFINITION}:41"
    assert plan.undo[0].parameters["taskDefinition"] == f"{DEFINITION}:42"


def test_a_deployment_in_progress_is_stopped_with_rollback():
    going = (service_deployment(42, 10, "IN_PROGRESS"), FRESH[1])
    plan = decision_on(evidence(*loop(NOT_FOUND), deployments=going))
    assert [c.action for c in plan.calls] == ["ecs:StopServiceDeployment"]


def test_a_service_whose_own_circuit_breaker_rolls_back_is_watched():
    going = (service_deployment(42, 10, "IN_PROGRESS"), FRESH[1])
    e = evidence(*loop(NOT_FOUND), deployments=going, service=service(breaker_rolls_back=True, running=2, desired=3))
    assert isinstance(decision_on(e), Watch)


def test_an_image_that_the_last_good_revision_names_too_is_told():
    same = setup(arn=f"{DEFINITION}:41", images=(NEW_IMAGE,))
    found = decision_on(evidence(*loop(NOT_FOUND), deployments=FRESH, good_setup=same, **MISSING_IMAGE))
    assert NEW_IMAGE in found.why.en
    assert any("names the same image" in t.en for t in found.passed_over)


def test_an_image_of_another_registry_is_told_without_a_claim_that_it_is_gone():
    elsewhere = (WantedImage(image="docker.io/library/nginx:1", why="not in ECR"),)
    found = decision_on(evidence(*loop(NOT_FOUND), images=elsewhere))
    assert "Not in its registry" not in found.why.en


def test_without_a_deployment_the_difference_to_the_last_good_revision_is_told():
    found = decision_on(evidence(*loop(NO_SECRET), setup=with_secret()))
    assert isinstance(found, Advise)
    assert f"api.secret DATABASE_URL: - -> {SECRET}" in found.why.en
    assert f"api.image: {OLD_IMAGE} -> {NEW_IMAGE}" in found.why.en


def test_a_secret_that_the_last_good_revision_names_too_is_not_cured_by_going_back():
    same = replace(with_secret(), arn=f"{DEFINITION}:41")
    found = decision_on(evidence(*loop(NO_SECRET), deployments=FRESH, setup=with_secret(), good_setup=same))
    assert isinstance(found, Advise)
    assert any("would not help" in t.en for t in found.passed_over)


def test_a_one_off_task_is_told_once_and_not_looked_after():
    one_off = tuple(replace(s, group="family:portfolio-api") for s in loop(REFUSED))
    no_service = gap("NotFound: no service owns it")
    found = decision_on(evidence(*one_off, service=no_service, said=no_service, roles=(role("logs:*"),)))
    assert found.final
    assert "put-role-policy" in found.commands[0]
    assert decision_on(evidence(*(replace(s, reason=NOT_FOUND) for s in one_off), service=no_service)).final


def test_a_good_revision_whose_image_is_gone_is_not_rolled_back_to():
    e = evidence(*loop(NOT_FOUND), deployments=FRESH, good_images=gap("NotFound: a digest is gone"))
    assert not isinstance(decision_on(e), Plan)


# -- plans -------------------------------------------------------------------------------------------------------------

PLANS = [
    decision_on(evidence(*loop(NOT_FOUND), deployments=FRESH)),
    decision_on(evidence(*loop(TIMED_OUT), **BEHIND_ENDPOINTS)),
    decision_on(evidence(said=(said(2, NO_ROOM),), definition=definition(cpu_units=300))),
]


@pytest.mark.parametrize("plan", PLANS, ids=lambda p: p.fix)
def test_every_call_is_one_that_aws_takes_and_one_that_is_declared(plan):
    assert isinstance(plan, Plan)
    declared = {p.action for p in RUNBOOK.writes()}
    for call in (*plan.calls, *plan.undo):
        assert call.action in declared
        answered = re.compile(r"\$\{[^}]*\}").sub("x", json.dumps(dict(call.parameters)))
        taken = dict.fromkeys(("family",), "x") | {"containerDefinitions": []} if call.copy else {}
        checked(operation(call.action).input_shape, {**taken, **json.loads(answered)}, call.action)
        if call.copy:
            assert call.copy.keep == REGISTRABLE


@pytest.mark.parametrize("plan", PLANS, ids=lambda p: p.fix)
def test_the_session_policy_of_a_plan_is_short_enough_for_sts(plan):
    assert len(session_policy(plan.calls)) <= LIMIT_CHARS


@pytest.mark.parametrize("plan", PLANS, ids=lambda p: p.fix)
def test_whether_a_lost_write_was_made_can_be_seen(plan):
    e = evidence(*loop(TIMED_OUT), **BEHIND_ENDPOINTS)
    assert was_applied(plan, RUNBOOK.current_values(e)) is False


# -- the proof ---------------------------------------------------------------------------------------------------------

MOVED = Change(plan=PLANS[0], applied_at=after(NOW, -900))


def judged(after_reading, *, change=None, before=None):
    since = after(NOW, -900)
    earlier = before or evidence(*loop(NOT_FOUND))
    return RUNBOOK.judge(after_reading, VerificationContext(before=earlier, change=change, now=NOW, since=since))


def test_tasks_that_run_with_no_failed_start_since_prove_the_fix():
    assert judged(outcome(), change=MOVED).verdict is Verdict.FIXED
    assert judged(outcome()).verdict is Verdict.RECOVERED_WITHOUT_US


def test_a_start_that_failed_since_disproves_it():
    assert judged(outcome(failed(2, NOT_FOUND)), change=MOVED).verdict is Verdict.NOT_FIXED


def test_a_task_that_was_made_before_the_change_says_nothing_against_it():
    old = failed(14, NOT_FOUND, created_at=after(NOW, -1000))
    assert judged(outcome(old), change=MOVED).verdict is Verdict.FIXED


@pytest.mark.parametrize(
    "still",
    [
        {"service": service(running=1)},
        {"service": service(deployments=(deployment(rollout="IN_PROGRESS"),))},
        {"said": (said(1, NO_ROOM),)},
    ],
)
def test_a_service_that_is_not_whole_yet_proves_nothing(still):
    found = judged(outcome(**still), change=MOVED)
    assert found.verdict is None
    assert found.persists


def test_stops_of_another_kind_are_another_runbooks():
    assert judged(outcome(crash(1), crash(2)), change=MOVED).verdict is Verdict.FIXED
    assert not RUNBOOK.symptom_present(evidence(crash(1)))
    assert RUNBOOK.symptom_present(evidence(failed(1, CUT_OFF)))


def test_a_row_tells_how_it_is_confirmed_and_where_to_look():
    for cause in RUNBOOK.causes:
        assert cause.confirm.en
        assert cause.confirm.ja
        assert all(c.startswith("aws ") for c in cause.look)


def test_about_says_since_when_starts_fail():
    since = next(f for f in RUNBOOK.situation(evidence(*loop(NOT_FOUND))) if f.label.en == "since")
    assert since.value == after(NOW, -300)


def test_where_no_task_was_even_made_the_first_message_says_since_when():
    found = RUNBOOK.situation(evidence(said=(said(2, NO_ROOM), said(9, NO_ROOM))))
    assert next(f for f in found if f.label.en == "since").value == after(NOW, -540)


def test_a_role_that_must_be_made_anew_is_told_with_all_that_a_start_asks_of_it():
    found = decision_on(evidence(*loop(REFUSED), roles=(role(exists=False),)))
    _, document = document_in(found)
    assert "logs:PutLogEvents" in {a for s in document["Statement"] for a in s["Action"]}


def test_a_policy_that_denies_is_no_policy_that_allows():
    deny = Statement(allow=False, actions=("ecr:*",), resources=("*",))
    both = role("*")
    found = decision_on(evidence(*loop(REFUSED), roles=(replace(both, statements=(*both.statements, deny)),)))
    assert "lacks" in found.why.en
