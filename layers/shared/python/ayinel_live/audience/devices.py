"""The class of a device, from its user agent.

ua-parser names device and operating system by rules that its project keeps up to date; what it
cannot know (how large a screen is) follows from the few words by which systems tell themselves.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

# Longer ones are forged or broken; no parser sees them whole.
MAX_USER_AGENT = 512


class DeviceClass(StrEnum):
    """What a viewer watches on, coarsely."""

    DESKTOP = "desktop"
    MOBILE = "mobile"
    TABLET = "tablet"
    TV = "tv"
    OTHER = "other"


_TV_SYSTEMS = frozenset(
    {
        "tvOS",
        "ATV OS X",
        "Chromecast",
        "Chromecast Android",
        "Chromecast Fuchsia",
        "Chromecast Linux",
        "Chromecast SmartSpeaker",
        "GoogleTV",
        "Roku",
        "webOS",
    }
)
_TV_WORDS = re.compile(
    r"smart-?tv|hbbtv|apple ?tv|\bAFT[A-Z0-9]+\b|bravia|\broku|crkey|web0s|netcast|viera|googletv"
    r"|android ?tv|\btv safari|dtv|philipstv|vidaa|\btizen\b.*\btv\b|\btv\b.*\btizen\b"
    r"|playstation [345]|\bxbox|nintendo (?:wii|switch)|shield android|mitv|\bhisense"
    r"|chromecast|\bnettv|set-top|\bstb\b|opera tv|\btsbnettv",
    re.IGNORECASE,
)
_TABLET_WORDS = re.compile(
    r"ipad|tablet|playbook|\bkindle|\bsilk(?!.*mobile)|\bKF[A-Z]{3,}\b|\bSM-[TXP]\d{3}|\bxoom\b"
    r"|nexus (?:7|9|10)\b|\bMatePad|\bMi Pad|\bredmi pad|\bYoga Tab|\blenovo TB",
    re.IGNORECASE,
)
_MOBILE_SYSTEMS = frozenset(
    {
        "iOS",
        "Android",
        "Windows Phone",
        "Windows Mobile",
        "BlackBerry OS",
        "KaiOS",
        "Symbian OS",
        "Firefox OS",
        "Tizen",
        "HarmonyOS",
        "Bada",
        "Sailfish",
        "Series 40",
        "MeeGo",
    }
)
_DESKTOP_SYSTEMS = frozenset(
    {
        "Windows",
        "Mac OS X",
        "Mac OS",
        "Linux",
        "Ubuntu",
        "Chrome OS",
        "Fedora",
        "Debian",
        "FreeBSD",
        "OpenBSD",
        "NetBSD",
        "Red Hat",
        "SUSE",
        "Gentoo",
        "Arch Linux",
        "Mint",
        "CentOS",
        "Kubuntu",
        "Slackware",
        "Solaris",
        "Mandriva",
    }
)


@lru_cache(maxsize=512)
def device_class_of(user_agent: str) -> str:
    """Return the class of a device.

    Args:
        user_agent: The header as it came; whatever it holds, there is an answer.
    """
    text = user_agent[:MAX_USER_AGENT]
    if not text:
        return DeviceClass.OTHER
    from ua_parser import parse_device, parse_os

    device = parse_device(text)
    if device is not None and device.family == "Spider":
        return DeviceClass.OTHER
    parsed = parse_os(text)
    system = parsed.family if parsed is not None else ""
    if system in _TV_SYSTEMS or _TV_WORDS.search(text):
        return DeviceClass.TV
    return _hand_held_or_desktop(text, system)


def _hand_held_or_desktop(text: str, system: str) -> str:
    if _TABLET_WORDS.search(text):
        return DeviceClass.TABLET
    # Phones say `Mobile`, Android tablets do not (Chrome for Android's user-agent guide).
    if system == "Android" and "mobile" not in text.lower():
        return DeviceClass.TABLET
    if system in _MOBILE_SYSTEMS:
        return DeviceClass.MOBILE
    if system in _DESKTOP_SYSTEMS:
        return DeviceClass.DESKTOP
    return DeviceClass.MOBILE if "mobile" in text.lower() else DeviceClass.OTHER
