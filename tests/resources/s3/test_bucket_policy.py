"""A bucket policy against the distribution that reads: who is admitted, what is missing, what forbids."""

import json

import pytest

from remediator.resources.s3.bucket_policy import S3_POLICY_BYTES, judge, merged, missing_statement
from remediator.resources.s3.origin_read import OriginRead

BUCKET, ACCOUNT, ID = "portfolio-site", "111122223333", "EDFDVBD6EXAMPLE"
ARN = f"arn:aws:cloudfront::{ACCOUNT}:distribution/{ID}"
OBJECTS = f"arn:aws:s3:::{BUCKET}/*"
OAI_ARN = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity "
OAC = OriginRead(access="oac", bucket=BUCKET, distribution=ID, account=ACCOUNT, partition="aws")
OAI = OriginRead(access="oai", bucket=BUCKET, distribution=ID, account=ACCOUNT, partition="aws", oai="E2OAIOAIOAI")
UNSIGNED = OriginRead(access="anonymous", bucket=BUCKET, partition="aws")
UNKNOWN = OriginRead()
SERVICE = {"Service": "cloudfront.amazonaws.com"}
FROM_IT = {"StringEquals": {"AWS:SourceArn": ARN}}


def allow(principal=SERVICE, action="s3:GetObject", resource=OBJECTS, condition=FROM_IT, **more):
    made = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource, **more}
    return {**made, "Condition": condition} if condition else made


def deny(condition=None, principal="*", action="s3:*", resource=OBJECTS, **more):
    return {**allow(principal, action, resource, condition, **more), "Effect": "Deny"}


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def word(read, *statements):
    return judge(policy(*statements), read).word


ADMITTED_BY_OAC = {
    "the policy of AWS's own page": allow(),
    "the key in small letters": allow(condition={"StringEquals": {"aws:sourcearn": ARN}}),
    "ArnLike": allow(condition={"ArnLike": {"AWS:SourceArn": ARN}}),
    "ArnEquals with a wildcard": allow(condition={"ArnEquals": {"AWS:SourceArn": f"{ARN[:-4]}*"}}),
    "StringLike on every distribution of the account": allow(
        condition={"StringLike": {"AWS:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/*"}}
    ),
    "one of several distributions": allow(condition={"StringEquals": {"AWS:SourceArn": [f"{ARN}2", ARN]}}),
    "the account alone": allow(condition={"StringEquals": {"AWS:SourceAccount": ACCOUNT}}),
    "account and distribution": allow(condition={"StringEquals": {"AWS:SourceAccount": ACCOUNT, "AWS:SourceArn": ARN}}),
    "s3:*": allow(action="s3:*"),
    "s3:Get*": allow(action=["s3:PutObject", "s3:Get*"]),
    "actions in other letters": allow(action="S3:GETOBJECT"),
    "every action but one": {k: v for k, v in allow(NotAction="s3:DeleteObject").items() if k != "Action"},
    "objects and bucket": allow(resource=[OBJECTS, OBJECTS[:-2]], action=["s3:GetObject", "s3:ListBucket"]),
    "a list of services": allow({"Service": ["lambda.amazonaws.com", "cloudfront.amazonaws.com"]}),
    "everyone": allow("*", condition=None),
    "everyone as AWS writes it": allow({"AWS": "*"}, condition=None),
    "the same with IfExists": allow(condition={"StringEqualsIfExists": {"AWS:SourceArn": ARN}}),
    "an exact host range that includes everybody": allow(
        condition={"IpAddress": {"aws:SourceIp": ["::/0", "10.0.0.0/8"]}}
    ),
    "any host": allow("*", condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
    "TLS of 1.2 and more": allow(
        condition={"NumericGreaterThanEquals": {"s3:TlsVersion": 1.2}, "StringEquals": {"AWS:SourceArn": ARN}}
    ),
    "a name in other letters": allow(
        condition={"StringEqualsIgnoreCase": {"aws:PrincipalServiceName": "CloudFront.amazonaws.com"}}
    ),
    "everything in the partition": allow(resource="arn:aws:s3:::*"),
    "everything": allow(resource="*"),
    "services only": allow("*", condition={"Bool": {"aws:PrincipalIsAWSService": "true"}}),
}
LACKING_FOR_OAC = {
    "another distribution": (allow(condition={"StringEquals": {"AWS:SourceArn": f"{ARN}X"}}), "is not met"),
    "another account": (
        allow(condition={"StringEquals": {"AWS:SourceArn": ARN.replace(ACCOUNT, "444455556666")}}),
        "is not met",
    ),
    "another account alone": (allow(condition={"StringEquals": {"aws:SourceAccount": "444455556666"}}), "is not met"),
    "a region in the ARN": (
        allow(condition={"StringEquals": {"AWS:SourceArn": ARN.replace("::", ":us-east-1:")}}),
        "is not met",
    ),
    "a wildcard that Equals takes literally": (
        allow(condition={"StringEquals": {"AWS:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/*"}}),
        "is not met",
    ),
    "the bucket without its objects": (allow(resource=OBJECTS[:-2]), f"must be {OBJECTS}"),
    "another bucket": (allow(resource="arn:aws:s3:::other/*"), f"must be {OBJECTS}"),
    "another partition": (allow(resource=OBJECTS.replace(":aws:", ":aws-cn:")), "is not about"),
    "one prefix": (allow(resource=OBJECTS.replace("*", "images/*")), "only a part"),
    "one kind of file": (allow(resource=OBJECTS + ".html"), "only a part"),
    "listing only": (allow(action="s3:ListBucket"), "does not allow s3:GetObject"),
    "old versions only": (allow(action="s3:GetObjectVersion"), "does not allow s3:GetObject"),
    "an identity that is not used": (allow({"AWS": f"{OAI_ARN}E2OAIOAIOAI"}, condition=None), "names the service"),
    "another service": (allow({"Service": "s3.amazonaws.com"}), "names the service"),
    "the account's own root": (allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, condition=None), "names the service"),
    "from a VPC only": (allow("*", condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}}), "is not met"),
    "from the office only": (allow("*", condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), "is not met"),
    "not for services": (allow(condition={"Bool": {"aws:PrincipalIsAWSService": "false"}}), "is not met"),
}


