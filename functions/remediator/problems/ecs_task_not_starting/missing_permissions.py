"""Row `ecs_task_not_starting.missing_permissions`.

AWS refused the role, or the words are unclear and the role is known to be unusable or to lack a need.
"""

import shlex
from collections.abc import Mapping, Sequence

from ...core.model import Fact, Resource
from ...core.plan import Advise, Decision
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...resources.cloudtrail.history import ApiEvent
from ...resources.iam.role_rights import Role
from .evidence import Evidence
from .execution_role import (
    POLICY_NAME,
    Lack,
    Need,
    free_policy_name,
    lacks,
    needs,
    of_action,
    statement,
    trust_statement,
)
from .facts import FACTS_SHOWN, LOOK_AT_STOPS, NONE_SUCH
from .failed_starts import Starts, once, start_facts, starts_as

USE = {"execution": Text("execution role", "タスク実行ロール"), "task": Text("task role", "タスクロール")}


def unusable(roles: Sequence[Role]) -> Role | None:
    """The role that does not exist, or that ECS tasks are known not to be trusted with."""
    return next((r for r in roles if not r.exists or r.trusts_tasks is False), None)


def lacking(e: Evidence, starts: Starts) -> tuple[Role | None, tuple[Need, ...], tuple[Lack, ...]]:
    """The execution role, what the start needs of it, and what its policies do not allow for certain.

    Raises:
        Unchecked: roles, set-up or definition could not be read.
    """
    role = _used(e.roles.get(), starts.named)
    every = needs(e.setup.get(), Resource("task_definition", e.definition.get().arn))
    wanted = of_action(every, starts.named.get("action", ""), _resource(starts.named)) or every
    return role, wanted, lacks(role, wanted) if role and role.exists else ()


def _used(roles: Sequence[Role], named: Mapping[str, str]) -> Role | None:
    """The role that AWS's words name, else the execution role: ECS starts tasks with that one."""
    found = f"{named.get('caller', '')}/{named.get('role', '')}/".split("/")
    by_name = next((r for r in roles if r.name in found), None)
    return by_name or next((r for r in roles if r.use == "execution"), None)


def _resource(named: Mapping[str, str]) -> str:
    return named.get("secret") or named.get("parameter") or ""


def every_need(e: Evidence) -> tuple[Need, ...]:
    """All that a start of the revision asks of its execution role; none where the revision could not be read."""
    setup, definition = e.setup.or_none(), e.definition.or_none()
    return needs(setup, Resource("task_definition", definition.arn)) if setup and definition else ()


def denied(found: Sequence[Lack]) -> tuple[Need, ...]:
    """The needs that are denied for certain."""
    return tuple(lack.need for lack in found if lack.right == "denied")


def refusals(e: Evidence) -> tuple[ApiEvent, ...]:
    """Calls that CloudTrail recorded as refused to the definition's roles, newest first; none where it was not read."""
    history, definition = e.refused.or_none(), e.definition.or_none()
    if history is None or definition is None:
        return ()
    names = {r.rsplit("/", 1)[-1] for r in (definition.execution_role, definition.task_role) if r}
    return tuple(x for x in history.events if x.denied and x.by.split("/")[0] in names)


def refusal_facts(e: Evidence) -> tuple[Fact, ...]:
    """The newest refused calls of the roles; CloudTrail shows them minutes later."""
    label = Text("CloudTrail: refused to the role", "CloudTrail: ロールへの拒否")
    return tuple(
        e.refused.fact(label, f"{x.at} {x.source}:{x.name} {x.said}".strip()) for x in refusals(e)[:FACTS_SHOWN]
    )


def role_facts(e: Evidence, starts: Starts) -> tuple[Fact, ...]:
    """Whether the roles exist and are trusted, and which needs their policies deny."""
    roles = e.roles.or_none()
    if roles is None:
        return ()
    facts: list[Fact] = []
    for role in roles:
        trusted = {True: "yes", False: "no", None: "?"}[role.trusts_tasks]
        label = Text(
            f"{role.use} role {role.name} exists / trusts ECS tasks", f"{USE[role.use].ja} {role.name} の存在 / 信頼"
        )
        facts.append(e.roles.fact(label, f"{'yes' if role.exists else 'no'} / {trusted}"))
    if e.setup.or_none() is not None and e.definition.or_none() is not None:
        _, _, found = lacking(e, starts)
        said = {"denied": Text("not allowed", "許可なし"), "cannot_tell": Text("cannot tell", "判定できず")}
        facts += [
            e.roles.fact(said[lack.right] + Text(f": {lack.need.action}", f": {lack.need.action}"), lack.need.resource)
            for lack in found[:FACTS_SHOWN]
        ]
    return tuple(facts)


def role_missing(role: Role, wanted: Sequence[Need]) -> Advise:
    """The role does not exist: how a person makes it, with all that a start asks of it (of an execution role)."""
    name = role.name
    create = f"aws iam create-role --role-name {name} --assume-role-policy-document {shlex.quote(trust_statement())}"
    needed = role.use == "execution" and bool(wanted)
    return Advise(
        Text(
            f"The {role.use} role {name} does not exist. Create it, then give it what the task needs.",
            f"{USE[role.use].ja} {name} が存在しません。作成し、必要な権限を付与してください。",
        ),
        (create, *((_put(name, POLICY_NAME, statement(wanted)),) if needed else ())),
    )


