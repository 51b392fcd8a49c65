"""Operations on recording configurations."""

from local.video.arns import Names
from local.video.control import requests
from local.video.control.errors import (
    ConflictError,
    NotFoundError,
    QuotaExceededError,
    ValidationError,
)
from local.video.resources import JsonObject, RecordingConfiguration
from local.video.settings import VideoSettings
from local.video.store import Store

MEMBERS = (
    "name",
    "destinationConfiguration",
    "thumbnailConfiguration",
    "recordingReconnectWindowSeconds",
    "renditionConfiguration",
)


class RecordingOperations:
    """How broadcasts are recorded."""

    def __init__(self, settings: VideoSettings, store: Store, names: Names) -> None:
        self._settings = settings
        self._store = store
        self._names = names

    def create_recording_configuration(self, request: JsonObject) -> JsonObject:
        """Make a recording configuration; it is active at once."""
        shelf = self._store.recording_configurations
        if len(shelf) >= self._settings.max_recording_configurations:
            raise QuotaExceededError("The quota of recording configurations is reached")
        destination = request["destinationConfiguration"]
        if not isinstance(destination, dict) or destination.get("s3") is None:
            raise ValidationError("A recording needs a bucket")
        configuration = RecordingConfiguration.model_validate(
            {
                "arn": self._names.arn("recording-configuration"),
                "tags": requests.tags(request),
                **requests.given(request, MEMBERS),
            }
        )
        shelf.put(configuration)
        return {"recordingConfiguration": configuration.answer()}

    def get_recording_configuration(self, request: JsonObject) -> JsonObject:
        """Show a recording configuration."""
        return {"recordingConfiguration": self._find(requests.text(request, "arn")).answer()}

    def list_recording_configurations(self, request: JsonObject) -> JsonObject:
        """Show a page of recording configurations."""
        members = ("arn", "name", "destinationConfiguration", "state", "tags")
        summaries = [
            requests.given(configuration.answer(), members)
            for configuration in self._store.recording_configurations
        ]
        return requests.page("recordingConfigurations", summaries, request)

    def delete_recording_configuration(self, request: JsonObject) -> None:
        """Delete a recording configuration that no channel uses."""
        configuration = self._find(requests.text(request, "arn"))
        used = {channel.recording_configuration_arn for channel in self._store.channels}
        if configuration.arn in used:
            raise ConflictError("The recording configuration is in use")
        self._store.recording_configurations.remove(configuration.arn)

    def _find(self, arn: str) -> RecordingConfiguration:
        configuration = self._store.recording_configurations.get(arn)
        if configuration is None:
            raise NotFoundError("The recording configuration does not exist")
        return configuration
