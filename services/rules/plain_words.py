"""Which words are these? Free text as plain lower-case words, so that accents, shouting and stretched letters do not matter."""

import re
import unicodedata
from dataclasses import dataclass

_SPELT = {
    "’": "'",
    "‘": "'",
    "`": "'",
    "´": "'",
    "—": " , ",
    "–": " , ",
    "…": ".",
    "œ": "oe",
    "æ": "ae",
    "€": " euro ",
    "$": " dollar ",
    "*": "",
    "@": "a",
    "\r": "\n",
}
_SPELLINGS = re.compile("[" + "".join(map(re.escape, _SPELT)) + "]")
_STRETCHED = re.compile(r"([a-z])\1+")
_TOKEN = re.compile(r"[a-z]+|\d+(?:[.,:]\d+)*|[.!?\n]+|[,;:()\"]")
_DIGIT_LETTERS = re.compile(r"(?<=[a-z])[013](?=[a-z])")
_AS_LETTERS = {"0": "o", "1": "i", "3": "e"}
_SENTENCE_END = ".!?\n"
_CLAUSE_END = ',;:()"'


@dataclass(frozen=True, slots=True)
class PlainWords:
    """The words of a text in order; `sentences` and `clauses` number where each word stands."""

    words: tuple[str, ...]
    sentences: tuple[int, ...]
    clauses: tuple[int, ...]


def plain(text: str) -> str:
    """`text` in lower-case ASCII, each run of one letter made one: what the words of the data and of a report have in common."""
    spelt = _SPELLINGS.sub(lambda match: _SPELT[match[0]], text.casefold())
    if not spelt.isascii():
        spelt = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    spelt = _DIGIT_LETTERS.sub(lambda match: _AS_LETTERS[match[0]], spelt)
    spelt = _STRETCHED.sub(r"\1", spelt)
    return spelt.replace("y", "i").replace("ph", "f").replace("ck", "k").replace("dt", "t")


def plain_words(text: str) -> PlainWords:
    """The words of `text`, apostrophes and hyphens taken as spaces, numbers kept as written."""
    words, sentences, clauses = [], [], []
    sentence = clause = 0
    for token in _TOKEN.findall(plain(text)):
        if token[0] in _SENTENCE_END:
            sentence, clause = sentence + 1, clause + 1
        elif token in _CLAUSE_END:
            clause += 1
        else:
            words.append(token)
            sentences.append(sentence)
            clauses.append(clause)
    return PlainWords(tuple(words), tuple(sentences), tuple(clauses))
