"""Text from outside, made fit to be stored and shown: no secrets, nothing that acts on a terminal, a known length.

Rules follow what secrets look like and what stands before them, never particular messages. Each is one pass over the
text: no quantifier stands within another, and what a rule looks ahead is bounded. The rules for the places where most
could be a name (`a.a.a.`) give nothing back: a name ends where no sign of a name follows, so trying less is in vain.
"""

import re
from collections.abc import Callable

from .graphemes import before_a_sign
from .secret_names import ANYWHERE, names_a_secret, words_of
from .secret_shapes import BODY_LINE, CARD, FORTY, KEY_BEGINS, KEY_BODY, SHAPES, is_card, is_random

REDACTED = "[redacted]"
LOOKED_AT_CHARS = 100_000  # more is never shown, so it is never looked at
LONGEST_SECRET_CHARS = 4_000  # a private key
CUT = "…"
WORD_ENDS = "\"'`,;&|<>(){}[] \t\n、。"  # none of them stands in a token, a key or a login

ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]?|\x1b\][^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\)?|\x1b[ -~]?"
)
# Controls, soft hyphen, zero-width and direction marks, fillers, lone surrogates, private use, tags.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff]"
)
LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029\x85]")

# A value in quotes (also escaped ones, as JSON within JSON has them), an open quote that never closes, or up to a blank
# or the next pair.
VALUE = re.compile(
    r"(?P<q>[\"'`])(?P<quoted>(?:\\.|(?!(?P=q))[^\\\n]){0,8192})(?P=q)"
    r"|(?P<e>\\{1,8}[\"'])(?P<escaped>(?:(?!(?P=e))[^\n]){0,8192})(?P=e)"
    r"|(?P<open>\\{0,8}[\"'`])(?P<rest>[^\n]*)"
    r"|(?P<bare>(?:(?![,;&|]\s?[\"']?[A-Za-z_][\w.-]{0,40}[\"']?\s?[=:]|%26|</|\\[\"'nrt]|[\"'](?:[\s,;)\]}:]|$))\S)+)"
)
PAIR = re.compile(
    r"(?P<arn>\barn:aws[a-z-]{0,12}:[^\s\"',;&?|=<>(){}\[\]]{1,2048}+(?!=))"  # with a pair within, it is none
    r"|(?<![A-Za-z0-9_])(?P<name>[A-Za-z_][\w.-]{1,127}+)"
    r"(?P<sep>(?:\\{0,8}[\"'])?\]?(?:[ \t]{0,3}(?:=>|:=|==?|:(?!//|:))\s{0,3}|>(?=[^\s<])|%3[Dd]))"
    r"(?P<scheme>[\"']?(?:Basic|Bearer|Digest|Token|ApiKey|Api-Key|AWS|SharedKey|Negotiate|NTLM)[ ]{1,3})?",
    re.IGNORECASE,
)
# `{"name": "DB_PASSWORD", "value": "..."}`, as ECS writes an environment; `ParameterKey=...,ParameterValue=...`.
NAMED_VALUE = re.compile(
    r"\b(?:parameter)?(?:name|key)\\{0,8}[\"']?\s{0,3}[:=]\s{0,3}\\{0,8}[\"']?(?P<name>[\w.-]{1,128})"
    r"\\{0,8}[\"']?[\s,;]{1,8}\\{0,8}[\"']?(?:parameter)?value\\{0,8}[\"']?\s{0,3}[:=]\s{0,3}",
    re.IGNORECASE,
)
OPTION = re.compile(r"(?<![\w-])--?(?P<name>[A-Za-z][\w-]{1,60}+)[ \t]{1,3}(?!-)")
COOKIES = re.compile(
    r"(?i)(?P<lead>\b(?:set-)?cookie(?:\\{0,8}[\"'])?[ \t]{0,3}[:=][ \t]{0,3}\\{0,8}[\"']?)(?P<v>[^\r\n\"'\\]+)"
)
SCHEMES = re.compile(
    r"\b(?P<lead>(?:Bearer|Basic)[ \t]{1,3})(?P<v>[A-Za-z0-9+/_.~-]{6,}={0,2}(?![\w=]))", re.IGNORECASE
)
LOGIN = re.compile(r"(?<![\w-])(?P<lead>(?:-u|--user|--proxy-user)[ \t=]{0,3}[\"']?[^\s:\"']{1,128}:)(?P<v>[^\s\"']+)")
SAID = re.compile(
    r"(?i)(?P<lead>\b(?:identified by|(?:pass(?:word|phrase|code)|secret|api[ _-]key)(?: is| was| for [\w@.-]{1,64}:)?)[ \t]{1,3})"
    r"(?P<q>[\"'`]?)(?P<v>[^\s\"'`]+)"
)

