"""What checkov finds in the templates and is meant so, each with its reason in the template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import jsii
from aws_cdk import CfnResource, IAspect
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import IConstruct

from infra.stages import Stage

_OWN_KEYS = (
    "Encrypted with keys that AWS manages; a key of our own would add a cost for each call and a "
    "way to lose everything, and keep nobody out whom IAM lets in."
)
_OF_A_KIND: Mapping[str, Mapping[str, str]] = {
    "AWS::DynamoDB::Table": {"CKV_AWS_119": _OWN_KEYS},
    "AWS::Lambda::Function": {
        "CKV_AWS_115": (
            "What is called through a queue has its bound there; a bound on the rest would take "
            "from the account's share for good and turn viewers away before the gateway does."
        ),
        "CKV_AWS_117": "Reaches AWS's own services alone, by IAM; there is no network to be in.",
        "CKV_AWS_173": "Names and addresses only: secrets lie in Secrets Manager. " + _OWN_KEYS,
    },
    "AWS::Logs::LogGroup": {"CKV_AWS_158": _OWN_KEYS},
    "AWS::SecretsManager::Secret": {"CKV_AWS_149": _OWN_KEYS},
    "AWS::SNS::Topic": {
        "CKV_AWS_26": (
            "Alarms and fingerprints of faults, without data of people; CloudWatch cannot publish "
            "under the key that AWS manages for SNS."
        )
    },
    "AWS::SQS::Queue": {
        "CKV_AWS_27": "Encrypted by SqsManagedSseEnabled, which this check does not know."
    },
}
_PASSING = (
    "A stage without protection: what it stores may be lost, and is deleted together with it."
)


@jsii.implements(IAspect)
class AcceptedFindings:
    """Writes into each resource which findings are accepted of it, and why.

    Args:
        stage: Some hold in stages without protection only.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def visit(self, node: IConstruct) -> None:
        """Look at one construct; called by the CDK."""
        if not isinstance(node, CfnResource):
            return
        skips = [{"id": check, "comment": reason} for check, reason in self._accepted(node)]
        if skips:
            node.add_metadata("checkov", {"skip": skips})

    def _accepted(self, node: CfnResource) -> Iterator[tuple[str, str]]:
        kind = node.cfn_resource_type
        yield from _OF_A_KIND.get(kind, {}).items()
        if isinstance(node, lambda_.CfnFunction) and node.dead_letter_config is None:
            yield (
                "CKV_AWS_116",
                "Called by gateways, queues and table streams, which keep what fails themselves.",
            )
        if kind == "AWS::DynamoDB::Table" and not self._stage.is_protected:
            yield "CKV_AWS_28", _PASSING
        if isinstance(node, s3.CfnBucket):
            yield from self._of_buckets(node)
        if kind == "AWS::CloudFront::Distribution":
            yield from self._of_distributions()

    def _of_buckets(self, bucket: s3.CfnBucket) -> Iterator[tuple[str, str]]:
        if bucket.logging_configuration is None:
            yield "CKV_AWS_18", "Where access logs end; a log of its writing would grow by itself."
        if bucket.versioning_configuration is None:
            yield "CKV_AWS_21", _unversioned(bucket.node.path)

    def _of_distributions(self) -> Iterator[tuple[str, str]]:
        yield (
            "CKV_AWS_86",
            "Logged by a delivery, which this check does not know; what it knows keeps addresses.",
        )
        yield (
            "CKV_AWS_174",
            "TLSv1.2_2021 on a domain of our own; CloudFront's own name has no choice.",
        )
        if not self._stage.has_firewall:
            yield (
                "CKV_AWS_68",
                "The firewall stands before production; it costs by the month.",
            )


def _unversioned(path: str) -> str:
    if "Pages" in path:
        return "Built from the repository: the version before is a build away."
    if "AccessLogs" in path:
        return "Written once by AWS and changed by nobody; what is over its time must be gone."
    return _PASSING
