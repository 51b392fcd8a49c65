"""One deployment: a stage, and what the CDK context adds to it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields

from constructs import Node

from infra.regions import without_door_logs, without_history, without_video
from infra.stages import STAGES, Stage

_LOCAL_ENDPOINT = "http://127.0.0.1:4566"
_LOCAL_REGION = "us-east-1"
FIREWALL_REGION = "us-east-1"
# Where CloudFront's logs are asked for; the service is global and its settings live there.
DOOR_REGION = "us-east-1"


class ContextError(Exception):
    """The CDK context lacks a value or holds an impossible one; the message says which."""


@dataclass(frozen=True, slots=True)
class Context:
    """What `-c name=value` may say; names are these in camelCase.

    Attributes:
        stage: `local`, `dev` or `prod`.
        environment: Names the stacks; the stage's name by default.
        aws_endpoint_url: Local: the emulator.
        ivs_endpoint_url: Local: the IVS API of the video stand-in.
        history_dsn: PostgreSQL to write history to; on AWS instead of an Aurora DSQL cluster.
        web_origin: An origin whose pages may call the API, beside the product's own.
        oidc_issuer: An OpenID Connect issuer to trust, instead of a Cognito pool of our own.
        oidc_audience: The audiences that its tokens must name, separated by commas.
        oidc_jwks_url: Its key set, where that is not at `.well-known/jwks.json` below the issuer.
        ivs_player_url: The script of the Amazon IVS player, which is proprietary: where given,
            the pages play IVS channels with it, and the open one else.
        domain_name: A host name of our own, with `certificate_arn` of a certificate in us-east-1.
        certificate_arn: See `domain_name`.
        region: The region; where none is given, us-east-1 if the stage has a firewall of its own,
            else the one that the CDK CLI finds itself in.
        web_acl_arn: A web ACL for CloudFront that is there already, instead of one of our own.
        has_history_cluster: On AWS: `false` leaves out the Aurora DSQL cluster and with it history,
            for regions that have none.
        is_gradual: In stages that shift versions by and by: `false` shifts this deployment at once
            and whatever alarms say, to mend what made them go off.
        alarm_email: Told of alarms and faults, once it has confirmed the message that comes first.
        monthly_budget_dollars: On AWS: the topic of alarms is told when the account nears it.
        has_gateway_log_role: On AWS: `false` where the account's API Gateway can write logs
            already; the setting is one for the whole account and region.
    """

    stage: str = "dev"
    environment: str = ""
    aws_endpoint_url: str = _LOCAL_ENDPOINT
    ivs_endpoint_url: str = ""
    history_dsn: str = ""
    web_origin: str = ""
    oidc_issuer: str = ""
    oidc_audience: str = ""
    oidc_jwks_url: str = ""
    ivs_player_url: str = ""
    domain_name: str = ""
    certificate_arn: str = ""
    region: str = ""
    web_acl_arn: str = ""
    alarm_email: str = ""
    monthly_budget_dollars: str = ""
    has_history_cluster: bool = True
    has_gateway_log_role: bool = True
    is_gradual: bool = True

    @classmethod
    def from_node(cls, node: Node) -> Context:
        """Read the context of a construct tree's root.

        Raises:
            ContextError: A value is of the wrong kind.
        """
        values: dict[str, str | bool] = {}
        for entry in fields(cls):
            given = node.try_get_context(_camel(entry.name))
            if given is not None:
                values[entry.name] = (
                    _flag(given, entry.name) if entry.type == "bool" else str(given)
                )
        return cls(**values)  # type: ignore[arg-type]  # each is of its field's kind by now


@dataclass(frozen=True, slots=True)
class Deployment:
    """A stage together with its context."""

    stage: Stage
    context: Context = field(default_factory=Context)

    @classmethod
    def from_context(cls, context: Context) -> Deployment:
        """Check the context against itself.

        Raises:
            ContextError: The stage is unknown, values that need each other are not all there, or
                the region cannot carry video.
        """
        if context.stage not in STAGES:
            raise ContextError(f"stage={context.stage} is none of {', '.join(STAGES)}")
        _require_together(context, "oidc_issuer", "oidc_audience")
        _require_together(context, "domain_name", "certificate_arn")
        stage = STAGES[context.stage]
        is_elsewhere = context.region not in {"", FIREWALL_REGION}
        if stage.has_firewall and is_elsewhere and not context.web_acl_arn:
            raise ContextError(
                f"{stage.name} has a firewall, and AWS makes those for CloudFront in "
                f"{FIREWALL_REGION} alone: deploy there, or give webAclArn of one that is there"
            )
        if not stage.is_local and (fault := without_video(context.region)):
            raise ContextError(fault)
        _require_amount(context.monthly_budget_dollars)
        return cls(stage, context)

    @property
    def environment(self) -> str:
        """The name that tells this deployment from others in the account."""
        return self.context.environment or self.stage.name

    @property
    def region(self) -> str | None:
        """The region, where it is known before the deployment."""
        if self.stage.is_local:
            return _LOCAL_REGION
        needs_firewall = self.stage.has_firewall and not self.context.web_acl_arn
        return self.context.region or (FIREWALL_REGION if needs_firewall else None)

    @property
    def is_gradual(self) -> bool:
        """Whether this deployment shifts versions by and by, watched by alarms."""
        return self.stage.is_gradual and self.context.is_gradual

    @property
    def has_video_resources(self) -> bool:
        """Whether IVS resources can be declared: always on AWS, locally if there is an IVS."""
        return not self.stage.is_local or bool(self.context.ivs_endpoint_url)

    @property
    def has_history(self) -> bool:
        """Whether there is a database to write history to."""
        if self.context.history_dsn:
            return True
        wants_cluster = not self.stage.is_local and self.context.has_history_cluster
        return wants_cluster and without_history(self.region or "") is None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the region lacks, that was asked for and is left out."""
        if self.stage.is_local:
            return ()
        context, region = self.context, self.region or ""
        is_asked_for = context.has_history_cluster and not context.history_dsn
        missing = (
            without_history(region) if is_asked_for else None,
            without_door_logs(region, DOOR_REGION),
        )
        return tuple(each for each in missing if each)

    def stack_name(self, part: str) -> str:
        """Return the name of one of this deployment's stacks.

        Args:
            part: `Data`, `Web` or `Service`.
        """
        return f"AyinelLive-{self.environment}-{part}"


def _require_amount(dollars: str) -> None:
    try:
        is_amount = not dollars or float(dollars) > 0
    except ValueError:
        is_amount = False
    if not is_amount:
        raise ContextError(f"monthlyBudgetDollars must be an amount, not {dollars!r}")


def _require_together(context: Context, *names: str) -> None:
    missing = [_camel(name) for name in names if not getattr(context, name)]
    if missing and len(missing) < len(names):
        given = ", ".join(_camel(name) for name in names if getattr(context, name))
        raise ContextError(f"{given} needs {', '.join(missing)} beside it")


def _flag(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return value
    try:
        parsed = json.loads(str(value))
    except ValueError:
        parsed = None
    if not isinstance(parsed, bool):
        raise ContextError(f"{_camel(name)} must be true or false, not {value!r}")
    return parsed


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
