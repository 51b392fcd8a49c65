"""What functions may do with Amazon IVS."""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import Aws

from infra.constructs.live_function import LiveFunction

_CHANNEL_READS = ("GetChannel", "GetStream", "GetStreamSession", "ListChannels")
_CHANNEL_WRITES = ("CreateChannel", "DeleteChannel", "TagResource", "UpdateChannel")
_LISTS = ("ListStreamSessions", "ListStreams")
_KEYS = ("CreateStreamKey", "DeleteStreamKey", "GetStreamKey", "ListStreamKeys")
_LIVE = ("PutMetadata", "StartViewerSessionRevocation", "StopStream")
_PLAYBACK_KEYS = (
    "DeletePlaybackKeyPair",
    "ImportPlaybackKeyPair",
    "ListPlaybackKeyPairs",
    "TagResource",
)


def allow_managing_channels(function: LiveFunction, recording_arns: Iterable[str]) -> None:
    """Let a function make, change, rotate, stop and delete creators' channels.

    Args:
        function: The function.
        recording_arns: The recording configurations that channels may be given.
    """
    actions = (*_CHANNEL_READS, *_CHANNEL_WRITES, *_LISTS, *_LIVE, *_KEYS)
    # Channels and their keys are made at run time, so that no narrower name is known beforehand.
    _allow(function, actions, [_arn("channel/*"), _arn("stream-key/*"), *recording_arns])


def allow_managing_playback_keys(function: LiveFunction) -> None:
    """Let a function make and retire the key pairs that sign private playback."""
    _allow(function, _PLAYBACK_KEYS, [_arn("playback-key/*")])


def allow_watching_channels(function: LiveFunction) -> None:
    """Let a function read what is on air."""
    _allow(function, (*_CHANNEL_READS, *_LISTS), [_arn("channel/*")])


def allow_ending_broadcasts(function: LiveFunction) -> None:
    """Let a function revoke keys and stop streams."""
    actions = ("DeleteStreamKey", "ListStreamKeys", "StopStream")
    _allow(function, actions, [_arn("channel/*"), _arn("stream-key/*")])


def allow_deleting_channels(function: LiveFunction) -> None:
    """Let a function delete channels, with their keys."""
    _allow(function, ("DeleteChannel",), [_arn("channel/*"), _arn("stream-key/*")])


def allow_revoking_viewers(function: LiveFunction) -> None:
    """Let a function end private playback of single viewers."""
    _allow(function, ("StartViewerSessionRevocation",), [_arn("channel/*")])


def _allow(function: LiveFunction, actions: Iterable[str], resources: Iterable[str]) -> None:
    function.allow([f"ivs:{action}" for action in actions], resources)


def _arn(resource: str) -> str:
    return f"arn:{Aws.PARTITION}:ivs:{Aws.REGION}:{Aws.ACCOUNT_ID}:{resource}"
