import pytest

from remediator.core.model import Resource
from remediator.core.settings import Settings, Workload

SUFFIX = "targetgroup/portfolio-api/73e2d6bc24d8a067"
GROUP = Resource("target_group", f"arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:{SUFFIX}")
DECLARED = Settings(workloads=(Workload(name="portfolio", health_path="/health"), Workload(name="other")))


def test_what_is_given_at_deployment_names_the_workload_of_a_target_group():
    told = DECLARED.with_given({"portfolio": {"target_group": SUFFIX, "load_balancer": ""}})
    workload = told.workload_of(GROUP)
    assert workload is not None
    assert (workload.name, workload.health_path) == ("portfolio", "/health")
    assert told.workloads[1] == DECLARED.workloads[1]


def test_an_empty_text_says_nothing():
    declared = Settings(workloads=(Workload(name="portfolio", target_group=SUFFIX),))
    assert declared.with_given({"portfolio": {"target_group": ""}}) == declared


def test_a_setting_that_no_workload_has_is_refused():
    with pytest.raises(ValueError, match="target_grup"):
        DECLARED.with_given({"portfolio": {"target_grup": SUFFIX}})
