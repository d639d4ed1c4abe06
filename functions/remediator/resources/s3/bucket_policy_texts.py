"""What reports and `explain` say of a policy's answer to CloudFront. Names and conditions in them are outside text."""

from ...core.text import Text
from ...redaction.redact import outside

SHOWN_CHARS = 300
NO_POLICY = Text(
    "the bucket has no policy, so nobody but its own account may read",
    "バケットポリシーがないため、同じアカウント以外からは読み取れません",
)
NOT_READ = Text(
    "this is no policy that AWS would take: not JSON, no statements, an Effect other than Allow or Deny, or too large",
    "AWS が受け付けるポリシーではありません（JSON ではない、Statement がない、Effect が Allow / Deny 以外、または大きすぎる）",
)
BLOCKED = Text(
    "only a public statement would admit the read, and the public access block (RestrictPublicBuckets) overrides it",
    "読み取りを許可するのはパブリックなステートメントだけで、パブリックアクセスブロック（RestrictPublicBuckets）により無効です",
)
AWS_KEY = Text(
    "objects are encrypted with AWS's own key aws/s3, whose policy cannot admit CloudFront",
    "オブジェクトは AWS マネージドキー aws/s3 で暗号化されており、CloudFront に使用を許可できません",
)
KEY_NEEDS_OAC = Text(
    "objects are encrypted with a KMS key, and only an origin access control can have them decrypted",
    "オブジェクトは KMS キーで暗号化されています。復号できるのはオリジンアクセスコントロール（OAC）だけです",
)
_OPEN = {
    "": Text("", ""),
    "every_distribution": Text(
        "; it names no source, so distributions of any account may read as well",
        "。ただし送信元を限定していないため、他のアカウントのディストリビューションからも読み取れます",
    ),
    "everyone": Text("; it admits everyone", "。ただし誰でも読み取れます"),
}


def _safe(text: str) -> str:
    return outside(text, SHOWN_CHARS)


def admitted(statement: str, open_to: str) -> Text:
    """A statement admits the read."""
    name = _safe(statement)
    return (
        Text(f"statement {name} admits CloudFront", f"ステートメント {name} が CloudFront を許可しています")
        + _OPEN[open_to]
    )


def denied(statement: str, by: str) -> Text:
    """A Deny statement is about the read; `by` names its condition, empty where it has none."""
    name, how = _safe(statement), f" ({_safe(by)})" if by else ""
    return Text(
        f"statement {name} denies CloudFront{how}; a Deny wins over every Allow",
        f"ステートメント {name} が CloudFront を拒否しています{how}。Deny はすべての Allow より優先されます",
    )


def not_understood(statement: str, by: str) -> Text:
    """A statement decides, and whether its condition is met is not known."""
    name, how = _safe(statement), _safe(by) or "Principal"
    return Text(
        f"statement {name} decides, and whether it is met cannot be told from here: {how}",
        f"ステートメント {name} で決まりますが、条件を満たすかどうかは判断できません: {how}",
    )


def nobody(access: str, who: str) -> Text:
    """No Allow names who asks."""
    if access == "oai":
        return Text(
            "no Allow statement names the distribution's origin access identity "
            "(arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity ID)",
            "オリジンアクセスアイデンティティ（arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity ID）を"
            "許可するステートメントがありません",
        )
    if access == "anonymous":
        return Text(
            "the distribution does not sign its requests, and no Allow statement admits everyone",
            "ディストリビューションはリクエストに署名せず、匿名の読み取りを許可するステートメントもありません",
        )
    return Text(f"no Allow statement names the service {who}", f"サービス {who} を許可するステートメントがありません")


def other_action(statement: str, action: str) -> Text:
    """The statement for this reader is about other actions."""
    name = _safe(statement)
    return Text(f"statement {name} does not allow {action}", f"ステートメント {name} は {action} を許可していません")


def other_objects(statement: str, bucket: str, action: str) -> Text:
    """The statement for this reader is about no object that it reads."""
    name = _safe(statement)
    if action.startswith("kms:"):
        return Text(f"statement {name} is not about this key", f"ステートメント {name} の対象はこのキーではありません")
    place = f"arn:aws:s3:::{bucket or '<bucket>'}/*"
    return Text(
        f"statement {name} is not about the bucket's objects; its Resource must be {place}",
        f"ステートメント {name} の Resource がオブジェクトを指していません。{place} が必要です",
    )


def some_objects(statement: str) -> Text:
    """The statement admits this reader to a part of what it reads."""
    name = _safe(statement)
    return Text(
        f"statement {name} admits only a part of the objects that the distribution reads",
        f"ステートメント {name} が許可するのは、ディストリビューションが読み取るオブジェクトの一部だけです",
    )


def other_condition(statement: str, by: str, arn: str) -> Text:
    """The condition of the statement for this reader is not met."""
    name, how = _safe(statement), _safe(by)
    wanted = Text(f"; the request carries {arn}", f"。リクエストの送信元は {arn} です") if arn else Text("", "")
    text = Text(
        f"the condition of statement {name} is not met: {how}",
        f"ステートメント {name} の条件を満たしていません: {how}",
    )
    return text + wanted
