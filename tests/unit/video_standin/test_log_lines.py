import logging

from local.video.__main__ import FactsFormatter


def line(**facts: object) -> str:
    record = logging.getLogger("local.video").makeRecord(
        "local.video", logging.INFO, "", 0, "publisher was refused", (), None, extra=facts
    )
    return FactsFormatter("%(levelname)s %(message)s").format(record)


def test_facts_stand_behind_the_message() -> None:
    said = line(reason="The stream key is in use", count=2)
    assert said == "INFO publisher was refused reason='The stream key is in use' count=2"
    assert line() == "INFO publisher was refused"


def test_no_fact_begins_a_line_of_its_own() -> None:
    assert "\n" not in line(operation="Get\nINFO all is well")
