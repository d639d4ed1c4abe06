"""What secrets look like by themselves, whatever stands before them: prefixes that their issuers gave them."""

import re

KEY_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
KEY_BODY = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}|[A-Za-z0-9+/]+={1,2}")

# Each begins with fixed characters, so that a search is one pass over the text.
ISSUED = (
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",  # AWS access key ids; AROA and AIDA name roles and users, no secrets
    r"(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9+/=%_-]{8,}",  # AWS session tokens
    r"ABSK[A-Za-z0-9+/]{40,}={0,2}",  # Amazon Bedrock API keys
    r"eyJ[A-Za-z0-9_=-]{8,}\.[A-Za-z0-9_=.-]{4,}",  # JSON web tokens, signed or encrypted
    r"eyJ[A-Za-z0-9_-]{40,}",  # the same, cut off
    r"gAAAAA[A-Za-z0-9_=-]{20,}",  # Fernet
    r"gh[pousr]_[A-Za-z0-9]{16,}",
    r"github_pat_[A-Za-z0-9_]{16,}",
    r"gl(?:pat|dt|rt|ptt|cbt|oas|soat|agent|imt|ft)-[A-Za-z0-9_.-]{16,}",  # GitLab
    r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}",  # Slack
    r"xapp-[A-Za-z0-9-]{8,}",
    r"hooks\.slack\.com/[a-z]+/[A-Za-z0-9/_-]+",
    r"discord(?:app)?\.com/api/webhooks/\d+/[A-Za-z0-9_-]+",
    r"[a-z0-9]{0,40}\.webhook\.office\.com/[A-Za-z0-9/@_-]+",
    r"[sr]k_(?:live|test)_[A-Za-z0-9]{8,}",  # Stripe
    r"whsec_[A-Za-z0-9+/=]{16,}",
    r"sk-[A-Za-z0-9_-]{20,}",  # OpenAI, Anthropic
    r"AIza[A-Za-z0-9_-]{30,}",  # Google
    r"ya29\.[A-Za-z0-9_-]{10,}",
    r"GOCSPX-[A-Za-z0-9_-]{16,}",
    r"1//0[A-Za-z0-9_-]{30,}",
    r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",  # SendGrid
    r"npm_[A-Za-z0-9]{30,}",
    r"pypi-[A-Za-z0-9_-]{30,}",
    r"hf_[A-Za-z0-9]{24,}",
    r"do[opr]_v1_[a-f0-9]{32,}",  # DigitalOcean
    r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{24,}",  # Shopify
    r"dapi[a-f0-9]{32}",  # Databricks
    r"hv[sbr]\.[A-Za-z0-9_-]{20,}",  # Vault
    r"dckr_pat_[A-Za-z0-9_-]{16,}",
    r"gl(?:sa|c)_[A-Za-z0-9_=+/-]{24,}",  # Grafana
    r"NRAK-[A-Z0-9]{20,}",
    r"sq0[a-z]{3}-[A-Za-z0-9_-]{16,}",
    r"ATATT3[A-Za-z0-9_=-]{20,}",
    r"AGE-SECRET-KEY-1[A-Z0-9]{20,}",
    r"\$2[abxy]\$\d\d\$[./A-Za-z0-9]{20,}",  # bcrypt
    r"\$argon2id?\$[^\s\"']{20,}",
)
SHAPES = re.compile(r"(?<![A-Za-z0-9])(?:" + "|".join(ISSUED[2:]) + r")|" + "|".join(ISSUED[:2]))

# A secret access key without its name: 40 characters, in which the kind of character changes all the time.
FORTY = re.compile(r"(?<![A-Za-z0-9+/=_.-])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=_-])")
RUNS = re.compile(r"[a-z]+|[A-Z]+|[0-9]+|[+/]+")
RANDOM_RUNS = 15

# A line of a key that was cut from its BEGIN line (64 characters each); digests are lower-case hex, so they are kept.
BODY_LINE = re.compile(r"(?m)^[ \t]*([A-Za-z0-9+/]{64})[ \t]*$")

CARD = re.compile(r"(?<![\w.:/-])(?:4\d{3}|5[1-5]\d\d|3[47]\d\d|6011)(?:[ -]?\d{4}){2}[ -]?\d{3,4}(?![\w.:-])")


def is_random(word: str) -> bool:
    """Whether a run of base64 characters looks made by chance: all kinds of character, changing often."""
    kinds = any(c.isupper() for c in word) and any(c.islower() for c in word) and any(c.isdigit() for c in word)
    return kinds and len(RUNS.findall(word)) >= RANDOM_RUNS


def is_card(figures: str) -> bool:
    """Whether the check digit of a card number is right (Luhn)."""
    digits = [int(c) for c in reversed(figures) if c.isdigit()]
    doubled = (d if n % 2 == 0 else d * 2 - 9 * (d > 4) for n, d in enumerate(digits))
    return sum(doubled) % 10 == 0
