"""Conditions of an IAM policy statement, judged against what is known of a request: met, not met, or not known.

Source: AWS, IAM User Guide, "IAM JSON policy elements: Condition operators" (all keys of all operators must be met, one
value of several is enough; a negated operator is met where the key is absent; `...IfExists` too; Equals takes no wildcard,
`ArnEquals` does; keys ignore case).
"""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .statements import LISTED_AT_MOST, matches, texts

Met = bool | None  # None: cannot be told
ABSENT: Final[tuple[str, ...]] = ()  # the request does not carry the key
WIDE_RANGES = 24  # CloudFront answers from many ranges larger than this prefix; one that is narrower admits not all


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a request.

    Attributes:
        values: by condition key in small letters; an empty tuple means that the key is absent. Other keys are unknown.
        judge: decides a value of a key whose exact value is not known, None where it cannot.
    """

    values: Mapping[str, tuple[str, ...]]
    judge: Callable[[str, str, str], Met] = lambda _key, _pattern, _operator: None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the conditions are met, and the first one that decided or that could not be told: `operator key value`."""

    met: Met
    by: str = ""


def conditions_met(result: Any, known: Known) -> Outcome:
    """Whether all conditions of a statement are met; one that is not met decides, whatever is not known besides."""
    if result is None or result == {}:
        return Outcome(met=True)
    if not isinstance(result, Mapping):
        return Outcome(met=None, by="Condition")
    found = [
        Outcome(_one(str(operator), str(key).lower(), texts(value), known), _words(operator, key, value))
        for operator, keys in list(result.items())[:LISTED_AT_MOST]
        for key, value in (list(keys.items())[:LISTED_AT_MOST] if isinstance(keys, Mapping) else [("?", None)])
    ]
    failed = next((f for f in found if f.met is False), None)
    unknown = next((f for f in found if f.met is None), None)
    return failed or unknown or Outcome(met=True)


def _words(operator: Any, key: Any, value: Any) -> str:
    return f"{operator} {key} = {', '.join(texts(value)[:5])}"[:200]


def _one(operator: str, key: str, wanted: Sequence[str], known: Known) -> Met:
    quantifier, _, plain = operator.rpartition(":")
    if_exists = plain.endswith("IfExists")
    plain = plain.removesuffix("IfExists")
    if plain == "Null":
        return _null(key, wanted, known)
    if not _known_operator(plain):
        return None
    held = known.values.get(key)
    if held is None:
        return _unknown_value(plain, key, wanted, known)
    if not held:
        return if_exists or quantifier == "ForAllValues" or (_negated(plain) and quantifier != "ForAnyValue")
    return _with_values(plain, held, wanted)


def _null(key: str, wanted: Sequence[str], known: Known) -> Met:
    held = known.values.get(key)
    if held is None:
        return None
    return ("true" if not held else "false") in {w.lower() for w in wanted}


def _unknown_value(operator: str, key: str, wanted: Sequence[str], known: Known) -> Met:
    found = {known.judge(key, w, _positive(operator)) for w in wanted}
    met: Met = True if True in found else (None if None in found or not found else False)
    return met if met is None or not _negated(operator) else not met


def _with_values(operator: str, held: Sequence[str], wanted: Sequence[str]) -> Met:
    compare = COMPARE[_positive(operator)]
    found = {compare(w, h) for w in wanted for h in held}
    met: Met = True if True in found else (None if None in found else False)
    return met if met is None or not _negated(operator) else not met


def _negated(operator: str) -> bool:
    return "Not" in operator


def _positive(operator: str) -> str:
    return operator.replace("Not", "", 1)


def _known_operator(operator: str) -> bool:
    return _positive(operator) in COMPARE


def _address(pattern: str, held: str) -> Met:
    """Whether CloudFront asks from within a range; which addresses it asks from is known roughly only."""
    del held
    try:
        network = ipaddress.ip_network(pattern, strict=False)
    except ValueError:
        return None
    if network.prefixlen == 0:
        return True
    narrow = network.version == 4 and network.prefixlen >= WIDE_RANGES  # IPv4
    return False if network.is_private or narrow else None


def _number(compare: Callable[[float, float], bool]) -> Callable[[str, str], Met]:
    def judge(pattern: str, held: str) -> Met:
        try:
            return compare(float(held), float(pattern))
        except ValueError:
            return None

    return judge


COMPARE: Mapping[str, Callable[[str, str], Met]] = {
    "StringEquals": lambda pattern, held: pattern == held,
    "StringEqualsIgnoreCase": lambda pattern, held: pattern.lower() == held.lower(),
    "StringLike": matches,
    "ArnEquals": matches,
    "ArnLike": matches,
    "Bool": lambda pattern, held: pattern.lower() == held.lower(),
    "IpAddress": _address,
    "NumericEquals": _number(lambda held, bound: held == bound),
    "NumericLessThan": _number(lambda held, bound: held < bound),
    "NumericLessThanEquals": _number(lambda held, bound: held <= bound),
    "NumericGreaterThan": _number(lambda held, bound: held > bound),
    "NumericGreaterThanEquals": _number(lambda held, bound: held >= bound),
}
