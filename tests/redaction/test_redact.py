"""Secrets never survive, whatever form they come in; what a diagnosis needs does."""

import re
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]

import pytest

from remediator.redaction import redact as rules
from remediator.redaction import secret_shapes as shapes
from remediator.redaction.redact import CUT, REDACTED, bounded, outside, printable, redact
from remediator.redaction.secret_names import names_a_secret

VALUE = "S3cr3tV4lue"
AWS_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
BASE64 = "MIIEpAIBAAKCAQEA7bq1Zk9Q2m4Tn8w5Yh3Xc6Vr0Lp9Sd1Fg7Hj2Kl4Mn8Bv3Cx\nzQ5We7Rt9Yu1Io3Pa5Sd7Fg9Hj1Kl3Zx5Cv7Bn9Mq1We3Er5Ty7Ui9Op1As3Df5="

WITH_A_VALUE = (
    "DB_PASSWORD={}",
    "export DB_PASSWORD='{}'",
    '{{"password": "{}", "user": "bob"}}',
    '{{\\"password\\": \\"{}\\"}}',
    "password: {}",
    "  jwt-secret: {}",
    "spring.datasource.password={}",
    "time=x level=info password={} user=bob",
    "Server=db;User Id=sa;Password={};Database=x",
    "AccountKey={}==;EndpointSuffix=core.windows.net",
    "mongodb+srv://app:{}@cluster0.mongodb.net/db",
    "postgres://u:pa/{}@host/db",
    "redis://:{}@host:6379/0",
    "parse postgres://u:{}\n@host/db: invalid control character",
    "root:{}@tcp(10.0.0.1:3306)/app",
    "jdbc:oracle:thin:scott/{}@//h:1521/x",
    "GET /callback?api_key={}&page=2 HTTP/1.1",
    "client_secret={}&grant_type=client_credentials",
    "sig={}%3D",
    "password%3D{}%26user",
    "Cookie: sessionid={}; theme=dark",
    '"Set-Cookie": "sid={}; Path=/"',
    "x-api-key: {}",
    "Authorization: Basic {}==",
    "authorization='Bearer {}'",
    "Authorization: {}",
    'Digest username="a", response="{}", nonce="x"',
    "curl -u admin:{} https://example.com",
    "mysql --password {}",
    "tool --api-key={}",
    "assumed arn:aws:iam::123456789012:role/x|password={}",
    "arn:aws:ecs:ap-northeast-1:123456789012:service/c/s-api_key={}",
    "CREATE USER x IDENTIFIED BY '{}'",
    "{{User:bob Password:{} Host:x}}",
    "map[password:{} user:bob]",
    ':password=>"{}"',
    "<ns:SecretAccessKey>{}</ns:SecretAccessKey>",
    '{{"name":"DB_PASSWORD","value":"{}"}}',
    "ParameterKey=DBPassword,ParameterValue={}",
    "the password is {}",
    'password="{} cut off',
    'password=ab"{}',
    "//registry.npmjs.org/:_authToken={}",
    "$_ENV['DB_PASS'] = '{}'",
    "SECRET_KEY_BASE={}",
    "PGPASSWORD={} psql",
    "\x1b[31mpassword\x1b[0m={}",
    "pass\u200bword={}",
    "https://hooks.slack.com/services/T000/B000/{0}{0}",
)
BY_THEMSELVES = (
    AWS_SECRET,
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAIOSFODNN7EXAMPLE",
    "IQoJb3JpZ2luX2VjEXAMPLETOKEN//////////wEaCXVz",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "github_pat_11ABCDEFG0abcdefghijkl_mnop",
    "glpat-abcdefghij1234567890",
    "xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOp",
    "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def_ghi",
    "npm_abcdefghijklmnopqrstuvwxyz0123456789",
    "hvs.CAESIJabcdefghijklmnopqrst",
    "sk-proj-abcdefghijklmnopqrstuvwx123",
    "4111 1111 1111 1111",
)
KEPT = (
    'FATAL: password authentication failed for user "postgres"',
    "Access denied for user 'root'@'10.0.0.1' (using password: YES)",
    "invalid token: unexpected end",
    "SyntaxError: Unexpected token < in JSON at position 0",
    "unexpected token: ')'",
    "max_tokens=1000 total_tokens: 52",
    "token_type=Bearer expires_in=3600",
    "secret_arn=arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:prod/db-AbCdEf",
    "failed to fetch secret arn:aws:secretsmanager:us-east-1:123456789012:secret:x-AbCdEf from secrets manager",
    "unable to pull secrets or registry auth: execution resource retrieval failed",
    "Secrets Manager can't find the specified secret: ResourceNotFoundException",
    "may require authorization: server message: insufficient_scope: authorization failed",
    "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/portfolio-api@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "request id: 8f1d2c3b-aaaa-bbbb-cccc-1234567890ab",
    "task 0123456789abcdef0123456789abcdef exit code 137",
    "trace 1-67891233-abcdef012345678912345678",
    "at Axios.request (/usr/src/app/node_modules/axios/dist/node/axios.cjs:4258:41)",
    "NextToken=abc123",
    "partition_key=user#1",
    'duplicate key value violates unique constraint "users_email_key"',
    "Basic Authentication required",
    "connect to redis://super__redis:6379/0 failed",
    "https://example.com:443/path@2x.png",
    "git@github.com:org/repo.git",
    "The security token included in the request is expired",
    "Unable to locate credentials",
    "DB_PASSWORD=${DB_PASSWORD}",
    "org.springframework.boot.loader.PropertiesLauncher",
    "PortfolioStack-PortfolioApiServiceTaskDef-xYz1234567Ab",
    "1732330000123",
)


