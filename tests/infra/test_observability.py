"""What is emitted is watched, what is watched is emitted, and every alarm says what to do."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ayinel_live.runtime import metrics
from ayinel_live.runtime.names import Output
from infra.locks import REPOSITORY
from infra.observability.runbook import RUNBOOK
from tests.infra.synthesis import AWS_STAGES, Synthesis, synthesis
from tests.infra.test_functions import FOLDERS
from tests.support.alarms import AlarmRule

NAMES = {
    constant: value
    for constant, value in vars(metrics).items()
    if constant.isupper() and constant != "NAMESPACE"
}
SOURCES = [
    path
    for folder in ("functions", "layers/shared")
    for path in (REPOSITORY / folder).rglob("*.py")
    if path.name != "metrics.py"
]


def text(value: Any) -> str:
    """Return a property as text; joins put together, references left out."""
    if isinstance(value, dict) and "Fn::Join" in value:
        return "".join(part if isinstance(part, str) else "1" for part in value["Fn::Join"][1])
    return str(value)


def widgets(found: Synthesis) -> Iterator[dict[str, Any]]:
    for properties in found.properties("AWS::CloudWatch::Dashboard"):
        yield from json.loads(text(properties["DashboardBody"]))["widgets"]


def drawn(found: Synthesis) -> set[tuple[str, str, str]]:
    """Return what dashboards draw of our own: (name, service, stage)."""
    shown = set()
    for widget in widgets(found):
        for line in widget["properties"].get("metrics", []):
            if line[0] == metrics.NAMESPACE:
                given = dict(zip(line[2:-1:2], line[3::2], strict=False))
                shown.add((line[1], given["service"], given["stage"]))
    return shown


def emitted_constants() -> set[str]:
    """Return the constants of `runtime.metrics` that code uses."""
    return {
        node.attr
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in {"metrics", "names"}
        and node.attr in NAMES
    }


def test_names_are_of_one_form_and_each_stands_for_one_thing() -> None:
    assert all(re.fullmatch(r"([A-Z][a-z]+)+", value) for value in NAMES.values())
    assert len(set(NAMES.values())) == len(NAMES)


def test_every_name_is_emitted() -> None:
    assert emitted_constants() == set(NAMES)


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_dashboards_draw_what_is_emitted_and_nothing_else(stage: str) -> None:
    shown = drawn(synthesis(stage))
    assert {name for name, _, _ in shown} == set(NAMES.values())
    assert {service for _, service, _ in shown} <= set(FOLDERS)
    assert {dimension for _, _, dimension in shown} == {stage}


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_metrics_of_a_function_are_drawn_under_its_own_name(stage: str) -> None:
    """What a function's folder counts by name stands in a graph of that function."""
    shown = {(name, service) for name, service, _ in drawn(synthesis(stage))}
    for name in FOLDERS:
        for path in (REPOSITORY / "functions" / name).glob("*.py"):
            for constant in re.findall(r"\b(?:metrics|names)\.([A-Z_]+)\b", path.read_text()):
                if constant in NAMES:
                    assert (NAMES[constant], name) in shown


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_functions_emit_under_the_dimension_that_is_watched(stage: str) -> None:
    for found in synthesis(stage).functions().values():
        assert found["Properties"]["Environment"]["Variables"]["STAGE"] == stage


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_every_alarm_tells_the_topic_and_names_its_section(stage: str) -> None:
    found = synthesis(stage)
    topic = found.outputs()[Output.ALARM_TOPIC_ARN]["Ref"]
    anchors = headings(REPOSITORY / RUNBOOK)
    alarms = found.properties("AWS::CloudWatch::Alarm")
    assert len(alarms) > 50
    for alarm in alarms:
        assert alarm["AlarmActions"] == [{"Ref": topic}] == alarm["OKActions"]
        section = re.search(rf"{re.escape(RUNBOOK)}#([a-z-]+)$", alarm["AlarmDescription"])
        assert section is not None
        assert section[1] in anchors


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_every_dead_letter_queue_is_watched(stage: str) -> None:
    found = synthesis(stage)
    watched = {
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in found.properties("AWS::CloudWatch::Alarm")
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        for dimension in alarm["Dimensions"]
    }
    failures = {name for name in found.resources("AWS::SQS::Queue") if "Failures" in name}
    assert watched == failures


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_every_function_is_watched(stage: str) -> None:
    found = synthesis(stage)
    by_id = {
        name: found_function["Properties"]["FunctionName"]
        for name, found_function in found.resources("AWS::Lambda::Function").items()
        if found_function["Properties"].get("FunctionName")
    }
    for metric in ("Errors", "Throttles"):
        watched = {
            alarm["Dimensions"][0]["Value"]["Ref"]
            for alarm in found.properties("AWS::CloudWatch::Alarm")
            if alarm.get("MetricName") == metric and len(alarm["Dimensions"]) == 1
        }
        assert watched == set(by_id)


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_logs_of_every_function_but_the_reporter_are_looked_at_for_faults(stage: str) -> None:
    found = synthesis(stage)
    filtered = found.properties("AWS::Logs::SubscriptionFilter")
    assert len(filtered) == len(FOLDERS) - 1
    (destination,) = {found.called(each["DestinationArn"]) for each in filtered}
    assert destination.startswith("faultreporter")


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_whatever_reads_a_tables_changes_is_watched_for_lag(stage: str) -> None:
    found = synthesis(stage)
    readers = {
        json.dumps(mapping["FunctionName"])
        for mapping in found.properties("AWS::Lambda::EventSourceMapping")
        if mapping.get("StartingPosition")
    }
    watched = [
        alarm
        for alarm in found.properties("AWS::CloudWatch::Alarm")
        if alarm.get("MetricName") == "IteratorAge"
    ]
    assert len(watched) == len(readers)


