"""Commands for the people who run an installation. They call services and hold no rules."""

import sys
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from flask_migrate import upgrade

from config import Config
from review_app.accounts import service as accounts
from review_app.audit import service as audit
from review_app.clock import utc_now
from review_app.db import db, unit_of_work

audit_group = AppGroup("audit", help="Check the audit trail.")


def init_cli(app: Flask) -> None:
    """Hang every command on the application."""
    app.cli.add_command(migrate_database)
    app.cli.add_command(audit_group)


@click.command("migrate")
def migrate_database() -> None:
    """Bring the database to the newest schema, under a lock, and stamp it with its mode."""
    config: Config = current_app.extensions["config"]
    upgrade(directory=str(Path(current_app.root_path).parent / "migrations"))
    with unit_of_work() as session:
        accounts.stamp(session, config.mode.value, now=utc_now())


@audit_group.command("verify")
def verify() -> None:
    """Walk the whole audit chain. Exit 1 and name the first bad place if anything was changed or removed."""
    config: Config = current_app.extensions["config"]
    report = audit.verify(db.session(), config.instance / "audit-head.json")
    click.echo(str(report))
    sys.exit(0 if report.ok else 1)
