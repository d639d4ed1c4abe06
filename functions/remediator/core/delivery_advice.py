"""Words of advice, what confirms each row of `cloudfront_not_delivering`, and the commands that show it."""

import shlex

from .bucket_policy import merged, missing_statement
from .delivery import Fault
from .distribution import Distribution
from .model import Advise
from .origin_read import OriginRead
from .policy_terms import HIDDEN
from .text import Text

LOOK_AT_DISTRIBUTION = "aws cloudfront get-distribution-config --id <distribution-id>"


ADVICE_DISTRIBUTION_ORIGIN = Text(
    "Correct the setting of the distribution or of its origin; a deployment takes a few minutes to reach every edge.",
    "ディストリビューションまたはオリジンの設定を修正してください。全エッジへの反映には数分かかります。",
)
DENIES = Text(
    "An explicit Deny is never changed by the program: let its condition make an exception for the distribution.",
    "明示的な Deny はプログラムでは変更しません。条件でこのディストリビューションを除外してください。",
)
SECRET = Text(
    "The policy holds what looks like a secret, which this program neither stores nor sends: add the statement by hand.",
    "ポリシーに秘密情報とみられる値が含まれており、保存や送信はしません。ステートメントを手動で追加してください。",
)
UNSIGNED = Text(
    "The distribution does not sign its requests: give its origin an origin access control, then admit it.",
    "リクエストに署名していません。オリジンにオリジンアクセスコントロールを設定し、そのうえで許可してください。",
)
KEY = Text(
    "Key policies are never changed by the program: the key's own must admit the distribution (kms:Decrypt).",
    "キーポリシーはプログラムでは変更しません。ディストリビューションに kms:Decrypt を許可してください。",
)
KEY_NOT_GIVEN = Text(
    "The bucket's encryption or the key must be changed by a person: ",
    "バケットの暗号化設定またはキーを人が変更する必要があります: ",
)
NOT_OPTED_IN = Text(
    "The bucket has not opted in (tag auto-remediation), so its policy is not changed; the command adds what is missing.",
    "バケットがオプトインされていないため（auto-remediation タグ）、ポリシーは変更しません。コマンドで不足分を追加できます。",
)
DOES_NOT_FIT = Text(
    "The missing statement cannot be added by the program: the policy is not understood, would be too large or not admit "
    "the distribution even then.",
    "不足しているステートメントをプログラムでは追加できません（ポリシーを解釈できない、サイズ上限を超える、"
    "または追加しても許可されません）。",
)
DEPLOYING = Text(
    "a change of the distribution is still being deployed; it is looked at again",
    "ディストリビューションの変更がデプロイ中です。完了後に再確認します",
)
INVALIDATING = Text(
    "an invalidation of these paths is under way already",
    "これらのパスの無効化はすでに進行中です",
)


def look_at_policy(bucket: str) -> str:
    """Shows the policy of `bucket`."""
    return f"aws s3api get-bucket-policy --bucket {shlex.quote(bucket)} --query Policy --output text"


def look_at_key(arn: str) -> str:
    """Shows the policy of a key."""
    return f"aws kms get-key-policy --key-id {shlex.quote(arn)} --policy-name default --query Policy --output text"


def look_at(distribution: Distribution) -> str:
    """Shows the distribution's config."""
    return f"aws cloudfront get-distribution-config --id {shlex.quote(distribution.id)}"


def tell_missing(why: Text, read: OriginRead, policy: str | None) -> Advise:
    """The command that puts the policy with the one missing statement, where that can be written down.

    Args:
        why: a person has to do it.
        read: who is not admitted.
        policy: of the bucket or the key, as it is; None where there is none.
    """
    look = look_at_key(read.key_arn) if read.key_arn else look_at_policy(read.bucket)
    if HIDDEN in (policy or ""):
        return Advise(why, (look,))
    try:
        whole = shlex.quote(merged(policy, missing_statement(read)))
    except ValueError:
        return Advise(why, (look,))
    if read.key_arn:
        place = f"aws kms put-key-policy --key-id {shlex.quote(read.key_arn)} --policy-name default"
    else:
        place = f"aws s3api put-bucket-policy --bucket {shlex.quote(read.bucket)}"
    return Advise(why, (look, f"{place} --policy {whole}"))


def tell_faults(distribution: Distribution, found: tuple[Fault, ...]) -> Advise:
    """The settings that are wrong, as a diff of the config."""
    diff = "; ".join(f"{f.setting}: {f.now or '-'} -> {f.wanted or '?'}" for f in found)
    return Advise(ADVICE_DISTRIBUTION_ORIGIN + Text(f" ({diff})", f"（{diff}）"), (look_at(distribution),))
