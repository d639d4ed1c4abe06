"""DeleteTable through CloudTrail: what is trouble of the table, what is the caller's, and what is none."""

import json

import pytest

from remediator.core.errors import EventNotUnderstood
from remediator.core.model import Ignored, Signal
from remediator.core.serialization import canonical
from remediator.events import parse

from ..corpus import event

IN_USE = "constructed_cloudtrail_delete_table_error_4_ddb_delete_inuse.json"
ARN = "arn:aws:dynamodb:ap-northeast-1:123456789012:table/users"


def told(**detail):
    raw = event(IN_USE)
    raw["detail"] |= detail
    return parse(raw)[0]


def test_a_refusal_names_the_table_who_asked_and_what_dynamodb_said():
    signal = told()
    assert isinstance(signal, Signal)
    assert signal.resource.kind == "table"
    assert signal.at == "2015-05-04T13:38:20.000Z"
    assert signal.key == "a954451c-c2fc-4561-8aea-7a30ba1fdf52"
    assert signal.facts["by"] == "users/bob"
    assert signal.facts["caller"] == "person"
    assert signal.facts["said"] == "The resource which you are attempting to change is in use."


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AccessDenied", "User: x is not authorized to perform: dynamodb:DeleteTable"),
        ("AccessDeniedException", None),
        ("ResourceNotFoundException", "Requested resource not found"),
        ("ThrottlingException", "Rate exceeded"),
        ("LimitExceededException", "Subscriber limit exceeded"),
        ("ValidationException", "Value 'a b' at 'tableName' failed to satisfy constraint"),
    ],
)
def test_what_is_the_callers_own_matter_is_ignored_with_the_reason_even_without_parameters(code, message):
    parsed = told(errorCode=code, errorMessage=message, requestParameters=None)
    assert isinstance(parsed, Ignored)
    assert code.removesuffix("Exception") in parsed.reason


def test_a_deletion_that_goes_through_and_another_call_are_ignored():
    assert isinstance(told(errorCode=None, errorMessage=None), Ignored)
    assert isinstance(told(eventName="UpdateTable"), Ignored)


@pytest.mark.parametrize("code", ["ResourceInUse", "ResourceInUseException"])
def test_the_code_may_come_with_or_without_its_suffix(code):
    assert isinstance(told(errorCode=code), Signal)


def test_the_table_may_be_named_by_its_arn():
    assert told(requestParameters={"tableName": ARN}).resource.arn == ARN


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eu-central-1", "aws")]
)
def test_the_region_says_which_partition(region, partition):
    assert told(awsRegion=region).resource.arn == f"arn:{partition}:dynamodb:{region}:111122223333:table/Music"


@pytest.mark.parametrize(
    "torn",
    [
        {"requestParameters": None},
        {"requestParameters": {"tableName": ""}},
        {"requestParameters": {"tableName": "a b\n"}},
        {"requestParameters": {"tableName": "arn:aws:s3:::bucket"}},
        {"requestParameters": {"tableName": f"{ARN}/index/x"}},
        {"awsRegion": "nowhere"},
        {"recipientAccountId": "1"},
        {"eventName": ""},
    ],
)
def test_an_event_that_lacks_what_aws_documents_is_no_signal(torn):
    with pytest.raises(EventNotUnderstood):
        told(**torn)


def test_an_event_without_an_id_has_a_key_all_the_same():
    assert told(eventID=None).key == "arn:aws:dynamodb:us-west-2:111122223333:table/Music@2015-05-04T13:38:20.000Z"


def test_secrets_in_what_was_said_are_not_kept():
    said = "Table: x is in use. password=hunter2hunter2\n" + "y" * 5000
    signal = told(errorMessage=said)
    assert "hunter2" not in canonical(signal)
    assert len(json.dumps(signal.facts["said"])) < 1100


@pytest.mark.parametrize("identity", [None, {}, {"type": 5}, {"arn": 7, "sessionContext": "x"}])
def test_whoever_called_cannot_break_it(identity):
    assert isinstance(told(userIdentity=identity), Signal)
