"""Items that expire."""

import time

from tests.integration.emulator.conftest import Without
from tests.integration.emulator.running import Cloud


def test_expired_item_appears_in_the_stream(mended: Cloud) -> None:
    function, table = mended.function("keep_records"), mended.table(ttl="expiresAt")
    mended.map_stream(table, function)
    past, future = str(int(time.time()) - 1), str(int(time.time()) + 3600)
    mended.put(table, "kept", expiresAt={"N": future})
    mended.put(table, "text", expiresAt={"S": past})
    mended.put(table, "gone", expiresAt={"N": past})
    record = function.notes_once(4)[3]
    assert record["eventName"] == "REMOVE"
    assert record["dynamodb"]["OldImage"] == {"id": {"S": "gone"}, "expiresAt": {"N": past}}
    assert record["userIdentity"] == {
        "type": "Service",
        "principalId": "dynamodb.amazonaws.com",
    }
    left = mended.client("dynamodb").scan(TableName=table)["Items"]
    assert {item["id"]["S"] for item in left} == {"kept", "text"}


def test_removal_by_a_client_names_no_service(mended: Cloud) -> None:
    function, table = mended.function("keep_records"), mended.table(ttl="expiresAt")
    mended.map_stream(table, function)
    mended.put(table, "gone")
    mended.client("dynamodb").delete_item(TableName=table, Key={"id": {"S": "gone"}})
    assert "userIdentity" not in function.notes_once(2)[1]


def test_upstream_removes_expired_items_a_minute_late_at_best(without: Without) -> None:
    with without("ttl_records") as cloud:
        table = cloud.table(ttl="expiresAt")
        cloud.put(table, "gone", expiresAt={"N": str(int(time.time()) - 1)})
        time.sleep(3)
        assert cloud.client("dynamodb").scan(TableName=table)["Count"] == 1
