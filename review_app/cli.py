"""Commands for the people who run an installation. They call services and hold no rules."""

import base64
import secrets
import sys
from pathlib import Path

import click
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_migrate import upgrade
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError

from config import Config
from review_app import crypto, keystore
from review_app.accounts import queries
from review_app.accounts import service as accounts
from review_app.audit import service as audit
from review_app.audit.queries import keys_needed
from review_app.catalogue import service as catalogue
from review_app.clock import utc_now
from review_app.db import Base, db, unit_of_work
from review_app.demo import service as demo
from review_app.errors import DomainError
from review_app.mail import link
from review_app.reviews.service.indexing import renew_indexes

audit_group = AppGroup("audit", help="Check the audit trail.")
users_group = AppGroup("users", help="Open the first accounts of an installation.")
keys_group = AppGroup("keys", help="Make field keys.")
demo_group = AppGroup("demo", help="Load invented data, in demo mode only.")


def init_cli(app: Flask) -> None:
    """Hang every command on the application."""
    for command in (migrate_database, check_database, audit_group, users_group, keys_group, demo_group):
        app.cli.add_command(command)


def _config() -> Config:
    config: Config = current_app.extensions["config"]
    return config


@click.command("migrate")
@with_appcontext
def migrate_database() -> None:
    """Bring the database to the newest schema under a lock, and stamp it with its mode."""
    if inspect(db.engine).has_table("installation"):
        _refuse_the_other_mode()
    upgrade(directory=_migrations())
    try:
        with unit_of_work() as session:
            accounts.stamp(session, _config().mode.value, now=utc_now())
            catalogue.install_catalogue(session)
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from None


@demo_group.command("ready")
@click.pass_context
def make_demo_ready(context: click.Context) -> None:
    """Bring a demo's database to the newest schema and fill it if it is empty, in one start of Python."""
    _refuse_outside_a_demo()
    context.invoke(migrate_database)
    context.invoke(load_demo)


@click.command("check")
def check_database() -> None:
    """Refuse a database that cannot be reached, is behind the newest schema or belongs to the other mode."""
    try:
        with db.engine.connect() as connection:
            present = set(MigrationContext.configure(connection).get_current_heads())
    except OperationalError:
        raise click.ClickException(
            "The database cannot be reached. Look at REVIEW_DATABASE_URL, and whether the server runs."
        ) from None
    if present != set(ScriptDirectory(_migrations()).get_heads()):
        raise click.ClickException("The database is not at this version's schema. Type: python3 -m review_app migrate")
    _refuse_the_other_mode()


def _migrations() -> str:
    return str(Path(current_app.root_path).parent / "migrations")


def _refuse_the_other_mode() -> None:
    try:
        with unit_of_work() as session:
            accounts.stamp(session, _config().mode.value, now=utc_now())
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from None


@audit_group.command("verify")
def verify() -> None:
    """Walk the whole audit chain. Exit 1 and name the first bad place if anything was changed or removed."""
    report = audit.verify(db.session(), _config().instance / "audit-head.json")
    click.echo(str(report))
    sys.exit(0 if report.ok else 1)


@users_group.command("add")
@click.option("--email", required=True, help="The person's e-mail address.")
@click.option("--name", required=True, help="Their full name.")
@click.option("--partnership", "slug", required=True, help="The partnership's slug, as in /report/SLUG.")
@click.option("--partnership-name", help="Open the partnership under this name if it is not there yet.")
@click.option("--code", help="Three letters for its references, such as WES.")
def add_user(email: str, name: str, slug: str, partnership_name: str | None, code: str | None) -> None:
    """Open an administrator's account and print the one-time link by which they choose a password."""
    try:
        with unit_of_work() as session:
            if partnership_name and code:
                ours = accounts.add_partnership(session, name=partnership_name, slug=slug, code=code, now=utc_now())
            else:
                ours = queries.get_partnership_by_slug(session, slug)
            token = accounts.add_user(session, ours, name=name, email=email, now=utc_now())
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"Open this once to choose a password: {link('accounts.invitation', token=token)}")


@keys_group.command("new")
@click.argument("name", default="k1")
def new_key(name: str) -> None:
    """Print a new field key for REVIEW_FIELD_KEYS."""
    click.echo(f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}")


@keys_group.command("rotate")
def rotate_keys() -> None:
    """Seal and index everything anew under the first of REVIEW_FIELD_KEYS, and say which older ones are needed."""
    with unit_of_work() as session:
        indexed = renew_indexes(session)
    with unit_of_work() as session:
        sealed = crypto.reseal_all(session, Base)
        needed = [key_id for key_id in keys_needed(session) if key_id != crypto.ring().current_id]
    wrapped = keystore.rewrap_all()
    click.echo(f"Sealed anew: {sealed} rows and {wrapped} data keys. Indexed anew: {indexed} rows.")
    if needed:
        click.echo(f"Keep {', '.join(needed)} in REVIEW_FIELD_KEYS, after the first: the audit is proved by it.")
    else:
        click.echo("Older keys can be taken out of REVIEW_FIELD_KEYS.")


@demo_group.command("load")
def load_demo() -> None:
    """Fill an empty demo database with invented people, places and reports; again, it changes nothing."""
    _refuse_outside_a_demo()
    with unit_of_work() as session:
        welcome = demo.load(session, now=utc_now())
    click.echo(welcome)
    click.echo(f"Sent mail can be read at {_config().base_url}/demo/mail")


def _refuse_outside_a_demo() -> None:
    if not _config().is_demo:
        raise click.ClickException("Demo data is loaded in demo mode only.")
