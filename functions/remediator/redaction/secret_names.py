"""Which names stand before secrets: `DB_PASSWORD`, `clientSecret`, `X-Api-Key`; and which only sound like it."""

import re

WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

# Wherever they stand in a name, its value is a secret.
ANYWHERE = frozenset(("password", "passwd", "passphrase", "passcode", "secret"))
# Only where they end a name: `auth_token`, not `token_bucket`.
AT_END = frozenset(
    (
        *ANYWHERE,
        *("pwd", "pw", "psk", "pass", "token", "apikey", "auth", "authorization", "cookie", "credential"),
        *("credentials", "creds", "signature", "sig", "jwt", "otp", "pat", "bearer", "sid", "sessionid"),
    )
)
# Written as one word: `dbpassword`, `PGPASSWORD`, `accesstoken`.
ENDINGS = (
    *("password", "passwd", "passphrase", "passcode", "secret", "token", "apikey", "secretkey", "accesskey"),
    *("privatekey", "accountkey", "authkey", "signingkey", "encryptionkey", "masterkey", "sessionkey", "pwd"),
)
# `api_key` is secret, `partition_key` is not.
KEYS_OF = frozenset(
    (
        *("api", "access", "secret", "private", "signing", "signature", "encryption", "encrypt", "master", "account"),
        *("shared", "storage", "subscription", "auth", "ssh", "jwt", "session", "app", "application", "hmac"),
        *("crypto", "cipher", "aes", "rsa", "consumer", "client", "deploy", "webhook", "admin", "write", "server"),
        *("license", "service", "stripe", "sendgrid", "openai", "anthropic", "datadog", "dd", "function", "root"),
    )
)
# What may follow without changing what the value is: `SECRET_KEY_BASE`, `password2`, `token_prod`.
SUFFIXES = frozenset(
    (
        *("base", "value", "string", "text", "plain", "plaintext", "hash", "data", "prod", "production", "staging"),
        *("dev", "test", "live", "old", "new", "current", "previous", "primary", "secondary", "env", "b64"),
        *("base64", "encoded", "encrypted", "pem", "json", "raw", "confirm", "confirmation", "again"),
    )
)
# `token_type`, `password_length`, `secret_arn`: told about a secret, without it.
ABOUT = frozenset(
    (
        *("name", "arn", "file", "path", "count", "length", "len", "type", "expiry", "expires", "expiration", "exp"),
        *("ttl", "age", "policy", "url", "uri", "version", "id", "ids", "size", "limit", "max", "min", "status"),
        *("state", "at", "enabled", "required", "rotation", "endpoint", "host", "header", "headers", "algorithm"),
        *("provider", "manager", "store", "hint", "reset", "attempts", "field", "format", "prefix", "index", "mode"),
        *("method", "error", "validation", "request", "response", "service", "server", "user", "username", "timeout"),
    )
)
# Page marks, not secrets: `NextToken`, `continuation_token`.
PAGES = frozenset(("next", "page", "continuation", "pagination", "starting", "marker", "client_request"))


def words_of(name: str) -> list[str]:
    """The words that a name is made of, in lower case; figures and harmless suffixes at its end are left out."""
    words = [w.lower() for w in WORDS.findall(name)]
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in SUFFIXES):
        words.pop()
    return words


def names_a_secret(name: str) -> bool:
    """Whether the value that follows `name` must not be shown."""
    words = words_of(name)
    if not words or words[-1] in ABOUT or PAGES & set(words):
        return False
    last = words[-1]
    if ANYWHERE & set(words) or last in AT_END:
        return True
    if last in ("key", "keys") and len(words) > 1:
        return words[-2] in KEYS_OF
    return last.endswith(ENDINGS)
