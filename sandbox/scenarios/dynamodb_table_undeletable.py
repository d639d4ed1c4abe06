"""Stories about somebody who cannot delete a table."""

from collections.abc import Callable
from dataclasses import replace

from remediator.core.text import Text

from ..cloudtrail.people import ALICE, SERVICE_TASK, call, delete_table
from ..dynamodb.demand import Demand
from ..dynamodb.table_life import IN_USE, NO_DETAIL, SOURCE_REGION
from ..laptop import Act, Laptop
from ..world import World
from . import Ending, Scenario

IN_USE_ROW = "dynamodb_table_undeletable.in_use"
BACKUP = "dynamodb_table_undeletable.backup_enabled"
INDEX = "dynamodb_table_undeletable.index_creating"
PROTECTED = "dynamodb_table_undeletable.deletion_protected"
REFUSED = "ResourceInUseException"


def _then_deleted(*before: Callable[[World], None]) -> Callable[[World], None]:
    """The table as `before` makes it, and somebody who deletes it."""

    def begin(world: World) -> None:
        for make in before:
            make(world)
        delete_table(world)

    return begin


def _protect(world: World) -> None:
    world.around.table.life.protected = True


def _index(world: World) -> None:
    world.around.table.life.build_index(900)


def _updating(world: World) -> None:
    """Somebody changes the capacity, which DynamoDB takes a while for."""
    table = world.around.table
    table.update(replace(table.set_now, on_demand=True), world.clock.now())
    call(world, "UpdateTable", "deploy/GitHubActions", billingMode="PAY_PER_REQUEST")


def _used(world: World) -> None:
    """The service reads and writes; so say its metrics, its declaration, and CloudTrail of its calls on the table."""
    world.run_service()
    world.around.table.ask(Demand(read=8, write=3), for_s=3600)
    call(world, "DescribeTable", SERVICE_TASK, ago_s=1500, read_only=True)
    call(world, "UpdateTimeToLive", SERVICE_TASK, ago_s=1500)


def _no_detail(world: World) -> None:
    world.around.table.life.hold(REFUSED, NO_DETAIL, 7200)


def _tags_change(world: World) -> None:
    world.around.table.life.hold(REFUSED, f"{IN_USE}Table tags are being updated: portfolio-users", 5)


def _restored(world: World) -> None:
    world.around.table.life.restored(420)


def _source_of_a_replica(world: World) -> None:
    world.around.table.life.replicas = {"us-west-2": "ACTIVE"}
    world.around.table.life.hold("ValidationException", SOURCE_REGION, 86400)


def _backed_up(world: World) -> None:
    """Everything that keeps copies is on, and a backup and an export are being made."""
    life = world.around.table.life
    life.recovery = True
    life.back_up("before-the-move", 900)
    life.export(900)


def _denied(world: World) -> None:
    delete_table(world, denied=True)


def _protected_at_once(world: World) -> None:
    """The owner sees the attempt and protects the table; what refused it was something else."""
    _tags_change(world)
    delete_table(world)
    _protect(world)
    call(world, "UpdateTable", ALICE, deletionProtectionEnabled=True)


def _owner_unprotects(laptop: Laptop) -> None:
    laptop.world.around.table.life.protected = False
    delete_table(laptop.world)


