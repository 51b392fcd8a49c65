"""The control API's HTTP side: from a request to an operation and back.

Operations on ad configurations, ad breaks and failover slates are refused as unknown: the
stand-in plays neither ads nor slates, and a configuration without effect would be a lie.
"""

import json
import logging
import re
import uuid
from collections.abc import Callable

from botocore.model import OperationModel
from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.video.control import model, requests
from local.video.control.channels import ChannelOperations
from local.video.control.errors import (
    AccessDeniedError,
    ControlError,
    UnknownOperationError,
    ValidationError,
)
from local.video.control.playback import PlaybackOperations
from local.video.control.recordings import RecordingOperations
from local.video.control.streams import StreamOperations
from local.video.control.tags import TagOperations
from local.video.control.throttle import Throttle
from local.video.resources import JsonObject

MAX_BODY_BYTES = 256 * 1024

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Access-Control-Allow-Origin,Access-Control-Expose-Headers,"
    "Cache-Control,Content-Length,Content-Security-Policy,Content-Type,date,"
    "Strict-Transport-Security,x-amz-apigw-id,x-amzn-errormessage,x-amzn-errortype,"
    "x-amzn-requestid,x-amzn-trace-id,X-Content-Type-Options,X-Frame-Options",
    "Cache-Control": "no-store, no-cache",
    "Content-Security-Policy": "default-src 'self'; upgrade-insecure-requests;",
    "Strict-Transport-Security": "max-age:47304000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_log = logging.getLogger(__name__)

Operation = Callable[[JsonObject], JsonObject | None]
Operations = (
    ChannelOperations | StreamOperations | PlaybackOperations | RecordingOperations | TagOperations
)


class ControlApi:
    """Answers boto3."""

    def __init__(self, groups: tuple[Operations, ...], throttle: Throttle | None) -> None:
        """Find each operation of botocore's model among the groups, by its name.

        Args:
            groups: Objects with a method for each operation, ``create_channel`` and so on.
            throttle: Holds callers to IVS's rates; nothing does without one.
        """
        self._throttle = throttle
        self._operations: dict[str, Operation] = {}
        for name in model.service_model().operation_names:
            method = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
            for group in groups:
                if hasattr(group, method):
                    self._operations[name] = getattr(group, method)

    def routes(self) -> list[Route]:
        """Returns the routes; they must come last, as one of them takes any POST."""
        return [
            Route("/tags/{arn:path}", self.answer_tags, methods=["GET", "POST", "DELETE"]),
            Route("/{operation}", self.answer, methods=["POST"]),
        ]

    async def answer_tags(self, request: Request) -> Response:
        """Answer one of the three calls on tags.

        Args:
            request: Its path ends in the resource's ARN.
        """
        names = {"GET": "ListTagsForResource", "POST": "TagResource", "DELETE": "UntagResource"}
        members: JsonObject = {"resourceArn": request.path_params["arn"]}
        if request.method == "DELETE":
            members["tagKeys"] = [*request.query_params.getlist("tagKeys")]
        return await self._respond(names[request.method], request, members)

    async def answer(self, request: Request) -> Response:
        """Answer a call.

        Args:
            request: Its path is the operation's name.
        """
        return await self._respond(request.path_params["operation"], request, {})

    async def _respond(self, name: str, request: Request, members: JsonObject) -> Response:
        headers = _HEADERS | {"x-amzn-RequestId": str(uuid.uuid4())}
        try:
            operation = model.operation(name)
            if operation is None or name not in self._operations:
                raise UnknownOperationError("The operation is not known here")
            _check_signed(request)
            members = {**await _body(request), **members}
            answer = self._call(operation, members)
        except ControlError as error:
            _log.info("call was refused", extra={"operation": name[:64], "code": error.code})
            headers["x-amzn-ErrorType"] = error.code
            fault = {"exceptionMessage": str(error)}
            return JSONResponse(fault, status_code=error.status, headers=headers)
        status = int(operation.http["responseCode"])
        if status == 204:
            return Response(status_code=204, headers=headers)
        return JSONResponse(answer or {}, status_code=status, headers=headers)

    def _call(self, operation: OperationModel, members: JsonObject) -> JsonObject | None:
        if operation.input_shape is not None:
            model.check(operation.input_shape, members)
        if self._throttle is not None:
            self._throttle.take(operation.name, requests.text(members, "channelArn"))
        return self._operations[operation.name](members)


def _check_signed(request: Request) -> None:
    """Who signs is not checked; that somebody does keeps web pages out."""
    if not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
        raise AccessDeniedError("Missing Authentication Token")


async def _body(request: Request) -> JsonObject:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BODY_BYTES:
            raise ValidationError("The request is too long")
    if not raw:
        return {}
    try:
        value: JsonValue = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ValidationError("The request is not JSON") from error
    if not isinstance(value, dict):
        raise ValidationError("The request is not an object")
    return value