def _put(role: str, policy: str, document: str) -> str:
    return (
        f"aws iam put-role-policy --role-name {role} --policy-name {policy} --policy-document {shlex.quote(document)}"
    )


def trust_missing(role: Role) -> Advise:
    """ECS tasks may not assume the role: the statement that its trust policy lacks."""
    return Advise(
        Text(
            f"The trust policy of the {role.use} role {role.name} does not name ecs-tasks.amazonaws.com. Add the statement"
            " to it; update-assume-role-policy replaces the whole document, so keep what is there.",
            f"{USE[role.use].ja} {role.name} の信頼ポリシーに ecs-tasks.amazonaws.com がありません。"
            "次のステートメントを追加してください。update-assume-role-policy は全体を置き換えるため、既存の内容も残します。",
        ),
        (
            f"aws iam get-role --role-name {role.name} --query Role.AssumeRolePolicyDocument > trust.json",
            f"# add to trust.json: {trust_statement()}",
            f"aws iam update-assume-role-policy --role-name {role.name} --policy-document file://trust.json",
        ),
    )


def grant(role: Role, missing: Sequence[Need]) -> Advise:
    """The least statement that is missing, and the command that adds it under a name that overwrites no policy."""
    document = statement(missing)
    listed = ", ".join(f"{n.action} ({n.resource})" for n in missing)
    why = Text(
        f"The {role.use} role {role.name} lacks: {listed}. A person adds it; the program never writes to IAM.",
        f"{USE[role.use].ja} {role.name} に不足している権限: {listed}。人が追加してください"
        "（このプログラムは IAM を変更しません）。",
    )
    name = free_policy_name(role)
    if name is None:
        return Advise(why, (f"aws iam list-role-policies --role-name {role.name}", f"# missing statement: {document}"))
    return Advise(why, (_put(role.name, name, document),))


def allowed_here(role: Role | None, wanted: Sequence[Need]) -> Advise:
    """The role's own policies do not explain it: where else a denial can come from."""
    listed = ", ".join(f"{n.action} ({n.resource})" for n in wanted) or "-"
    arn = role.arn if role else "<role-arn>"
    actions = " ".join(dict.fromkeys(n.action for n in wanted)) or "<action>"
    return Advise(
        Text(
            "The role's own policies do not show what is missing. Look at a permissions boundary, a service control"
            f" policy, an endpoint policy, and the policy of the resource itself: {listed}.",
            "ロール自身のポリシーからは不足を特定できません。アクセス許可の境界、サービスコントロールポリシー、"
            f"エンドポイントポリシー、リソース側のポリシーを確認してください: {listed}。",
        ),
        (f"aws iam simulate-principal-policy --policy-source-arn {arn} --action-names {actions}",),
    )


def holds(e: Evidence, _: Setting) -> Finding:
    """AWS refused the role, or the words are unclear and the role is known to be unusable or to lack a need."""
    starts = starts_as(e, "missing_permissions")
    if not starts.count:
        starts = starts_as(e, None)
        if not starts.count:
            return RuledOut(NONE_SUCH)
        if not refusals(e) and unusable(e.roles.get()) is None and not denied(lacking(e, starts)[2]):
            return RuledOut(Text("the roles allow what the start needs", "起動に必要な権限はロールにあります"))
    return Holds((*start_facts(e, starts), *role_facts(e, starts), *refusal_facts(e)), starts.weight)


@writes(does=Text("tells the IAM statement that is missing", "不足している IAM ステートメントを知らせる"))
def tell_statement(e: Evidence, _: Setting) -> Decision:
    """The least statement, and the command of a person who adds it; the program never writes to IAM."""
    starts = starts_as(e, "missing_permissions")
    starts = starts if starts.count else starts_as(e, None)
    role = unusable(e.roles.get())
    if role is not None:
        return once(e, trust_missing(role) if role.exists else role_missing(role, every_need(e)))
    used, wanted, found = lacking(e, starts)
    missing = denied(found)
    return once(e, grant(used, missing) if used and missing else allowed_here(used, wanted))


CAUSE = Cause(
    id="missing_permissions",
    title=Text("missing permissions", "権限不足"),
    holds=holds,
    fixes=(tell_statement,),
    advice=Text(
        "Add the missing permission to the role; the program never writes to IAM.",
        "不足している権限をロールに追加してください（このプログラムは IAM を変更しません）。",
    ),
    confirm=Text(
        "The reason says AccessDenied or not authorized and names the role, or ECS cannot assume it; the role's policies"
        " do not allow that action. A timeout is the network, and a secret that does not exist is the definition.",
        "停止理由に AccessDenied または not authorized とロール名があるか、ECS がロールを引き受けられない。"
        "ロールのポリシーがそのアクションを許可していない。タイムアウトはネットワーク、シークレットの不在はタスク定義の問題。",
    ),
    look=(
        *LOOK_AT_STOPS,
        "aws iam get-role --role-name <role> --query Role.AssumeRolePolicyDocument",
        "aws iam simulate-principal-policy --policy-source-arn <role-arn> --action-names <action> --resource-arns <resource>",
    ),
)
