"""The sandbox's static site: what its edge answers follows from policy, objects, settings, copies and time."""

from datetime import timedelta

import pytest

from sandbox import names
from sandbox.cloudfront.site import ADMITS, TLS_ONLY, policy

from .sandbox_world import let_pass, open_world

PAGE = f"https://{names.DISTRIBUTION_DOMAIN}/about.html"
RATE = {"DistributionId": names.DISTRIBUTION, "Region": "Global"}


@pytest.fixture
def world():
    with open_world() as opened:
        yield opened


def allow(world, *statements):
    world.someone("s3", "put_bucket_policy", Bucket=names.BUCKET, Policy=policy(*statements))


def test_a_page_is_fetched_once_and_then_comes_from_the_edge(world):
    first = world.http_get(PAGE)
    let_pass(world, 60)
    second = world.http_get(PAGE)
    assert (first.status, first.headers["x-cache"]) == (200, "Miss from cloudfront")
    assert (second.headers["x-cache"], second.headers["age"]) == ("Hit from cloudfront", "60")


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        ((TLS_ONLY, ADMITS), 200),
        ((TLS_ONLY,), 403),
        ((ADMITS, {**TLS_ONLY, "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}), 403),
        (({**ADMITS, "Condition": {}},), 403),
    ],
)
def test_what_the_bucket_policy_does_not_admit_is_refused(world, statements, status):
    allow(world, *statements)
    assert world.http_get(PAGE).status == status


def test_an_error_is_kept_for_ten_seconds_or_as_long_as_is_set(world):
    site = world.around.site
    site.remove("about.html")
    assert world.http_get(PAGE).status == 403
    site.put("about.html", "", world.clock.now())
    let_pass(world, 9)
    assert world.http_get(PAGE).status == 403
    let_pass(world, 2)
    assert world.http_get(PAGE).status == 200


def test_an_invalidation_drops_its_paths_after_a_while_and_no_other(world):
    site = world.around.site
    world.http_get(PAGE)
    world.http_get(f"https://{names.DISTRIBUTION_DOMAIN}/")
    batch = {"Paths": {"Quantity": 1, "Items": ["/about.html"]}, "CallerReference": "once"}
    for _ in range(2):  # the same reference is the same invalidation
        world.someone("cloudfront", "create_invalidation", DistributionId=names.DISTRIBUTION, InvalidationBatch=batch)
    assert len(site.dropped) == 1
    let_pass(world, 46)
    site.catch_up(world.clock.now())
    assert set(site.copies) == {"/"}


def test_a_change_serves_once_it_is_deployed(world):
    site = world.around.site
    site.set(origin_path="/nowhere", deploys_in_s=300)
    assert (world.http_get(PAGE).status, site.deployed) == (200, False)
    let_pass(world, 301)
    site.forget()
    assert (world.http_get(PAGE).status, site.deployed) == (403, True)


def test_a_disabled_distribution_and_a_bucket_that_is_gone_deliver_nothing(world):
    world.around.site.set(bucket="gone")
    assert world.http_get(PAGE).status == 404
    world.around.site.set(enabled=False)
    assert world.http_get(PAGE).status == 403


def test_the_error_rate_is_what_viewers_met_in_that_minute(world):
    site, now = world.around.site, world.clock.now()
    site.look(now)
    allow(world, TLS_ONLY)
    site.forget()
    site.look(now + timedelta(minutes=1))
    rate = site.source("AWS/CloudFront", "4xxErrorRate", RATE)
    assert [rate(now - timedelta(seconds=30)), rate(now + timedelta(seconds=30))] == [0.0, 100.0]
    assert rate(now + timedelta(minutes=9)) is None
    assert site.source("AWS/CloudFront", "4xxErrorRate", {"DistributionId": "E0"}) is None