def headings(document: Path) -> set[str]:
    """Return the anchors that a code host gives a document's headings."""
    return {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("#").strip().lower()).replace(" ", "-")
        for line in document.read_text().splitlines()
        if line.startswith("#")
    }


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_every_table_is_watched_with_all_its_indexes(stage: str) -> None:
    """A sum over a list: what was never throttled has no metric, and must not hide the rest."""
    found = synthesis(stage)
    alarms = {
        properties["AlarmName"].split("-")[-2]: properties
        for properties in found.properties("AWS::CloudWatch::Alarm")
        if properties["AlarmDescription"].endswith("#table-throttles")
    }
    tables = found.resources("AWS::DynamoDB::Table")
    assert len(alarms) == len(tables)
    for name, table in tables.items():
        (alarm,) = (alarms[logical] for logical in alarms if name.startswith(f"{logical}Table"))
        watched = AlarmRule.of(alarm).metrics
        indexes = {
            index["IndexName"] for index in table["Properties"].get("GlobalSecondaryIndexes", [])
        }
        for kind in ("ReadThrottleEvents", "WriteThrottleEvents"):
            of_kind = [metric for metric in watched if metric.name == kind]
            assert {
                metric.dimensions.get("GlobalSecondaryIndexName") for metric in of_kind
            } == indexes | {None}
            assert all(name in json.dumps(metric.dimensions["TableName"]) for metric in of_kind)
        (expression,) = (query["Expression"] for query in alarm["Metrics"] if "Expression" in query)
        assert expression == f"SUM([{','.join(f'm{n}' for n in range(len(watched)))}])"
        assert len(watched) <= 10


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_refusals_for_too_many_requests_are_counted_from_the_access_log(stage: str) -> None:
    found = synthesis(stage)
    (counted,) = found.properties("AWS::Logs::MetricFilter")
    groups = {each["LogGroupName"] for each in found.properties("AWS::Logs::LogGroup")}
    assert counted["LogGroupName"] in groups
    (made,) = counted["MetricTransformations"]
    (alarm,) = (
        AlarmRule.of(properties)
        for properties in found.properties("AWS::CloudWatch::Alarm")
        if properties["AlarmName"].endswith("http-throttled")
    )
    assert [(metric.namespace, metric.name) for metric in alarm.metrics] == [
        (made["MetricNamespace"], made["MetricName"])
    ]


def test_every_section_on_alarms_is_named_by_an_alarm() -> None:
    """But for the budget's, which tells the topic by itself."""
    text = (REPOSITORY / RUNBOOK).read_text()
    sections = set(re.findall(r"^### (.+)$", text[: text.index("## Procedures")], re.MULTILINE))
    named = {
        properties["AlarmDescription"].rpartition("#")[2]
        for properties in synthesis("prod").properties("AWS::CloudWatch::Alarm")
    }
    assert sections == named | {"spending"}


def test_the_runbook_has_every_procedure_that_the_one_on_call_needs() -> None:
    assert {
        "redrive",
        "roll-back",
        "rotate-playback-keys",
        "rotate-recording-keys",
        "rotate-shared-secrets",
        "restore-a-table",
        "raise-a-quota",
        "incident-drill",
    } <= headings(REPOSITORY / RUNBOOK)


def test_links_within_the_runbook_lead_somewhere() -> None:
    linked = set(re.findall(r"\]\(#([a-z-]+)\)", (REPOSITORY / RUNBOOK).read_text()))
    assert linked
    assert linked <= headings(REPOSITORY / RUNBOOK)
