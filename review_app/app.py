"""The factory: wiring only, readable from top to bottom."""

import os
from pathlib import Path

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Config
from review_app import crypto, guards, keystore, mail, pages, wiring
from review_app.accounts.views import signing_in
from review_app.audit import service as audit
from review_app.cli import init_cli
from review_app.clock import Clock, SystemClock
from review_app.counting import init_counting
from review_app.db import db, tune
from review_app.home import views as home_views
from review_app.web import init_web

ROOT = Path(__file__).resolve().parent.parent


def create_app(config: Config | None = None, *, clock: Clock | None = None) -> Flask:
    """Build the application from its settings."""
    config = config or Config.from_environment(os.environ)
    config.instance.mkdir(parents=True, exist_ok=True)
    app = Flask(
        "review_app",
        root_path=str(ROOT / "review_app"),
        instance_path=str(config.instance),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.config.update(
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.base_url.startswith("https://"),
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
    )
    app.extensions["config"] = config
    app.extensions["clock"] = clock or SystemClock()
    if config.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.trusted_proxies, x_proto=config.trusted_proxies)  # type: ignore[method-assign]
    init_counting(app)
    _init_secrets(app, config)
    _init_database(app, config)
    signing_in.init_sign_in(app)
    guards.init_guards(app, signing_in.present_actor)
    init_web(app, mode=config.mode.value)
    wiring.register_features(app)
    home_views.init_navigation(app)
    app.register_blueprint(pages.bp)
    init_cli(app)
    return app


def _init_secrets(app: Flask, config: Config) -> None:
    crypto.configure(config.field_keys)
    keystore.configure(config.key_store_url)
    mail.configure(
        app,
        base_url=config.base_url,
        sender=config.mail_from,
        url=config.mail_url,
        folder=config.instance / "mail",
    )


def _init_database(app: Flask, config: Config) -> None:
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    with app.app_context():
        tune(db.engine)
        audit.install(db.engine, config.instance / "audit-head.json")
