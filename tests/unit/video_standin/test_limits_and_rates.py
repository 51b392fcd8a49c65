import pytest

from local.video.control.errors import ThrottledError
from local.video.control.throttle import Throttle
from local.video.limits import BitrateMeter, resolution_breach


def measured(bits_per_second: int, seconds: int = 6, start: float = 0) -> BitrateMeter:
    meter = BitrateMeter()
    feed(meter, bits_per_second, seconds, start)
    return meter


def feed(meter: BitrateMeter, bits_per_second: int, seconds: int, start: float) -> None:
    for tick in range(seconds * 10):
        meter.count(bits_per_second // 80, start + tick / 10)


def test_rate_is_measured_over_the_last_seconds() -> None:
    meter = measured(4_000_000)
    assert abs(meter.bits_per_second - 4_000_000) < 200_000
    feed(meter, 1_000_000, 6, 6)
    assert abs(meter.bits_per_second - 1_000_000) < 100_000


def test_breach_is_told_once_until_the_rate_has_fallen() -> None:
    meter = measured(5_000_000)
    breach = meter.breach("BASIC", 1280 * 720)
    assert breach is not None
    assert breach.limit == 3_500_000
    assert breach.exceeded_by > 1_000_000
    assert meter.breach("BASIC", 1280 * 720) is None
    feed(meter, 1_000_000, 6, 6)
    assert meter.breach("BASIC", 1280 * 720) is None
    feed(meter, 5_000_000, 6, 12)
    assert meter.breach("BASIC", 1280 * 720) is not None


def test_limit_depends_on_type_and_picture() -> None:
    assert measured(2_000_000).breach("BASIC", 640 * 360) is not None
    assert measured(2_000_000).breach("BASIC", 1280 * 720) is None
    assert measured(8_000_000).breach("STANDARD", 1920 * 1080) is None
    assert measured(9_000_000).breach("STANDARD", 1920 * 1080) is not None


@pytest.mark.parametrize(
    ("size", "unit"),
    [
        ((1920, 1080), None),
        ((1080, 1920), None),
        ((3840, 2160), "pixels per edge"),
        ((1920, 1200), "total pixels"),
    ],
)
def test_pictures_beyond_1080p_are_a_breach(size: tuple[int, int], unit: str | None) -> None:
    breach = resolution_breach(*size)
    assert (breach.unit if breach is not None else None) == unit


def test_calls_are_taken_at_the_rate_of_their_operation() -> None:
    now = [0.0]
    throttle = Throttle(1.0, lambda: now[0])
    for operation, rate in (
        ("GetStream", 5),
        ("ImportPlaybackKeyPair", 3),
        ("CreateRecordingConfiguration", 3),
        ("BatchStartViewerSessionRevocation", 2),
    ):
        for _ in range(rate):
            throttle.take(operation)
        with pytest.raises(ThrottledError):
            throttle.take(operation)
    now[0] += 0.2
    throttle.take("GetStream")
    with pytest.raises(ThrottledError):
        throttle.take("GetStream")


def test_metadata_is_counted_for_each_channel() -> None:
    throttle = Throttle(1.0, lambda: 0.0)
    for channel in ("a", "b"):
        for _ in range(5):
            throttle.take("PutMetadata", channel)
        with pytest.raises(ThrottledError):
            throttle.take("PutMetadata", channel)
