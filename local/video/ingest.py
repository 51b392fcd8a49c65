"""The RTMP server: OBS, ffmpeg and their like publish here.

The key is checked inside ``publish``. Nothing that a stranger sends is kept for longer than the
publish time-out or beyond some 64 KB, and neither keys nor stream names are ever logged.
"""

import asyncio
import logging
import struct
from collections.abc import Callable

from local.video import amf0, rtmp
from local.video.amf0 import AmfError, AmfValue
from local.video.broadcast import Broadcast, Publisher
from local.video.broadcasts import PublishRefusedError
from local.video.rtmp import ChunkReader, Handshake, Message, MessageType, RtmpError
from local.video.settings import VideoSettings

APP = "app"
STREAM_ID = 1
# ffmpeg answers in chunks of the size that the server announces; its own 128 bytes cost four times
# the CPU here.
CHUNK_BYTES = 65_536
STRANGER_MESSAGE_BYTES = 64 * 1024
WINDOW_BYTES = 2_500_000

_log = logging.getLogger(__name__)

Admit = Callable[[str, Publisher], Broadcast]


class IngestServer:
    """Listens for encoders."""

    def __init__(self, settings: VideoSettings, admit: Admit) -> None:
        """Prepare to listen.

        Args:
            settings: Address, time-outs and limits.
            admit: Turns a stream key into a broadcast or raises :class:`PublishRefusedError`.
        """
        self.settings = settings
        self.admit = admit
        self.connections: set[PublisherConnection] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port that it listens on."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: If the port is taken.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: PublisherConnection(self), self.settings.host, self.settings.rtmp_port
        )

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self.connections):
            connection.drop()
        await self._server.wait_closed()

    def has_room(self) -> bool:
        """Returns whether another connection may wait to publish."""
        waiting = sum(1 for connection in self.connections if not connection.is_publishing)
        return waiting < self.settings.max_waiting_connections


