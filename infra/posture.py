"""What the rule packs of cdk-nag find and we keep, each with where and why.

`tests/infra/test_posture.py` runs the packs over every AWS stage: a finding that is not here fails
it, and so does an entry here that nothing is found for any more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that is kept.

    Attributes:
        rule: The rule, without what it adds in brackets.
        where: A pattern for the constructs' paths below the stack.
        reason: Why.
        stages: The stages that it is found in.
    """

    rule: str
    where: str
    reason: str
    stages: tuple[str, ...] = ("dev", "prod")

    def covers(self, rule: str, path: str) -> bool:
        """Return whether a finding is this one.

        Args:
            rule: Its rule.
            path: The path of its construct.
        """
        return rule.partition("[")[0] == self.rule and bool(re.search(self.where, path))


_DEV = ("dev",)
_FAILURES = r"Failures/Queue/"
_NO_RESOURCE = (
    "X-Ray's PutTraceSegments and PutTelemetryRecords and CloudWatch's DescribeAlarms, asked for a "
    "list, know no resources; IVS makes channels, keys "
    "and recordings at run time, @connections are made by viewers: the part before the wildcard "
    "bounds them, and test_least_privilege.py holds each ending"
)
_QUEUE_OR_STREAM = (
    "the event source is a queue with a redrive policy, and for those the destination is the "
    "queue's own dead-letter queue; a mapping's destination is for streams"
)

ACCEPTED: tuple[Accepted, ...] = (
    Accepted(
        "AwsSolutions-COG1",
        r"Users/",
        "length, not composition: NIST SP 800-63B, section 3.1.1.2, forbids composition rules",
    ),
    Accepted(
        "AwsSolutions-COG2",
        r"Users/",
        "viewers may chat without a second factor; who has an account may turn one on",
    ),
    Accepted(
        "AwsSolutions-COG8",
        r"Users/",
        "the plus plan's threat protection is priced by active user, which a free audience is not "
        "worth; sign-ins are throttled by Cognito, and an issuer of one's own can be named",
    ),
    Accepted(
        "AwsSolutions-SMG4",
        r"(TicketSecret|PlaybackKeySecret|OriginSecret|RecordingKeySecret)/",
        "rotated by functions of our own on a schedule, because several readers need the old value "
        "beside the new one (see infra/wiring/secrets.py)",
    ),
    Accepted(
        "AwsSolutions-CFR1",
        r"Distribution/",
        "the audience is the world; who must not be served somewhere uses the context's web ACL",
    ),
    Accepted(
        "AwsSolutions-CFR2",
        r"Distribution/",
        "dev has no firewall, which costs by the month; prod has, and a test holds it",
        _DEV,
    ),
    Accepted(
        "AwsSolutions-CFR3",
        r"Distribution/",
        "logged by a delivery of CloudWatch Logs with fields of our choice, which this rule does "
        "not know; the kind that it knows holds viewers' addresses, tickets and signatures",
    ),
    Accepted(
        "AwsSolutions-CFR4",
        r"Distribution/",
        "with the default certificate CloudFront fixes the viewer's protocol; TLS 1.2 of 2021 "
        "applies as soon as domainName and certificateArn are given",
    ),
    Accepted(
        "AwsSolutions-IAM4",
        r"ChatRoutes/GatewayLogRole/",
        "a setting for every API of the account and region: API Gateway's own policy for it, "
        "because a stack cannot name the log groups of others",
    ),
    Accepted("AwsSolutions-IAM5", r"/DefaultPolicy/", _NO_RESOURCE),
    Accepted(
        "AwsSolutions-L1",
        r"/Function/",
        "the interpreter's minor version is the builder's, so that compiled bytecode is valid",
    ),
    Accepted(
        "Serverless-LambdaLatestVersion",
        r"/Function/",
        "the interpreter's minor version is the builder's, so that compiled bytecode is valid",
    ),
    Accepted(
        "AwsSolutions-SQS3",
        _FAILURES,
        "it is where failures end: the dead-letter queue of functions and of table streams",
    ),
    Accepted(
        "Serverless-SQSRedrivePolicy", _FAILURES, "failures end there, and an alarm watches it"
    ),
    Accepted(
        "AwsSolutions-APIG4",
        r"ChatRoutes/",
        "a WebSocket API authorizes at $connect and at no other route; every frame of the "
        "connection carries that identity",
    ),
    Accepted(
        "AwsSolutions-APIG4",
        r"HttpRoutes/",
        "public reads and tickets: an optional token is checked in the function, which knows "
        "whether the stream is private (functions/routes.py names the access of each)",
    ),
    Accepted(
        "Serverless-LambdaDLQ",
        r"/Function/",
        "called by a gateway, a queue or a table's stream, never asynchronously: who calls gets "
        "the fault, or keeps the work",
    ),
    Accepted("Serverless-LambdaEventSourceMappingDestination", r"Mapping/", _QUEUE_OR_STREAM),
    Accepted(
        "Serverless-LambdaAsyncFailureDestination",
        r"/EventInvokeConfig/",
        "its dead-letter queue takes the event as it came, ready to be sent again; a destination "
        "would wrap it",
    ),
    Accepted(
        "AwsSolutions-DDB3",
        r"/Table/",
        "dev keeps nothing that is worth restoring; prod has point-in-time recovery",
        _DEV,
    ),
)
