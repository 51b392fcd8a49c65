from pathlib import Path

from local.video.arns import Names
from local.video.resources import Channel, PlaybackKeyPair, StreamKey
from local.video.store import Store

NAMES = Names("us-east-1", "000000000000")


def test_records_survive_and_keep_their_order(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    channels = [Channel(arn=NAMES.arn("channel"), name=f"c{n}") for n in range(5)]
    for channel in channels:
        store.channels.put(channel)
    store.channels.put(channels[1].model_copy(update={"name": "changed"}))
    store.channels.remove(channels[3].arn)
    store.close()
    again = Store(tmp_path / "state")
    assert [channel.name for channel in again.channels] == ["c0", "changed", "c2", "c4"]
    again.close()


def test_file_with_the_keys_is_for_its_owner_only(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.stream_keys.put(StreamKey(arn=NAMES.arn("stream-key"), value="sk", channel_arn="c"))
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    store.close()
    assert set(modes.values()) == {0o600}


def test_secrets_stay_out_of_what_is_printed() -> None:
    key = StreamKey(arn="a", value="sk_secret", channel_arn="c")
    pair = PlaybackKeyPair(arn="a", fingerprint="f", public_key_material="material")
    assert "sk_secret" not in repr(key)
    assert "publicKeyMaterial" not in pair.answer()


def test_names_have_the_forms_of_ivs() -> None:
    assert len(NAMES.stream_id()) == 26
    assert NAMES.stream_key().startswith("sk_us-east-1_")
    assert len({NAMES.stream_key() for _ in range(100)}) == 100
    assert NAMES.playback_path("x") == "/api/video/v1/us-east-1.000000000000.channel.x.m3u8"
