"""Secrets at rest: the ring of field keys, sealed columns, blind indexes and link tokens.

The ring comes from the setting `REVIEW_FIELD_KEYS` (`id:base64,...`). The first key seals; every key opens, so a new
key is put first, `reseal_all` is run, and the old one is taken away. HKDF derives one key per purpose, so that a key
that leaks for one purpose opens nothing of another.

Sealed values are AES-256-GCM. Each is bound to its place: the associated data is the table, the column and the row's
`row_key`, a random unique value which the mixin `Sealed` gives every row. Ciphertext copied to another row, column or
table does not open. (Fernet was weighed: it has no associated data, and each token tells when it was made.)
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, Generic, Self, TypeVar, overload

import jellyfish
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import LargeBinary, String, select
from sqlalchemy.orm import Mapped, MappedColumn, Session, mapped_column

KEY_BYTES = 32
NONCE_BYTES = 12
FORMAT = 1


class Purpose(StrEnum):
    """What a key is for. Each has its own derived key."""

    IDENTITY = "identity"
    FAMILY = "family"
    SUBMITTER = "submitter"
    FILES = "files"
    INDEX = "index"
    AUDIT = "audit"
    OUTBOX = "outbox"
    LINK = "link"
    SEARCH = "search"


class CannotOpen(Exception):
    """A sealed value does not open: it was changed, moved from its row, or its key is no longer in the ring."""


@dataclass(frozen=True)
class KeyRing:
    """The field keys in order; the first one seals, all of them open."""

    keys: tuple[tuple[str, bytes], ...]

    @classmethod
    def parse(cls, setting: str) -> "KeyRing":
        """Read `id:base64,...`. Raises ValueError with a sentence that never repeats a key."""
        keys: dict[str, bytes] = {}
        for number, pair in enumerate(setting.split(","), start=1):
            name, colon, encoded = pair.strip().partition(":")
            if not colon or not re.fullmatch(r"[A-Za-z0-9_-]{1,20}", name):
                raise ValueError(f"REVIEW_FIELD_KEYS: entry {number} must look like id:base64, with a short plain id.")
            try:
                key = base64.b64decode(encoded, altchars=b"-_" if set(encoded) & set("-_") else None, validate=True)
            except (binascii.Error, ValueError):
                raise ValueError(f"REVIEW_FIELD_KEYS: the key “{name}” is not base64.") from None
            if len(key) != KEY_BYTES:
                raise ValueError(f"REVIEW_FIELD_KEYS: the key “{name}” must be {KEY_BYTES} random bytes.")
            if name in keys:
                raise ValueError(f"REVIEW_FIELD_KEYS: the id “{name}” is there twice.")
            keys[name] = key
        return cls(tuple(keys.items()))

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(name for name, _ in self.keys)})"

    @cached_property
    def current_id(self) -> str:
        """Name the key that seals."""
        return self.keys[0][0]

    @property
    def ids(self) -> list[str]:
        """Name every key, current first."""
        return [name for name, _ in self.keys]

    def derived(self, purpose: Purpose, key_id: str | None = None) -> bytes:
        """Give the key for a purpose, from the current field key or a named one. Raises CannotOpen if it is gone."""
        wanted = key_id or self.current_id
        for name, key in self.keys:
            if name == wanted:
                return _derive(key, purpose)
        raise CannotOpen(f"the field key “{wanted}” is not in REVIEW_FIELD_KEYS")

    def seal(self, purpose: Purpose, bound_to: str, plain: bytes) -> bytes:
        """Seal bytes for one place."""
        name = self.current_id.encode()
        return bytes([FORMAT, len(name)]) + name + seal_with(self.derived(purpose), bound_to, plain)

    def open(self, purpose: Purpose, bound_to: str, sealed: bytes) -> bytes:
        """Open what was sealed for this place. Raises CannotOpen."""
        return open_with(self.derived(purpose, sealing_key_id(sealed)), bound_to, sealed[2 + sealed[1] :])


@lru_cache(maxsize=256)
def _derive(key: bytes, purpose: Purpose) -> bytes:
    info = b"review-app/1/" + purpose.value.encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)


def sealing_key_id(sealed: bytes) -> str:
    """Say which field key sealed a value."""
    if len(sealed) < 2 or sealed[0] != FORMAT:
        raise CannotOpen("this is not a sealed value")
    return sealed[2 : 2 + sealed[1]].decode(errors="replace")


def seal_with(key: bytes, bound_to: str, plain: bytes) -> bytes:
    """Seal bytes under one key, bound to a place."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())


def open_with(key: bytes, bound_to: str, sealed: bytes) -> bytes:
    """Open what `seal_with` sealed for the same place. Raises CannotOpen."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError):
        raise CannotOpen("the sealed value was changed, or belongs somewhere else") from None


_rings: list[KeyRing] = []


def configure(field_keys: str) -> KeyRing:
    """Set the process's ring. Raises ValueError with a sentence if the setting is malformed."""
    _rings[:] = [KeyRing.parse(field_keys)]
    return _rings[0]


def ring() -> KeyRing:
    """Give the process's ring."""
    if not _rings:
        raise LookupError("crypto.configure has not been called")
    return _rings[0]


# Sealed columns


class Sealed:
    """A mixin for tables with sealed columns: it adds the random key that binds ciphertext to its row."""

    __tablename__: str
    row_key: Mapped[str] = mapped_column(String(32), unique=True)

    def __init__(self, **values: Any) -> None:
        super().__init__(**{"row_key": new_row_key(), **values})  # first, because sealing needs it


def new_row_key() -> str:
    """Make the key that binds ciphertext to a row."""
    return secrets.token_hex(16)


