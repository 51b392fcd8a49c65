"""Records of table streams that nobody read yet survive a restart.

Upstream (services/dynamodb.py, `get_state`) saves no stream records, while the mappings save how
far they have read (services/lambda_svc.py, `dynamodb_stream_positions`): after a restart each
mapping waits for as many new records as it had read before, and never sees those.
"""

from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb, lambda_svc

_RECORDS = "ayinel_stream_records"
_TRIMMED = "ayinel_stream_trimmed"


def apply() -> None:
    """Save the records with the tables, and restore both."""
    get_state, load_state = dynamodb.get_state, dynamodb.load_persisted_state

    def get_state_with_records() -> dict[str, Any]:
        records, trimmed = _unread()
        return {**get_state(), _RECORDS: records, _TRIMMED: trimmed}

    def load_state_with_records(data: dict[str, Any]) -> None:
        load_state(data)
        dynamodb._stream_records.update(data.get(_RECORDS, {}))
        dynamodb._stream_trimmed.update(data.get(_TRIMMED, {}))

    dynamodb.get_state = get_state_with_records
    dynamodb.load_persisted_state = load_state_with_records


def _unread() -> tuple[AccountRegionScopedDict, AccountRegionScopedDict]:
    """Cut off what every mapping of a table has done; count it as trimmed instead."""
    done: dict[tuple[str, str, str], int] = {}
    for key, mapping in list(lambda_svc._esms._data.items()):
        position = lambda_svc._dynamodb_stream_positions._data.get(key)
        source = mapping.get("EventSourceArn", "")
        if position is not None and "/stream/" in source:
            table = (key[0], key[1], source.split("/stream/")[0].rpartition("/")[2])
            done[table] = min(done.get(table, position), position)
    records, trimmed = AccountRegionScopedDict(), AccountRegionScopedDict()
    for table, kept in list(dynamodb._stream_records.all_items()):
        before = dynamodb._stream_trimmed._data.get(table, 0)
        cut = min(max(done.get(table, before) - before, 0), len(kept))
        records._data[table] = list(kept[cut:])
        trimmed._data[table] = before + cut
    return records, trimmed
