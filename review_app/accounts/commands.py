"""What can be asked of accounts, one dataclass a verb."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SignInWith:
    """Sign in from a network address."""

    email: str
    password: str
    address: str


@dataclass(frozen=True, kw_only=True)
class SetPassword:
    """Take up an invitation."""

    token: str
    password: str
