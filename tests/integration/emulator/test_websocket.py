"""WebSocket APIs."""

import json
import time
from contextlib import ExitStack
from socket import SHUT_RDWR
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.integration.emulator.conftest import Without
from tests.integration.emulator.running import Cloud, Function, eventually


@pytest.fixture(scope="module")
def function(mended: Cloud) -> Function:
    return mended.function("socket")


@pytest.fixture(scope="module")
def api(mended: Cloud, function: Function) -> str:
    return mended.socket_api(function)


def notes_of(function: Function, kind: str) -> list[dict[str, Any]]:
    contexts = [note["requestContext"] for note in function.notes() if "requestContext" in note]
    return [context for context in contexts if context["eventType"] == kind]


def connection_of(function: Function) -> str:
    return str(eventually(lambda: notes_of(function, "CONNECT"))[-1]["connectionId"])


def posts(cloud: Cloud, api: str) -> Any:
    return cloud.client("apigatewaymanagementapi", path=f"/_aws/execute-api/{api}/live")


def is_silent(socket: ClientConnection, seconds: float = 0.3) -> bool:
    try:
        socket.recv(timeout=seconds)
    except TimeoutError:
        return True
    return False


def offer(url: str) -> str | None:
    protocols = [Subprotocol("chat.v1"), Subprotocol("chat.v2")]
    with connect(url, subprotocols=protocols, compression=None) as socket:
        return socket.subprotocol


def test_subprotocol_is_what_the_connect_function_chose(mended: Cloud, api: str) -> None:
    assert offer(mended.socket_url(api)) == "chat.v2"


