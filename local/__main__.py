"""The one-machine runtime: `python -m local COMMAND`."""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.accounts import Accounts
from local.aws.errors import AwsError
from local.errors import LocalError
from local.layout import Layout
from local.runtime import Runtime

# Standard output belongs to what was asked for; everything else goes to standard error.
_console = Console(stderr=True)
# Those for which the name of the file is all that a person needs to mend them.
_FAULTS_OF_THE_MACHINE = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR}
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: The command line; the process's own by default.

    Returns:
        The exit status: 0, or 1 after a line that says what happened and what to do.
    """
    options = _parser().parse_args(arguments)
    layout = Layout(
        local_dir=options.local_dir.absolute(),
        aws_port=options.aws_port,
        rtmp_port=options.rtmp_port,
        video_port=options.video_port,
        web_port=options.web_port,
    )
    command: Callable[[Runtime, argparse.Namespace], int] = options.command
    try:
        return command(Runtime(layout), options)
    except (LocalError, AwsError) as error:
        _console.print(f"[red]{type(error).__name__}[/red]: {escape(str(error))}", soft_wrap=True)
        return 1
    except OSError as error:
        if error.errno not in _FAULTS_OF_THE_MACHINE:
            raise
        said = f"{os.strerror(error.errno)}: {error.filename or layout.local_dir}"
        _console.print(f"[red]LocalError[/red]: {escape(said)}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130


def _up(runtime: Runtime, _: argparse.Namespace) -> int:
    with _console.status("Starting") as status:

        def show(line: str) -> None:
            status.update(line)
            _console.print(f"  {line}")

        outputs = runtime.up(show)
    table = Table(title="Ayinel Live runs on this machine", show_header=False, title_justify="left")
    for label, key in (
        ("Pages", "webUrl"),
        ("API", "apiUrl"),
        ("Chat", "chatUrl"),
        ("RTMP for OBS", "rtmpUrl"),
        ("AWS emulator", "awsEndpointUrl"),
    ):
        table.add_row(label, outputs[key])
    _console.print(table)
    _console.print("Next: `make demo` publishes a test stream, `make down` stops everything.")
    return 0


def _down(runtime: Runtime, _: argparse.Namespace) -> int:
    with _console.status("Stopping"):
        clean = runtime.down()
    _console.print("Stopped." if clean else "Stopped; a program had to be killed, see .local/logs.")
    return 0


def _reset(runtime: Runtime, _: argparse.Namespace) -> int:
    with _console.status("Stopping and wiping the state"):
        runtime.reset()
    _console.print("Stopped, and the state is wiped.")
    return 0


def _outputs(runtime: Runtime, options: argparse.Namespace) -> int:
    outputs = runtime.outputs()
    if options.name is None:
        print(json.dumps(outputs, indent=2))
    elif options.name in outputs:
        print(outputs[options.name])
    else:
        raise LocalError(f"There is no output {options.name}: {', '.join(sorted(outputs))}")
    return 0


def _token(runtime: Runtime, options: argparse.Namespace) -> int:
    runtime.require_running()
    print(accounts(runtime).token(options.name, operator=options.operator))
    return 0


def accounts(runtime: Runtime) -> Accounts:
    """Return the users of a deployed runtime.

    Args:
        runtime: One that `up` has deployed.
    """
    outputs = runtime.outputs()
    return Accounts(
        outputs["awsEndpointUrl"],
        outputs["awsRegion"],
        outputs["userPoolId"],
        outputs["userPoolClientId"],
    )


def _status(runtime: Runtime, _: argparse.Namespace) -> int:
    table = Table("program", "address", "process")
    services = runtime.status()
    for service in services:
        table.add_row(service.name, service.address, str(service.pid or "not running"))
    Console().print(table)
    return 0 if all(service.pid for service in services) else 1


def _logs(runtime: Runtime, options: argparse.Namespace) -> int:
    from local.logs import print_logs

    print_logs(runtime, lines=options.lines, function=options.function)
    return 0


def _demo(runtime: Runtime, options: argparse.Namespace) -> int:
    from local.demo import run_demo

    return run_demo(runtime, seconds=options.seconds)


def _audit(runtime: Runtime, options: argparse.Namespace) -> int:
    from local.audit import audit_here, audit_on_aws, print_audit, settled

    stream_id, environment = options.stream_id, options.environment
    if environment is not None:
        return print_audit(settled(lambda: audit_on_aws(environment, stream_id)))
    runtime.require_running()
    return print_audit(settled(lambda: audit_here(runtime, stream_id)))


def _redrive(runtime: Runtime, options: argparse.Namespace) -> int:
    from local.redrive import print_redriven, redrive_here, redrive_on_aws

    if options.environment is not None:
        return print_redriven(redrive_on_aws(options.environment, options.queue))
    runtime.require_running()
    return print_redriven(redrive_here(runtime, options.queue))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    defaults = Layout()
    parser.add_argument("--local-dir", type=Path, default=defaults.local_dir)
    parser.add_argument("--aws-port", type=int, default=defaults.aws_port)
    parser.add_argument("--rtmp-port", type=int, default=defaults.rtmp_port)
    parser.add_argument("--video-port", type=int, default=defaults.video_port)
    parser.add_argument("--web-port", type=int, default=defaults.web_port)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(
        name: str, run: Callable[[Runtime, argparse.Namespace], int], summary: str
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=summary, description=summary)
        command.set_defaults(command=run)
        return command

    add("up", _up, "Run the whole platform; returns once everything answers.")
    add("down", _down, "Stop it; its state stays.")
    add("reset", _reset, "Stop it and wipe its state.")
    outputs = add("outputs", _outputs, "Print the addresses as JSON, or one of them as it is.")
    outputs.add_argument("name", nargs="?", help="only this one, such as apiUrl")
    add("status", _status, "Say what runs; exit status 1 when something does not.")
    token = add("token", _token, "Print a bearer token for a user, made if needed.")
    token.add_argument("name")
    token.add_argument("--operator", action="store_true", help="put the user among the operators")
    logs = add("logs", _logs, "Show what servers and functions wrote last.")
    logs.add_argument("--lines", type=int, default=20)
    logs.add_argument("--function", help="only this function's log")
    demo = add("demo", _demo, "Publish a test pattern with three chatting viewers until Ctrl-C.")
    demo.add_argument("--seconds", type=float, help="end by itself after this time")
    audit = add("audit", _audit, "Rebuild a stream's counters from its sessions and compare.")
    audit.add_argument("stream_id", metavar="STREAM_ID")
    audit.add_argument("--environment", help="audit this environment on AWS, such as dev")
    redrive = add("redrive", _redrive, "Try again what failed too often and was set aside.")
    redrive.add_argument("queue", nargs="?", help="only its failures, such as Moderation")
    redrive.add_argument("--environment", help="on AWS, in this environment, such as dev")
    return parser


if __name__ == "__main__":
    sys.exit(main())
