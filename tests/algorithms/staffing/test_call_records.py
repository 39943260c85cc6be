import numpy as np
import pytest

from apps.algorithms.queueing import PatienceUndefinedError, QueueingError
from apps.algorithms.staffing import estimate_patience, mean_handle_time


def test_answered_calls_count_as_longer_patience() -> None:
    # 10 + 20 + 30 + 0 seconds were waited and two callers hung up.
    assert estimate_patience([10, 20, 30, 0], [True, False, True, False]) == 30


def test_the_estimate_recovers_the_patience_it_was_drawn_from() -> None:
    rng = np.random.default_rng(11)
    patience, offered_wait = rng.exponential(240, 200_000), rng.exponential(60, 200_000)
    estimate = estimate_patience(np.minimum(patience, offered_wait), patience < offered_wait)
    assert estimate == pytest.approx(240, rel=0.02)


@pytest.mark.parametrize(
    ("wait_s", "abandoned", "error", "words"),
    [
        ([], [], QueueingError, "empty"),
        ([5.0, 6.0], [False, False], PatienceUndefinedError, "none of the 2 calls hung up"),
        ([0.0, 0.0], [True, False], PatienceUndefinedError, "waited"),
        ([5.0, -1.0], [True, False], QueueingError, r"wait_s\[1\]"),
        ([5.0, float("nan")], [True, False], QueueingError, r"wait_s\[1\]"),
        ([5.0], [True, False], QueueingError, "one length"),
    ],
)
def test_records_without_an_answer_are_refused(
    wait_s: list[float], abandoned: list[bool], error: type[QueueingError], words: str
) -> None:
    with pytest.raises(error, match=words):
        estimate_patience(wait_s, abandoned)


def test_mean_handle_time() -> None:
    assert mean_handle_time([100, 200, 0]) == 100


@pytest.mark.parametrize(
    ("handle_s", "words"),
    [([], "at least one"), ([0.0, 0.0], "zero"), ([1.0, -2.0], r"handle_s\[1\]"), ([[1.0]], "list")],
)
def test_handle_times_without_a_mean_are_refused(handle_s: list[float], words: str) -> None:
    with pytest.raises(QueueingError, match=words):
        mean_handle_time(handle_s)
