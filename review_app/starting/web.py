"""gunicorn's settings, named as it expects them. Start: `gunicorn -c python:review_app.starting.web`."""

import os

from config import Config
from review_app.starting.lifeline import follow_supervisor

_config = Config.from_environment(os.environ)
_control = _config.instance / "gunicorn.ctl"

bind = f"[{_config.listen}]:{_config.port}" if ":" in _config.listen else f"{_config.listen}:{_config.port}"
workers = 2
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 20
loglevel = "warning"
forwarded_allow_ips = ""  # whom to believe about the visitor's address is REVIEW_TRUSTED_PROXIES, read by the app
control_socket = str(_control)
control_socket_disable = len(str(_control)) > 100  # the system allows no longer name for a socket


def on_starting(_server: object) -> None:
    """Tie the master process to the supervisor's life."""
    follow_supervisor()
