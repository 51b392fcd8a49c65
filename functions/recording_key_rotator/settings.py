"""Settings of the recording key rotator."""

from __future__ import annotations

from ayinel_live.runtime.settings import FunctionSettings


class RecordingKeyRotatorSettings(FunctionSettings):
    """The environment of the recording key rotator.

    Attributes:
        recordings_secret_arn: Holds the key pairs; "" where recordings are served unsigned.
        key_group_id: CloudFront's key group; "" likewise.
        key_prefix: Begins the names of this deployment's keys.
    """

    recordings_secret_arn: str = ""
    key_group_id: str = ""
    key_prefix: str = ""
