"""What a cancelled transaction means: a decision, a moment's quarrel, or a service that fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pynamodb.exceptions import CancellationReason, TransactWriteError, VerboseClientError

from ayinel_live.runtime import transactions
from ayinel_live.runtime.errors import BusyError, UpstreamError
from ayinel_live.runtime.transactions import ConditionFailedError, write_together


def cancelled(*codes: str | None) -> TransactWriteError:
    """What PynamoDB raises for a transaction that was cancelled for these reasons."""
    refused = {"Error": {"Code": "TransactionCanceledException", "Message": "cancelled"}}
    reasons = [None if code is None else CancellationReason(code) for code in codes]
    cause = VerboseClientError(refused, "TransactWriteItems", cancellation_reasons=reasons)
    return TransactWriteError("cancelled", cause)


class Attempts:
    """A transaction that fails with these faults, one after the other, and then succeeds."""

    def __init__(self, *faults: Exception) -> None:
        self._faults: Iterator[Exception] = iter(faults)
        self.pauses: list[float] = []
        self.count = 0

    def build(self, _: object) -> None:
        self.count += 1
        for fault in self._faults:
            raise fault

    def run(self) -> None:
        write_together(self.build, sleep=self.pauses.append)


@pytest.fixture(autouse=True)
def no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        """A transaction that has nothing to commit."""

        def __init__(self, **_: object) -> None:
            pass

        def __enter__(self) -> None:
            return None

        def __exit__(self, *_: object) -> None:
            return None

    monkeypatch.setattr(transactions, "TransactWrite", Nothing)


@pytest.mark.parametrize(
    "code", ["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"]
)
def test_transaction_in_anothers_way_is_tried_again(code: str) -> None:
    attempts = Attempts(cancelled(None, code), cancelled(code))
    attempts.run()
    assert attempts.count == 3
    assert len(attempts.pauses) == 2


def test_others_who_never_give_way_are_told_of() -> None:
    attempts = Attempts(*[cancelled("TransactionConflict")] * 20)
    with pytest.raises(BusyError):
        attempts.run()


def test_condition_that_did_not_hold_is_a_decision_even_beside_a_conflict() -> None:
    attempts = Attempts(cancelled("TransactionConflict", None, "ConditionalCheckFailed"))
    with pytest.raises(ConditionFailedError) as caught:
        attempts.run()
    assert set(caught.value.items) == {2}
    assert attempts.pauses == []


def test_fault_of_ours_beside_a_conflict_is_neither_tried_again_nor_called_an_outage() -> None:
    attempts = Attempts(cancelled("TransactionConflict", "ValidationError"))
    with pytest.raises(TransactWriteError):
        attempts.run()
    assert attempts.count == 1


def test_service_that_fails_is_an_outage() -> None:
    with pytest.raises(UpstreamError):
        Attempts(cancelled("InternalServerError")).run()
