"""Sealed columns stay where they were sealed; keys rotate; tokens are compared whole."""

import base64
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from review_app import crypto
from review_app.crypto import CannotOpen, KeyRing, Purpose, Sealed, SealedBytes, SealedText, sealed_column

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()


class Own(DeclarativeBase):
    """Metadata of this test alone."""


class Letter(Sealed, Own):
    """A table with sealed columns."""

    __tablename__ = "letter"
    id: Mapped[int] = mapped_column(primary_key=True)
    words_sealed: Mapped[bytes | None] = sealed_column()
    photo_sealed: Mapped[bytes | None] = sealed_column()
    words = SealedText(Purpose.SUBMITTER, "words_sealed")
    photo = SealedBytes(Purpose.FILES, "photo_sealed")


@pytest.fixture(autouse=True)
def ring() -> Iterator[KeyRing]:
    before = list(crypto._rings)
    yield crypto.configure(OLD)
    crypto._rings[:] = before


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Own.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def test_a_sealed_field_is_read_as_it_was_written_and_held_as_ciphertext(session: Session) -> None:
    session.add(Letter(words="blue pills, very strong", photo=b"\x00\xff"))
    session.commit()
    session.expunge_all()
    letter = session.scalars(select(Letter)).one()
    assert (letter.words, letter.photo) == ("blue pills, very strong", b"\x00\xff")
    assert letter.words_sealed is not None
    assert b"blue" not in letter.words_sealed


def test_an_empty_value_is_held_as_null_and_read_as_empty(session: Session) -> None:
    letter = Letter(words="once", photo=None)
    letter.words = ""
    session.add(letter)
    session.commit()
    assert (letter.words_sealed, letter.words, letter.photo) == (None, "", b"")


def test_ciphertext_copied_to_another_row_does_not_open(session: Session) -> None:
    session.add_all([Letter(words="hers"), Letter(words="his")])
    session.commit()
    hers = select(Letter.words_sealed).where(Letter.id == 1).scalar_subquery()
    session.execute(update(Letter).where(Letter.id == 2).values(words_sealed=hers))
    session.commit()
    session.expire_all()
    with pytest.raises(CannotOpen):
        _ = session.get_one(Letter, 2).words
    assert session.get_one(Letter, 1).words == "hers"


def test_ciphertext_copied_to_another_column_does_not_open() -> None:
    letter = Letter(words="same row")
    letter.photo_sealed = letter.words_sealed
    with pytest.raises(CannotOpen):
        _ = letter.photo


def test_the_row_key_of_two_rows_cannot_be_the_same(session: Session) -> None:
    session.add_all([Letter(row_key="a" * 32), Letter(row_key="a" * 32)])
    with pytest.raises(Exception, match="UNIQUE"):
        session.flush()


@given(st.binary(min_size=1, max_size=40), st.data())
def test_a_changed_byte_never_opens(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(crypto.ring().seal(Purpose.FILES, "here", plain))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CannotOpen):
        crypto.ring().open(Purpose.FILES, "here", bytes(sealed))


def test_a_new_first_key_seals_and_the_old_one_opens_until_everything_is_sealed_again(session: Session) -> None:
    session.add_all([Letter(words="first", photo=b"1"), Letter(words="second"), Letter()])
    session.commit()
    crypto.configure(f"{NEW},{OLD}")
    session.add(Letter(words="third"))
    session.commit()
    assert [letter.words for letter in session.scalars(select(Letter).order_by(Letter.id))][:2] == ["first", "second"]
    assert crypto.reseal_all(session, Own) == 2
    session.commit()
    assert crypto.reseal_all(session, Own) == 0
    crypto.configure(NEW)
    session.expire_all()
    words = [letter.words for letter in session.scalars(select(Letter).order_by(Letter.id))]
    assert words == ["first", "second", "", "third"]


def test_a_key_that_is_gone_is_named(session: Session) -> None:
    letter = Letter(words="sealed with the old key")
    crypto.configure(NEW)
    with pytest.raises(CannotOpen, match="“old” is not in REVIEW_FIELD_KEYS"):
        _ = letter.words


def test_each_purpose_has_its_own_key() -> None:
    ring = crypto.ring()
    assert len({ring.derived(purpose) for purpose in Purpose}) == len(Purpose)
    sealed = ring.seal(Purpose.FILES, "x", b"plain")
    with pytest.raises(CannotOpen):
        ring.open(Purpose.OUTBOX, "x", sealed)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("", "entry 1 must look like id:base64"),
        ("nokey", "entry 1 must look like id:base64"),
        (f"{OLD},bad id:{'A' * 44}", "entry 2 must look like id:base64"),
        ("a:***", "“a” is not base64"),
        ("a:" + base64.b64encode(b"short").decode(), "“a” must be 32 random bytes"),
        (f"{OLD},{OLD}", "“old” is there twice"),
    ],
)
def test_a_malformed_ring_is_refused_with_a_sentence(setting: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        KeyRing.parse(setting)


def test_the_ring_never_shows_its_keys() -> None:
    assert repr(KeyRing.parse(f"{NEW},{OLD}")) == "KeyRing(new, old)"


def test_a_blind_index_finds_the_same_value_by_old_and_new_keys() -> None:
    before = crypto.blind_index("nhs_number", " 943 476 5919 ")
    assert before == crypto.blind_index("nhs_number", "943 476 5919")
    assert before != crypto.blind_index("birth_date", "943 476 5919")
    crypto.configure(f"{NEW},{OLD}")
    assert before != crypto.blind_index("nhs_number", "943 476 5919")
    assert before in crypto.blind_indexes("nhs_number", "943 476 5919")


def test_names_that_sound_alike_share_a_phonetic_index() -> None:
    assert crypto.phonetic_index("surname", "Smyth") == crypto.phonetic_index("surname", "Smith")
    assert crypto.phonetic_index("surname", "Renée") == crypto.phonetic_index("surname", "renee")
    assert crypto.phonetic_index("surname", "Okafor") != crypto.phonetic_index("surname", "Smith")
    assert crypto.phonetic_index("surname", "") == ""


def test_tokens_are_random_and_stored_hashed() -> None:
    first, second = crypto.new_token(), crypto.new_token()
    assert first != second
    assert len(base64.urlsafe_b64decode(first + "=")) == 32
    assert first not in crypto.token_hash(first)
    assert crypto.token_hash(first) == crypto.token_hash(first)


def test_a_derived_token_is_rebuilt_and_outlives_a_new_first_key() -> None:
    token = crypto.derive_token("acknowledge", 12, "a")
    assert token == crypto.derive_token("acknowledge", "12", "a")
    assert len(token) == 32
    crypto.configure(f"{NEW},{OLD}")
    assert crypto.token_matches(token, "acknowledge", 12, "a")
    assert not crypto.token_matches(token, "acknowledge", 1, "2a")
    assert not crypto.token_matches(token, "withdraw", 12, "a")
    assert not crypto.token_matches("é", "acknowledge", 12, "a")
