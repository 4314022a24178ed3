"""E-mail addresses: one spelling for each, so that nobody is written to twice."""

import re
import unicodedata

ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\]+\.[^@\s<>,;:\"()\[\]\\.]+")


def normalise_address(address: str) -> str:
    """Give the one spelling of an address: composed, lower case, its domain in ASCII.

    Raises ValueError with a sentence for the person who typed it when it is no address.
    """
    written = unicodedata.normalize("NFC", address.strip()).casefold()
    if len(written) > 254 or not ADDRESS.fullmatch(written) or ".." in written:
        raise ValueError("Enter an e-mail address in the correct format, like name@example.com")
    local, _, domain = written.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise ValueError("Enter an e-mail address in the correct format, like name@example.com") from None
