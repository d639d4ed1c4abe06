"""Names of the guide's portfolio, and ids that look like AWS's and are the same in every run."""

from hashlib import sha256

ACCOUNT = "123456789012"
REGION = "ap-northeast-1"
CLUSTER = "portfolio-cluster"
SERVICE = "portfolio-api-service"
FAMILY = "portfolio-api"
CONTAINER = "portfolio-api"
LOG_GROUP = "/aws/ecs/portfolio-api"
PORT = 8000
HEALTH_PATH = "/health"
TABLE = "portfolio-users"
BUCKET = "portfolio-site"
DISTRIBUTION = "E2PORTFOLIO01"
DISTRIBUTION_DOMAIN = "d2portfolio0001.cloudfront.net"
ORIGIN_ACCESS = "E3PORTFOLIOOAC"
REPOSITORY = "portfolio-api"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
LEDGER_TABLE = "remediator-ledger"
SWITCH_PARAMETER = "/remediator/switch"
FIX_ROLE_PREFIX = f"arn:aws:iam::{ACCOUNT}:role/remediator-fix-"
REMEDIATE_ALIAS = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:remediator-remediate:live"
INTAKE_QUEUE = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/remediator-signals"
INTAKE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:remediator-signals"
INTAKE_FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:remediator-intake"
LEASE_GROUP = f"remediator-leases-{REGION}"
LEASE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/remediator-leases"
LEASE_DEAD = f"arn:aws:sqs:{REGION}:{ACCOUNT}:remediator-rules-dead"
TOPICS = ("high", "medium", "low", "pager")


def ecs_arn(path: str) -> str:
    """ARN of something in ECS, `service/portfolio-cluster/portfolio-api-service`."""
    return f"arn:aws:ecs:{REGION}:{ACCOUNT}:{path}"


def image(version: str) -> str:
    """The image of one version of the portfolio's API, as a task definition names it."""
    return f"{REGISTRY}/{REPOSITORY}:{version}"


def digest(image_name: str) -> str:
    """What the registry says an image name stands for."""
    return "sha256:" + hexadecimal("image", image_name, length=64)


def hexadecimal(*of: object, length: int = 32) -> str:
    """Hexadecimal digits that are always the same for the same words."""
    return sha256("/".join(map(str, of)).encode()).hexdigest()[:length]


def number(*of: object, length: int = 19) -> str:
    """Decimal digits that are always the same for the same words; the first is never 0."""
    return "9" + str(int(hexadecimal(*of), 16))[: length - 1]


def uuid(*of: object) -> str:
    """A text in the form of a UUID that is always the same for the same words."""
    digits = hexadecimal(*of)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
