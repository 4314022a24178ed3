"""What one stored value is called on screen."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """What one stored value is called on screen, and the colour of its tag."""

    text: str
    colour: str = "grey"


Words = Mapping[str, Word]
