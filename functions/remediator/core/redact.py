"""Text from outside, made fit to be stored and shown: no secrets, nothing that acts on a terminal, a known length.

Rules follow what secrets look like and what stands before them, never particular messages. Each is one pass over the
text: no quantifier stands within another, and what a rule looks ahead is bounded.
"""

import re
from collections.abc import Callable

from .secret_names import ANYWHERE, names_a_secret, words_of
from .secret_shapes import BODY_LINE, CARD, FORTY, KEY_BEGINS, KEY_BODY, SHAPES, is_card, is_random

REDACTED = "[redacted]"
LOOKED_AT_CHARS = 100_000  # more is never shown, so it is never looked at
CUT = "…"

ESCAPES = re.compile(r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]?|\x1b\][^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\)?|\x1b[ -~]?")
# Controls, soft hyphen, zero-width and direction marks, fillers, lone surrogates, private use, tags.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff]"
)
LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029\x85]")

# A value in quotes (also escaped ones, as JSON within JSON has them), or up to a blank or the next pair.
VALUE = (
    r"(?:(?P<{0}q>[\"'`])(?P<{0}in>(?:\\.|(?!(?P={0}q))[^\\]){{0,8192}})(?P={0}q)"
    r"|(?P<{0}e>\\{{1,8}}[\"'])(?P<{0}ein>(?:(?!(?P={0}e)).){{0,8192}})(?P={0}e)"
    r"|(?P<{0}bare>(?:(?![,;&|]\s?[\"']?[A-Za-z_][\w.-]{{0,40}}[\"']?\s?[=:]|%26|</|\\[\"'nrt]|[\"'](?:[\s,;)\]}}:]|$))\S)+))"
)
ARN = r"(?P<arn>\barn:aws[a-z-]{0,12}:[^\s\"',;&?]+)"
NAME = r"(?<![A-Za-z0-9_])(?P<name>[A-Za-z_][\w.-]{1,127})"
PAIR = re.compile(
    ARN
    + "|"
    + NAME
    + r"(?P<sep>(?:\\{0,8}[\"'])?\]?(?:[ \t]{0,3}(?:=>|:=|==?|:(?!//|:))\s{0,3}|>(?=[^\s<])|%3[Dd]))"
    + r"(?P<scheme>[\"']?(?:(?:Basic|Bearer|Digest|Token|ApiKey|Api-Key|AWS|SharedKey|Negotiate|NTLM)[ ]{1,3})?)"
    + VALUE.format("v"),
    re.IGNORECASE | re.DOTALL,
)
# `{"name": "DB_PASSWORD", "value": "..."}`, as ECS writes an environment; `ParameterKey=...,ParameterValue=...`.
NAMED_VALUE = re.compile(
    r"(?P<lead>\b(?:parameter)?(?:name|key)\\{0,8}[\"']?\s{0,3}[:=]\s{0,3}\\{0,8}[\"']?)(?P<name>[\w.-]{1,128})"
    r"(?P<sep>\\{0,8}[\"']?[\s,;]{1,8}\\{0,8}[\"']?(?:parameter)?value\\{0,8}[\"']?\s{0,3}[:=]\s{0,3})" + VALUE.format("v"),
    re.IGNORECASE | re.DOTALL,
)
COOKIES = re.compile(r"(?i)(?P<lead>\b(?:set-)?cookie(?:\\{0,8}[\"'])?[ \t]{0,3}[:=][ \t]{0,3}\\{0,8}[\"']?)(?P<v>[^\r\n\"'\\]+)")
SCHEMES = re.compile(r"\b(?P<lead>(?:Bearer|Basic)[ \t]{1,3})(?P<v>[A-Za-z0-9+/_.~=-]{6,})", re.IGNORECASE)
OPTION = re.compile(r"(?<![\w-])(?P<lead>--?(?P<name>[A-Za-z][\w-]{1,60})[ \t]{1,3})(?!-)" + VALUE.format("v"), re.DOTALL)
LOGIN = re.compile(r"(?<![\w-])(?P<lead>(?:-u|--user|--proxy-user)[ \t=]{0,3}[\"']?[^\s:\"']{1,128}:)(?P<v>[^\s\"']+)")
SAID = re.compile(
    r"(?i)(?P<lead>\b(?:identified by|(?:pass(?:word|phrase|code)|secret|api[ _-]key)(?: is| was)?)[ \t]{1,3})"
    r"(?P<q>[\"'`]?)(?P<v>[^\s\"'`]+)"
)

