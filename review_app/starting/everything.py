"""The plain start: database and demo data made ready, then the web server and one worker side by side."""

import http.client
import os
import socket
import subprocess

from config import Config
from review_app.starting.entrance import product_command, web_command, worker_command
from review_app.starting.environment import ROOT, SetupFailed
from review_app.starting.supervisor import Supervisor


def start(config: Config) -> int:
    """Run everything until Ctrl-C or SIGTERM. Give 0 after a clean stop."""
    config.instance.mkdir(parents=True, exist_ok=True)
    _refuse_taken_port(config)
    welcome = _make_ready(config) if config.is_demo else ""
    supervisor = Supervisor({"web server": web_command(), "worker": worker_command()}, os.environ)

    def when_started() -> bool:
        if not _answers(config):
            return False
        print(f"\nServing on {_address(config)}\n{welcome}Ctrl-C stops everything.", flush=True)
        return True

    return supervisor.run(when_started)


def _refuse_taken_port(config: Config) -> None:
    family = socket.AF_INET6 if ":" in config.listen else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.listen, config.port))
        except OSError:
            raise SetupFailed(
                f"Port {config.port} on {config.listen} cannot be opened; another program may have it. "
                "Choose another, for example: PORT=5050 python3 -m review_app"
            ) from None


def _make_ready(config: Config) -> str:
    """Bring the demo's database up to date and fill it if it is empty. Give what a visitor is to be told."""
    command = product_command("demo", "ready")
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SetupFailed(f"{done.stdout}The database could not be made ready; the lines above say why.")
    return done.stdout


def _answers(config: Config) -> bool:
    asking = http.client.HTTPConnection(_host(config), config.port, timeout=2)
    try:
        asking.request("GET", "/live")
        return asking.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


def _host(config: Config) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.listen, config.listen)


def _address(config: Config) -> str:
    host = _host(config)
    return f"http://[{host}]:{config.port}" if ":" in host else f"http://{host}:{config.port}"
