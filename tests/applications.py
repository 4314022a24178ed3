"""The application as tests get it: built once by each test process for each database, and put back for each test.

Building one takes a quarter of a second, its first pages compile every template, and its first statements are compiled
too; so hundreds of tests share what that made. Each has the settings, the clock, the keys, the connections and the
instance folder to itself. What a test changes in the application's configuration or extensions is put back. What it
hangs on the engine (`event.listen`) or on the application (`before_request`) it has to take off again.
"""

import os
import shutil
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache

from config import Config
from review_app.clock import Clock
from tests.databases import copy_instance, let_go

TAKEN_UP = {"REVIEW_MAIL_URL"}
"""The settings that the shared application takes up from test to test; with any other, one is built."""


def build(instance: Path, database_url: str | None, clock: Clock | None = None, **settings: str) -> Flask:
    """Build an application with the product's factory."""
    from review_app.app import create_app  # here, so that tests of rules alone do not wait for the whole application

    app = create_app(_config(instance, database_url, settings), clock=clock)
    app.testing = True
    compiled = Path(os.environ["REVIEW_TEST_RUN"].partition(":")[2]) / "templates"
    compiled.mkdir(exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled))  # every application has the same templates
    return app


def take_up(app: Flask, config: Config) -> None:
    """Let the process's keys and the application's mail be those of these settings, as the factory does."""
    from review_app import crypto, keystore, mail

    app.extensions["config"] = config
    crypto.configure(config.field_keys)
    keystore.configure(config.key_store_url)
    mail.configure(
        app, base_url=config.base_url, sender=config.mail_from, url=config.mail_url, folder=config.instance / "mail"
    )


class Stage:
    """What the tests of one process use one after the other: an application on one database, and its folder."""

    def __init__(self, source: Path, instance: Path, database_url: str | None) -> None:
        self._source, self._instance, self._database_url = source, instance, database_url
        self._shared: Flask | None = None
        self._built: list[Flask] = []
        self._free = False

    def set_up(self) -> None:
        """Begin a test, with the instance folder as the migrations leave it."""
        shutil.rmtree(self._instance, ignore_errors=True)
        copy_instance(self._source, self._instance)
        self._free = True

    def make(self, clock: Clock, settings: dict[str, str]) -> Flask:
        """Give the shared application, if the test has not had it yet and its settings allow; else build one."""
        if not self._free or settings.keys() - TAKEN_UP:
            app = build(self._instance, self._database_url, clock, **settings)
            self._built.append(app)
            return app
        self._free = False
        if self._shared is None:
            self._shared = build(self._instance, self._database_url)
            self._config, self._extensions = dict(self._shared.config), dict(self._shared.extensions)
        take_up(self._shared, _config(self._instance, self._database_url, settings))
        self._shared.extensions["clock"] = clock
        return self._shared

    def clear(self) -> None:
        """End a test: close every connection and put the shared application back."""
        for app in self._built:
            let_go(app)
        self._built.clear()
        if self._shared is not None and not self._free:
            let_go(self._shared)
            _put_back(self._shared.config, self._config)
            _put_back(self._shared.extensions, self._extensions)


def _put_back(present: dict[str, object], before: dict[str, object]) -> None:
    present.clear()
    present.update(before)


def _config(instance: Path, database_url: str | None, settings: dict[str, str]) -> Config:
    environ = {"REVIEW_INSTANCE": str(instance), **({"REVIEW_DATABASE_URL": database_url} if database_url else {})}
    return Config.from_environment({**environ, **settings})
