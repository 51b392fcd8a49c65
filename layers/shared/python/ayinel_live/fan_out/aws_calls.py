"""Signed JSON calls to AWS without boto3: the two or three that the post worker needs.

The AWS JSON 1.0 protocol (Smithy documentation, "AWS JSON 1.0 protocol") is one POST with the
operation in a header.
"""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

from ayinel_live.fan_out.endpoint import Dialer
from ayinel_live.fan_out.responses import Response
from ayinel_live.fan_out.signer import Credentials, Payload, RequestSigner
from ayinel_live.fan_out.wire import Wire

_ANSWER_SECONDS = 5.0
_ATTEMPTS = 4
_RETRY_BASE_SECONDS = 0.1
_OK, _THROTTLED, _SERVER_FAULT = 200, 429, 500
_THROTTLING = ("ThrottlingException", "ProvisionedThroughputExceeded", "RequestLimitExceeded")


class AwsCallError(Exception):
    """A call failed for good, or too often."""


class _Exchange:
    """A wire's owner that waits for one answer at a time."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[Response] | None = None
        self.is_lost = False

    def wire_opened(self, wire: Wire) -> None:
        """Nothing to do: the opener goes on."""

    def wire_answered(self, wire: Wire, response: Response) -> None:
        """Hand the answer to who waits."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(response)

    def wire_lost(self, wire: Wire, in_flight: bool) -> None:
        """Tell who waits that nothing will come."""
        self.is_lost = True
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(ConnectionResetError())


class AwsCalls:
    """Calls operations of one service over kept wires.

    Args:
        dialer: Opens wires to the service.
        credentials: Whose calls they are.
        region: AWS region.
        service: Signing name, such as `dynamodb`.
        target: Prefix of the operation header, such as `DynamoDB_20120810`.
    """

    def __init__(
        self, dialer: Dialer, credentials: Credentials, region: str, service: str, target: str
    ) -> None:
        self._dialer = dialer
        self._signer = RequestSigner(credentials, region, service)
        self._target = target
        self._kept: list[tuple[Wire, _Exchange]] = []

    async def call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Call an operation, again where the fault may pass.

        Args:
            operation: Such as `Query`.
            arguments: The request.

        Returns:
            The answer.

        Raises:
            AwsCallError: Refused, or four attempts failed.
        """
        payload = Payload.of(json.dumps(arguments, separators=(",", ":")).encode())
        fault = ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                bound = _RETRY_BASE_SECONDS * 2**attempt
                await asyncio.sleep(random.uniform(0, bound))  # noqa: S311  spreading load
            try:
                response = await self._exchange(operation, payload)
            except OSError as error:
                fault = type(error).__name__
                continue
            if response.status == _OK:
                answer: dict[str, Any] = json.loads(response.body)
                return answer
            fault = _fault_of(response)
            if not _may_pass(response.status, fault):
                break
        raise AwsCallError(f"{operation}: {fault}")

    async def close(self) -> None:
        """Drop all wires."""
        for wire, _ in self._kept:
            wire.abort()
        self._kept.clear()
        await asyncio.sleep(0)

    async def _exchange(self, operation: str, payload: Payload) -> Response:
        wire, exchange = await self._wire()
        exchange.answer = asyncio.get_running_loop().create_future()
        wire.ask(self._request(operation, payload))
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                response = await exchange.answer
        except BaseException:
            wire.abort()
            raise
        if response.keep_alive:
            self._kept.append((wire, exchange))
        return response

    async def _wire(self) -> tuple[Wire, _Exchange]:
        await asyncio.sleep(0)  # lets wires hear that they were closed meanwhile
        while self._kept:
            wire, exchange = self._kept.pop()
            if not exchange.is_lost and not wire.is_closed:
                return wire, exchange
        exchange = _Exchange()
        return await self._dialer.open(exchange), exchange

    def _request(self, operation: str, payload: Payload) -> bytes:
        endpoint = self._dialer.endpoint
        path = endpoint.path + "/"
        headers = self._signer.signed(
            "POST",
            path,
            {
                "host": endpoint.host_header,
                "content-type": "application/x-amz-json-1.0",
                "x-amz-target": f"{self._target}.{operation}",
            },
            payload,
        )
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {path} HTTP/1.1\r\n{lines}content-length: {len(payload.body)}\r\n\r\n"
        return head.encode() + payload.body


def _fault_of(response: Response) -> str:
    """Return the fault's name, never its text, which may quote what was sent."""
    try:
        name = str(json.loads(response.body).get("__type", ""))
    except (ValueError, AttributeError):
        name = ""
    return name.rpartition("#")[2] or f"status {response.status}"


def _may_pass(status: int, fault: str) -> bool:
    return status == _THROTTLED or status >= _SERVER_FAULT or fault.startswith(_THROTTLING)
