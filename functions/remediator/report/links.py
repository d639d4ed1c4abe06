"""Links that a report offers: made from checked names only, so that no text from outside ever becomes an address."""

import re

from ..core.model import Resource

# The console finds the page of a resource by its ARN. Only the commercial partition's console has this address.
CONSOLE = "https://console.aws.amazon.com/go/view?arn="
PLAIN_ARN = re.compile(r"arn:aws:[a-z0-9-]{1,40}:[a-z0-9-]{0,25}:\d{0,12}:[\w:/.-]{1,1000}", re.ASCII)


def console_page(resource: Resource) -> str:
    """Where the console shows the resource; empty where its ARN holds anything that an address would have to escape."""
    return f"{CONSOLE}{resource.arn}" if PLAIN_ARN.fullmatch(resource.arn) else ""