def sealed_column() -> MappedColumn[bytes | None]:
    """Declare the column that holds the ciphertext of a sealed field."""
    return mapped_column(LargeBinary, nullable=True)


Plain = TypeVar("Plain", str, bytes)


class _SealedField(Generic[Plain]):
    """An attribute which code reads and writes in plain, and which the table holds only as ciphertext.

    An empty value is held as NULL, and NULL reads as empty. It cannot be used in SQL.
    """

    def __init__(self, purpose: Purpose, column: str) -> None:
        self.purpose = purpose
        self.column = column

    def _place(self, row: Sealed) -> str:
        return f"{row.__tablename__}/{self.column}/{row.row_key}"

    def sealed(self, row: Sealed) -> bytes | None:
        """Give the ciphertext in the row."""
        value: bytes | None = getattr(row, self.column)
        return value

    def read(self, row: Sealed) -> bytes:
        """Open the row's value."""
        sealed = self.sealed(row)
        return ring().open(self.purpose, self._place(row), sealed) if sealed else b""

    def write(self, row: Sealed, plain: bytes) -> None:
        """Seal a value into the row."""
        if not row.row_key:
            row.row_key = new_row_key()
        setattr(row, self.column, ring().seal(self.purpose, self._place(row), plain) if plain else None)

    def reseal(self, row: Sealed) -> bool:
        """Seal the row's value again if another key than the current one did."""
        sealed = self.sealed(row)
        if not sealed or sealing_key_id(sealed) == ring().current_id:
            return False
        self.write(row, self.read(row))
        return True


class SealedText(_SealedField[str]):
    """A sealed text."""

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: Sealed, owner: type) -> str: ...
    def __get__(self, row: Sealed | None, owner: type) -> Self | str:
        return self if row is None else self.read(row).decode()

    def __set__(self, row: Sealed, value: str | None) -> None:
        self.write(row, (value or "").encode())


class SealedBytes(_SealedField[bytes]):
    """Sealed bytes."""

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: Sealed, owner: type) -> bytes: ...
    def __get__(self, row: Sealed | None, owner: type) -> Self | bytes:
        return self if row is None else self.read(row)

    def __set__(self, row: Sealed, value: bytes | None) -> None:
        self.write(row, value or b"")


def sealed_models(base: type) -> Iterator[type[Sealed]]:
    """List every table of a declarative base that has sealed columns."""
    waiting = list(Sealed.__subclasses__())
    while waiting:
        model = waiting.pop()
        waiting.extend(model.__subclasses__())
        if issubclass(model, base) and sealed_fields(model):
            yield model


def sealed_fields(model: type[Sealed]) -> list[_SealedField[Any]]:
    """List the sealed fields of a table."""
    return [field for base in model.__mro__ for field in vars(base).values() if isinstance(field, _SealedField)]


def reseal_all(session: Session, base: type) -> int:
    """Seal again every value of these tables that another key than the current one sealed; give the number of rows.

    Each row is held from when it is read, so that what somebody changes or erases meanwhile stays as they left it.
    """
    changed = 0
    for model in sealed_models(base):
        for row in session.scalars(select(model).with_for_update().execution_options(yield_per=200)):
            changed += sum(field.reseal(row) for field in sealed_fields(model)) > 0
        session.flush()
    return changed


# Blind indexes: equality without the value


def blind_index(field: str, value: str) -> str:
    """Give the value under which an exact match can be found, by the current key. `field` keeps indexes apart."""
    return _index(ring().current_id, field, value)


def blind_indexes(field: str, value: str) -> list[str]:
    """Give the value under every key of the ring, for looking up while keys are being changed."""
    return [_index(key_id, field, value) for key_id in ring().ids]


def phonetic_index(field: str, name: str) -> str:
    """Give the blind index of how a name sounds; an empty name has none."""
    sound = _sound(name)
    return blind_index(f"{field}/sound", sound) if sound else ""


def phonetic_indexes(field: str, name: str) -> list[str]:
    """Give the index of how a name sounds under every key of the ring; none for an empty name."""
    sound = _sound(name)
    return blind_indexes(f"{field}/sound", sound) if sound else []


def _index(key_id: str, field: str, value: str) -> str:
    plain = unicodedata.normalize("NFKC", value).casefold().strip()
    return _mac(ring().derived(Purpose.INDEX, key_id), field, plain).hex()


def _sound(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return jellyfish.metaphone(re.sub(r"[^A-Za-z ]", "", letters))


# Links for people without accounts


def new_token() -> str:
    """Make the secret part of a link: 256 random bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Give what is stored of a random token. The token is random enough to need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def derive_token(kind: str, *parts: str | int) -> str:
    """Derive a token that can be made again for the same record, so that a re-sent e-mail carries the same link."""
    return _link_token(ring().current_id, kind, parts)


def token_matches(token: str, kind: str, *parts: str | int) -> bool:
    """Say whether this is the derived token of a record, by any key of the ring, in constant time."""
    given = token.encode()
    return sum(hmac.compare_digest(given, _link_token(key_id, kind, parts).encode()) for key_id in ring().ids) > 0


def _link_token(key_id: str, kind: str, parts: tuple[str | int, ...]) -> str:
    mac = _mac(ring().derived(Purpose.LINK, key_id), kind, *map(str, parts))
    return base64.urlsafe_b64encode(mac[:24]).decode()


def audit_mac(key_id: str, message: bytes) -> str:
    """Give the HMAC by which the audit chain is held, under a named key. Raises CannotOpen if it is gone."""
    return hmac.new(ring().derived(Purpose.AUDIT, key_id), message, hashlib.sha256).hexdigest()


def _mac(key: bytes, *parts: str) -> bytes:
    """HMAC of several parts, each with its length, so that no two lists of parts read alike."""
    message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.new(key, message, hashlib.sha256).digest()
