import pytest

from remediator.resources.vpc.flow_logs import Path, counted, record

LINE = "2 123456789012 eni-1 10.0.9.7 10.0.11.20 49152 8000 6 4 240 1700000000 1700000060 {} OK"
REFUSED, PASSED = LINE.format("REJECT"), LINE.format("ACCEPT")
NO_DATA = "2 123456789012 eni-1 - - - - - - - 1700000000 1700000060 - NODATA"


def test_a_record_of_the_default_format_is_read():
    assert record(REFUSED)["dstport"] == "8000"


@pytest.mark.parametrize("line", ["", "not a record", "3 " + LINE[2:], REFUSED + " extra", "2 " * 14, "x" * 1_000_000])
def test_any_other_format_is_counted_as_unread_and_means_nothing(line):
    assert record(line) is None
    assert counted([line]).unread == 1


def test_refused_flows_are_counted_by_path():
    flows = counted([REFUSED, REFUSED, PASSED, NO_DATA])
    assert (flows.accepted, flows.rejected, flows.unread) == (1, 2, 0)
    assert flows.refused == (Path(source="10.0.9.7", target="10.0.11.20", port=8000, flows=2),)


def test_only_flows_of_the_named_addresses_count():
    assert counted([REFUSED], ["10.0.99.99"]).rejected == 0
    assert counted([REFUSED], ["10.0.11.20"]).rejected == 1


def test_only_the_most_frequent_paths_are_kept():
    lines = [REFUSED.replace(" 8000 ", f" {port} ") for port in range(8000, 8050)]
    assert len(counted(lines).refused) == 10
