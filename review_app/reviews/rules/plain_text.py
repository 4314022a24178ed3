"""Text as people paste it from Word and web pages, made plain: what was written stays, how it looked goes."""

import html
import re
import unicodedata

HIDDEN_PARTS = re.compile(
    r"<!--.*?-->|<(style|script|xml|head)\b[^>]*>.*?</\1\s*>|<!\[[^>]*\]>", re.DOTALL | re.IGNORECASE
)
BREAKS = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^>]*>", re.IGNORECASE)
ITEMS = re.compile(r"<li\b[^>]*>", re.IGNORECASE)
NAMES = (
    r"a|abbr|address|article|b|big|blockquote|body|br|center|code|col|colgroup|dd|del|div|dl|dt|em|figure|font|footer|h[1-6]"
    r"|header|hr|html|i|img|ins|li|link|main|meta|nav|o:\w+|ol|p|pre|s|section|small|span|st1:\w+|strike|strong|sub|sup"
    r"|table|tbody|td|tfoot|th|thead|title|tr|tt|u|ul|v:\w+|w:\w+|m:\w+"
)
TAGS = re.compile(rf"</?(?:{NAMES})(?:\s[^<>]*)?/?>", re.IGNORECASE)
LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs"})
SYMBOL_BULLETS = re.compile("[\uf000-\uf0ff]")
BULLET_TAB = re.compile(r"^([•·o▪§–-])\t+", re.MULTILINE)


def plain_text(pasted: str) -> str:
    """Take out markup and invisible characters. Quotation marks, dashes and accents stay as they were written.

    Only tags that documents are made of are taken for markup, so that “<5 mg” and “a < b” stay.
    """
    text = LINE_BREAKS.sub("\n", pasted)
    if TAGS.search(text) or HIDDEN_PARTS.search(text):
        text = html.unescape(TAGS.sub("", ITEMS.sub("• ", BREAKS.sub("\n", HIDDEN_PARTS.sub("", text)))))
    text = SYMBOL_BULLETS.sub("•", SPACES.sub(" ", text))
    text = "".join(
        each for each in text if each in "\n\t" or unicodedata.category(each) not in {"Cc", "Cf", "Co", "Cs"}
    )
    text = BULLET_TAB.sub(r"\1 ", unicodedata.normalize("NFC", text))
    text = re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
