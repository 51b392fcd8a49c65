"""The scale model: its figures move as they must, and the page shows what it computes."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.routes import API_FUNCTIONS
from infra.costs import (
    WAITED_FOR_GB,
    costs_table,
    restore_dollars,
    snapshots_dollars_per_month,
)
from infra.scaling import HEADINGS, Scenario, main, markdown, table_scenarios
from tests.infra.synthesis import STAGES, synthesis

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("page", "command", "computed"),
    [
        ("scaling.md", "python -m infra.scaling", markdown(table_scenarios())),
        ("cost.md", "python -m infra.costs", costs_table()),
    ],
)
def test_the_page_shows_what_the_calculator_computes(
    page: str, command: str, computed: str
) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    begin = text.index(f"<!-- table: {command} -->\n")
    shown = text[begin : text.index("<!-- end of table -->")].split("\n", 1)[1]
    assert shown == computed + "\n"


@pytest.mark.parametrize("rate", [1.0, 10.0, 50.0])
def test_posts_never_exceed_what_may_be_posted(rate: float) -> None:
    for viewers in (10, 1_000, 5_000, 20_000, 60_000):
        scenario = Scenario(viewers, rate)
        if scenario.is_sustainable:
            assert scenario.posts_per_second <= scenario.posts_limit * 1.001


def test_a_small_quiet_chat_pays_a_post_for_each_message() -> None:
    assert Scenario(100, 0.1).messages_per_frame == pytest.approx(1, abs=0.05)


def test_more_viewers_make_the_window_longer_and_a_delivery_cheaper() -> None:
    scenarios = [Scenario(viewers, 10) for viewers in (1_000, 5_000, 10_000, 50_000)]
    windows = [scenario.window_seconds for scenario in scenarios]
    prices = [scenario.dollars_per_million_deliveries for scenario in scenarios]
    assert windows == sorted(windows)
    assert prices == sorted(prices, reverse=True)


def test_a_raised_quota_shortens_the_window_in_proportion() -> None:
    once, tenfold = Scenario(50_000, 1), Scenario(50_000, 1, quota=100_000)
    assert once.window_seconds / tenfold.window_seconds == pytest.approx(10)
    assert (once.accounts, tenfold.accounts) == (3, 1)


def test_more_bytes_than_frames_can_carry_are_called_too_much() -> None:
    assert not Scenario(100_000, 50).is_sustainable
    assert Scenario(5_000, 50).is_sustainable


def test_the_workers_of_prod_carry_what_prod_may_post() -> None:
    assert Scenario(10_000, 10).post_workers == 16


def test_the_command_prints_one_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--viewers", "5000", "--messages-per-second", "10"]) == 0
    printed = capsys.readouterr().out
    assert all(heading in printed for heading in HEADINGS)
    assert "$/h posts" in printed


def test_impossible_numbers_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--viewers", "0"])
    assert "above zero" in capsys.readouterr().err


def test_the_page_says_what_snapshots_would_cost() -> None:
    text = (DOCS / "cost.md").read_text(encoding="utf-8")
    for dollars in (
        snapshots_dollars_per_month(),
        snapshots_dollars_per_month(versions=10),
        restore_dollars(starts=1_000_000),
    ):
        assert f"${dollars:.2f}" in text


def test_snapshots_are_priced_for_the_functions_as_they_are_deployed() -> None:
    functions = synthesis("prod").functions()
    waited_for = (*API_FUNCTIONS, "chat_authorizer", "chat_socket")
    memory_mb = sum(functions[name]["Properties"]["MemorySize"] for name in waited_for)
    assert memory_mb / 1024 == WAITED_FOR_GB


@pytest.mark.parametrize("stage", STAGES)
def test_no_function_is_started_from_a_snapshot(stage: str) -> None:
    """As the page says; whoever changes it must change the figures' conclusion too."""
    assert not any("SnapStart" in f["Properties"] for f in synthesis(stage).functions().values())
