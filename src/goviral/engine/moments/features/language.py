"""The language of a talk that nobody declared: by its script, else by its commonest words."""

import re
from collections import Counter
from collections.abc import Sequence

from goviral.engine.moments.tokens import normal, words_of

UNKNOWN = "und"
_LOOKED_AT = 200
_LEAST_SHARE = 0.08
_SCRIPTS = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "zh": re.compile("[\u4e00-\u9fff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "ar": re.compile("[\u0600-\u06ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "hi": re.compile("[\u0900-\u097f]"),
    "ru": re.compile("[\u0400-\u04ff]"),
}
_LEAST_LETTERS = 0.2
_COMMON = {
    "en": "the and of to a in is that it for was you on with as be this have are",
    "de": "der die und das ist nicht ein zu den mit sich auf für dass eine wir auch ich es",
    "es": "de la que el en y los se del las un por con no una para es lo su",
    "fr": "le la les des est et que un une dans pour pas qui sur il ce je en du",
    "it": "di che la il un è per una non in sono mi si con ma del le come questo",
    "pt": "de que o a do da em um para é com não uma os no se na por mais",
    "nl": "de het een en van ik te dat die in je niet is op zijn er aan we met",
    "pl": "nie to się w na z i że do jest jak po co o a ale tak za",
    "sv": "och att det i en jag som är på för med inte den har av till vi om",
    "tr": "bir ve bu da de için çok ne ama var ben gibi daha o mi sonra kadar",
}
_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}


def language_of(declared: str, texts: Sequence[str]) -> str:
    """ISO 639-1 code: the declared one where there is one, else a guess from the first texts, else "und"."""
    code = declared.lower().replace("_", "-").split("-")[0]
    if code and code != UNKNOWN:
        return code
    sample = " ".join(texts[:_LOOKED_AT])
    return _by_script(sample) or _by_words(sample)


def _by_script(text: str) -> str:
    letters = sum(character.isalpha() for character in text)
    shares = {language: len(script.findall(text)) for language, script in _SCRIPTS.items()}
    likely = [code for code, found in shares.items() if found > _LEAST_LETTERS * max(1, letters)]
    return likely[0] if likely else ""


def _by_words(text: str) -> str:
    said = Counter(normal(word) for word in words_of(text))
    total = max(1, said.total())
    shares = {code: sum(said[word] for word in words) / total for code, words in _WORDS.items()}
    best = max(shares, key=lambda code: shares[code])
    return best if shares[best] >= _LEAST_SHARE else UNKNOWN
