import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

from remediator.aws.client import AwsClient, translated
from remediator.core.errors import Defect, Denied, NotFound, Rejected, Retryable, Undeclared, Unknown
from remediator.core.ports import Permission

READ = [Permission("ecs:DescribeServices")]


def refusal(code, status=400, message="no"):
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}, "X"
    )


class Client:
    def __init__(self, found):
        self.told = found
        self.asked = []

    def __getattr__(self, name):
        def method(**parameters):
            self.asked.append((name, parameters))
            if isinstance(self.told, Exception):
                raise self.told
            return self.told

        return method


def door(found, allowed=READ, **more):
    return AwsClient(lambda *_: Client(found), allowed, **more)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (refusal("AccessDeniedException"), Denied),
        (refusal("UnauthorizedOperation", 403), Denied),
        (refusal("ThrottlingException"), Retryable),
        (refusal("TooManyRequestsException", 429), Retryable),
        (refusal("ServiceNotFoundException"), NotFound),
        (refusal("ParameterNotFound"), NotFound),
        (refusal("InternalFailure", 500), Retryable),
        (refusal("ValidationError"), Rejected),
        (ConnectTimeoutError(endpoint_url="https://x"), Retryable),
        (EndpointConnectionError(endpoint_url="https://x"), Retryable),
    ],
)
def test_an_error_of_a_read_says_what_must_happen_next(error, kind):
    with pytest.raises(kind):
        door(error).call("ecs:DescribeServices", services=["s"])


@pytest.mark.parametrize("error", [refusal("InternalFailure", 500), ConnectTimeoutError(endpoint_url="https://x")])
def test_a_write_whose_answer_is_lost_is_unknown_and_never_retryable(error):
    update = [Permission("ecs:UpdateService")]
    with pytest.raises(Unknown):
        door(error, update, writes=True).call("ecs:UpdateService", service="s")


def test_a_write_that_aws_throttled_was_not_made():
    assert isinstance(translated("ecs:UpdateService", refusal("ThrottlingException"), writes=True), Retryable)


def test_what_is_not_declared_is_not_called():
    client = Client({})
    with pytest.raises(Undeclared):
        AwsClient(lambda *_: client, READ).call("ecs:UpdateService", service="s")
    assert client.asked == []


def test_iam_names_become_boto3_clients_and_methods():
    asked = []
    reach = AwsClient(lambda service, _: asked.append(service) or Client({}), None)
    reach.call("elasticloadbalancing:DescribeTargetHealth", TargetGroupArn="arn")
    reach.call("lambda:InvokeFunction", FunctionName="f")
    assert asked == ["elbv2", "lambda"]


def test_a_door_without_http_gets_nothing():
    with pytest.raises(Defect):
        door({}).get("http://x/health")