# Up to the last @ before the path; else, for a password with a slash in it, up to the first @. A port is no password.
_USER = r"(?P<lead>://[^\s:/@?#\"'<>]{0,128}:)"
_NO_PORT = r"(?!\d{1,5}(?:[/?#\s\"',)]|$))"
URL_LOGIN = re.compile(_USER + _NO_PORT + r"[^\s/?#\"'<>]{1,256}(?=@)")
URL_LOGIN_ODD = re.compile(_USER + _NO_PORT + r"[^\s\"'<>@]{0,256}(?:\n[^\s\"'<>@]{0,128})?(?=@)")
URL_TOKEN = re.compile(r"(?P<lead>://)[A-Za-z0-9_.~%-]{20,255}(?=@)")
ORACLE_LOGIN = re.compile(r"(?P<lead>:(?:thin|oci):[^\s/@]{1,128}/)[^\s@]{1,256}(?=@)")
DIGEST = re.compile(r"(?P<lead>\b(?:response|cnonce)=\"?)[A-Za-z0-9+/]{8,64}(?=\")")
MYSQL_LOGIN = re.compile(r"(?P<lead>\b[\w.-]{1,64}:)[^\s/\"']{1,256}(?=@(?:tcp|unix|udp)\()")

# What is said about a secret instead of it.
NO_SECRET = re.compile(
    r"(?i)(?:\[redacted\]|redacted|hidden|masked|\*+|x{3,}|-+|is|was|are|not|no|none|null|nil|undefined|n/a|yes|y|true|"
    r"false|on|off|missing|invalid|required|expected|expired|denied|failed|failure|incorrect|wrong|empty|unset|unknown|"
    r"must|should|cannot|can't|could|has|have|does|did|access|authentication|unable|error|rejected|revoked|mismatch|"
    r"mismatched|unauthorized|forbidden|too|the|a|an|for|from|in|of|to|at|this|string|str|bool|int|number|object|any|"
    r"bytes|optional|default|exception|retrieval|retrieving|fetching|reading|service|please|check|see|header|value|"
    r"key|token|password|secret|basic|bearer|digest|negotiate|ntlm|aws|\d{1,3})[.,:;!?)\]}]*"
)
REFERENCE = re.compile(
    r"(?:arn:aws[a-z-]*:\S*|\$\{[^}\n]*\}|\$\([^)\n]*\)|\$[A-Za-z_]\w*|\{\{[^}\n]*\}\}|<[\w -]+>|%\(?\w*\)?[sdv]|"
    r"[A-Za-z.]*(?:Error|Exception|Denied|NotFound|Failure)[.,:;)]*)"
)
PLAIN_WORD = re.compile(r"[A-Z]?[a-z']+|[A-Z]+|(?:[A-Z][a-z]{1,30}){1,10}")
COMPLAINT = re.compile(
    r"(?i)\b(?:unexpected|invalid|incorrect|wrong|bad|missing|no|empty|illegal|unknown|expired|specified|change|reset|"
    r"the|a|your|json|syntax)[ \t]\Z"
)
ENDS = ")]},;:.!?"
PROSE_NAMES = frozenset(
    (
        "auth",
        "authorization",
        "pass",
        "token",
        "secret",
        "signature",
        "sig",
        "credential",
        "credentials",
        "cookie",
        "sid",
        "pw",
        "pat",
    )
)
STATEMENT = re.compile(
    r'\\?"?[A-Za-z0-9 ]{0,64}\\?"\s*,\s*\\?"(?:Effect|Principal|NotPrincipal)\\?"'
)  # AWS, IAM: a Sid is letters and digits


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
    """At most `limit` characters, cut between words where there is a blank to cut at, and never within a sign."""
    if len(text) <= limit:
        return text
    kept = text[: before_a_sign(text, max(0, limit - len(CUT)))]
    at = max(kept.rfind(" "), kept.rfind("\n"))
    whole = kept[:at] if at > limit // 2 and not text[len(kept)].isspace() else kept
    return whole.rstrip() + CUT


