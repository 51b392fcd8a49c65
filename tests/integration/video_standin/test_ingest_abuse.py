import asyncio
import contextlib
import os
import random

import pytest

from local.video import rtmp
from local.video.rtmp import Message, MessageType
from tests.integration.video_standin.house import House, running, until


async def _connect(house: House) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = house.video.rtmp_address.split(":")
    return await asyncio.open_connection(host, int(port))


async def _shake_hands(house: House) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await _connect(house)
    writer.write(b"\x03" + bytes(1536))
    answer = await reader.readexactly(1 + 2 * 1536)
    assert answer[1537:] == bytes(1536)
    writer.write(bytes(1536))
    return reader, writer


async def _is_closed(reader: asyncio.StreamReader, seconds: float = 3) -> bool:
    with contextlib.suppress(ConnectionError):
        await asyncio.wait_for(reader.read(-1), seconds)
    return True


async def test_garbage_and_idle_connections_leave_a_running_stream_alone() -> None:
    async with running(handshake_timeout_seconds=1.0, publish_timeout_seconds=1.5) as house:
        channel, key = await house.channel()
        async with house.publisher(key):
            media = await house.playlist(channel)
            idle = [await _connect(house) for _ in range(100)]
            noisy = [await _connect(house) for _ in range(20)]
            for _, writer in noisy:
                writer.write(os.urandom(4000))
            await house.goes_on(media, 3)
            assert "#EXT-X-DISCONTINUITY\n" not in await house.text(media)
            for reader, writer in [*idle, *noisy]:
                assert await _is_closed(reader)
                writer.close()
        assert house.events().count("Session Created") == 1


async def test_slow_stranger_is_cut_off_at_the_publish_time_out() -> None:
    async with running(publish_timeout_seconds=0.5) as house:
        reader, writer = await _shake_hands(house)
        connect = rtmp.command(0, "connect", 1.0, {"app": "app"})
        for byte in connect[:8]:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.1)
        assert await _is_closed(reader)
        writer.close()


async def test_strangers_beyond_the_limit_are_cut_off_at_once() -> None:
    async with running(max_waiting_connections=5) as house:
        kept = [await _connect(house) for _ in range(5)]
        reader, writer = await _connect(house)
        assert await _is_closed(reader, 1)
        for _, other in [*kept, (reader, writer)]:
            other.close()


async def test_stranger_cannot_send_a_long_message(house: House) -> None:
    reader, writer = await _shake_hands(house)
    long = Message(MessageType.COMMAND, 0, 0, bytes(100_000))
    with contextlib.suppress(ConnectionError):
        writer.write(rtmp.encode_message(long, 3))
        await writer.drain()
    assert await _is_closed(reader, 1)
    writer.close()


async def test_wrong_application_and_player_are_told_so(house: House) -> None:
    reader, writer = await _shake_hands(house)
    writer.write(rtmp.command(0, "connect", 1.0, {"app": "live"}))
    assert b"NetConnection.Connect.InvalidApp" in await reader.read(-1)
    writer.close()
    reader, writer = await _shake_hands(house)
    writer.write(rtmp.command(0, "connect", 1.0, {"app": "app"}))
    writer.write(rtmp.command(1, "play", 2.0, None, "x"))
    assert b"NetStream.Play.Failed" in await reader.read(-1)
    writer.close()


async def test_refusal_names_bad_name_and_not_the_key(house: House) -> None:
    reader, writer = await _shake_hands(house)
    writer.write(rtmp.command(0, "connect", 1.0, {"app": "app/"}))
    writer.write(rtmp.command(0, "createStream", 2.0, None))
    writer.write(rtmp.command(1, "publish", 3.0, None, "sk_us-east-1_secret", "live"))
    answer = await reader.read(-1)
    assert b"NetStream.Publish.BadName" in answer
    assert b"sk_us-east-1_secret" not in answer
    writer.close()


async def test_publish_before_connect_is_ignored(house: House) -> None:
    _, key = await house.channel()
    reader, writer = await _shake_hands(house)
    writer.write(rtmp.command(1, "publish", 1.0, None, key, "live"))
    # What is answered came after it.
    writer.write(rtmp.command(0, "connect", 2.0, {"app": "app"}))
    assert b"NetStream" not in await _until(reader, b"NetConnection.Connect.Success")
    assert house.events() == []
    writer.close()


