"""Streams of tables are handed out, and out again after a failure, by Lambda's rules.

Upstream (services/lambda_svc.py, `_poll_dynamodb_streams`) stores ReportBatchItemFailures,
BisectBatchOnFunctionError, MaximumRetryAttempts and MaximumBatchingWindowInSeconds but heeds none
of them: a batch either succeeds as a whole or blocks its shard, for a day, what a partial answer
names is skipped as done, and no batch waits to be filled.
The rules: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import _request_account_id, _request_region
from ministack.services import dynamodb, lambda_svc

from local.aws.launcher.patches import mapping_threads

Record = dict[str, Any]
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0


def apply() -> None:
    """Replace the poll of table streams."""
    lambda_svc._poll_dynamodb_streams = _poll


@dataclass
class _Piece:
    """Records of a stream that are handed to the function together, and how often they were."""

    start: int
    end: int
    failures: int = 0


@dataclass
class _Progress:
    """Where one mapping stands: the pieces that it has read but not done, oldest first."""

    pieces: deque[_Piece] = field(default_factory=deque)
    resume_at: float = 0.0
    gathering_since: float | None = None


@dataclass
class _Mapping:
    """A mapping with the function and the table it stands between."""

    record: dict[str, Any]
    function: dict[str, Any]
    table: str

    @property
    def id(self) -> str:
        """The mapping's UUID."""
        return str(self.record["UUID"])

    @property
    def position(self) -> int:
        """The first record that is not done yet, as an absolute place in the stream."""
        with lambda_svc._dynamodb_stream_positions_lock:
            position: int | None = lambda_svc._dynamodb_stream_positions.get(self.id)
        if position is None:
            starting = self.record.get("StartingPosition", "LATEST")
            lambda_svc._init_stream_position(self.id, self.record["EventSourceArn"], starting)
            position = lambda_svc._dynamodb_stream_positions[self.id]
        horizon: int = dynamodb.stream_start_position(self.table)
        return max(position, horizon)

    @position.setter
    def position(self, value: int) -> None:
        with lambda_svc._dynamodb_stream_positions_lock:
            lambda_svc._dynamodb_stream_positions[self.id] = value


_progress: dict[str, _Progress] = {}


def _poll() -> bool:
    """Work off one piece of each visible mapping; say whether there was any to work off."""
    worked = False
    for account, region, record in lambda_svc._iter_all_esms():
        with _scope(account, region):
            mapping = _resolve(record, account, region)
            if mapping is not None:
                worked = _step(mapping, _progress.setdefault(mapping.id, _Progress())) or worked
    return worked


@contextmanager
def _scope(account: str, region: str) -> Iterator[None]:
    account_token, region_token = _request_account_id.set(account), _request_region.set(region)
    try:
        yield
    finally:
        _request_account_id.reset(account_token)
        _request_region.reset(region_token)


def _resolve(record: dict[str, Any], account: str, region: str) -> _Mapping | None:
    """Find a mapping's function and table, if it is on and both of them still exist."""
    try:
        source = parse_arn(record.get("EventSourceArn", ""))
    except ArnParseError:
        return None
    if not record.get("Enabled", True) or source.service != "dynamodb":
        return None
    if (source.account_id, source.region) != (account, region):
        return None
    name = lambda_svc._dynamodb_stream_table_from_arn_spec(source)
    table = dynamodb._tables.get(name[0]) if name else None
    function, _config = lambda_svc._get_func_record_for_qualifier(
        record["FunctionName"], record.get("Qualifier")
    )
    if function is None or not table or table.get("LatestStreamArn") != record["EventSourceArn"]:
        return None
    return _Mapping(record, function, name[0])


