"""Texts as somebody might write them who wants to act on whoever reads a report: markup, mentions, terminals, secrets."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

VALUE = "S3cr3tV4lue"  # the value of every secret that is known by its name
MARKUP = (
    "<!channel>", "<!here>", "<!everyone>", "<!subteam^S012345|ops>", "<@U024BE7LH>", "<#C024BE7LR>", "@channel", "@here ",
    "@everyone", "<https://evil.example/x|reset your password>", "[click](https://evil.example)", "*bold*", "_italic_", "~gone~",
    "`code`", "```\nblock\n```", "> quoted", "<script>alert(1)</script>", '<a href="javascript:alert(1)">x</a>', "&lt;!channel&gt;",
    "&#60;!here&#62;", "<!date^1392734382^{date}|x>", "mailto:a@evil.example", "https://evil.example/?q=1", "![x](http://evil.example/p.png)",
    "\nUNDO     rm -rf /", "\r\nSubject: x\r\nBcc: y", "$(reboot)", "`reboot`", "; reboot", "' OR 1=1 --", "%n%s%x", "{{7*7}}", "${jndi:ldap://x}",
    "==== DONE ====", "[/][red]rich[/red]", "\\", '"', "'",
)  # fmt: skip
UNSEEN = (
    "\x1b[31m", "\x1b[2J\x1b[H", "\x1b]0;title\x07", "\x1b]8;;https://evil.example\x1b\\x\x1b]8;;\x1b\\", "\x9b1m", "\x00", "\x08\x08", "\x7f", "\u202e", "\u2066",
    "\u200b", "\u200d", "\ufeff", "\u2028", "\x85", "\u00ad", "\ud800", "\ue000", "\U000e0041", "\u3164", "\x0b", "\x0c", "\ufff9",
)  # fmt: skip
BY_NAME = (
    "DB_PASSWORD={v}", '{{"password": "{v}"}}', '{{\\"password\\": \\"{v}\\"}}', "password: {v}", "postgres://app:{v}@db.example/x", "mongodb+srv://u:{v}@h/d",
    "redis://:{v}@cache:6379/0", "Server=db;User Id=sa;Password={v};Database=x", "AccountKey={v}==;EndpointSuffix=core.windows.net",
    "root:{v}@tcp(10.0.0.1:3306)/app", "jdbc:oracle:thin:scott/{v}@//h:1521/x", "Authorization: Basic {v}==", "Authorization: Bearer {v}{v}",
    "Cookie: sessionid={v}; theme=dark", "x-api-key: {v}", "curl -u admin:{v} https://example.com", "mysql --password {v}", "IDENTIFIED BY '{v}'",
    "client_secret={v}&grant_type=x", '{{"name":"DB_PASSWORD","value":"{v}"}}', "the password is {v}", "map[password:{v} user:bob]", "pass\u200bword={v}",
    "\x1b[31mpassword\x1b[0m={v}", "https://u:{v}@example.com/", "api_key={v}&page=2", "token={v}",
)  # fmt: skip
BY_SHAPE = (
    "AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "IQoJb3JpZ2luX2VjEXAMPLETOKEN//////////wEaCXVz",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "github_pat_11ABCDEFG0abcdefghijkl_mnop", "glpat-abcdefghij1234567890", "xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOp",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def_ghi", "npm_abcdefghijklmnopqrstuvwxyz0123456789", "sk-proj-abcdefghijklmnopqrstuvwx123", "hvs.CAESIJabcdefghijklmnopqrst",
)  # fmt: skip
KEY = "MIIEpAIBAAKCAQEA7bq1Zk9Q2m4Tn8w5Yh3Xc6Vr0Lp9Sd1Fg7Hj2Kl4Mn8Bv3Cx"
PRIVATE_KEY = f"-----BEGIN RSA PRIVATE KEY-----\n{KEY}\n{KEY[::-1]}\n-----END RSA PRIVATE KEY-----"
WORDS = (
    "ERROR",
    "task stopped",
    "essential container exited",
    "接続できません",
    "タイムアウト",
    "health checks failed",
    "x",
)
FILLS = ("A", "秘", "ab cd ", "&<>", "😀", "@here ", "\n", "*_~`", "=", "a.", "\\", "<!x>")


@dataclass(frozen=True, slots=True)
class HostileText:
    """One text, and what of it nobody may ever read."""

    text: str
    secrets: tuple[str, ...]


def hostile_texts(seed: int, count: int) -> Iterator[HostileText]:
    """`count` texts, the same for the same seed; each has several kinds of trouble in one."""
    drawn = Random(seed)  # noqa: S311  # it hides nothing
    for _ in range(count):
        yield _one(drawn)


def _one(drawn: Random) -> HostileText:
    parts, secrets = [], []
    for _ in range(drawn.randint(1, 6)):
        part, secret = _part(drawn)
        parts.append(part)
        secrets += secret
    if drawn.random() < 0.1:
        fill = drawn.choice(FILLS)
        parts.insert(drawn.randint(0, len(parts)), fill * (drawn.choice((200, 2_000, 30_000)) // len(fill)))
    between = drawn.choice((" ", " ", "\n", "; "))
    return HostileText(between.join(parts), tuple(dict.fromkeys(secrets)))


def _part(drawn: Random) -> tuple[str, list[str]]:
    kind = drawn.random()
    if kind < 0.4:
        return drawn.choice(MARKUP), []
    if kind < 0.55:
        return f"{drawn.choice(WORDS)}{drawn.choice(UNSEEN)}{drawn.choice(MARKUP)}", []
    if kind < 0.75:
        return drawn.choice(BY_NAME).format(v=VALUE), [VALUE]
    if kind < 0.88:
        secret = drawn.choice(BY_SHAPE)
        return f"got {secret} back", [secret]
    if kind < 0.92:
        return f"\n{PRIVATE_KEY}\n", [KEY, KEY[::-1]]
    return drawn.choice(WORDS), []