class PublisherConnection(asyncio.Protocol):
    """One TCP connection, from the handshake to its end."""

    def __init__(self, server: IngestServer) -> None:
        self._server = server
        self._handshake = Handshake()
        self._reader = ChunkReader(STRANGER_MESSAGE_BYTES)
        self._transport: asyncio.Transport | None = None
        self._broadcast: Broadcast | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._is_connected = False
        self._is_closing = False
        self._was_unpublished = False
        self._received_bytes = 0
        self._acknowledged_bytes = 0
        self._window_bytes = WINDOW_BYTES

    @property
    def is_publishing(self) -> bool:
        """Whether its key was accepted."""
        return self._broadcast is not None

    def drop(self) -> None:
        """Cut the connection at once."""
        self._is_closing = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet a stranger, whose time runs from now.

        Args:
            transport: The socket.
        """
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not self._server.has_room():
            self.drop()
            return
        self._server.connections.add(self)
        loop = asyncio.get_running_loop()
        settings = self._server.settings
        self._timers = [
            loop.call_later(settings.handshake_timeout_seconds, self._handshake_is_due),
            loop.call_later(settings.publish_timeout_seconds, self._publish_is_due),
        ]

    def connection_lost(self, exc: Exception | None) -> None:
        """End the broadcast, if there is one.

        Args:
            exc: Why the socket broke, if it broke.
        """
        self._is_closing = True
        self._server.connections.discard(self)
        for timer in self._timers:
            timer.cancel()
        if self._broadcast is not None:
            self._broadcast.on_end(was_clean=self._was_unpublished)

    def data_received(self, data: bytes) -> None:
        """Take bytes.

        Args:
            data: What came from the socket.
        """
        if self._is_closing:
            return
        try:
            if not self._handshake.done:
                reply, data = self._handshake.feed(data)
                self._send(reply)
            self._received_bytes += len(data)
            for message in self._reader.feed(data):
                self._handle(message)
            self._acknowledge()
        except (RtmpError, AmfError) as error:
            _log.info("connection broke the protocol", extra={"fault": str(error)})
            self.drop()

    def _handshake_is_due(self) -> None:
        if not self._handshake.done:
            self.drop()

    def _publish_is_due(self) -> None:
        if self._broadcast is None:
            self.drop()

    def _acknowledge(self) -> None:
        if self._received_bytes - self._acknowledged_bytes >= self._window_bytes // 2:
            self._acknowledged_bytes = self._received_bytes
            count = self._received_bytes & 0xFFFFFFFF
            self._send(rtmp.control(MessageType.ACKNOWLEDGEMENT, count))

    def _handle(self, message: Message) -> None:
        if self._is_closing:
            return
        broadcast = self._broadcast
        match message.type_id:
            case MessageType.VIDEO if broadcast is not None:
                broadcast.on_video(message.timestamp_ms, message.payload)
            case MessageType.AUDIO if broadcast is not None:
                broadcast.on_audio(message.timestamp_ms, message.payload)
            case MessageType.DATA | MessageType.DATA_AMF3 if broadcast is not None:
                self._take_data(broadcast, message)
            case MessageType.COMMAND:
                self._take_command(amf0.decode(message.payload))
            case MessageType.COMMAND_AMF3:
                # A command in AMF3 framing is AMF0 behind one byte.
                self._take_command(amf0.decode(message.payload[1:]))
            case MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE if len(message.payload) >= 4:
                self._window_bytes = max(int.from_bytes(message.payload[:4], "big"), 1024)
            case MessageType.USER_CONTROL if message.payload[:2] == b"\x00\x06":
                pong = Message(MessageType.USER_CONTROL, 0, 0, b"\x00\x07" + message.payload[2:6])
                self._send(rtmp.encode_message(pong, 2))
            case _:
                pass

    def _take_data(self, broadcast: Broadcast, message: Message) -> None:
        start = 1 if message.type_id == MessageType.DATA_AMF3 else 0
        for value in amf0.decode(message.payload[start:]):
            if isinstance(value, dict):
                broadcast.on_metadata(value)

    def _take_command(self, values: list[AmfValue]) -> None:
        name = values[0] if values else None
        transaction = values[1] if len(values) > 1 else 0.0
        number = transaction if isinstance(transaction, float) else 0.0
        match name:
            case "connect":
                self._connect(number, values[2] if len(values) > 2 else None)
            case "createStream" if self._is_connected:
                self._send(_command(0, "_result", number, None, float(STREAM_ID)))
            case "releaseStream" | "FCPublish" if self._is_connected:
                self._send(_command(0, "_result", number, None, None))
            case "publish" if self._is_connected:
                self._publish(values[3] if len(values) > 3 else None)
            case "FCUnpublish" | "deleteStream" | "closeStream":
                self._unpublish()
            case "play" if self._is_connected:
                self._refuse("NetStream.Play.Failed", "This server takes publishers only")
            case _:
                pass

    def _connect(self, number: float, described: AmfValue) -> None:
        self._send(rtmp.control(MessageType.SET_CHUNK_SIZE, CHUNK_BYTES))
        app = described.get("app") if isinstance(described, dict) else None
        if not isinstance(app, str) or app.partition("?")[0].strip("/") != APP:
            failed: AmfValue = {
                "level": "error",
                "code": "NetConnection.Connect.InvalidApp",
                "description": f"The application is called {APP}",
            }
            self._close_after(_command(0, "_error", number, None, failed))
            return
        self._is_connected = True
        self._send(rtmp.control(MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE, WINDOW_BYTES))
        self._send(rtmp.control(MessageType.SET_PEER_BANDWIDTH, WINDOW_BYTES, b"\x02"))
        server: AmfValue = {"fmsVer": "FMS/3,0,1,123", "capabilities": 31.0}
        connected: AmfValue = {
            "level": "status",
            "code": "NetConnection.Connect.Success",
            "description": "Connected",
            "objectEncoding": 0.0,
        }
        self._send(_command(0, "_result", number, server, connected))

    def _publish(self, stream_key: AmfValue) -> None:
        if self._broadcast is not None:
            raise RtmpError("published twice")
        try:
            key = stream_key if isinstance(stream_key, str) else ""
            self._broadcast = self._server.admit(key, self)
        except PublishRefusedError as error:
            _log.info("publisher was refused", extra={"reason": str(error)})
            self._refuse("NetStream.Publish.BadName", str(error))
            return
        for timer in self._timers:
            timer.cancel()
        self._reader.max_message_bytes = self._server.settings.max_message_bytes
        stream_begin = Message(MessageType.USER_CONTROL, 0, 0, struct.pack(">HI", 0, STREAM_ID))
        self._send(rtmp.encode_message(stream_begin, 2))
        self._send(_status("status", "NetStream.Publish.Start", "Publishing"))

    def _unpublish(self) -> None:
        if self._broadcast is not None:
            self._was_unpublished = True
            self._broadcast.on_end(was_clean=True)

    def _refuse(self, code: str, description: str) -> None:
        self._close_after(_status("error", code, description))

    def _close_after(self, last_words: bytes) -> None:
        self._send(last_words)
        self._is_closing = True
        if self._transport is not None:
            self._transport.close()

    def _send(self, data: bytes) -> None:
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


def _command(stream_id: int, *values: AmfValue) -> bytes:
    return rtmp.command(stream_id, *values, chunk_bytes=CHUNK_BYTES)


def _status(level: str, code: str, description: str) -> bytes:
    described: AmfValue = {"level": level, "code": code, "description": description}
    return _command(STREAM_ID, "onStatus", 0.0, None, described)
