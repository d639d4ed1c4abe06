"""Row `ecs_task_not_starting.image_unavailable`.

The registry does not have the image, not for this platform, or does not give it now.
"""

from collections.abc import Sequence

from ...core.model import Fact
from ...core.plan import Advise, Decision
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...resources.ecs.task_setup import WantedImage, ecr_name
from .evidence import Evidence
from .facts import LOOK_AT_STOPS, NONE_SUCH, THERE_BUT, change_facts
from .failed_starts import preconditions, start_facts
from .roll_back import image_starts, roll_back

ADVICE = Text(
    "Push the image under the name that the task definition has, or name one that the registry holds.",
    "タスク定義が指定する名前でイメージをプッシュするか、レジストリに存在するイメージを指定してください。",
)


def image_facts(e: Evidence) -> tuple[Fact, ...]:
    """What the registry says of each image."""
    facts = []
    for asked in e.images.or_none() or ():
        said = {True: f"yes {asked.pushed_at}".strip(), False: f"no ({asked.why})", None: f"? ({asked.why})"}
        label = Text(f"in its registry: {asked.image}", f"レジストリでの存在: {asked.image}")
        facts.append(e.images.fact(label, said[asked.found]))
    return tuple(facts)


def tell_image(images: Sequence[WantedImage]) -> Advise:
    """Which image is missing, with what its repository holds; other words where the registry does hold it."""
    gone = [i for i in images if i.found is False]
    why = THERE_BUT if images and all(i.found for i in images) else ADVICE
    if gone:
        listed = ", ".join(i.image for i in gone)
        why = Text(f"Not in its registry: {listed}. ", f"レジストリにないイメージ: {listed}。") + why
    repositories = sorted({n.repository for i in (gone or images) if (n := ecr_name(i.image))})
    newest = "--query 'reverse(sort_by(imageDetails,&imagePushedAt))[:5].[imageTags,imagePushedAt]'"
    return Advise(why, tuple(f"aws ecr describe-images --repository-name {r} {newest}" for r in repositories))


def holds(e: Evidence, _: Setting) -> Finding:
    """The registry does not have the image, not for this platform, or does not give it now."""
    starts = image_starts(e)
    if not starts.count:
        return RuledOut(NONE_SUCH)
    return Holds((*start_facts(e, starts), *image_facts(e), *change_facts(e)), starts.weight)


@writes(does=Text("tells which image is missing", "どのイメージがないかを知らせる"))
def tell_missing_image(e: Evidence, setting: Setting) -> Decision:
    """What the registry lacks, and what it holds under that name."""
    return preconditions(e, image_starts(e), setting) or tell_image(e.images.or_none() or ())


CAUSE = Cause(
    id="image_unavailable",
    title=Text("image unavailable", "イメージを取得できない"),
    holds=holds,
    fixes=(roll_back, tell_missing_image),
    advice=ADVICE,
    confirm=Text(
        "The registry answered that it has no such tag, digest, repository or platform, or that too much was pulled;"
        " describe-images says the same.",
        "レジストリが、タグ・ダイジェスト・リポジトリ・プラットフォームの不在、または取得回数の超過を応答している。"
        "describe-images でも同じ結果になる。",
    ),
    look=(
        *LOOK_AT_STOPS,
        "aws ecr describe-images --repository-name <repository> --image-ids imageTag=<tag>",
    ),
)