def outside(text: str, limit: int) -> str:
    """What came from outside, fit to be stored and shown: printable, without secrets, at most `limit` characters."""
    most = min(LOOKED_AT_CHARS, 20 * limit + LONGEST_SECRET_CHARS)
    if len(text) <= most:
        return bounded(redact(printable(text)), limit)
    blank = max(text.rfind(" ", most // 2, most), text.rfind("\n", most // 2, most))
    if blank > 0:
        return bounded(redact(printable(text[:blank])) + CUT, limit)
    return bounded(_whole(redact(printable(text[:most]))) + CUT, limit)


def _whole(text: str) -> str:
    """`text`, cut off somewhere, without its end: half a secret is not recognised, and what was redacted let it move up."""
    least = max(0, len(text) - LONGEST_SECRET_CHARS)
    return text[: max(least, *(text.rfind(sign, least) + 1 for sign in WORD_ENDS))]


def _private_keys(text: str) -> str:
    begins = KEY_BEGINS.search(text)
    if begins is None:
        return text
    kept: list[str] = []
    position = 0
    while begins is not None:
        end = text.find("-----END", begins.end())
        if end < 0:
            kept += (text[position : begins.end()], KEY_BODY.sub(REDACTED, text[begins.end() :]))
            return "".join(kept)
        kept += (text[position : begins.end()], REDACTED)
        position = end
        begins = KEY_BEGINS.search(text, position)
    return "".join((*kept, text[position:]))


def _after(
    heads: re.Pattern[str], secret: Callable[[re.Match[str], str], bool] = lambda _, value: not _no_secret(value)
) -> Callable[[str], str]:
    """A rule that hides the value after each head that names a secret; the text of other values is looked at again."""

    def hide(text: str) -> str:
        kept: list[str] = []
        done = at = 0
        while head := heads.search(text, at):
            at = head.end()
            if not (head["name"] and names_a_secret(head["name"])) or _names_a_statement(head):
                continue
            if (value := VALUE.match(text, at)) and secret(head, _inside(value)):
                kept += (text[done:at], _hidden(value))
                done = at = value.end()
        return "".join((*kept, text[done:]))

    return hide


def _names_a_statement(head: re.Match[str]) -> bool:
    """Whether it is the `Sid` of an IAM statement, which a policy that somebody pastes back has to keep."""
    return head["name"] == "Sid" and bool(STATEMENT.match(head.string, head.end()))


def _inside(value: re.Match[str]) -> str:
    return str(value["quoted"] or value["escaped"] or value["rest"] or value["bare"] or "")


def _hidden(value: re.Match[str]) -> str:
    """The value's place, with its quotes or the signs that close its sentence."""
    if quote := value["q"] or value["e"]:
        return f"{quote}{REDACTED}{quote}"
    if value["open"]:
        return value["open"] + REDACTED
    bare = value["bare"]
    return REDACTED + bare[len(bare.rstrip(ENDS + "\"'")) :]


def _no_secret(value: str) -> bool:
    text = value.strip()
    signs_only = len(text) < 4 and not any(c.isalnum() for c in text)
    return signs_only or bool(NO_SECRET.fullmatch(text) or REFERENCE.fullmatch(text))


def _secret_pair(head: re.Match[str], value: str) -> bool:
    return not _no_secret(value) and (bool(head["scheme"]) or not _prose(head, value))


def _prose(head: re.Match[str], value: str) -> bool:
    """Whether `name: value` is rather a sentence: `specified secret: ResourceNotFoundException`."""
    words = words_of(head["name"])
    quoted = head["sep"][0] in "\"'\\" or head.string[head.end()] in "\"'`\\"
    if ":" not in head["sep"] or quoted or len(words) > 1 or words[0] not in PROSE_NAMES | ANYWHERE:
        return False
    before = head.string[max(0, head.start() - 24) : head.start()]
    worded = bool(PLAIN_WORD.fullmatch(value.rstrip(ENDS)))
    if COMPLAINT.search(before):
        return worded or not any(c.isdigit() for c in value)
    starts_line = before.endswith("\n") or not before.strip(" \t{[(,-")
    return worded and words[0] in PROSE_NAMES and not starts_line


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


def _rule(pattern: re.Pattern[str], found: Callable[[re.Match[str]], str] | str) -> Callable[[str], str]:
    return lambda text: pattern.sub(found, text)


_RULES: tuple[Callable[[str], str], ...] = (
    _private_keys,
    _rule(BODY_LINE, _body_line),
    _rule(URL_LOGIN, _lead),
    _rule(URL_LOGIN_ODD, _lead),
    _rule(URL_TOKEN, _lead),
    _rule(MYSQL_LOGIN, _lead),
    _rule(ORACLE_LOGIN, _lead),
    _rule(DIGEST, _lead),
    _rule(COOKIES, _cookies),
    _after(NAMED_VALUE),
    _after(PAIR, _secret_pair),
    _rule(SCHEMES, _scheme),
    _after(OPTION),
    _rule(LOGIN, _lead),
    _rule(SAID, _said),
    _rule(SHAPES, REDACTED),
    _rule(FORTY, _forty),
    _rule(CARD, _card),
)