# Up to the last @ before the path; else, for a password with a slash in it, up to the first @. A port is no password.
_USER = r"(?P<lead>://[^\s:/@?#\"'<>]{0,128}:)"
_NO_PORT = r"(?!\d{1,5}(?:[/?#\s\"',)]|$))"
URL_LOGIN = re.compile(_USER + _NO_PORT + r"[^\s/?#\"'<>]{1,512}(?=@)")
URL_LOGIN_ODD = re.compile(_USER + _NO_PORT + r"[^\s\"'<>@]{0,512}(?:\n[^\s\"'<>@]{0,128})?(?=@)")
URL_TOKEN = re.compile(r"(?P<lead>://)[A-Za-z0-9_.~%-]{20,255}(?=@)")
MYSQL_LOGIN = re.compile(r"(?P<lead>\b[\w.-]{1,64}:)[^\s/\"']{1,256}(?=@(?:tcp|unix|udp)\()")

# What is said about a secret instead of it.
NO_SECRET = re.compile(
    r"(?i)(?:\[redacted\]|redacted|hidden|masked|\*+|x{3,}|-+|is|was|are|not|no|none|null|nil|undefined|n/a|yes|y|true|"
    r"false|on|off|missing|invalid|required|expected|expired|denied|failed|failure|incorrect|wrong|empty|unset|unknown|"
    r"must|should|cannot|can't|could|has|have|does|did|access|authentication|unable|error|rejected|revoked|mismatch|"
    r"mismatched|unauthorized|forbidden|too|the|a|an|for|from|in|of|to|at|this|string|str|bool|int|number|object|any|"
    r"bytes|optional|default|exception|retrieval|retrieving|fetching|reading|service|please|check|see|header|value|"
    r"key|token|password|secret|basic|bearer|digest|negotiate|ntlm|aws|\d{1,2})[.,:;!?)\]}]*"
)
REFERENCE = re.compile(
    r"(?:arn:aws[a-z-]*:\S*|\$\{[^}\n]*\}|\$\([^)\n]*\)|\$[A-Za-z_]\w*|\{\{[^}\n]*\}\}|<[\w -]+>|%\(?\w*\)?[sdv]|"
    r"[A-Za-z.]*(?:Error|Exception|Denied|NotFound|Failure)[.,:;)]*)"
)
PLAIN_WORD = re.compile(r"[A-Z]?[a-z']+|[A-Z]+|(?:[A-Z][a-z]+)+")
COMPLAINT = re.compile(
    r"(?i)\b(?:unexpected|invalid|incorrect|wrong|bad|missing|no|empty|illegal|unknown|expired|specified|change|reset|"
    r"the|a|your|json|syntax)[ \t]\Z"
)
ENDS = ")]},;:.!?"
PROSE_NAMES = frozenset(("auth", "pass", "token", "secret", "signature", "sig", "credential", "credentials", "cookie", "sid", "pw", "pat"))


def redact(text: str) -> str:
    """`text` without secrets; what diagnosis needs (ARNs, digests, ids, paths, codes) stays.

    Redacting twice gives the same as once.
    """
    for rule in _RULES:
        text = rule(text)
    return text


def printable(text: str) -> str:
    """`text` without terminal escapes, controls, direction marks and what cannot be seen; line ends become newlines."""
    return UNSEEN.sub("", LINE_ENDS.sub("\n", ESCAPES.sub("", text)))