@pytest.mark.parametrize("statement", ADMITTED_BY_OAC.values(), ids=ADMITTED_BY_OAC)
def test_a_statement_admits_the_distribution(statement):
    assert word(OAC, statement) == "admits"


@pytest.mark.parametrize(("statement", "because"), LACKING_FOR_OAC.values(), ids=LACKING_FOR_OAC)
def test_a_statement_does_not_admit_and_the_words_say_what_is_missing(statement, because):
    said = judge(policy(statement), OAC)
    assert said.word == "lacks"
    assert because in said.why.en
    assert said.at_fault


HARMLESS = {
    "plain HTTP": deny({"Bool": {"aws:SecureTransport": "false"}}),
    "old TLS": deny({"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
    "other actions": deny(action="s3:PutObject"),
    "other readers": deny(principal={"AWS": "arn:aws:iam::444455556666:root"}),
    "everyone but CloudFront": deny(principal=None, NotPrincipal=SERVICE, condition=None),
    "an office that services need not sit in": deny(
        {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Bool": {"aws:PrincipalIsAWSService": "false"}}
    ),
    "other sources": deny({"StringNotEquals": {"AWS:SourceArn": ARN}}),
    "a private folder": deny(resource=OBJECTS.replace("*", "private/*")),
    "another bucket": deny(resource="arn:aws:s3:::other/*"),
}
HARMFUL = {
    "everything": deny(),
    "all but a role": deny(principal=None, NotPrincipal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/admin"}),
    "all but an endpoint": deny({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
    "all but a VPC": deny({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}),
    "all but the office": deny({"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "10.0.0.0/8"]}}),
    "all outside the organisation": deny({"StringNotEquals": {"aws:PrincipalOrgID": "o-1234567890"}}),
    "all other distributions": deny({"StringNotEquals": {"AWS:SourceArn": f"{ARN}X"}}),
    "HTTPS": deny({"Bool": {"aws:SecureTransport": "true"}}),
    "no source at a service": deny({"Null": {"aws:SourceVpce": "true"}}),
}


@pytest.mark.parametrize("statement", HARMLESS.values(), ids=HARMLESS)
def test_a_deny_that_is_not_about_cloudfront_changes_nothing(statement):
    statement = {k: v for k, v in statement.items() if v is not None}
    assert word(OAC, allow(), statement) == "admits"


@pytest.mark.parametrize("statement", HARMFUL.values(), ids=HARMFUL)
def test_a_deny_about_cloudfront_wins_and_is_named(statement):
    statement = {k: v for k, v in statement.items() if v is not None}
    said = judge(policy(allow(), {**statement, "Sid": "KeepOut"}), OAC)
    assert (said.word, said.statement) == ("denies", "KeepOut")
    assert "KeepOut" in said.why.ja


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"s3:ExistingObjectTag/public": "yes"}},
        {"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}},
        {"SomethingNew": {"aws:SourceArn": ARN}},
        {"IpAddress": {"aws:SourceIp": "13.32.0.0/15"}},
        "not an object",
        {"StringEquals": "not an object"},
        {"IpAddress": {"aws:SourceIp": "office"}},
        {"NumericLessThan": {"s3:TlsVersion": "old"}},
        {"Null": {"s3:ExistingObjectTag/public": "true"}},
        {"StringNotEquals": {"s3:ExistingObjectTag/public": "no"}},
    ],
    ids=str,
)
def test_a_condition_that_is_not_understood_is_never_taken_for_met_or_unmet(condition):
    assert word(OAC, allow(condition=condition)) == "cannot_tell"
    assert word(OAC, allow(), deny(condition)) == "cannot_tell"


def test_an_unmet_condition_decides_whatever_else_is_not_understood():
    both = {"StringEquals": {"AWS:SourceArn": f"{ARN}X", "s3:ExistingObjectTag/public": "yes"}}
    assert word(OAC, allow(condition=both)) == "lacks"


def test_a_lack_stays_a_lack_whatever_a_deny_besides_it_means():
    assert word(OAC, allow(action="s3:ListBucket"), deny({"DateLessThan": {"aws:CurrentTime": "x"}})) == "lacks"


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ({"AWS": f"{OAI_ARN}E2OAIOAIOAI"}, "admits"),
        ({"AWS": [f"{OAI_ARN}E1OTHER", f"{OAI_ARN}E2OAIOAIOAI"]}, "admits"),
        ({"AWS": f"{OAI_ARN}E1OTHER"}, "lacks"),
        ({"AWS": f"{OAI_ARN}{ID}"}, "lacks"),
        ({"AWS": OAI_ARN.replace(" ", "_") + "E2OAIOAIOAI"}, "lacks"),
        ({"AWS": "arn:aws:iam::cloudfront:user/E2OAIOAIOAI"}, "lacks"),
        ({"AWS": "AIDAJDPLRKLG7UEXAMPLE"}, "lacks"),  # what S3 shows in place of an identity that was deleted
        (SERVICE, "lacks"),
        ({"CanonicalUser": "79a5" * 16}, "cannot_tell"),
        ("*", "admits"),
    ],
    ids=str,
)
def test_an_origin_access_identity_is_admitted_by_its_own_name_only(principal, expected):
    assert word(OAI, allow(principal, condition=None)) == expected


def test_a_canonical_user_that_is_known_is_compared():
    known = OriginRead(access="oai", bucket=BUCKET, oai="E2OAIOAIOAI", canonical_user="79a5" * 16)
    assert word(known, allow({"CanonicalUser": "79a5" * 16}, condition=None)) == "admits"
    assert word(known, allow({"CanonicalUser": "00a5" * 16}, condition=None)) == "lacks"


def test_an_identity_carries_no_source():
    assert word(OAI, allow({"AWS": f"{OAI_ARN}E2OAIOAIOAI"})) == "lacks"


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (UNSIGNED, "admits"),
        (OriginRead(access="anonymous", bucket=BUCKET, public_blocked=True), "denies"),
        (OriginRead(access="oac", bucket=BUCKET, public_blocked=True), "admits"),
    ],
)
def test_a_public_policy_holds_as_far_as_the_public_access_block_lets_it(read, expected):
    assert word(read, allow("*", condition=None)) == expected


def test_a_request_without_signature_needs_a_public_statement():
    assert word(UNSIGNED, allow()) == "lacks"


def test_a_service_without_a_source_is_delivered_and_is_a_fault_all_the_same():
    said = judge(policy(allow(condition=None)), OAC)
    assert (said.word, said.open_to, said.at_fault) == ("admits", "every_distribution", True)
    assert not judge(policy(allow(condition=None), allow()), OAC).open_to
    any_account = {"StringLike": {"AWS:SourceArn": "arn:aws:cloudfront::*:distribution/*"}}
    assert judge(policy(allow(condition=any_account)), UNKNOWN).open_to == "every_distribution"
    own_account = {"StringLike": {"AWS:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/*"}}
    assert not judge(policy(allow(condition=own_account)), UNKNOWN).open_to


def test_only_what_lies_under_the_origin_path_must_be_admitted():
    below = OriginRead(access="oac", bucket=BUCKET, distribution=ID, account=ACCOUNT, prefix="site/")
    assert word(below, allow(resource=OBJECTS.replace("*", "site/*"))) == "admits"
    assert word(below, allow(resource=OBJECTS.replace("*", "other/*"))) == "lacks"
    assert word(below, allow(), deny(resource=OBJECTS.replace("*", "site/*"))) == "denies"
    assert word(
        below, {k: v for k, v in allow(NotResource=OBJECTS.replace("*", "raw/*")).items() if k != "Resource"}
    ) == ("admits")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (allow(), "admits"),
        (
            allow(condition={"StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::<account>:distribution/<id>"}}),
            "admits",
        ),
        (allow(condition={"StringLike": {"AWS:SourceArn": "*"}}), "admits"),
        (allow(condition={"ArnLike": {"AWS:SourceArn": "arn:aws:cloudfront::*:distribution/E*"}}), "admits"),
        (allow(condition={"StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::*:distribution/E1"}}), "lacks"),
        (allow(condition={"StringNotEquals": {"AWS:SourceArn": "arn:aws:s3:::my-bucket"}}), "admits"),
        (allow(condition={"StringEquals": {"AWS:SourceAccount": "<account>"}}), "admits"),
        (allow(condition={"StringEquals": {"AWS:SourceAccount": "12"}}), "lacks"),
        (allow(condition={"StringEquals": {"AWS:SourceArn": "arn:aws:s3:::my-bucket"}}), "lacks"),
        (allow(condition={"StringEquals": {"AWS:SourceArn": ID}}), "lacks"),
        (allow(resource="arn:aws:s3:::<bucket>/*"), "admits"),
        (allow(resource="arn:aws:s3:::<bucket>"), "lacks"),
        (allow({"AWS": f"{OAI_ARN}<origin access identity ID>"}, condition=None), "admits"),
        (allow({"AWS": f"{OAI_ARN}EH1HDMB1FH2TC"}, condition=None), "admits"),
        (allow({"AWS": f"{OAI_ARN}<distribution ID>"}, condition=None), "lacks"),
        (allow({"AWS": "arn:aws:iam::cloudfront:user/ID_NUMBER"}, condition=None), "lacks"),
        (allow({"CanonicalUser": "79a5" * 16}, condition=None), "admits"),
        (allow("*", condition=None), "admits"),
        (allow({"AWS": f"arn:aws:iam::{ACCOUNT}:role/deploy"}, condition=None), "lacks"),
        (allow("*", condition={"StringLike": {"aws:Referer": "secret"}}), "cannot_tell"),
    ],
    ids=lambda v: v if isinstance(v, str) else json.dumps(v)[:80],
)
def test_without_a_distribution_the_form_is_judged_as_far_as_it_goes(statement, expected):
    assert word(UNKNOWN, statement) == expected


