"""The page's own words; everything else it says comes from the report's blocks."""

from ..core.text import Text

WORDS = {
    "opened": Text("opened", "開始"),
    "closed": Text("closed", "終了"),
    "lasted": Text("lasted", "継続時間"),
    "incident": Text("incident", "インシデント"),
    "level": Text("level", "レベル"),
    "glance": Text("At a glance", "概要"),
    "plots": Text("Metrics", "メトリクス"),
    "no_values": Text("CloudWatch has no values of it for this time", "この時間帯の値は CloudWatch にありません"),
    "timeline": Text("Timeline", "タイムライン"),
    "bad_news": Text("missed", "未達"),
    "causes": Text("Causes looked at", "確認した原因"),
    "held": Text("holds", "該当"),
    "unchecked": Text("not checked", "未確認"),
    "ruled_out": Text("ruled out", "否定"),
    "row": Text("guide row", "ガイドの行"),
    "change": Text("What was changed", "変更内容"),
    "setting": Text("setting", "設定"),
    "before": Text("before", "変更前"),
    "after": Text("after", "変更後"),
    "calls": Text("calls", "実行した API"),
    "undone": Text("taken back at", "取り消し日時"),
    "trail": Text("Ledger trail", "台帳の記録"),
    "noted": Text("noted", "項目"),
    "moment": Text("moment", "日時"),
    "value": Text("value", "値"),
    "states": Text("states", "状態"),
    "unread": Text("stored by another version and not readable", "別バージョンの記録のため読み取れない項目"),
    "no_report": Text("No report of it has been sent yet.", "まだ報告は送信されていません。"),
    "fact": Text("what", "項目"),
    "source": Text("read from", "取得元"),
    "at": Text("at", "日時"),
    "told_by": Text(
        "Made from the ledger by the remediator. Replay it with", "remediator が台帳から作成しました。再現するには"
    ),
}