def test_refusal_has_the_status_of_the_connect_function(mended: Cloud, api: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{mended.socket_url(api)}?status=429")
    assert refused.value.response.status_code == 429


def test_upstream_echoes_no_subprotocol_and_refuses_with_403(without: Without) -> None:
    with without("websocket_handshake") as cloud:
        url = cloud.socket_url(cloud.socket_api(cloud.function("socket")))
        assert offer(url) is None
        with pytest.raises(InvalidStatus) as refused:
            connect(f"{url}?status=429")
        assert refused.value.response.status_code == 403


def disconnect_code(cloud: Cloud, function: Function, url: str, code: int) -> int:
    before = len(notes_of(function, "DISCONNECT"))
    with connect(url) as socket:
        socket.close(code, "done")
    eventually(lambda: len(notes_of(function, "DISCONNECT")) > before)
    return int(notes_of(function, "DISCONNECT")[-1]["disconnectStatusCode"])


@pytest.mark.parametrize("code", [1000, 1001, 4001])
def test_disconnect_tells_the_code_of_the_client(
    mended: Cloud, function: Function, api: str, code: int
) -> None:
    assert disconnect_code(mended, function, mended.socket_url(api), code) == code


def test_upstream_server_tells_1006_for_every_close(without: Without) -> None:
    with without("server") as cloud:
        function = cloud.function("socket")
        url = cloud.socket_url(cloud.socket_api(function))
        assert disconnect_code(cloud, function, url, 1000) == 1006


def test_reset_connection_is_disconnected_too(mended: Cloud, function: Function, api: str) -> None:
    before = len(notes_of(function, "DISCONNECT"))
    with connect(mended.socket_url(api)) as socket:
        socket.socket.shutdown(SHUT_RDWR)
    assert eventually(lambda: len(notes_of(function, "DISCONNECT")) > before)
    assert notes_of(function, "DISCONNECT")[-1]["disconnectStatusCode"] == 1006


def times_of_two_frames(cloud: Cloud, function: Function, url: str) -> list[int]:
    before = len(notes_of(function, "MESSAGE"))
    with connect(url) as socket:
        socket.send("one")
        time.sleep(0.05)
        socket.send("two")
        eventually(lambda: len(notes_of(function, "MESSAGE")) == before + 2)
    return [int(context["connectedAt"]) for context in notes_of(function, "MESSAGE")[before:]]


def test_every_frame_tells_when_the_connection_was_opened(
    mended: Cloud, function: Function, api: str
) -> None:
    first, second = times_of_two_frames(mended, function, mended.socket_url(api))
    assert first == second == notes_of(function, "CONNECT")[-1]["connectedAt"]


def test_upstream_tells_the_time_of_each_frame(without: Without) -> None:
    with without("websocket_context") as cloud:
        function = cloud.function("socket")
        url = cloud.socket_url(cloud.socket_api(function))
        first, second = times_of_two_frames(cloud, function, url)
        assert first < second


def test_returned_body_stays_inside(mended: Cloud, api: str) -> None:
    with connect(mended.socket_url(api)) as socket:
        socket.send("hello")
        assert is_silent(socket)


def test_returned_body_goes_out_where_the_route_says_so(mended: Cloud, function: Function) -> None:
    api = mended.socket_api(function, RouteResponseSelectionExpression="$default")
    with connect(mended.socket_url(api)) as socket:
        socket.send("hello")
        assert socket.recv(timeout=5) == "what the handler returned"


def test_failed_frame_is_answered_without_the_reason(mended: Cloud, api: str) -> None:
    with connect(mended.socket_url(api)) as socket:
        socket.send("raise")
        answer = json.loads(socket.recv(timeout=5))
        assert answer["message"] == "Internal server error"
        assert answer.keys() == {"message", "connectionId", "requestId"}
        socket.send("hello")
        assert is_silent(socket)


def test_upstream_sends_out_bodies_and_reasons(without: Without) -> None:
    with without("websocket_replies", "websocket_execution") as cloud:
        url = cloud.socket_url(cloud.socket_api(cloud.function("socket")))
        with connect(url) as socket:
            socket.send("hello")
            assert socket.recv(timeout=5) == "what the handler returned"


def sleeps_overlap(url: str, function: Function) -> bool:
    """Let two sockets send a frame that takes long, and say whether both ran at a time."""
    with connect(url) as first, connect(url) as second:
        first.send("sleep")
        second.send("sleep")
        found = eventually(
            lambda: (
                len(spans := [note["slept"] for note in function.notes() if "slept" in note]) == 2
                and spans
            )
        )
    assert found
    (_, one_ended), (other_began, _) = sorted(found)
    return bool(other_began < one_ended)


def test_sockets_are_served_at_the_same_time_and_logged(mended: Cloud) -> None:
    function = mended.function("socket")
    assert sleeps_overlap(mended.socket_url(mended.socket_api(function)), function)
    logs = mended.client("logs")
    found = logs.filter_log_events(logGroupName=f"/aws/lambda/{function.name}")["events"]
    assert "frame sleep" in [event["message"] for event in found]


def test_upstream_serves_one_socket_after_the_other_and_logs_nothing(without: Without) -> None:
    with without("websocket_execution", "python_workers") as cloud:
        function = cloud.function("socket")
        assert not sleeps_overlap(cloud.socket_url(cloud.socket_api(function)), function)
        assert cloud.client("logs").describe_log_groups()["logGroups"] == []


def test_posts_reach_the_socket_over_one_kept_connection(
    mended: Cloud, function: Function, api: str
) -> None:
    with connect(mended.socket_url(api)) as socket, httpx.Client() as client:
        path = f"/_aws/execute-api/{api}/live/@connections/{connection_of(function)}"
        for number in range(3):
            answer = client.post(mended.url + path, content=str(number))
            assert answer.status_code == 200
            assert "close" not in answer.headers.get("connection", "")
        assert [socket.recv(timeout=5) for _ in range(3)] == ["0", "1", "2"]


def test_post_to_a_closed_connection_is_gone(mended: Cloud, function: Function, api: str) -> None:
    with connect(mended.socket_url(api)):
        connection = connection_of(function)
    eventually(lambda: notes_of(function, "DISCONNECT")[-1]["connectionId"] == connection)
    with pytest.raises(ClientError) as gone:
        posts(mended, api).post_to_connection(ConnectionId=connection, Data=b"late")
    assert gone.value.response["Error"]["Code"] == "GoneException"


def test_deleted_connection_is_closed_normally(mended: Cloud, function: Function, api: str) -> None:
    with connect(mended.socket_url(api)) as socket:
        posts(mended, api).delete_connection(ConnectionId=connection_of(function))
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1000


def test_message_over_the_limit_closes_with_1009(mended: Cloud, api: str) -> None:
    with connect(mended.socket_url(api)) as socket:
        socket.send("x" * (128 * 1024 + 1))
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def bodies_of(function: Function) -> list[tuple[str, bool]]:
    """Return what the frames of a function held, and whether it was encoded."""
    notes = [note for note in function.notes() if "requestContext" in note]
    frames = [note for note in notes if note["requestContext"]["eventType"] == "MESSAGE"]
    return [(note["body"], note["isBase64Encoded"]) for note in frames]


def test_binary_frame_is_handed_on_as_what_it_is(
    mended: Cloud, function: Function, api: str
) -> None:
    frames = len(bodies_of(function))
    with connect(mended.socket_url(api)) as socket:
        socket.send(b"\xff\x00")
        socket.send("text")
        assert eventually(lambda: len(bodies_of(function)) == frames + 2)
    assert bodies_of(function)[frames:] == [("/wA=", True), ("text", False)]


def test_upstream_takes_the_bytes_for_text(without: Without) -> None:
    with without("websocket_binary") as cloud:
        function = cloud.function("socket")
        with connect(cloud.socket_url(cloud.socket_api(function))) as socket:
            socket.send(b"hello")
            assert eventually(lambda: bodies_of(function)) == [("hello", False)]


def answer_to_a_post_over_the_limit(cloud: Cloud, function: Function, api: str) -> int:
    """Post more than a message may hold, and return the status that the gateway answers with."""
    with connect(cloud.socket_url(api)):
        try:
            answer = posts(cloud, api).post_to_connection(
                ConnectionId=connection_of(function), Data=b"x" * (128 * 1024 + 1)
            )
        except ClientError as refused:
            answer = refused.response
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


def test_post_over_the_limit_is_refused(mended: Cloud, function: Function, api: str) -> None:
    assert answer_to_a_post_over_the_limit(mended, function, api) == 413


def test_upstream_answers_to_a_post_over_the_limit(without: Without) -> None:
    with without("connection_posts") as cloud:
        function = cloud.function("socket")
        api = cloud.socket_api(function)
        assert answer_to_a_post_over_the_limit(cloud, function, api) != 413


def awakenings_in_silence(cloud: Cloud) -> int:
    """Say how often fifty silent sockets wake the emulator in four seconds."""
    url = cloud.socket_url(cloud.socket_api(cloud.function("socket")))
    with ExitStack() as sockets:
        for _ in range(50):
            sockets.enter_context(connect(url, ping_interval=None))
        time.sleep(0.5)
        before = cloud.awakenings()
        time.sleep(4)
        return cloud.awakenings() - before


def test_silent_sockets_wake_nobody(mended: Cloud, without: Without) -> None:
    with without("websocket_outbox") as cloud:
        theirs, ours = awakenings_in_silence(cloud), awakenings_in_silence(mended)
    assert theirs > 1.5 * ours, (theirs, ours)
