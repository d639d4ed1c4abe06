"""What people are told about loans: what to do, what confirms it, and the commands for that."""

from collections.abc import Mapping

from .text import Text

TABLE_NOW = "aws dynamodb describe-table --table-name <table> --query Table.ProvisionedThroughput"
BOUNDS_NOW = "aws application-autoscaling describe-scalable-targets --service-namespace <dynamodb or ecs>"
COUNT_NOW = "aws ecs describe-services --cluster <cluster> --services <service> --query services[].desiredCount"
LENDER = "remediator incidents --most 200"

ADVICE: Mapping[str, Text] = {
    "calm": Text(
        "Nothing, unless it should stay: then undo the step and put the higher value into the template.",
        "対応は不要です。引き上げた値を維持する場合は、返却を取り消してテンプレートに反映してください。",
    ),
    "still_needed": Text(
        "If the demand is here to stay, put the higher value into the template, so that it is no loan any more.",
        "需要が続く見込みであれば、引き上げた値をテンプレートに反映し、恒久的な設定にしてください。",
    ),
    "not_ours_any_more": Text(
        "Check that the present value is the wanted one; the program does not come back to it.",
        "現在の値が意図したものか確認してください。プログラムは今後この値を変更しません。",
    ),
    "decreases_spent": Text(
        "Nothing: AWS allows decreases again on the next UTC day.",
        "対応は不要です。引き下げは翌日（UTC）に再び可能になります。",
    ),
}
CONFIRM: Mapping[str, Text] = {
    "calm": Text(
        "The highest minute of the last hour is under 70 % of the next lower value, and nothing was throttled or slow.",
        "直近 1 時間の最大の分が 1 段階低い値の 70 % 未満で、スロットリングや遅延がありません。",
    ),
    "still_needed": Text(
        "The highest minute of the last hour is over 70 % of the next lower value, or requests were throttled or slow.",
        "直近 1 時間の最大の分が 1 段階低い値の 70 % を超えるか、スロットリングや遅延があります。",
    ),
    "not_ours_any_more": Text(
        "The present value is neither the lent one nor that of a step back, or the change was undone.",
        "現在の値が一時変更の値でも返却途中の値でもないか、変更が取り消されています。",
    ),
    "decreases_spent": Text(
        "NumberOfDecreasesToday of the table or index is four or more.",
        "テーブルまたはインデックスの NumberOfDecreasesToday が 4 以上です。",
    ),
}
LOOK: Mapping[str, tuple[str, ...]] = {
    "calm": (TABLE_NOW, BOUNDS_NOW, COUNT_NOW),
    "still_needed": (TABLE_NOW, BOUNDS_NOW, COUNT_NOW),
    "not_ours_any_more": (LENDER, TABLE_NOW, BOUNDS_NOW, COUNT_NOW),
    "decreases_spent": (TABLE_NOW,),
}
