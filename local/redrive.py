"""Try again what was set aside: `python -m local redrive [QUEUE]`, on AWS with `--environment dev`.

Each failure queue belongs to a queue (its messages go back into it, as they were) or to a function
(it is invoked again: with the event, with the records of a table's stream that a batch named, or
with the one record that was set aside). A message leaves the failure queue only when it was taken.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from ayinel_live.runtime.names import queue_output
from local.errors import LocalError

if TYPE_CHECKING:
    from local.runtime import Runtime

_FAILURES = "Failures"
_SUFFIX = queue_output(_FAILURES)
_BATCH = 10
# Longer than any function runs, so that nobody else takes a message that is being tried again.
_HIDDEN_SECONDS = 120
_SET_ASIDE_AGAIN = "it was taken and set aside again"
_DEPLOYMENT_STACKS = ("Data", "Service")

Message = Mapping[str, Any]


@dataclass(slots=True)
class Redriven:
    """What became of one failure queue's messages.

    Attributes:
        name: The queue or function whose failures they were, such as `Moderation`.
        taken: How many were taken.
        reasons: Why the others stay where they are.
    """

    name: str
    taken: int
    reasons: list[str]


class Redrive:
    """Empties failure queues.

    Args:
        session: Says whose AWS it is.
        endpoint_url: The emulator; None on AWS.
        environment: Such as `local` or `dev`; functions carry it in their names.
        outputs: The stacks' outputs, by name.
    """

    def __init__(
        self,
        session: boto3.Session,
        endpoint_url: str | None,
        environment: str,
        outputs: Mapping[str, str],
    ) -> None:
        self._queues: Any = session.client("sqs", endpoint_url=endpoint_url)
        self._functions: Any = session.client("lambda", endpoint_url=endpoint_url)
        self._streams: Any = session.client("dynamodbstreams", endpoint_url=endpoint_url)
        self._environment = environment
        self._outputs = outputs

    def close(self) -> None:
        """Close the connections."""
        for client in (self._queues, self._functions, self._streams):
            client.close()

    def names(self) -> list[str]:
        """Return the names of all failure queues, without `Failures`."""
        return sorted(
            name.removesuffix(_SUFFIX) for name in self._outputs if name.endswith(_SUFFIX)
        )

    def run(self, name: str) -> Redriven:
        """Try again everything that one failure queue holds now.

        Args:
            name: One of `names`.

        Raises:
            LocalError: There is no such queue.
        """
        failures_url = self._outputs.get(name + _SUFFIX)
        if failures_url is None:
            raise LocalError(f"There is no failure queue {name}: {', '.join(self.names())}")
        redriven = Redriven(name, 0, [])
        began = time.time() * 1000
        while messages := self._receive(failures_url):
            for message in messages:
                # What comes back while this runs would be tried for ever.
                is_back = int(message["Attributes"]["SentTimestamp"]) >= began
                fault = _SET_ASIDE_AGAIN if is_back else self._try_again(name, message)
                if fault is None:
                    self._queues.delete_message(
                        QueueUrl=failures_url, ReceiptHandle=message["ReceiptHandle"]
                    )
                    redriven.taken += 1
                else:
                    redriven.reasons.append(fault)
        return redriven

    def _receive(self, queue_url: str) -> Sequence[Message]:
        answer = self._queues.receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=_BATCH,
            VisibilityTimeout=_HIDDEN_SECONDS,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: Sequence[Message] = answer.get("Messages", ())
        return messages

    def _try_again(self, name: str, message: Message) -> str | None:
        """Hand one message over; returns why it was not taken, or None."""
        try:
            source_url = self._outputs.get(queue_output(name))
            if source_url is not None:
                self._put_back(source_url, message)
                return None
            return self._invoke(_function_of(name), self._event_of(message))
        except (BotoCoreError, ClientError, ValueError, KeyError) as error:
            return f"{type(error).__name__}: {error}"

    def _put_back(self, queue_url: str, message: Message) -> None:
        order = {}
        if queue_url.endswith(".fifo"):
            # A new deduplication id: within five minutes the queue would swallow the old one.
            mark = f"{message['MessageId']}#{message['ReceiptHandle']}"
            order = {
                "MessageGroupId": message["Attributes"]["MessageGroupId"],
                "MessageDeduplicationId": hashlib.sha256(mark.encode()).hexdigest(),
            }
        body = _as_it_came(message["Body"])
        self._queues.send_message(QueueUrl=queue_url, MessageBody=body, **order)

    def _event_of(self, message: Message) -> dict[str, Any]:
        """Return the event that the function failed on."""
        body: dict[str, Any] = json.loads(message["Body"])
        if "record" in body:
            return {"Records": [body["record"]]}
        if "DDBStreamBatchInfo" in body:
            return {"Records": self._records(body["DDBStreamBatchInfo"])}
        event: dict[str, Any] = body.get("requestPayload", body)
        return event

    def _records(self, batch: Mapping[str, str]) -> list[dict[str, Any]]:
        """Read a batch of a table's stream again; streams keep their records for a day."""
        iterator = self._streams.get_shard_iterator(
            StreamArn=batch["streamArn"],
            ShardId=batch["shardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=batch["startSequenceNumber"],
        )["ShardIterator"]
        records: list[dict[str, Any]] = []
        last = int(batch["endSequenceNumber"])
        while iterator is not None:
            answer = self._streams.get_records(ShardIterator=iterator)
            for record in answer["Records"]:
                if int(record["dynamodb"]["SequenceNumber"]) > last:
                    return records
                records.append(_as_lambda_gives(record, batch["streamArn"]))
            if not answer["Records"] or int(_sequence(answer["Records"][-1])) >= last:
                return records
            iterator = answer.get("NextShardIterator")
        return records

    def _invoke(self, function: str, event: Mapping[str, Any]) -> str | None:
        answer = self._functions.invoke(
            FunctionName=f"ayinel-live-{self._environment}-{function}",
            Payload=json.dumps(event).encode(),
        )
        told = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError"):
            return f"{function} failed again: {told.get('errorType', 'unknown fault')}"
        if isinstance(told, dict) and told.get("batchItemFailures"):
            return f"{function} failed again on {len(told['batchItemFailures'])} records"
        return None


def redrive_here(runtime: Runtime, name: str | None) -> list[Redriven]:
    """Try again what the local stack set aside.

    Args:
        runtime: A runtime that is up.
        name: One queue's or function's failures; None for all.
    """
    outputs = {key[0].upper() + key[1:]: value for key, value in runtime.outputs().items()}
    session = boto3.Session(**runtime.emulator.credentials())
    return _run(Redrive(session, runtime.emulator.endpoint_url, "local", outputs), name)


def redrive_on_aws(environment: str, name: str | None) -> list[Redriven]:
    """Try again what a deployed environment set aside.

    Args:
        environment: Such as `dev`.
        name: One queue's or function's failures; None for all.

    Raises:
        LocalError: There is no such environment, or AWS cannot be reached.
    """
    session = boto3.Session()
    outputs: dict[str, str] = {}
    try:
        stacks = session.client("cloudformation")
        for part in _DEPLOYMENT_STACKS:
            found = stacks.describe_stacks(StackName=f"AyinelLive-{environment}-{part}")["Stacks"]
            outputs |= {o["OutputKey"]: o["OutputValue"] for o in found[0].get("Outputs", ())}
    except (BotoCoreError, ClientError) as error:
        raise LocalError(f"The stacks of {environment} cannot be read: {error}") from None
    return _run(Redrive(session, None, environment, outputs), name)


def print_redriven(results: Sequence[Redriven]) -> int:
    """Print what became of the messages.

    Returns:
        The exit status: 0 where nothing is left, 1 where something is.
    """
    console = Console()
    touched = [result for result in results if result.taken or result.reasons]
    if not touched:
        console.print("Nothing was set aside.")
        return 0
    table = Table("failures of", "taken", "left", "why")
    for result in touched:
        reasons = "\n".join(sorted(set(result.reasons)))
        table.add_row(result.name, str(result.taken), str(len(result.reasons)), reasons)
    console.print(table)
    return 1 if any(result.reasons for result in touched) else 0


def _run(redrive: Redrive, name: str | None) -> list[Redriven]:
    try:
        return [redrive.run(each) for each in ([name] if name else redrive.names())]
    finally:
        redrive.close()


def _function_of(name: str) -> str:
    """Return a function's name as deployed: `FanOutWorker` is `fan-out-worker`."""
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).removeprefix("-")


def _as_it_came(body: str) -> str:
    """Return a message as it came to who set it aside, perhaps wrapped up with the reason."""
    try:
        content = json.loads(body)
    except ValueError:
        return body
    is_wrapped = isinstance(content, dict) and content.keys() == {"source", "reason", "body"}
    return str(content["body"]) if is_wrapped else body


def _sequence(record: Mapping[str, Any]) -> str:
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def _as_lambda_gives(record: Mapping[str, Any], stream_arn: str) -> dict[str, Any]:
    """Return a record as an event source mapping hands it over: JSON that names its stream."""
    plain: dict[str, Any] = json.loads(json.dumps(record, default=_plain))
    return {**plain, "eventSource": "aws:dynamodb", "eventSourceARN": stream_arn}


def _plain(value: object) -> object:
    """Turn what botocore made of a record back into what Lambda hands over."""
    return value.timestamp() if hasattr(value, "timestamp") else str(value)
