"""The words for states, levels and marks on screen, and the colours of their tags.

The keys are the stored values; a feature's enum needs no words of its own. Colour only supports the words. A value that
is not listed is shown as its own name in sentence case, so a page never breaks for want of a word.
"""

from collections.abc import Mapping

from review_app.wording.drugs import DRUGS
from review_app.wording.learning import LEARNING
from review_app.wording.reviews import REVIEWS
from review_app.wording.word import Word, Words

__all__ = ["GROUPS", "Word", "Words", "word"]

GROUPS: Mapping[str, Words] = {**DRUGS, **REVIEWS, **LEARNING}


def word(value: str, group: str) -> Word:
    """Give the word of a stored value. What is not listed is its own name in sentence case, in grey."""
    listed = GROUPS.get(group, {}).get(str(value).lower())
    return listed or Word(str(value).replace("_", " ").capitalize())
