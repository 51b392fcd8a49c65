"""`python -m tests.benchmarks [NAME…]`: run benchmarks, print a table, write build/benchmarks.json.

Without names all of them; with names those alone, whose figures then replace their older ones.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.harness import Figure, benchmark_names

RESULTS = Path("build/benchmarks.json")
_MEMBERS = ("name", "value", "unit", "peer", "ratio")


def main(wanted: list[str]) -> int:
    """Run the benchmarks.

    Args:
        wanted: Names of modules; none for all.

    Returns:
        The exit status: 1 where a benchmark failed.
    """
    console = Console()
    known = benchmark_names()
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        console.print(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(known)}.")
        return 2
    figures: list[Figure] = []
    failed: list[str] = []
    for name in wanted or known:
        with console.status(f"{name} …"):
            taken = _run(name)
        console.print(f"{name}: {'failed' if taken is None else f'{len(taken)} figures'}")
        if taken is None:
            failed.append(name)
        else:
            figures += taken
    console.print(_table(figures))
    _write(figures, keeps_others=bool(wanted))
    return 1 if failed else 0


def _run(name: str) -> list[Figure] | None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "tests.benchmarks.harness", name, str(out)]
        if subprocess.run(command, check=False).returncode != 0:
            return None
        taken: list[Figure] = json.loads(out.read_text(encoding="utf-8"))
        return taken


def _table(figures: list[Figure]) -> Table:
    table = Table(title="Benchmarks")
    for heading in ("figure", "value", "unit", "peer", "ratio", ""):
        table.add_column(heading, justify="right" if heading in {"value", "ratio"} else "left")
    for one in figures:
        value, ratio = one["value"], one["ratio"]
        table.add_row(
            one["name"],
            "-" if value is None else f"{value:g}",
            one["unit"],
            one["peer"] or "",
            "" if ratio is None else f"{ratio:g}",
            one.get("note", ""),
        )
    return table


def _write(figures: list[Figure], *, keeps_others: bool) -> None:
    written = [
        {member: one.get(member) for member in _MEMBERS}
        for one in figures
        if one["value"] is not None
    ]
    if keeps_others and RESULTS.exists():
        new = {(one["name"], one["peer"]) for one in written}
        older = json.loads(RESULTS.read_text(encoding="utf-8"))
        written = [one for one in older if (one["name"], one["peer"]) not in new] + written
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
