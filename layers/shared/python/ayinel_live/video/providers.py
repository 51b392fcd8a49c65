"""The provider that a deployment is set to."""

from __future__ import annotations

from functools import partial
from typing import Literal

from ayinel_live.runtime.aws import aws_client
from ayinel_live.video.budget import RequestBudget
from ayinel_live.video.ivs import IngestScheme, IvsProvider

ProviderName = Literal["ivs"]


def make_provider(
    name: ProviderName,
    budget: RequestBudget,
    *,
    ingest_scheme: IngestScheme,
    recording_configuration_arn: str,
) -> IvsProvider:
    """Return the provider of a name.

    Args:
        name: As the settings say.
        budget: The time that one request has for refusals to pass.
        ingest_scheme: Whether encoders push over TLS.
        recording_configuration_arn: What recorded channels record with; "" records nothing.
    """
    # One try a call: the budget decides about more.
    client = partial(
        aws_client, "ivs", connect_timeout_seconds=2.0, read_timeout_seconds=4.0, attempts=1
    )
    return IvsProvider(
        client,
        budget,
        ingest_scheme=ingest_scheme,
        recording_configuration_arn=recording_configuration_arn,
    )