@pytest.mark.parametrize("form", WITH_A_VALUE)
def test_a_value_after_a_secret_name_does_not_survive(form):
    assert VALUE not in outside(form.format(VALUE), 1000)


@pytest.mark.parametrize("secret", BY_THEMSELVES)
def test_a_secret_is_known_by_its_shape_alone(secret):
    shown = outside(f"got {secret} back", 1000)

    assert secret not in shown
    assert shown.startswith("got ")
    assert shown.endswith(" back")


@pytest.mark.parametrize("line", KEPT)
def test_what_a_diagnosis_needs_stays(line):
    assert outside(line, 1000) == line


@pytest.mark.parametrize("text", [*(f.format(VALUE) for f in WITH_A_VALUE), *BY_THEMSELVES, *KEPT])
def test_redacting_twice_gives_the_same_as_once(text):
    once = redact(text)

    assert redact(once) == once


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("user=bob password=abc1 host=db", f"user=bob password={REDACTED} host=db"),
        ("password=L3Ak: could not connect", f"password={REDACTED}: could not connect"),
        ('{"password": "abc1", "user": "bob"}', f'{{"password": "{REDACTED}", "user": "bob"}}'),
        ("redis://u:p@ss1@cache:6379/0?x=a@b", f"redis://u:{REDACTED}@cache:6379/0?x=a@b"),
        ("Password=abc1;Database=x", f"Password={REDACTED};Database=x"),
    ],
)
def test_what_stands_around_a_secret_stays(text, shown):
    assert redact(text) == shown


@pytest.mark.parametrize("kind", ["RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"])
def test_a_private_key_goes_and_the_lines_around_it_stay(kind):
    text = f"before\n-----BEGIN {kind}-----\n{BASE64}\n-----END {kind}-----\nafter"

    shown = redact(text)

    assert not any(line in shown for line in BASE64.splitlines())
    assert shown.startswith("before\n")
    assert shown.endswith("\nafter")


def test_a_private_key_that_is_cut_off_goes_too():
    shown = redact(f"-----BEGIN PRIVATE KEY-----\n{BASE64}")

    assert not any(line in shown for line in BASE64.splitlines())


def test_a_line_of_a_private_key_alone_goes_too():
    assert redact(BASE64.splitlines()[0][:64]) == REDACTED


@pytest.mark.parametrize(
    "name", ["dbPassword", "X-Api-Key", "clientSecret", "API_TOKEN_PROD", "MYSQL_PWD", "accesstoken"]
)
def test_names_of_secrets_are_known_in_every_spelling(name):
    assert names_a_secret(name)


@pytest.mark.parametrize(
    "name", ["secret_name", "password_length", "token_type", "primary_key", "NextToken", "tokenizer"]
)
def test_names_that_only_sound_secret_are_not(name):
    assert not names_a_secret(name)


def test_printable_text_holds_nothing_that_acts_on_a_terminal_or_hides():
    text = "a\x1b[31mred\x1b[0m\x1b]0;title\x07 b\x00\x08\u202egnp\u2066\u200b\ufeff\ud800 c\r\nd\x85e"

    assert printable(text) == "ared bgnp c\nd\ne"


def test_bounded_text_is_cut_between_words_and_says_so():
    assert bounded("one two three four", 12) == f"one two{CUT}"
    assert bounded("one two", 7) == "one two"


@pytest.mark.parametrize("limit", [10, 100, 300])
@pytest.mark.parametrize("text", ["x" * 90_000, "ab cd " * 20_000, "秘密" * 30_000, "password=" * 20_000])
def test_outside_text_keeps_to_its_limit(text, limit):
    assert 0 < len(outside(text, limit)) <= limit


