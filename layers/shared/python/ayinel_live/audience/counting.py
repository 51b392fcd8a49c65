"""What a subject adds to a stream's counters: pure arithmetic, apart from the tables.

A subject is a viewer, a message or a chatter. All it adds follows from its current state alone, so
a change is counted by taking back what its last counted state added and adding what the new one
does. Nothing depends on how many changes lie between the two or in which pieces they came.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ayinel_live.audience.keys import MINUTE_MILLISECONDS
from ayinel_live.audience.viewer import View

# The minute of what is not of a minute.
TOTAL = -1
UNKNOWN_COUNTRY = "ZZ"
UNKNOWN_DEVICE = "other"
DIRECT = "direct"
# Lower bounds of the classes into which ended views are sorted by length, seconds.
DURATION_CLASSES = (0, 10, 30, 60, 300, 900, 1800, 3600, 7200)

# (minute since the epoch or TOTAL, counter, key within the counter or "") -> amount
Tally = Counter[tuple[int, str, str]]


@dataclass(frozen=True, slots=True)
class Counted:
    """A subject's state with all that its counting depends on; markers hold the last one.

    Attributes:
        subject: `viewer#…`, `message#…` or `chatter#…`.
        version: The state's version; of a subject the highest wins.
        views: A viewer's views.
        stream_end: The stream's end as known at counting, epoch milliseconds; None while it runs.
        at: When a message was sent, epoch milliseconds.
        is_moderated: Whether moderation held, rejected, removed or altered the message.
    """

    subject: str
    version: int
    views: tuple[View, ...] = ()
    stream_end: int | None = None
    at: int | None = None
    is_moderated: bool = False


def tally_of(counted: Counted | None) -> Tally:
    """Return all that a subject adds.

    Args:
        counted: Its state; None is nobody and adds nothing.
    """
    tally: Tally = Counter()
    if counted is None:
        return tally
    if counted.subject.startswith("chatter#"):
        tally[TOTAL, "chatters", ""] = 1
    elif counted.at is not None:
        _add_message(tally, counted.at, counted.is_moderated)
    else:
        _add_viewer(tally, counted.views, counted.stream_end)
    return tally


def change(before: Counted | None, after: Counted) -> Tally:
    """Return what has to be added so that `after` is counted in the place of `before`."""
    tally = tally_of(after)
    tally.subtract(tally_of(before))
    return Counter({key: amount for key, amount in tally.items() if amount})


def _add_message(tally: Tally, at: int, is_moderated: bool) -> None:
    for minute in (TOTAL, at // MINUTE_MILLISECONDS):
        tally[minute, "messages", ""] += 1
        tally[minute, "moderated_messages", ""] += is_moderated


def _add_viewer(tally: Tally, views: tuple[View, ...], stream_end: int | None) -> None:
    tally[TOTAL, "viewer_count", ""] += bool(views) and views[-1].ended_at is None
    for view in views:
        # Who comes when the stream is over is there, but views nothing.
        if stream_end is None or view.started_at < stream_end:
            _add_view(tally, view, stream_end)
    tally[TOTAL, "unique_viewers", ""] = int(tally[TOTAL, "total_views", ""] > 0)


def _add_view(tally: Tally, view: View, stream_end: int | None) -> None:
    tally[TOTAL, "total_views", ""] += 1
    tally[TOTAL, "countries", view.country or UNKNOWN_COUNTRY] += 1
    tally[TOTAL, "devices", view.device_class or UNKNOWN_DEVICE] += 1
    tally[TOTAL, "referrers", view.referrer_host or DIRECT] += 1
    _add_edge(tally, view.started_at, "joins", 1)
    ended_at = _end_of(view, stream_end)
    if ended_at is None:
        tally[TOTAL, "open_views", ""] += 1
        tally[TOTAL, "open_since_milliseconds", ""] += view.started_at
        return
    tally[TOTAL, "closed_milliseconds", ""] += ended_at - view.started_at
    tally[TOTAL, "durations", duration_class(ended_at - view.started_at)] += 1
    _add_edge(tally, ended_at, "leaves", -1)


def _end_of(view: View, stream_end: int | None) -> int | None:
    """Return when a view ended: with its stream at the latest."""
    ends = [end for end in (view.ended_at, stream_end) if end is not None]
    return min(ends, default=None)


def duration_class(milliseconds: int) -> str:
    """Return the class of an ended view's length: the lower bound of it in seconds, as text.

    Args:
        milliseconds: The length.
    """
    fitting = (bound for bound in DURATION_CLASSES if milliseconds >= bound * 1000)
    return str(max(fitting, default=0))


def _add_edge(tally: Tally, at: int, counter: str, step: int) -> None:
    """Add one end of a view to its minute.

    A person is present in each second that the view touches, so the count grows with the second of
    the join and shrinks with the second after the leave's: second 60 is the next minute's first.
    """
    minute, into = divmod(at, MINUTE_MILLISECONDS)
    second = into // 1000 + (step < 0)
    tally[minute, counter, ""] += 1
    tally[minute, "presence_milliseconds", ""] += step * (MINUTE_MILLISECONDS - into)
    tally[minute, "seconds", str(second)] += step
