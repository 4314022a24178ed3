"""What a real mail server answers becomes accepted, temporary, permanent or uncertain."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult

from review_app.mail import FileMailer, SmtpMailer, SmtpServer, compose, sent_mail
from review_app.sending import Envelope, Outcome, Reply
from tests.smtp import SmtpSink, free_port

AT = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
PREPARED = compose(subject="Subject", body=".begins with a dot\n..two\nlast", sender="alerts@westhaven.example")


def envelope(to: str = "a@example.com", number: int = 1) -> Envelope:
    return PREPARED.personalise(to=to, message_id=f"<{number}@westhaven.example>", at=AT)


@pytest.fixture
def mailer(smtp_sink: SmtpSink) -> Iterator[SmtpMailer]:
    mailer = SmtpMailer(SmtpServer.parse(smtp_sink.url))
    yield mailer
    mailer.close()


def test_many_messages_go_over_one_connection(mailer: SmtpMailer, smtp_sink: SmtpSink) -> None:
    before = smtp_sink.connections_made
    for number in range(20):
        assert mailer.send(envelope(f"a{number}@example.com", number)) == Reply(outcome=Outcome.ACCEPTED, code=250)
    assert smtp_sink.connections_made == before + 1
    assert [each.recipient for each in smtp_sink.received] == [f"a{number}@example.com" for number in range(20)]
    assert smtp_sink.received[3].message_id == "<3@westhaven.example>"


def test_lines_that_begin_with_a_dot_arrive(mailer: SmtpMailer, smtp_sink: SmtpSink) -> None:
    mailer.send(envelope())
    assert smtp_sink.received[0].text.splitlines() == [".begins with a dot", "..two", "last"]


def test_one_refused_address_does_not_stop_the_next(mailer: SmtpMailer, smtp_sink: SmtpSink) -> None:
    before = smtp_sink.connections_made
    smtp_sink.refusals = {"gone@example.com": "550 No such person", "full@example.com": "452 Mailbox full"}
    assert mailer.send(envelope("gone@example.com")) == Reply(outcome=Outcome.PERMANENT, code=550)
    assert mailer.send(envelope("full@example.com")) == Reply(outcome=Outcome.TEMPORARY, code=452)
    assert mailer.send(envelope("here@example.com")).outcome is Outcome.ACCEPTED
    assert smtp_sink.connections_made == before + 1


def test_a_whole_message_may_be_refused(mailer: SmtpMailer, smtp_sink: SmtpSink) -> None:
    smtp_sink.reply = lambda _: "554 Not wanted"
    assert mailer.send(envelope()) == Reply(outcome=Outcome.PERMANENT, code=554)
    smtp_sink.reply = lambda _: "451 Later"
    assert mailer.send(envelope()) == Reply(outcome=Outcome.TEMPORARY, code=451)


def test_a_connection_that_the_server_closed_while_idle_is_opened_again() -> None:
    closing = SmtpSink(timeout=0.3)
    try:
        before = closing.connections_made
        mailer = SmtpMailer(SmtpServer.parse(closing.url))
        assert mailer.send(envelope()).outcome is Outcome.ACCEPTED
        threading.Event().wait(0.8)
        assert mailer.send(envelope(number=2)).outcome is Outcome.ACCEPTED
        mailer.close()
        assert closing.connections_made == before + 2
    finally:
        closing.stop()


def test_nobody_listening_is_temporary_and_said_to_be_no_connection() -> None:
    mailer = SmtpMailer(SmtpServer(host="127.0.0.1", port=free_port()))
    assert mailer.send(envelope()) == Reply(outcome=Outcome.TEMPORARY, connected=False)


@contextmanager
def scripted_server(talk: Callable[[socket.socket], None]) -> Iterator[SmtpServer]:
    """A server that says what the test wants, once."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            talk(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield SmtpServer(host="127.0.0.1", port=listener.getsockname()[1])
    thread.join(timeout=5)
    listener.close()


