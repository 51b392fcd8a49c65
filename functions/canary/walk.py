"""One walk: status, ticket, connection, a message sent, and the same message received."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from ayinel_live.runtime.names import HOUSE_STREAM_ID
from functions.canary.socket import TextSocket

STEP_SECONDS = 10.0
RECEIVE_SECONDS = 20.0


class WalkError(Exception):
    """A step did not do what it should; the message names the step, and no address or secret."""


class Walk:
    """Walks once, as an anonymous viewer does.

    Args:
        api_url: Public base of the HTTP API.
        stream_id: The stream whose chat is walked.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        api_url: str,
        stream_id: str = HOUSE_STREAM_ID,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api_url = api_url.rstrip("/")
        self._stream_id = stream_id
        self._clock = clock
        self.step = "start"

    def go(self, song: str) -> float:
        """Walk.

        Args:
            song: What to say; found again by its text.

        Returns:
            Milliseconds from sending to receiving.

        Raises:
            WalkError: A step went wrong.
            OSError: A step could not reach the platform, or got no answer in time.
        """
        self.step = "status"
        status = self._call("GET", f"/status/{self._stream_id}")
        self._require(status.get("streamId") == self._stream_id)
        self.step = "ticket"
        ticket = self._call("POST", f"/{self._stream_id}/chat-ticket")
        self._require(bool(ticket.get("ticket")))
        self.step = "connect"
        chat = TextSocket(f"{ticket['chatUrl']}?ticket={ticket['ticket']}", STEP_SECONDS)
        try:
            return self._sing(chat, song)
        finally:
            chat.say_goodbye()

    def _sing(self, chat: TextSocket, song: str) -> float:
        self.step = "send"
        sent_at = self._clock()
        frame = {
            "action": "send-message",
            "streamId": self._stream_id,
            "message": song,
            "clientMessageId": song.rpartition(" ")[2],
        }
        chat.send(json.dumps(frame))
        self.step = "receive"
        for text in chat.texts():
            heard = json.loads(text)
            for event in heard["events"] if heard["type"] == "batch" else [heard]:
                self._require(event["type"] not in {"problem", "message-rejected"})
                if event["type"] == "message" and event["message"] == song:
                    return (self._clock() - sent_at) * 1000
            self._require(self._clock() - sent_at < RECEIVE_SECONDS)
        raise WalkError(f"{self.step}: the connection was closed")

    def _call(self, method: str, path: str) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310  the deployment's own address
            self._api_url + path,
            data=b"{}" if method == "POST" else None,
            headers={"content-type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=STEP_SECONDS) as answer:  # noqa: S310  as above
            found: dict[str, Any] = json.loads(answer.read())
            return found

    def _require(self, is_right: bool) -> None:
        if not is_right:
            raise WalkError(f"{self.step}: not what it should be")
