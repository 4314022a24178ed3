"""What people paste becomes plain text, and what they wrote stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_app.reviews.rules.plain_text import plain_text

WORD = (
    "<!--[if gte mso 9]><xml><o:OfficeDocumentSettings/></xml><![endif]-->\r\n"
    '<p class="MsoNormal" style="margin:0">She said \u201cI\u2019m fine\u201d \u2013 <b>twice</b>.<o:p></o:p></p>\r\n'
    "<p>Seen&nbsp;with R&amp;D caf\u00e9 staff</p>"
)


def test_text_pasted_from_word_keeps_its_words_and_curly_quotes_and_loses_its_markup() -> None:
    assert plain_text(WORD) == ("She said \u201cI\u2019m fine\u201d \u2013 twice.\n\nSeen with R&D caf\u00e9 staff")


@pytest.mark.parametrize(
    ("pasted", "plain"),
    [
        ("BP < 90 and > 50, dose <5 mg", "BP < 90 and > 50, dose <5 mg"),
        ("a<b>c</b>", "ac"),
        ("a < b > c", "a < b > c"),
        ("R&amp;D as typed", "R&amp;D as typed"),
        ("\uf0b7\tfirst\n\u00b7\tsecond", "• first\n· second"),
        ("<ul><li>one</li><li>two</li></ul>", "• one\n• two"),
        ("one\x0btwo\u2028three\r\rfour\n\n\n\nfive", "one\ntwo\nthree\n\nfour\n\nfive"),
        ("zero\u200bwidth soft\u00adhyphen \ufeffmark \u202eturned\u202c", "zerowidth softhyphen mark turned"),
        ("no\u00a0break\u202fspace", "no break space"),
        ("bell\x07 and null\x00", "bell and null"),
        ("e\u0301", "\u00e9"),
        ("<style>p {color: red}</style>Words", "Words"),
        ("  \n \n", ""),
    ],
)
def test_each_kind_of_rubbish(pasted: str, plain: str) -> None:
    assert plain_text(pasted) == plain


UNMARKED = st.text(st.characters(exclude_characters="<", exclude_categories=("Mn", "Mc", "Cs")))


@given(UNMARKED)
def test_text_without_markup_loses_no_letter_and_is_plain_after_once(text: str) -> None:
    once = plain_text(text)
    assert plain_text(once) == once
    assert [c for c in once if c.isascii() and c.isalnum()] == [c for c in text if c.isascii() and c.isalnum()]
