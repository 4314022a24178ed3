"""What each way of calling `python3 -m review_app` does."""

import os
import subprocess
import sys
from typing import NoReturn

from review_app.starting.environment import RUN_LOCK, TEST_LOCK, Environment, SetupFailed

APP = "review_app.app:create_app"
USAGE = """\
python3 -m review_app            set up if need be, then run the web server and the worker; Ctrl-C stops both
python3 -m review_app test       set up if need be, then run every check; further words go to pytest
python3 -m review_app test --long
                                 run the endurance cases, at most an hour, and write what was measured
python3 -m review_app serve      run the web server alone
python3 -m review_app worker     run one worker alone
python3 -m review_app COMMAND    run one of the product's own commands, listed below
"""


def main(arguments: list[str]) -> int:
    """Set up the environment, go on inside it, and do what the first word says. Give the exit status."""
    command = arguments[0] if arguments else ""
    environment = Environment()
    try:
        environment.ensure(TEST_LOCK if command == "test" else RUN_LOCK)
        environment.enter(arguments)
        return run(command, arguments[1:])
    except SetupFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nStopped before it had started. Nothing was lost; type the same command to start again.", file=sys.stderr
        )
        return 130


def run(command: str, arguments: list[str]) -> int:
    """Do what a command says, inside the environment."""
    if command == "test":
        from review_app.starting.checks import main as check

        return check(arguments)
    if command in {"help", "-h", "--help"}:
        print(USAGE, flush=True)
        command = "--help"
    from config import Config, ConfigError

    try:
        config = Config.from_environment(os.environ)
    except ConfigError as problem:
        print(problem, file=sys.stderr)
        return 2
    if command in {"serve", "worker"} or (command == "" and not config.is_demo):
        status = subprocess.run(product_command("check"), check=False).returncode
        if status:
            return status
    if command == "":
        from review_app.starting.everything import start

        return start(config)
    if command == "worker":
        from review_app.starting.work import main as work

        work()
        return 0
    if command == "serve":
        become(web_command())
    become(product_command(command, *arguments))


def become(command: list[str]) -> NoReturn:
    """Go on as another program, so that its exit status is ours."""
    os.execv(command[0], command)


def product_command(*words: str) -> list[str]:
    """Give the command that runs one of the product's own commands."""
    return [sys.executable, "-m", "flask", "--app", APP, *words]


def web_command() -> list[str]:
    """Give the command that runs the web server."""
    return [sys.executable, "-m", "gunicorn", "-c", "python:review_app.starting.web", f"{APP}()"]


def worker_command() -> list[str]:
    """Give the command that runs one worker."""
    return [sys.executable, "-m", "review_app.starting.work"]