def test_one_of_two_readers_that_a_policy_names_is_enough():
    moving = policy(allow({"AWS": f"{OAI_ARN}E2OAIOAIOAI"}, condition=None), allow(action="s3:ListBucket"))
    assert judge(moving, UNKNOWN).word == "admits"


KEY = {
    "Sid": "AllowCloudFrontToUseTheKey",
    "Effect": "Allow",
    "Principal": SERVICE,
    "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
    "Resource": "*",
    "Condition": FROM_IT,
}
ROOT = {**KEY, "Sid": "Owner", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Condition": {}}
KEY_ARN = f"arn:aws:kms:ap-northeast-1:{ACCOUNT}:key/1234abcd"


def test_a_key_policy_is_judged_by_decrypt():
    read = OriginRead(access="oac", distribution=ID, account=ACCOUNT, key_arn=KEY_ARN)
    assert word(read, ROOT, KEY) == "admits"
    assert word(read, ROOT) == "lacks"
    assert word(read, {**KEY, "Action": "kms:Encrypt"}) == "lacks"
    assert judge(KEY, UNKNOWN).word == "admits"
    assert judge({**KEY, "Action": "kms:Encrypt"}, UNKNOWN).word == "lacks"


def test_a_key_policy_for_another_key_lacks():
    read = OriginRead(access="oac", distribution=ID, account=ACCOUNT, key_arn=KEY_ARN)
    said = judge(policy({**KEY, "Resource": KEY_ARN + "5"}), read)
    assert (said.word, "not about this key" in said.why.en) == ("lacks", True)
    assert word(read, {**KEY, "Resource": KEY_ARN}) == "admits"


def test_a_single_statement_need_not_be_a_list():
    assert judge({"Statement": allow()}, OAC).word == "admits"
    assert judge(json.dumps(policy(allow())), OAC).word == "admits"


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "[]",
        "null",
        '{"Statement": []}',
        '{"Statement": "Allow"}',
        '{"Statement": [1]}',
        '{"Statement": [{"Effect": "allow"}]}',
        "[" * 70_000,
        "x" * 10_000_000,
        7,
        {"Statement": [allow()] * 1000},
    ],
    ids=lambda d: str(d)[:20],
)
def test_what_is_no_policy_is_said_to_be_none_and_never_lacking(document):
    assert judge(document, OAC).word == "cannot_tell"