def polite(connection: socket.socket, until: bytes) -> None:
    connection.sendall(b"220 hello\r\n")
    while True:
        line = connection.recv(4096)
        if line.upper().startswith(until):
            return
        connection.sendall(b"250 OK\r\n")


def test_a_server_that_leaves_before_the_message_leaves_it_to_be_sent_again() -> None:
    with scripted_server(lambda connection: polite(connection, b"RCPT")) as server:
        assert SmtpMailer(server).send(envelope()) == Reply(outcome=Outcome.TEMPORARY, connected=False)


def test_a_server_that_leaves_after_the_message_leaves_it_uncertain() -> None:
    def leave(connection: socket.socket) -> None:
        polite(connection, b"DATA")
        connection.sendall(b"354 go on\r\n")
        connection.recv(65536)

    with scripted_server(leave) as server:
        assert SmtpMailer(server).send(envelope()).outcome is Outcome.UNCERTAIN


def test_a_server_that_falls_silent_is_given_up_in_time() -> None:
    def silent(connection: socket.socket) -> None:
        polite(connection, b"MAIL")
        connection.recv(4096)

    with scripted_server(silent) as server:
        assert SmtpMailer(server, deadline=0.5).send(envelope()).outcome is Outcome.TEMPORARY


def test_a_server_that_is_closing_is_not_an_answer_about_the_message() -> None:
    def closing(connection: socket.socket) -> None:
        polite(connection, b"MAIL")
        connection.sendall(b"421 closing\r\n")

    with scripted_server(closing) as server:
        assert SmtpMailer(server).send(envelope()) == Reply(outcome=Outcome.TEMPORARY, code=421, connected=False)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize(("password", "outcome"), [("r:ght", Outcome.ACCEPTED), ("wrong", Outcome.TEMPORARY)])
def test_a_password_is_given_to_the_server_and_a_wrong_one_is_nobodys_bounce(password: str, outcome: Outcome) -> None:
    def judge(_server: object, _session: object, _envelope: object, _mechanism: str, data: object) -> AuthResult:
        return AuthResult(success=getattr(data, "password", b"") == b"r:ght")

    sink = SmtpSink(authenticator=judge, auth_required=True, auth_require_tls=False)
    try:
        server = SmtpServer(host=sink.host, port=sink.port, user="review", password=password)
        mailer = SmtpMailer(server, deadline=1.0)
        assert mailer.send(envelope()).outcome is outcome
        mailer.close()
    finally:
        sink.stop()


def test_the_setting_is_read_and_its_password_never_shown() -> None:
    server = SmtpServer.parse("smtp://u%40x:p%2Fq@mail.example:587?starttls=1")
    assert (server.host, server.port, server.user, server.password) == ("mail.example", 587, "u@x", "p/q")
    assert server.starttls
    assert "p/q" not in repr(server)
    assert not SmtpServer.parse("smtp://localhost").starttls
    for wrong in ("http://x", "smtp://", "smtp://host:port", "mail"):
        with pytest.raises(ValueError, match="REVIEW_MAIL_URL must look like"):
            SmtpServer.parse(wrong)


def test_without_a_server_each_message_is_one_real_file_that_names_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    mailer = FileMailer(folder)
    assert mailer.send(envelope("someone@example.com", 1)).outcome is Outcome.ACCEPTED
    assert mailer.send(envelope("other@example.com", 2)).outcome is Outcome.ACCEPTED
    assert mailer.send(envelope("someone@example.com", 1)).outcome is Outcome.ACCEPTED
    names = [file.name for file in folder.iterdir()]
    assert len(names) == 2
    assert not any("someone" in name for name in names)
    newest = sent_mail(folder)[0]
    assert (newest.to, newest.subject) == ("someone@example.com", "Subject")
    assert newest.text.splitlines()[0] == ".begins with a dot"
    assert sent_mail(tmp_path / "none") == []


def test_a_folder_that_cannot_be_written_is_temporary(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    assert FileMailer(tmp_path / "mail").send(envelope()) == Reply(outcome=Outcome.TEMPORARY, connected=False)
