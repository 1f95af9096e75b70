"""What counts as an explanation of a finding. Words that say nothing are refused with the reason."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext_lazy as _

SHORTEST = 6
LONGEST = 1000
STOCK_PHRASES = """
无 没有 正常 属实 情况属实 数据属实 数据无误 无误 确认 已确认 确认无误 已核实 核实无误
经核实无误 经核实属实 真实 真实有效 数据真实 数据准确 准确 正确 没问题 没有问题 无问题 是 是的
对 不知道 同上 同上年 如上 见上 略 暂无 不适用 实际情况 实际如此 情况如此 符合实际 符合实际情况
与实际相符 情况正常 业务正常 正常情况 正常波动 正常变动 正常现象 已说明 无需说明 没有说明
数据正确 ok okay yes no none na nil normal true correct confirmed checked verified fine test
asdf
"""
STOCK = frozenset(STOCK_PHRASES.split())
FILLERS = re.compile("^(?:经核实|经核对|经查|经确认|确认|核实|以上|上述|该项|本项|该|此|数据|情况|均|都|为|系)+")
# What remains when every such word is taken away is the part that tells something.
WORDS = sorted(STOCK, key=len, reverse=True)


#: Signs or words in the same order that are no accident.
RUN = 3
FIGURE = re.compile("[A-Za-z]*[0-9][A-Za-z0-9]*")
TOKEN = re.compile(r"[^\W\d_]+")
WIDE = re.compile(r"([\u2e80-\U0003ffff])")


def refuse_poor_explanation(text: str, told: Iterable[str] = ()) -> Any | None:
    """The lazy reason why the text explains nothing, or None when it will do.

    `told` is what the check itself says, in every language: words that only repeat it are refused.
    """
    bare = re.sub(r"[\W_]+", "", text).casefold()
    if not bare:
        return _("Write the reason in words: what happened, and why the figures are right.")
    if len(text) > LONGEST:
        return _("The explanation is %(over)s characters too long; at most %(most)s fit.") % {
            "over": len(text) - LONGEST,
            "most": LONGEST,
        }
    if _is_stock(bare):
        return _(
            "“%(text)s” does not say why. Name the cause, such as a new site, a lost contract or a change of scope."
        ) % {"text": text.strip()[:20]}
    if bare.isdigit() or len(set(bare)) < 4 or re.fullmatch(r"(.{1,4}?)\1+", bare):
        return _("The explanation repeats itself or holds digits only. Write the reason in words.")
    if _weight(bare) < SHORTEST:
        return _(
            "The explanation is too short. Write at least %(least)s Chinese characters: what happened, and why."
        ) % {"least": SHORTEST}
    if any(_repeats(text, words) for words in told):
        return _(
            "This repeats what the check says, which is known already. Write what is not in it: the cause, such as a "
            "new site, a lost contract or a change of scope."
        )
    return None


def same_words(one: str, other: str) -> bool:
    """Whether two explanations are the same but for spaces, punctuation and the width of signs."""
    return _bare(one) == _bare(other) != ""


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def _repeats(text: str, told: str) -> bool:
    """Whether what the text shares with the words of the check leaves too little; figures do not count."""
    ours, theirs = _tokens(text), _tokens(told)
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    shared = {at for block in blocks if block.size >= RUN for at in range(block.a, block.a + block.size)}
    copied = "".join(token for at, token in enumerate(ours) if at in shared)
    rest = "".join(token for at, token in enumerate(ours) if at not in shared)
    return bool(shared) and (_weight(rest) < min(SHORTEST, _weight(copied)) or _is_stock(rest))


def _tokens(text: str) -> list[str]:
    """Each Chinese character, and each word of letters; no figures or codes, no single letters, no punctuation."""
    words = TOKEN.findall(FIGURE.sub(" ", unicodedata.normalize("NFKC", text)).casefold())
    return [part for word in words for part in WIDE.split(word) if len(part) > 1 or part > "\u2e7f"]


def _is_stock(bare: str) -> bool:
    rest = FILLERS.sub("", bare)
    while rest:
        word = next((word for word in WORDS if rest.startswith(word)), None)
        if word is None:
            return False
        rest = FILLERS.sub("", rest[len(word) :])
    return True


def _weight(bare: str) -> int:
    """Chinese characters, and half as many for letters: “new branch opened” weighs seven."""
    wide = sum(1 for sign in bare if ord(sign) > 0x2E7F)
    return wide + (len(bare) - wide) // 2