def test_a_hostile_pattern_takes_no_time_and_hostile_words_are_bounded():
    statement = allow(resource="arn:aws:s3:::" + "*a" * 9000, condition=None, Sid="\x1b[31m" + "A" * 9000)
    said = judge(policy(statement), OAC)
    assert said.word == "lacks"
    assert len(said.why.en) < 700
    assert "\x1b" not in said.why.en


def test_what_is_known_in_part_is_compared_in_part():
    by_id = OriginRead(access="oac", distribution=ID)
    assert word(by_id, allow()) == "admits"
    assert word(by_id, allow(condition={"StringEquals": {"AWS:SourceArn": f"{ARN}X"}})) == "lacks"
    by_account = OriginRead(access="oac", account=ACCOUNT)
    assert word(by_account, allow()) == "admits"
    assert word(by_account, allow(condition={"StringEquals": {"AWS:SourceAccount": "444455556666"}})) == "lacks"


@pytest.mark.parametrize("principal", [None, 7, {"Service": 7}, []], ids=str)
def test_who_is_not_named_in_a_known_form_is_nobody(principal):
    assert word(OAC, allow(principal)) == "lacks"


def test_no_policy_lacks_everything():
    assert judge(None, OAC).word == "lacks"


@pytest.mark.parametrize("read", [OAC, OAI], ids=["oac", "oai"])
def test_the_missing_statement_admits_exactly_this_reader_and_leaves_the_rest_as_it_was(read):
    before = json.dumps(
        {
            "Version": "2008-10-17",
            "Id": "kept",
            "Statement": deny({"Bool": {"aws:SecureTransport": "false"}}, Sid="Tls"),
        }
    )
    after = merged(before, missing_statement(read))
    assert judge(after, read).word == "admits"
    assert not judge(after, read).open_to
    whole = json.loads(after)
    assert (whole["Version"], whole["Id"]) == ("2008-10-17", "kept")
    assert whole["Statement"][:-1] == [json.loads(before)["Statement"]]


