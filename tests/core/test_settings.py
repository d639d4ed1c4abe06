import re
import zoneinfo

import pytest

from remediator.core.model import Resource
from remediator.core.settings import TOPICS, Settings, Workload, settings_from
from remediator.resources.kinds import workload_of

SUFFIX = "targetgroup/portfolio-api/73e2d6bc24d8a067"
GROUP = Resource("target_group", f"arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:{SUFFIX}")
DECLARED = Settings(workloads=(Workload(name="portfolio", health_path="/health"), Workload(name="other")))


def test_what_is_given_at_deployment_names_the_workload_of_a_target_group():
    found = DECLARED.with_given({"portfolio": {"target_group": SUFFIX, "load_balancer": ""}})
    workload = workload_of(found, GROUP)
    assert workload is not None
    assert (workload.name, workload.health_path) == ("portfolio", "/health")
    assert found.workloads[1] == DECLARED.workloads[1]


def test_an_empty_text_says_nothing():
    declared = Settings(workloads=(Workload(name="portfolio", target_group=SUFFIX),))
    assert declared.with_given({"portfolio": {"target_group": ""}}) == declared


def test_a_setting_that_no_workload_has_is_refused():
    with pytest.raises(ValueError, match="target_grup"):
        DECLARED.with_given({"portfolio": {"target_grup": SUFFIX}})


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"language": "fr"}, "language: fr is none of en, ja"),
        ({"languages": {"high": "fr"}}, "languages.high: fr is none of en, ja"),
        ({"languages": {"urgent": "ja"}}, "unknown topic urgent; known are high, medium, low, pager"),
        ({"languages": ["ja"]}, "by topic"),
        ({"workloads": [{"name": "p", "resources": ["orders"]}]}, "workloads.resources: 'orders' is no ARN"),
        ({"workloads": [{"name": "p", "resources": "arn:aws:sqs:r:1:q"}]}, "is no list of ARNs"),
        ({"zone": "Tokyo"}, "'Tokyo' is no IANA time zone; write it as Asia/Tokyo"),
        ({"zone": "../../etc/passwd"}, "no IANA time zone"),
        ({"zone": "/etc/localtime"}, "no IANA time zone"),
        ({"zone": ""}, "no IANA time zone"),
    ],
)
def test_what_nobody_can_read_is_refused_at_synth_and_at_the_start(declared, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        settings_from(declared)


def test_a_machine_without_time_zones_says_what_it_lacks(monkeypatch):
    monkeypatch.setattr(zoneinfo, "available_timezones", set)
    with pytest.raises(ValueError, match="pip install tzdata"):
        settings_from({"zone": "Mars/Olympus_Mons"})


def test_the_language_of_a_topic_is_the_deployments_unless_it_has_its_own_and_pagers_read_english():
    settings = settings_from({"language": "ja", "languages": {"low": "en"}, "zone": "Asia/Tokyo"})

    assert [settings.language_of(t) for t in TOPICS] == ["ja", "ja", "en", "en"]
    assert settings_from({"languages": {"pager": "ja"}}).language_of("pager") == "ja"
    assert settings.zone == "Asia/Tokyo"
