"""Where a viewer is and on what: country, device class and referring page, never an address.

CloudFront tells country and kind of device in headers. They are believed only where the
distribution has shown its secret; from anybody else they are what a client made up. Where they are
missing, a table of addresses and the user agent are asked, both loaded on first use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ayinel_live.audience.devices import DeviceClass, device_class_of

if TYPE_CHECKING:
    from ip3country import CountryLookup

_COUNTRY = re.compile(r"[A-Z]{2}")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
# Tor (T1) and satellite or anonymous proxies (A1, A2) are told as countries and are none.
_NO_COUNTRIES = frozenset({"T1", "A1", "A2", "XX", "ZZ"})
# CloudFront developer guide, "Add CloudFront request headers": a viewer can have several.
_DEVICE_HEADERS = (
    ("cloudfront-is-smarttv-viewer", DeviceClass.TV),
    ("cloudfront-is-tablet-viewer", DeviceClass.TABLET),
    ("cloudfront-is-mobile-viewer", DeviceClass.MOBILE),
    ("cloudfront-is-desktop-viewer", DeviceClass.DESKTOP),
)
_MAX_HEADER = 2048


@dataclass(frozen=True, slots=True)
class Where:
    """Where a viewer is and on what.

    Attributes:
        country: ISO 3166-1 alpha-2, or empty where unknown.
        device_class: A `DeviceClass` value.
        referrer_host: Host of the page that the player sits in, or empty.
    """

    country: str
    device_class: str
    referrer_host: str


def locate(headers: Mapping[str, str], source_ip: str, trusted: bool) -> Where:
    """Tell where a viewer is and on what.

    Args:
        headers: The request's headers, names in lower case.
        source_ip: The address that the gateway saw; behind CloudFront that of an edge.
        trusted: Whether the request has shown the distribution's secret.
    """
    told = headers if trusted else {}
    # An edge's address says nothing of the viewer's: where CloudFront does not tell that one
    # either, the country is unknown.
    address = _address(told.get("cloudfront-viewer-address", "")) if trusted else source_ip
    return Where(
        country=_told_country(told) or _country_of(address),
        device_class=_told_device(told) or device_class_of(headers.get("user-agent", "")),
        referrer_host=_host_of(headers.get("referer", "") or headers.get("origin", "")),
    )


def _told_country(headers: Mapping[str, str]) -> str:
    country = headers.get("cloudfront-viewer-country", "")
    known = _COUNTRY.fullmatch(country) is not None and country not in _NO_COUNTRIES
    return country if known else ""


def _told_device(headers: Mapping[str, str]) -> str:
    for header, device_class in _DEVICE_HEADERS:
        if headers.get(header) == "true":
            return device_class
    return ""


def _address(text: str) -> str:
    """Return the address of `address:port`, the form of CloudFront's header."""
    return text.rpartition(":")[0]


@cache
def _countries() -> CountryLookup:
    from ip3country import CountryLookup

    return CountryLookup()


def _country_of(address: str) -> str:
    """Return the country of an address, or nothing: IPv6 beyond mapped IPv4 is in no table."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if not isinstance(parsed, IPv4Address):
        mapped = parsed.ipv4_mapped
        if mapped is None:
            return ""
        parsed = mapped
    if not parsed.is_global:
        return ""
    country = _countries().lookupNumeric(int(parsed)) or ""
    return country if _COUNTRY.fullmatch(country) else ""


def _host_of(url: str) -> str:
    """Return the host of a page's URL, or nothing where it is none that a page can have."""
    if len(url) > _MAX_HEADER:
        return ""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    return host if _HOST.fullmatch(host) else ""
