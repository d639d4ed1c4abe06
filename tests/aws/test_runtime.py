"""What a Lambda entry works with: clients are made in the init phase of a Lambda, and on first use elsewhere."""

from remediator.aws import runtime
from remediator.aws.runtime import prepare


class Session:
    """A session that notes which clients are made."""

    def __init__(self):
        self.made = []

    def __call__(self, service, region=""):
        self.made.append(service)


def _runtime():
    return runtime.Runtime(settings=runtime.Settings(), environment=runtime.Environment(), clients=Session())


def test_in_a_lambda_the_clients_are_made_when_the_handler_is_loaded(monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
    made = _runtime()
    monkeypatch.setattr(runtime, "_installed", [made])
    prepare("dynamodb", "lambda")
    assert made.clients.made == ["dynamodb", "lambda"]


def test_elsewhere_no_client_is_made_before_it_is_used(monkeypatch):
    monkeypatch.delenv("AWS_LAMBDA_INITIALIZATION_TYPE", raising=False)
    made = _runtime()
    monkeypatch.setattr(runtime, "_installed", [made])
    prepare("dynamodb", "lambda")
    assert made.clients.made == []