async def _until(reader: asyncio.StreamReader, wanted: bytes) -> bytes:
    """Read until a word has come; returns all that came."""
    answer = b""
    while wanted not in answer:
        piece = await asyncio.wait_for(reader.read(4096), 3)
        assert piece, "the connection ended first"
        answer += piece
    return answer


async def test_other_codecs_fail_the_stream_with_a_reason(house: House) -> None:
    channel, key = await house.channel()
    reader, writer = await _publishing(house, key)
    hevc = Message(MessageType.VIDEO, 1, 0, bytes([0x90]) + b"hvc1" + bytes(8))
    writer.write(rtmp.encode_message(hevc, 6))
    await house.wait_for_event("Session Ended", channel["arn"])
    assert house.events() == ["Session Created", "Stream Failure", "Session Ended"]
    assert house.raw_events()[1]["detail"]["reason"] == "Unsupported video codec hvc1"
    assert await _is_closed(reader)
    writer.close()


async def test_broken_pictures_fail_the_stream_and_nothing_else(house: House) -> None:
    channel, key = await house.channel()
    _, writer = await _publishing(house, key)
    config = b"\x17\x00\x00\x00\x00" + b"\x01\x64\x00\x1f\xff\xe1" + os.urandom(30)
    writer.write(rtmp.encode_message(Message(MessageType.VIDEO, 1, 0, config), 6))
    for number in range(4):
        picture = b"\x17\x01\x00\x00\x00" + os.urandom(500)
        message = Message(MessageType.VIDEO, 1, number * 1000, picture)
        writer.write(rtmp.encode_message(message, 6))
    await house.wait_for_event("Session Ended", channel["arn"])
    assert "Stream Failure" in house.events()
    assert "Stream Start" not in house.events()
    writer.close()


async def _publishing(house: House, key: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await _shake_hands(house)
    writer.write(rtmp.command(0, "connect", 1.0, {"app": "app"}))
    writer.write(rtmp.command(0, "releaseStream", 2.0, None, key))
    writer.write(rtmp.command(0, "createStream", 3.0, None))
    writer.write(rtmp.command(1, "publish", 4.0, None, key, "live"))
    await _until(reader, b"NetStream.Publish.Start")
    return reader, writer


@pytest.mark.slow
async def test_random_messages_of_strangers_leave_a_running_stream_alone(house: House) -> None:
    channel, key = await house.channel()
    chance = random.Random(7)
    async with house.publisher(key):
        media = await house.playlist(channel)
        for _ in range(60):
            _, writer = await _shake_hands(house)
            with contextlib.suppress(ConnectionError):
                for _ in range(chance.randrange(1, 6)):
                    body = chance.randbytes(chance.randrange(0, 300))
                    kind = chance.choice([1, 2, 3, 4, 5, 8, 9, 15, 17, 18, 20, 22])
                    writer.write(rtmp.encode_message(Message(kind, 0, 0, body), 3))
                    writer.write(rtmp.command(0, "connect", 1.0, {"app": "app"}))
                writer.write(chance.randbytes(200))
                await writer.drain()
            writer.close()
        await house.goes_on(media, 2)
    assert house.events().count("Session Created") == 1


@pytest.mark.slow
async def test_random_media_of_a_publisher_end_its_own_session_only(house: House) -> None:
    _, good_key = await house.channel()
    chance = random.Random(8)
    async with house.publisher(good_key) as good:
        for _ in range(10):
            _, key = await house.channel()
            _, writer = await _publishing(house, key)
            with contextlib.suppress(ConnectionError):
                for number in range(30):
                    first = chance.choice([b"\x17\x00", b"\x17\x01", b"\x27\x01", b"\xaf\x01", b""])
                    body = first + chance.randbytes(chance.randrange(0, 120))
                    kind = chance.choice([8, 9, 9, 18])
                    message = Message(kind, 1, number * 500, body)
                    writer.write(rtmp.encode_message(message, 6))
                await writer.drain()
            writer.close()
        await until(lambda: house.events().count("Session Ended") == 10)
        assert good.process is not None
        assert good.process.returncode is None