def test_a_secret_at_the_edge_of_what_is_looked_at_does_not_show():
    for shift in range(60):
        text = "p " * ((20 * 300 + 4000) // 2 - 30) + " " * shift + f"token={AWS_SECRET} " + "q " * 9000
        assert AWS_SECRET[:12] not in outside(text, 300)


@pytest.mark.parametrize("begun", [f'{{"token":"{"x" * 9_000}",', '"passphrase":"aaaaaaaaaaaa",' * 345])
def test_a_secret_cut_in_two_does_not_move_up_behind_what_was_redacted(begun):
    for shift in range(80):
        most = 20 * 300 + 4000
        lead = begun + "y" * (most - len(begun) - shift)
        assert "AKIAIOSF" not in outside(f"{lead},AKIAIOSFODNN7EXAMPLE,{'z' * 9_000}", 300)
        assert "ghp_16C7" not in outside(f"{lead},ghp_16C7e42F292c6912E7710c838347Ae178B4a,{'z' * 9_000}", 300)


def test_text_without_a_blank_still_shows_what_can_be_shown():
    assert outside("x" * 90_000, 100).startswith("xxxx")


def _steps_back(node):
    """Each repeat of many signs that tries again with fewer."""
    return [(op, arg) for op, arg in node if op is constants.MAX_REPEAT and arg[1] > 60]


@pytest.mark.parametrize("pattern", [rules.PAIR, rules.OPTION], ids=["pair", "option"])
def test_the_rules_that_begin_at_any_name_give_nothing_back(pattern):
    """Where they did, each of the 127 lengths of a name was tried at each place: 5 s for 1 MB of `a.a.a.`."""
    name = pattern.groupindex["name"]
    tree = parser.parse(pattern.pattern, pattern.flags)
    (named,) = _groups(tree, name)
    assert not _steps_back(named)


def _groups(node, number):
    found = []
    for operation, argument in node:
        if operation is constants.SUBPATTERN:
            found += [argument[-1]] if argument[0] == number else _groups(argument[-1], number)
        elif operation is constants.BRANCH:
            found += [g for branch in argument[1] for g in _groups(branch, number)]
    return found


def _patterns():
    found = [v for module in (rules, shapes) for v in vars(module).values() if isinstance(v, re.Pattern)]
    return list(dict.fromkeys(found))


def _unbounded_within_repeat(node, inside):
    """Whether an unbounded quantifier stands within another quantifier: what makes a search explode."""
    for operation, argument in node:
        if operation in (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT):
            _, most, inner = argument
            if inside and most is constants.MAXREPEAT:
                return True
            if _unbounded_within_repeat(inner, inside or most > 1):
                return True
        elif (
            (operation is constants.SUBPATTERN and _unbounded_within_repeat(argument[-1], inside))
            or (operation is constants.BRANCH and any(_unbounded_within_repeat(b, inside) for b in argument[1]))
            or (operation in (constants.ASSERT, constants.ASSERT_NOT) and _unbounded_within_repeat(argument[1], inside))
        ):
            return True
    return False


@pytest.mark.parametrize("pattern", _patterns(), ids=lambda p: p.pattern[:30])
def test_no_rule_nests_an_unbounded_quantifier(pattern):
    assert not _unbounded_within_repeat(parser.parse(pattern.pattern, pattern.flags), inside=False)


class CountedPattern:
    """A pattern that counts the characters its matches take."""

    def __init__(self, pattern):
        self.pattern = pattern
        self.characters = 0

    def match(self, text, at):
        found = self.pattern.match(text, at)
        self.characters += found.end() - found.start() if found else 1
        return found


@pytest.mark.parametrize(
    "text",
    ["ab=", "password=", 'password="', "token=$a ", "secret: arn:aws:password=", "password:\n", '"name":"a","value":'],
)
def test_each_character_of_a_value_is_looked_at_a_bounded_number_of_times(monkeypatch, text):
    counted = CountedPattern(rules.VALUE)
    monkeypatch.setattr(rules, "VALUE", counted)
    whole = text * (100_000 // len(text))

    redact(whole)

    assert counted.characters <= 8 * len(whole)


def test_long_text_that_is_made_to_be_slow_comes_to_an_end():
    for text in (
        "://a:",
        "://",
        "-----BEGIN RSA PRIVATE KEY-----",
        "a",
        "\\",
        "eyJ",
        "cookie:",
        "\x1b[",
        "4111 ",
        ",aaaaaaaaaa",
    ):
        assert len(outside(text * (100_000 // len(text)), 500)) <= 500


@pytest.mark.parametrize("text", ['{"Sid":"TlsOnly","Effect":"Deny"}', '"Sid": "A1", "Principal": "*"'])
def test_the_name_of_a_policys_statement_is_kept_so_that_it_can_be_pasted_back(text):
    assert redact(text) == text


@pytest.mark.parametrize("text", ["sid=abc123def456ghi789", '{"Sid":"abcdefghijk123","user":"bob"}'])
def test_any_other_sid_is_a_session(text):
    assert "abc" not in redact(text)