def bounded(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words where there is a blank to cut at."""
    if len(text) <= limit:
        return text
    kept = text[: limit - len(CUT)]
    at = max(kept.rfind(" "), kept.rfind("\n"))
    whole = kept[:at] if at > limit // 2 and not text[len(kept)].isspace() else kept
    return whole.rstrip() + CUT


def outside(text: str, limit: int) -> str:
    """What came from outside, fit to be stored and shown: printable, without secrets, at most `limit` characters."""
    looked_at = text[:LOOKED_AT_CHARS]
    if len(text) > LOOKED_AT_CHARS:  # a secret that is cut in two is not recognised
        looked_at = looked_at[: max(looked_at.rfind(" "), looked_at.rfind("\n"), 0)]
    return bounded(redact(printable(looked_at)), limit)


def _private_keys(text: str) -> str:
    begins = KEY_BEGINS.search(text)
    if begins is None:
        return text
    kept, position = [], 0
    while begins is not None:
        end = text.find("-----END", begins.end())
        if end < 0:
            kept += (text[position : begins.end()], KEY_BODY.sub(REDACTED, text[begins.end() :]))
            return "".join(kept)
        kept += (text[position : begins.end()], REDACTED)
        position = end
        begins = KEY_BEGINS.search(text, position)
    return "".join((*kept, text[position:]))


def _value(found: re.Match[str]) -> str:
    return next((v for v in (found["vin"], found["vein"], found["vbare"]) if v is not None), "")


def _hidden_value(found: re.Match[str]) -> str:
    """The value's place with its quotes and closing signs, the value itself redacted."""
    quote = found["vq"] or found["ve"]
    if quote:
        return f"{quote}{REDACTED}{quote}"
    bare = found["vbare"]
    end = bare[len(bare.rstrip(ENDS + "\"'")) :]
    return REDACTED + end


def _no_secret(value: str) -> bool:
    return not value.strip() or bool(NO_SECRET.fullmatch(value.strip()) or REFERENCE.fullmatch(value.strip()))


def _pair(found: re.Match[str]) -> str:
    if found["arn"] or not names_a_secret(found["name"]):
        return _inner(found)
    value = _value(found)
    if _no_secret(value) or (not found["scheme"].strip("\"' ") and _prose(found, value)):
        return _inner(found)
    return f"{found['name']}{found['sep']}{found['scheme']}{_hidden_value(found)}"


def _inner(found: re.Match[str]) -> str:
    """The pair as it is, but for pairs within its value: `msg="password=abc"`."""
    if found["arn"]:
        return found[0]
    value = _value(found)
    if not value or len(value) == len(found[0]) or not re.search(r"[=:>]|%3[Dd]", value):
        return found[0]
    start = found.start("vin" if found["vq"] else "vein" if found["ve"] else "vbare") - found.start()
    whole = found[0]
    return whole[:start] + PAIR.sub(_pair, value) + whole[start + len(value) :]


def _prose(found: re.Match[str], value: str) -> bool:
    """Whether `name: value` is rather a sentence: `specified secret: ResourceNotFoundException`."""
    if ":" not in found["sep"] or found["vq"] or found["ve"] or found["sep"][0] in "\"'\\":
        return False
    words = words_of(found["name"])
    if len(words) > 1 or words[0] not in PROSE_NAMES | ANYWHERE:
        return False
    before = found.string[max(0, found.start() - 24) : found.start()]
    worded = bool(PLAIN_WORD.fullmatch(value.rstrip(ENDS)))
    if COMPLAINT.search(before):
        return worded or not any(c.isdigit() for c in value)
    at_line_start = not before.strip(" \t{[(,-") or before.endswith("\n")
    return worded and words[0] in PROSE_NAMES and not at_line_start


def _named_value(found: re.Match[str]) -> str:
    if not names_a_secret(found["name"]) or _no_secret(_value(found)):
        return found[0]
    return found["lead"] + found["name"] + found["sep"] + _hidden_value(found)


def _option(found: re.Match[str]) -> str:
    if not names_a_secret(found["name"]) or _no_secret(_value(found)):
        return found[0]
    return found["lead"] + _hidden_value(found)


def _cookies(found: re.Match[str]) -> str:
    value = found["v"]
    return found[0] if _no_secret(value) or ("=" not in value and " " in value) else found["lead"] + REDACTED


def _scheme(found: re.Match[str]) -> str:
    value = found["v"]
    return found[0] if PLAIN_WORD.fullmatch(value.rstrip(ENDS)) and len(value) < 20 else found["lead"] + REDACTED


def _said(found: re.Match[str]) -> str:
    value, lead = found["v"], found["lead"].lower()
    if _no_secret(value) or value[0] in "=:[(":
        return found[0]
    sure = lead.startswith("identified") or found["q"] or any(c.isdigit() for c in value)
    return found["lead"] + found["q"] + REDACTED if sure else found[0]


def _forty(found: re.Match[str]) -> str:
    return REDACTED if is_random(found[0]) else found[0]


def _body_line(found: re.Match[str]) -> str:
    return found[0].replace(found[1], REDACTED) if is_random(found[1]) else found[0]


def _card(found: re.Match[str]) -> str:
    return REDACTED if is_card(found[0]) else found[0]


def _lead(found: re.Match[str]) -> str:
    return found["lead"] + REDACTED


def _rule(pattern: re.Pattern[str], told: Callable[[re.Match[str]], str] | str) -> Callable[[str], str]:
    return lambda text: pattern.sub(told, text)


_RULES: tuple[Callable[[str], str], ...] = (
    _private_keys,
    _rule(BODY_LINE, _body_line),
    _rule(URL_LOGIN, _lead),
    _rule(URL_LOGIN_ODD, _lead),
    _rule(URL_TOKEN, _lead),
    _rule(MYSQL_LOGIN, _lead),
    _rule(COOKIES, _cookies),
    _rule(NAMED_VALUE, _named_value),
    _rule(PAIR, _pair),
    _rule(SCHEMES, _scheme),
    _rule(OPTION, _option),
    _rule(LOGIN, _lead),
    _rule(SAID, _said),
    _rule(SHAPES, REDACTED),
    _rule(FORTY, _forty),
    _rule(CARD, _card),
)