def test_a_bucket_without_policy_gets_one_with_the_one_statement():
    assert judge(merged(None, missing_statement(OAC)), OAC).word == "admits"


def test_the_added_statement_takes_a_name_that_is_free():
    twice = merged(merged(None, missing_statement(OAC)), missing_statement(OAC))
    assert [s["Sid"] for s in json.loads(twice)["Statement"]] == [f"AllowCloudFront{ID}", f"AllowCloudFront{ID}1"]


def test_nothing_is_added_to_what_is_not_understood_or_would_be_too_large():
    with pytest.raises(ValueError, match="not understood"):
        merged("{", missing_statement(OAC))
    long = policy(*[deny(action="s3:PutObject", Sid=f"S{n}" + "x" * 90) for n in range(S3_POLICY_BYTES // 200)])
    with pytest.raises(ValueError, match="more than 20480 bytes"):
        merged(json.dumps(long), missing_statement(OAC))


@pytest.mark.parametrize(
    "read",
    [
        UNKNOWN,
        UNSIGNED,
        OriginRead(access="oac", bucket=BUCKET, distribution=ID),
        OriginRead(access="oai", bucket=BUCKET, oai="E2OAIOAIOAI", key_arn=KEY_ARN),
    ],
)
def test_no_statement_is_made_for_a_reader_that_is_not_known(read):
    with pytest.raises(ValueError, match="bound to one"):
        missing_statement(read)
