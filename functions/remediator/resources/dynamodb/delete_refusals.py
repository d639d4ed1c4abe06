"""Why DynamoDB refused DeleteTable: exception codes and message texts, each mapped to a row of the guide."""

import re
from dataclasses import dataclass
from typing import Literal

from ...core.text import Text

Row = Literal["in_use", "backup_enabled", "index_creating", "deletion_protected"]


IN_USE = "ResourceInUse"


MESSAGE_CHARS = 2000  # DynamoDB's messages are a line or two


MAKES_A_TABLE = ("CreateTable", "ImportTable", "RestoreTable")  # "in use" there means that the name is taken


DENIED = ("AccessDenied", "UnrecognizedClient", "ExpiredToken", "InvalidSignature", "MissingAuthentication", "OptIn")


AGAIN = ("Throttling", "LimitExceeded", "InternalServer", "InternalFailure", "ServiceUnavailable", "RequestLimit")


GONE = ("ResourceNotFound", "TableNotFound")
# The table's and the index's name, with what stands before it, would be read as words of the message.
_NAMED = re.compile(
    r"\b(table|index|region)(?::\s{0,2}[\w.<>-]{1,255}|\s['\"]?[\w.<>-]{0,255}[\d._<>-][\w.<>-]{0,255})", re.IGNORECASE
)
_NAMED_LAST = re.compile(r":\s{1,2}[\w.<>-]{3,255}\s*\Z")
# botocore's sentence, the AWS CLI's the same; the Go SDK's; the Java SDK's end of line.
OPERATION = re.compile(r"when calling the (\w{2,60}) operation|operation error DynamoDB: (\w{2,60})")
EXCEPTION = re.compile(r"\b((?:[\w.]{1,120}#)?[A-Z]\w{2,60}Exception)\b")
TEXT_CHARS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What a refusal means.

    Attributes:
        row: the guide's row.
        means: what holds the table.
        certain: False where the message has no detail: what the table is like decides.
        passes: whether it ends by itself.
        shows: whether DescribeTable shows when it is over; other changes go on while the table is ACTIVE.
    """

    row: Row
    means: Text
    certain: bool = True
    passes: bool = True
    shows: bool = False


def refusal(exception: str, message: str, operation: str = "DeleteTable") -> Refusal | None:
    """What a refusal of DynamoDB means for deleting a table; None where it is about something else.

    Args:
        exception: with or without namespace and the suffix `Exception`; empty where it is not known.
        message: DynamoDB's own words.
        operation: that was refused.
    """
    code = code_of(exception)
    if operation.startswith(MAKES_A_TABLE) or code.startswith((*DENIED, *AGAIN, *GONE)):
        return None
    words = _NAMED_LAST.sub("", _NAMED.sub(r"\1", message[:MESSAGE_CHARS]))
    found = next((s.refusal for s in _SAYS if s.pattern.search(words)), None)
    if code == IN_USE:
        return found or _NO_DETAIL
    if found is None:
        return None
    told_by_state = found.row in ("deletion_protected", "backup_enabled") or "MultiRegion" in message
    return found if told_by_state else None  # a ValidationException about anything else is the caller's mistake


@dataclass(frozen=True, slots=True)
class _Says:
    pattern: re.Pattern[str]
    refusal: Refusal


def _says(pattern: str, row: Row, means: Text, *, passes: bool = True, shows: bool = False) -> _Says:
    return _Says(re.compile(pattern, re.IGNORECASE), Refusal(row=row, means=means, passes=passes, shows=shows))


# The first that fits is what is meant: what is asked for before what it is asked of.
_SAYS: tuple[_Says, ...] = (
    _says(
        r"needs? to be in ACTIVE (?:status|state)",
        "in_use",
        Text("the table is not ACTIVE", "テーブルが ACTIVE ではありません"),
        shows=True,
    ),
    _says(
        r"deletion protection|protected against deletion",
        "deletion_protected",
        Text("deletion protection is on", "削除保護が有効です"),
        shows=True,
        passes=False,
    ),
    _says(
        r"MultiRegionConsistency|multi-region strong consistency",
        "in_use",
        Text(
            "its replicas form one strongly consistent global table and can only go together",
            "強整合性グローバルテーブルのレプリカは一括でしか削除できません",
        ),
        passes=False,
    ),
    _says(
        r"acted as a source region",
        "backup_enabled",
        Text(
            "it was the source of a new replica a short time ago (24 hours, says DynamoDB's message)",
            "最近追加されたレプリカのソースリージョンです（DynamoDB のメッセージでは 24 時間）",
        ),
    ),
    _says(
        r"\breplica|\bglobal tables?\b",
        "backup_enabled",
        Text("a replica in another region holds it", "他リージョンのレプリカにより保持されています"),
    ),
    _says(
        r"\bback(?:ed|ing)?[- ]?ups?\b|\brestor(?:e|ed|ing)\b|\bexport|\bimport|point[- ]in[- ]time",
        "backup_enabled",
        Text(
            "a backup, restore, export or import is under way",
            "バックアップ、復元、エクスポート、インポートのいずれかが進行中です",
        ),
    ),
    _says(
        r"\bindex(?:es)?\b",
        "index_creating",
        Text(
            "an index is being created, changed or deleted",
            "インデックスの作成・変更・削除が進行中です",
        ),
        shows=True,
    ),
    _says(r"being created", "in_use", Text("the table is still being created", "テーブルは作成中です"), shows=True),
    _says(r"being deleted", "in_use", Text("its deletion is under way already", "削除はすでに進行中です"), shows=True),
    _says(
        r"resource-based policy",
        "in_use",
        Text("a change of its resource-based policy is under way", "リソースベースポリシーの更新が進行中です"),
    ),
    _says(r"\btags?\b", "in_use", Text("its tags are being changed", "タグの更新が進行中です")),
    _says(
        r"\bstream", "in_use", Text("its stream is being turned on or off", "ストリームの有効化・無効化が進行中です")
    ),
    _says(
        r"being updated|being modified|update",
        "in_use",
        Text("a change of its settings is under way", "設定の更新が進行中です"),
    ),
)


_NO_DETAIL = Refusal(
    row="in_use",
    means=Text("something that DynamoDB does not name uses it", "使用中（DynamoDB は詳細を示していません）"),
    certain=False,
)


def ignored_because(exception: str) -> str:
    """Why a DeleteTable that failed with `exception` is no incident of the table."""
    code = code_of(exception)
    if code.startswith(DENIED):
        return f"{code}: the caller may not delete the table; that is for its permissions, not for the table"
    if code.startswith(GONE):
        return f"{code}: there is no such table; nothing is left to delete"
    if code.startswith(AGAIN):
        return f"{code}: DynamoDB asks the caller to try again later"
    return f"{code or 'no error code'}: the request itself was wrong, or says nothing of the table"


def code_of(exception: str) -> str:
    """`ResourceInUse` of `com.amazonaws.dynamodb.v20120810#ResourceInUseException`."""
    return exception.rpartition("#")[2].rpartition(".")[2].strip().removesuffix("Exception").removesuffix("Error")


def operation_in(text: str) -> str:
    """The operation that the text names, empty where it names none."""
    found = OPERATION.search(text[:TEXT_CHARS])
    return (found[1] or found[2]) if found else ""


def refused(text: str, operation: str = "") -> Refusal | None:
    """What a refusal means that a text tells of; None where it is about something else than deleting a table."""
    looked_at = text[:TEXT_CHARS]
    named = EXCEPTION.search(looked_at)
    exception, at = (named[1], named.end()) if named else ("", 0)
    if not named and "still in use" in looked_at:
        exception = "ResourceInUseException"
    if not named and ("accessdenied" in looked_at.lower() or "not authorized" in looked_at):
        return None
    message = looked_at[at:].partition(" operation")[2] or looked_at[at:]
    return refusal(exception, message, operation or operation_in(looked_at) or "DeleteTable")
