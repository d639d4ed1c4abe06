"""The crash and the fault matrix in their short form, and that they would notice."""

import os
import signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from tests.prove.running import prove
from tests.prove.seeded import SEEDED, play_defect
from tests.prove.stored import DiedError
from tests.prove.worker import Worker


def test_whenever_the_process_dies_or_a_call_fails_one_change_is_made_at_most_the_ledger_is_true_and_people_are_told():
    (crashes, _), (faults, _) = prove(("crash_matrix", "fault_matrix"), bounded=True, jobs=2)
    assert crashes.violations == ()
    assert int(crashes.figures["situations played, by fork"]) > 20
    assert int(crashes.figures["killed by SIGKILL, played to the end"]) > 0
    assert faults.violations == ()
    assert faults.runs > 15


def lives_and_dies():
    """In a process with one thread: pids of worker and parent, and whether a killed worker was noticed."""
    pid = Worker(lambda _: os.getpid()).serve(lambda _: None)
    try:
        Worker(lambda _: os.kill(os.getpid(), signal.SIGKILL)).serve(lambda _: None)
    except DiedError:
        return pid, os.getpid(), True
    return pid, os.getpid(), False


@pytest.fixture
def alone():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield lambda call, *told: pool.submit(call, *told).result()


def test_a_worker_really_is_another_process_and_really_dies(alone):
    worker, parent, noticed = alone(lives_and_dies)
    assert worker != parent
    assert noticed


@pytest.mark.parametrize("name", ["undo_repeated", "retry_on"])
def test_a_defect_turns_its_proof_red(alone, name):
    assert alone(play_defect, name)[2], f"{SEEDED[name].proof} is green"
