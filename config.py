"""Settings, read once from the environment. A missing or malformed one stops the start with a sentence."""

import base64
import binascii
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent


class ConfigError(Exception):
    """A setting is missing or malformed. The message says which, and what to set."""


class Mode(StrEnum):
    """How the installation runs."""

    DEMO = "demo"
    PRODUCTION = "production"


@dataclass(frozen=True, kw_only=True)
class Config:
    """Every setting of one process."""

    mode: Mode
    instance: Path
    database_url: str
    key_store_url: str
    mail_url: str
    mail_from: str
    base_url: str
    secret_key: str
    field_keys: str
    listen: str
    port: int
    trusted_proxies: int

    @property
    def is_demo(self) -> bool:
        """Demo data, a banner on every page, sent mail shown on a page."""
        return self.mode is Mode.DEMO

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Config":
        """Read the settings. In demo mode the secrets are made once and kept in the instance folder."""
        mode = _mode(environ)
        instance = Path(environ.get("REVIEW_INSTANCE") or ROOT / "instance").resolve()
        port = _number(environ, "PORT", 5000, highest=65535)
        listen = environ.get("REVIEW_LISTEN") or "127.0.0.1"
        if mode is Mode.DEMO:
            if listen not in {"127.0.0.1", "::1", "localhost"}:
                raise ConfigError(
                    "Demo mode listens on this machine only. Unset REVIEW_LISTEN, or set REVIEW_MODE=production."
                )
            made = _demo_secrets(instance)
            secret_key = environ.get("REVIEW_SECRET_KEY") or made["secret_key"]
            field_keys = environ.get("REVIEW_FIELD_KEYS") or made["field_keys"]
            base_url = environ.get("REVIEW_BASE_URL") or f"http://127.0.0.1:{port}"
            mail_from = environ.get("REVIEW_MAIL_FROM") or "alerts@westhaven.example"
        else:
            secret_key = _required(environ, "REVIEW_SECRET_KEY", "a random string of at least 32 characters")
            field_keys = _required(
                environ, "REVIEW_FIELD_KEYS", "id:base64 with 32 random bytes, for example from `keys new`"
            )
            base_url = _required(
                environ, "REVIEW_BASE_URL", "the address people use, for example https://alerts.example.org"
            )
            mail_from = _required(environ, "REVIEW_MAIL_FROM", "the address that e-mail comes from")
            _required(environ, "REVIEW_DATABASE_URL", "for example postgresql+psycopg://user:password@host/name")
            _required(environ, "REVIEW_MAIL_URL", "smtp://user:password@host:port?starttls=1")
        return cls(
            mode=mode,
            instance=instance,
            database_url=_database_url(environ, instance),
            key_store_url=environ.get("REVIEW_KEY_STORE_URL") or f"sqlite:///{instance / 'keys.db'}",
            mail_url=_mail_url(environ),
            mail_from=_address(mail_from),
            base_url=_base_url(base_url),
            secret_key=_secret(secret_key),
            field_keys=_field_keys(field_keys),
            listen=listen,
            port=port,
            trusted_proxies=_number(environ, "REVIEW_TRUSTED_PROXIES", 0, highest=10),
        )


def _mode(environ: Mapping[str, str]) -> Mode:
    try:
        return Mode(environ.get("REVIEW_MODE") or "demo")
    except ValueError:
        raise ConfigError("REVIEW_MODE must be demo or production.") from None


def _required(environ: Mapping[str, str], name: str, meaning: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise ConfigError(f"Set {name}: {meaning}. Production does not start without it.")
    return value


def _number(environ: Mapping[str, str], name: str, default: int, *, highest: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) > highest:
        raise ConfigError(f"{name} must be a whole number from 0 to {highest}.")
    return int(text)


def _secret(value: str) -> str:
    if len(value) < 32:
        raise ConfigError("REVIEW_SECRET_KEY must be at least 32 characters, made at random.")
    return value


def _field_keys(value: str) -> str:
    problem = "REVIEW_FIELD_KEYS must be one or more id:base64 pairs with commas between; each key is 32 random bytes."
    seen: set[str] = set()
    for pair in value.split(","):
        name, colon, encoded = pair.strip().partition(":")
        try:
            key = base64.b64decode(encoded, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise ConfigError(problem) from None
        if not colon or not re.fullmatch(r"[A-Za-z0-9_-]{1,20}", name) or name in seen or len(key) != 32:
            raise ConfigError(problem)
        seen.add(name)
    return value


def _database_url(environ: Mapping[str, str], instance: Path) -> str:
    url = environ.get("REVIEW_DATABASE_URL") or f"sqlite:///{instance / 'review.db'}"
    scheme = url.partition("://")[0]
    if scheme in {"postgresql", "postgres"}:
        return "postgresql+psycopg://" + url.partition("://")[2]
    if scheme not in {"sqlite", "postgresql+psycopg"}:
        raise ConfigError("REVIEW_DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://.")
    return url


def _mail_url(environ: Mapping[str, str]) -> str:
    url = environ.get("REVIEW_MAIL_URL", "")
    try:
        parts = urlsplit(url)
        if url and (parts.scheme != "smtp" or not parts.hostname or (parts.port or 25) < 1):
            raise ValueError
    except ValueError:
        raise ConfigError("REVIEW_MAIL_URL must look like smtp://user:password@host:port?starttls=1.") from None
    return url


def _address(value: str) -> str:
    if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", value):
        raise ConfigError("REVIEW_MAIL_FROM must be one e-mail address.")
    return value


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ConfigError("REVIEW_BASE_URL must be the address people use, for example https://alerts.example.org.")
    return value.rstrip("/")


def _demo_secrets(instance: Path) -> dict[str, str]:
    """Read the demo secrets, making them first if this is the first start. Two first starts agree on one file."""
    path = instance / "demo-secrets.json"
    if not path.exists():
        instance.mkdir(parents=True, exist_ok=True)
        field_key = base64.b64encode(secrets.token_bytes(32)).decode()
        draft = instance / f".demo-secrets.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({"secret_key": secrets.token_urlsafe(48), "field_keys": f"demo:{field_key}"}))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    try:
        made = json.loads(path.read_text())
        return {"secret_key": str(made["secret_key"]), "field_keys": str(made["field_keys"])}
    except (json.JSONDecodeError, KeyError, TypeError):
        raise ConfigError(
            f"{path.name} in the instance folder is damaged. Restore it, or empty the instance folder."
        ) from None