SCENARIOS = (
    Scenario(
        name="delete-protected",
        title=Text("A protected table", "削除保護されたテーブル"),
        shows=Text(
            "the command that turns protection off is told, and never run",
            "保護を解除するコマンドを伝えるだけで、実行はしない",
        ),
        begin=_then_deleted(_protect),
        expected=Ending(cause=PROTECTED, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="delete-unprotected-by-owner",
        title=Text("The owner turns the protection off", "所有者が保護を解除"),
        shows=Text("the deletion then goes through, and that is the end", "その後に削除が成功し、終了する"),
        begin=_then_deleted(_protect),
        acts=(Act(at_s=600, do=_owner_unprotects),),
        expected=Ending(cause=PROTECTED, action="told", verdict="recovered_without_us"),
    ),
    Scenario(
        name="delete-while-index-creates",
        title=Text("An index is being built", "インデックスの作成中"),
        shows=Text(
            "watched until it is ACTIVE; then it is told that the table can be deleted",
            "ACTIVE になるまで監視し、削除が可能になったことを知らせる",
        ),
        begin=_then_deleted(_index),
        expected=Ending(cause=INDEX, action="watched", verdict="recovered_without_us"),
    ),
    Scenario(
        name="delete-while-updating",
        title=Text("The table is being changed", "テーブルの変更中"),
        shows=Text("told with who changed it; over once the table is ACTIVE", "変更者を伝え、ACTIVE になれば終了する"),
        begin=_then_deleted(_updating),
        expected=Ending(cause=IN_USE_ROW, action="told", verdict="recovered_without_us"),
    ),
    Scenario(
        name="delete-used-by-service",
        title=Text("A service uses the table", "サービスがテーブルを使用中"),
        shows=Text(
            "DynamoDB names nothing; who uses the table is told, and that nobody can see it end",
            "DynamoDB は詳細を示さないため、利用者を伝え、解消を判定できないことも伝える",
        ),
        begin=_then_deleted(_used, _no_detail),
        expected=Ending(cause=IN_USE_ROW, action="told", verdict="cannot_tell"),
    ),
    Scenario(
        name="delete-while-restoring",
        title=Text("The table is being restored", "復元中のテーブル"),
        shows=Text("looks like a table that is being created", "作成中のテーブルに見えるが、復元中である"),
        begin=_then_deleted(_restored),
        expected=Ending(cause=BACKUP, action="told", verdict="recovered_without_us"),
        looks_like=IN_USE_ROW,
    ),
    Scenario(
        name="delete-source-of-replica",
        title=Text("The table was a new replica's source", "新しいレプリカのソースとなったテーブル"),
        shows=Text(
            "what DynamoDB said is told; nothing that can be read shows when it ends",
            "DynamoDB の応答を伝える。いつ解消するかは読み取れない",
        ),
        begin=_then_deleted(_source_of_a_replica),
        expected=Ending(cause=BACKUP, action="told", verdict="cannot_tell"),
    ),
    Scenario(
        name="delete-with-backups",
        title=Text("Backups, but the table is being changed", "バックアップはあるが、原因はテーブルの変更"),
        shows=Text(
            "backups and point-in-time recovery are not blamed: they do not stand against a deletion",
            "バックアップや PITR は削除を妨げないため、原因としない",
        ),
        begin=_then_deleted(_backed_up, _updating),
        expected=Ending(cause=IN_USE_ROW, action="told", verdict="recovered_without_us"),
        looks_like=BACKUP,
    ),
    Scenario(
        name="delete-protected-while-index-creates",
        title=Text("Protected, and an index is being built", "保護され、インデックスも作成中"),
        shows=Text("what DynamoDB named comes first", "DynamoDB が示した理由を優先する"),
        begin=_then_deleted(_protect, _index),
        expected=Ending(cause=PROTECTED, action="told", verdict="not_fixed"),
        looks_like=INDEX,
    ),
    Scenario(
        name="delete-protected-afterwards",
        title=Text("Protected only after the attempt", "削除の試行後に保護された"),
        shows=Text(
            "the refusal had another reason; that the table is protected now is told too",
            "拒否の理由は別。現在は保護されていることも伝える",
        ),
        begin=_protected_at_once,
        expected=Ending(cause=IN_USE_ROW, action="told", verdict="not_fixed"),
        looks_like=PROTECTED,
    ),
    Scenario(
        name="delete-without-history",
        title=Text("CloudTrail refuses to be asked", "CloudTrail の参照がスロットリングされた"),
        shows=Text("a named gap; the cause is told all the same", "欠落として明示し、原因は変わらず伝える"),
        begin=_then_deleted(_protect, lambda world: world.throttle("cloudtrail:LookupEvents", 10_000)),
        expected=Ending(cause=PROTECTED, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="delete-succeeds",
        title=Text("The deletion goes through", "削除が成功"),
        shows=Text("no incident", "インシデントではない"),
        begin=_then_deleted(),
        lasts_s=120,
        expected=Ending(incidents=0),
    ),
    Scenario(
        name="delete-denied",
        title=Text("The caller may not delete it", "呼び出し元に削除権限がない"),
        shows=Text("the caller's permissions are no trouble of the table", "権限の問題であり、テーブルの問題ではない"),
        begin=_denied,
        lasts_s=120,
        expected=Ending(incidents=0),
    ),
)
