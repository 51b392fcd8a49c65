"""Settings of the fault reporter."""

from __future__ import annotations

from ayinel_live.runtime.settings import FunctionSettings


class FaultReporterSettings(FunctionSettings):
    """The environment, field by field.

    Attributes:
        idempotency_table: Physical name of the Idempotency table.
        fault_topic_arn: Where faults are told; empty where nobody listens.
    """

    idempotency_table: str
    fault_topic_arn: str = ""