def _step(mapping: _Mapping, progress: _Progress) -> bool:
    if time.monotonic() < progress.resume_at:
        return False
    if not progress.pieces and not _begin_piece(mapping, progress):
        return False
    piece = progress.pieces[0]
    records = dynamodb.stream_records_since(mapping.table, piece.start, piece.end - piece.start)
    batch = lambda_svc._apply_filter_criteria(records, mapping.record)
    if not batch:
        _done(mapping, progress, piece.end)
        return True
    result = lambda_svc._execute_function(mapping.function, {"Records": batch})
    if mapping_threads.is_stopping() and result.get("error"):
        return False
    failed = _first_failure(mapping, batch, result)
    if failed is None:
        _done(mapping, progress, piece.end)
    else:
        _skip_to(mapping, piece, _places(records)[_number(batch[failed])])
        _failed(mapping, progress, batch[failed:], result)
    return progress.resume_at == 0.0


def _number(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def _places(records: list[Record]) -> dict[Any, int]:
    return {_number(record): at for at, record in enumerate(records)}


def _begin_piece(mapping: _Mapping, progress: _Progress) -> bool:
    """Take what is there, unless the batching window is open and the batch not full."""
    start = mapping.position
    size = int(mapping.record.get("BatchSize") or 100)
    end = min(start + size, dynamodb.stream_end_position(mapping.table))
    if end == start:
        return False
    now = time.monotonic()
    progress.gathering_since = progress.gathering_since or now
    window = float(mapping.record.get("MaximumBatchingWindowInSeconds") or 0)
    if end - start < size and now - progress.gathering_since < window:
        return False
    progress.gathering_since = None
    progress.pieces.append(_Piece(start, end))
    return True


def _first_failure(mapping: _Mapping, batch: list[Record], result: dict[str, Any]) -> int | None:
    """Find where the batch must be taken up again; None when all of it is done."""
    if result.get("error"):
        return 0
    if "ReportBatchItemFailures" not in mapping.record.get("FunctionResponseTypes", []):
        return None
    body = result.get("body")
    failures = body.get("batchItemFailures") if isinstance(body, dict) else None
    if not failures:
        return None
    places = _places(batch)
    # Anything that names no record of the batch fails the batch as a whole.
    return min(
        places.get(failure.get("itemIdentifier"), 0) if isinstance(failure, dict) else 0
        for failure in failures
    )


def _done(mapping: _Mapping, progress: _Progress, position: int) -> None:
    progress.pieces.popleft()
    progress.resume_at = 0.0
    mapping.position = position


def _skip_to(mapping: _Mapping, piece: _Piece, offset: int) -> None:
    """Count what stands before the first failure as done; the failed record starts afresh."""
    if offset:
        piece.start += offset
        piece.failures = 0
        mapping.position = piece.start


def _failed(
    mapping: _Mapping, progress: _Progress, left: list[Record], result: dict[str, Any]
) -> None:
    """Give up, split or retry what a failure left over."""
    piece = progress.pieces[0]
    piece.failures += 1
    limit = int(mapping.record.get("MaximumRetryAttempts", -1))
    longest = int(mapping.record.get("MaximumRecordAgeInSeconds", -1))
    age = time.time() - float(left[0]["dynamodb"]["ApproximateCreationDateTime"])
    if 0 < longest < age:
        _give_up(mapping, progress, left, result, "MaxRecordAgeExceeded")
    elif mapping.record.get("BisectBatchOnFunctionError") and len(left) > 1:
        # Splitting does not count as a retry.
        middle = (piece.start + piece.end) // 2
        progress.pieces.popleft()
        progress.pieces.extendleft((_Piece(middle, piece.end), _Piece(piece.start, middle)))
        progress.resume_at = 0.0
    elif 0 <= limit < piece.failures:
        _give_up(mapping, progress, left, result, "RetryAttemptsExhausted")
    else:
        pause = FIRST_PAUSE_SECONDS * 2 ** min(piece.failures - 1, 10)
        progress.resume_at = time.monotonic() + min(pause, LONGEST_PAUSE_SECONDS)


def _give_up(
    mapping: _Mapping,
    progress: _Progress,
    records: list[Record],
    result: dict[str, Any],
    condition: str,
) -> None:
    lambda_svc._send_ddb_stream_failure_record(
        mapping.record,
        mapping.function,
        records,
        mapping.record["EventSourceArn"],
        result,
        condition,
    )
    _done(mapping, progress, progress.pieces[0].end)
