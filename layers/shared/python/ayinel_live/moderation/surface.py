"""What shows on the surface of a message: links, personal data, shouting and repetition."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from ayinel_live.moderation.model import Category, ModerationSettings

_TOP_LEVEL_DOMAINS: Final = (
    "com|net|org|gg|tv|io|co|me|ly|ru|xyz|info|biz|link|live|site|online|shop|store|app|dev|top|"
    "club|us|uk|de|fr|eu|ca|au|br|in|cn|jp|kr|pl|nl|se|no|fi|es|it|ch|at|be|cc|to|gl|be|pro|win|"
    "vip|fun|icu|click|cam|sex|xxx|porn|adult|bet|casino|stream|game|games|chat|team|news|space|"
    "website|tech|cloud|ai|so|sh|id|ws|tk|ml|ga|cf|gq|pw|su|ua|mx|ar|cl|za|ng|tr|ir|sa|ae|hk|tw|sg"
)
_LINK: Final = re.compile(
    r"(?:\bhttps?://|\bwww\.)[^\s/?#]*|"
    r"(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,8}(?:" + _TOP_LEVEL_DOMAINS + r")"
    r"(?![\w-]|\.[a-z0-9])",
)
_SPELT_OUT_LINK: Final = re.compile(
    r"(?<!\w)([a-z0-9-]{2,63}) ?(?:\(dot\)|\[dot\]|\{dot\}| dot |\(\.\)|\[\.\]| \. |,) ?"
    r"(com|net|org|gg|tv|io|ru|xyz|ly|me|shop|live|site|online)(?!\w)"
)
_IPV4_LINK: Final = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?/")
_EMAIL: Final = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64} ?(?:@|\(at\)|\[at\]) ?[a-z0-9-]{1,63}"
    r"(?: ?(?:\.|\(dot\)|\[dot\]) ?[a-z0-9-]{2,63}){1,4}(?!\w)"
)
_DIGIT_GROUPS: Final = re.compile(r"(?<![\w.,:/#-])[+(]?\d[\d() .-]{5,30}\d(?![\w:/])")
_GROUPED_PHONE: Final = re.compile(
    r"^(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)|\d{2,4})[ .-]?\d{3,4}[ .-]\d{3,4}$|^\+\d[\d .()-]{7,18}$"
)
_LONE_PHONE: Final = re.compile(r"^0?\d{10}$|^1\d{10}$")
_STREET: Final = re.compile(
    r"(?<!\w)\d{1,5}[a-z]? (?:[a-z]{2,20} ){1,3}"
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|drive|dr|court|ct|terrace|way)(?!\w)"
    r"(?=[ ,.]*(?:apt|unit|#|[a-z]{3,20}[ ,]+[a-z]{2}\b|"
    r"(?:[a-z]{2,20}[ ,]+){0,3}(?:\d{5}\b|[a-z]{1,2}\d{1,2}[a-z]? ?\d[a-z]{2}\b)))"
)
_SOCIAL_SECURITY: Final = re.compile(
    r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])"
)
_CHARACTER_RUN: Final = re.compile(r"(\S)\1{4,}")
_COMPARED_MAX: Final = 500
_DIGITS_AS_LETTERS: Final = str.maketrans("013457", "oieast")
_SAME: Final = re.compile(r"[\W_]+")


def find_link(folded: str, settings: ModerationSettings) -> float:
    """How sure it is that the text links where the channel does not allow it.

    Args:
        folded: The folded text.
        settings: Those of the channel.

    Returns:
        0 where links are allowed or there is none, up to 1 for a written link.
    """
    if settings.links_allowed or not (
        "." in folded or "dot" in folded or "://" in folded or "," in folded
    ):
        return 0.0
    for found in _LINK.finditer(folded):
        if not _is_allowed(found.group().rpartition("/")[2], settings.allowed_domains):
            return 0.95
    if _IPV4_LINK.search(folded):
        return 0.95
    for found in _SPELT_OUT_LINK.finditer(folded):
        if not _is_allowed(f"{found[1]}.{found[2]}", settings.allowed_domains):
            return 0.9
    return 0.0


def _is_allowed(host: str, allowed: Sequence[str]) -> bool:
    host = host.rpartition("@")[2].partition(":")[0].rstrip(".").removeprefix("www.")
    return any(host == domain or host.endswith(f".{domain}") for domain in allowed)


def find_personal_data(folded: str) -> float:
    """How sure it is that the text gives away an address, a number or a card.

    Args:
        folded: The folded text.

    Returns:
        0 where nothing was found; 0.9 and more for a payment card (its check digit is right).
    """
    weight = 0.0
    if ("@" in folded or "at)" in folded or "at]" in folded) and _EMAIL.search(folded):
        weight = 0.6
    if not any(map(folded.__contains__, "0123456789")):
        return weight
    for found in _DIGIT_GROUPS.finditer(folded):
        weight = max(weight, _weigh_number(found.group().strip(" .-")))
    if _SOCIAL_SECURITY.search(folded):
        weight = max(weight, 0.9)
    if _STREET.search(folded):
        weight = max(weight, 0.6)
    return weight


def _weigh_number(written: str) -> float:
    digits = "".join(filter(str.isdecimal, written))
    if 13 <= len(digits) <= 19 and len(set(digits)) > 1 and passes_luhn(digits):
        return 0.95
    if 8 <= len(digits) <= 15 and _GROUPED_PHONE.match(written):
        return 0.6
    if _LONE_PHONE.match(written) and len(set(digits)) > 3:
        return 0.6
    return 0.0


def passes_luhn(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def find_shouting_and_repeats(
    text: str, words: Sequence[str], settings: ModerationSettings
) -> dict[Category, float]:
    """Scores for capitals and for repeated characters and words.

    Args:
        text: The message as it was sent.
        words: Its folded words.
        settings: Those of the channel.

    Returns:
        A score for `caps` and for `flood` where the channel's bounds are passed.
    """
    scores: dict[Category, float] = {}
    if settings.caps_share_max < 1 and len(text) >= settings.caps_letters_min:
        capitals = sum(map(str.isupper, text))
        letters = capitals + sum(map(str.islower, text))
        if letters >= settings.caps_letters_min and capitals > settings.caps_share_max * letters:
            scores[Category.CAPS] = 0.6
    longest = settings.repeated_characters_max
    if len(text) > longest and any(
        len(run.group()) > longest for run in _CHARACTER_RUN.finditer(text)
    ):
        scores[Category.FLOOD] = 0.6
    if len(words) > settings.repeated_words_max:
        most = Counter(words).most_common(1)[0][1]
        if most > settings.repeated_words_max:
            scores[Category.FLOOD] = 0.6
    return scores


def find_duplicate(folded: str, recent: Sequence[str], settings: ModerationSettings) -> float:
    """How sure it is that the sender has sent this before.

    Args:
        folded: The folded text.
        recent: The sender's recent messages as they were folded.
        settings: Those of the channel.

    Returns:
        0.6 where more than `duplicates_max` recent messages are near the same, else 0.
    """
    if not settings.duplicates_max or len(recent) <= settings.duplicates_max:
        return 0.0
    shape = _shape(folded)
    alike = sum(1 for earlier in recent if _is_near(shape, _shape(earlier)))
    return 0.6 if alike > settings.duplicates_max else 0.0


def _shape(folded: str) -> frozenset[str]:
    squeezed = _SAME.sub("", folded[:_COMPARED_MAX]).translate(_DIGITS_AS_LETTERS)
    return frozenset(squeezed[i : i + 3] for i in range(max(1, len(squeezed) - 2)))


def _is_near(one: frozenset[str], other: frozenset[str]) -> bool:
    union = len(one | other)
    return union == 0 or len(one & other) >= 0.8 * union
