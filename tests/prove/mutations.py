"""Real events, damaged or forged: what reaches the intake queue where a sender is hostile and no rule filters. Seeded."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from random import Random
from typing import Any

from sandbox.laptop import Laptop
from sandbox.scenarios import by_name
from tests.corpus import event, files
from tests.signals.test_mutated import DROP, Path, paths, put

from .hostile_texts import hostile_texts

STORIES = ("out-of-memory", "image-missing", "wrong-path", "too-little-capacity", "delete-protected", "policy-lost")
ACCOUNTS = ("123456789012", "999999999999", "000000000000", "12345", "")
REGIONS = ("ap-northeast-1", "us-east-1", "cn-north-1", "us-gov-west-1", "mars-1", "")
PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "azure", "")
DATES = (
    "2026-13-99T99:99:99Z", "0000-00-00", "9999-12-31T23:59:59.999Z", "1969-12-31T23:59:59Z", "2026-11-23T03:00:00+99:99", "yesterday", "",
    "2026-11-23T03:00:00", "1700000000", "2026-11-23T03:00:00.123456789Z", "２０２６-11-23T03:00:00Z",
)  # fmt: skip
NUMBERS = (0, -1, 2**31, 2**63, 2**64, 10**40, -(10**400), 1e308, -0.0, 0.1, True)
WORDS = (
    "ALARM",
    "OK",
    "STOPPED",
    "RUNNING",
    "ERROR",
    "SERVICE_DEPLOYMENT_FAILED",
    "DeleteTable",
    "ResourceInUseException",
    "EssentialContainerExited",
)
HANDS = ("replay", "undo", "recover")


def real_events() -> tuple[dict[str, Any], ...]:
    """The corpus of real and documented events, and those that the sandbox's own stories make."""
    corpus = [event(f) for f in files()]
    return (*corpus, *(_ours(e) for e in corpus), *_of_stories())


def _ours(raw: dict[str, Any]) -> dict[str, Any]:
    """The same of the account that is looked after; those of other accounts are passed over."""
    read: dict[str, Any] = json.loads(re.sub(r"(?<!\d)\d{12}(?!\d)", ACCOUNTS[0], json.dumps(raw)))
    return read


def _of_stories() -> Iterator[dict[str, Any]]:
    response: dict[str, dict[str, Any]] = {}
    for name in STORIES:
        with Laptop() as laptop:
            by_name(name).play(laptop)
            for one in laptop.world.events:
                response.setdefault(f"{one['source']} {one['detail-type']} {sorted(one['detail'])}", one)
    yield from response.values()


def bodies(real: tuple[dict[str, Any], ...], seed: int, count: int) -> Iterator[str]:
    """`count` bodies of queue messages: each a real event with one to four things wrong, some no longer JSON."""
    drawn = Random(seed)  # noqa: S311  # it hides nothing
    texts = [h.text for h in hostile_texts(seed, 200)]
    for _ in range(count):
        body = None
        while body is None:
            with suppress(RecursionError):  # nested within nested: Python itself writes nothing so deep
                body = _body(drawn, real, texts)
        yield body


def _body(drawn: Random, real: tuple[dict[str, Any], ...], texts: list[str]) -> str:
    raw = deepcopy(drawn.choice(real))
    for _ in range(drawn.randint(1, 4)):
        _damage(drawn, raw, texts)
    return _as_text(drawn, _wrapped(drawn, raw))


def _damage(drawn: Random, raw: Any, texts: list[str]) -> None:
    inner = raw
    if isinstance(raw.get("Message"), str) and drawn.random() < 0.7:
        try:
            inner = json.loads(raw["Message"])
        except ValueError:
            inner = raw
    where = list(paths(inner)) if isinstance(inner, dict) else []
    if not where:
        return
    path = drawn.choice(where)
    put(inner, path, _instead(drawn, inner, path, where, texts))
    if inner is not raw:
        raw["Message"] = json.dumps(inner)


def _instead(drawn: Random, inner: Any, path: Path, where: list[Path], texts: list[str]) -> Any:
    found = _at(inner, path)
    if isinstance(found, str) and found.startswith("arn:") and drawn.random() < 0.6:
        return _other_arn(drawn, found)
    kind = drawn.randrange(9)
    if kind == 0:
        return DROP
    if kind == 1:
        return deepcopy(_at(inner, drawn.choice(where)))  # swapped
    if kind == 2:
        return drawn.choice((None, [], {}, [found], {"x": found}, str(found), [[[]]]))
    if kind == 3:
        return drawn.choice(NUMBERS)
    if kind == 4:
        return drawn.choice(DATES)
    if kind == 5:
        return drawn.choice(WORDS)
    if kind == 6:
        return _nested(drawn.choice((5, 50, 400)))
    return drawn.choice(texts)[: drawn.choice((40, 1_000, 100_000))]


def _other_arn(drawn: Random, arn: str) -> str:
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return arn
    choices = (PARTITIONS, ("ecs", "dynamodb", "elasticloadbalancing", "cloudwatch", "iam"), REGIONS, ACCOUNTS)
    place = drawn.randrange(4)
    parts[place + 1] = drawn.choice(choices[place])
    if drawn.random() < 0.3:
        parts[5] = drawn.choice((f"{parts[5]}/../x", parts[5] * 40, parts[5] + "\n*", "service/*/*", "*", ""))
    return ":".join(parts)


def _nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = {"a": value} if depth % 2 else [value]
    return value


def _at(inner: Any, path: Path) -> Any:
    for name in path:
        inner = inner[name]
    return inner


def _wrapped(drawn: Random, raw: dict[str, Any]) -> Any:
    kind = drawn.random()
    if kind < 0.9:
        return raw
    if kind < 0.94:  # a request by hand has no business in the queue
        return {
            drawn.choice(HANDS): drawn.choice((raw, "ecs-task-restarting-0123456789", {"apply": True})),
            "apply": True,
        }
    wrapped: Any = raw
    for _ in range(drawn.choice((1, 3, 40))):
        wrapped = {"Type": "Notification", "Message": json.dumps(wrapped)} if len(str(wrapped)) < 50_000 else wrapped
    return wrapped


def _as_text(drawn: Random, raw: Any) -> str:
    text = json.dumps(raw, ensure_ascii=drawn.random() < 0.5)
    kind = drawn.random()
    if kind < 0.04:
        return text[: drawn.randrange(len(text))]  # truncated
    if kind < 0.07 and text.startswith("{"):  # the first member twice, the second one wins
        return "{" + f'"detail": {json.dumps(drawn.choice(WORDS))}, "source": "aws.ecs", ' + text[1:]
    if kind < 0.08:
        return drawn.choice(
            ("", "null", "[]", "NaN", "{" * 5_000, "\ufeff" + text, text + text, "\x00", '"' + "x" * 200_000 + '"')
        )
    return text
