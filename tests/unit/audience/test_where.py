"""Where viewers are and on what, and who is not believed."""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayinel_live.audience.devices import DeviceClass, device_class_of
from ayinel_live.audience.where import Where, locate

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3_2 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.3.1 Mobile/15E148 Safari/604.1"
)


def labelled_user_agents() -> dict[str, str]:
    """User agent -> class: those of a public list (Apache-2.0, seen on real sites) and our own."""
    lines = files("fake_useragent").joinpath("data/browsers.jsonl").read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    labels = {entry["useragent"]: entry["type"] for entry in entries}
    own = Path(__file__).parent / "data" / "user_agents.tsv"
    for line in own.read_text().splitlines():
        label, user_agent = line.split("\t")
        labels[user_agent] = label
    return labels


def test_nine_of_ten_devices_are_told_right_in_each_class_too() -> None:
    labels = labelled_user_agents()
    right = Counter(label for agent, label in labels.items() if device_class_of(agent) == label)
    total = Counter(labels.values())

    assert len(labels) >= 500
    assert sum(right.values()) / len(labels) >= 0.90
    assert {label: right[label] / n >= 0.90 for label, n in total.items()} == dict.fromkeys(
        ("desktop", "mobile", "tablet", "tv", "other"), True
    )


@given(st.text(max_size=12_000))
def test_any_user_agent_has_a_class(user_agent: str) -> None:
    assert device_class_of(user_agent) in set(DeviceClass)


def test_distribution_is_believed_when_it_has_shown_its_secret() -> None:
    headers = {
        "cloudfront-viewer-country": "FR",
        "cloudfront-is-smarttv-viewer": "true",
        "cloudfront-is-desktop-viewer": "false",
        "user-agent": IPHONE,
        "referer": "https://Blog.Example.com/post?id=1#top",
    }

    assert locate(headers, "8.8.8.8", trusted=True) == Where("FR", "tv", "blog.example.com")


def test_forged_headers_of_a_client_that_goes_round_the_distribution_are_ignored() -> None:
    headers = {
        "cloudfront-viewer-country": "FR",
        "cloudfront-viewer-address": "193.0.6.139:1234",
        "cloudfront-is-smarttv-viewer": "true",
        "user-agent": IPHONE,
    }

    assert locate(headers, "8.8.8.8", trusted=False) == Where("US", "mobile", "")


def test_viewers_address_decides_where_the_distribution_names_no_country() -> None:
    headers = {"cloudfront-viewer-address": "193.0.6.139:50123"}

    assert locate(headers, "8.8.8.8", trusted=True).country == "NL"


def test_edge_is_not_taken_for_its_viewer() -> None:
    assert locate({}, "8.8.8.8", trusted=True).country == ""
    assert locate({}, "8.8.8.8", trusted=False).country == "US"


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.8", "::1", "2001:db8::1", "fe80::1", "", "not an address", "9"]
)
def test_address_of_no_country_gives_none(address: str) -> None:
    assert locate({}, address, trusted=False).country == ""


def test_mapped_address_is_read_as_what_it_maps() -> None:
    assert locate({}, "::ffff:8.8.8.8", trusted=False).country == "US"


@pytest.mark.parametrize("country", ["T1", "A2", "XX", "fr", "FRA", "<b>", ""])
def test_country_that_is_none_is_not_kept(country: str) -> None:
    headers = {"cloudfront-viewer-country": country}

    assert locate(headers, "127.0.0.1", trusted=True).country == ""


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://example.com:8443/a", "example.com"),
        ("http://user:secret@example.org/", "example.org"),
        ("https://example.net.", "example.net"),
        ("javascript:alert(1)", ""),
        ("https://exa mple.com", ""),
        ("https://[::1", ""),
        ("https://" + "a" * 300 + ".com", ""),
        ("https://example.com/" + "a" * 5000, ""),
        ("null", ""),
    ],
)
def test_only_the_host_of_a_page_is_kept(referrer: str, host: str) -> None:
    assert locate({"referer": referrer}, "", trusted=False).referrer_host == host


@given(st.text(max_size=3000), st.text(max_size=60))
def test_any_header_and_address_is_borne(text: str, address: str) -> None:
    headers = {"referer": text, "user-agent": text, "cloudfront-viewer-address": text}

    for trusted in (True, False):
        where = locate(headers, address, trusted)
        assert len(where.referrer_host) <= 253
