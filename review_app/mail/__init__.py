"""E-mail: rendering it, linking from it, and the post by which it goes."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, current_app

from review_app.mail.message import (
    PERSONAL_LINK,
    Prepared,
    clean_address,
    compose,
    new_message_id,
    normalised_address,
)
from review_app.mail.transport import FileMailer, SentMail, SmtpMailer, SmtpServer, sent_mail
from review_app.sending import Mailer

__all__ = [
    "PERSONAL_LINK", "FileMailer", "Post", "Prepared", "SentMail", "SmtpMailer", "SmtpServer", "clean_address",
    "compose", "configure", "link", "new_message_id", "normalised_address", "post", "render_mail", "sent_mail",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Post:
    """How this installation sends mail, and under which address people reach it."""

    base_url: str
    sender: str
    server: SmtpServer | None
    folder: Path

    def connections(self, number: int) -> list[Mailer]:
        """Give so many separate connections, none of them open yet."""
        if self.server is None:
            return [FileMailer(self.folder) for _ in range(number)]
        return [SmtpMailer(self.server) for _ in range(number)]


def configure(app: Flask, *, base_url: str, sender: str, url: str, folder: Path) -> None:
    """Set up the post. Without a URL, messages are written as .eml files into the folder."""
    server = SmtpServer.parse(url) if url else None
    app.extensions["post"] = Post(base_url=base_url.rstrip("/"), sender=sender, server=server, folder=folder)


def post() -> Post:
    """Give the post of the running application."""
    configured: Post = current_app.extensions["post"]
    return configured


def link(endpoint: str, **values: str | int) -> str:
    """Give the absolute address of a page, from the configured base address and never from the request."""
    base = urlsplit(post().base_url)
    adapter = current_app.url_map.bind(base.netloc, script_name=base.path or "/", url_scheme=base.scheme)
    return adapter.build(endpoint, values, force_external=True)


def render_mail(template: str, **values: object) -> str:
    """Render a text of `templates/emails/`; it knows only what it is given."""
    return current_app.jinja_env.get_template(f"emails/{template}").render(**values).strip() + "\n"
