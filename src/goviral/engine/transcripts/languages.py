"""Which language a transcript is in."""

import re

UNKNOWN = "und"
_SAMPLE = 3_000

_NAMES = """
afrikaans:af arabic:ar armenian:hy azerbaijani:az belarusian:be bosnian:bs bulgarian:bg
catalan:ca chinese:zh mandarin:zh cantonese:yue croatian:hr czech:cs danish:da dutch:nl
english:en estonian:et finnish:fi french:fr galician:gl german:de greek:el hebrew:he
hindi:hi hungarian:hu icelandic:is indonesian:id italian:it japanese:ja kannada:kn kazakh:kk
korean:ko latvian:lv lithuanian:lt macedonian:mk malay:ms marathi:mr maori:mi nepali:ne
norwegian:no persian:fa polish:pl portuguese:pt romanian:ro russian:ru serbian:sr slovak:sk
slovenian:sl spanish:es swahili:sw swedish:sv tagalog:tl tamil:ta telugu:te thai:th
turkish:tr ukrainian:uk urdu:ur vietnamese:vi welsh:cy
"""
_CODES: dict[str, str] = dict(re.findall(r"(\w+):(\w+)", _NAMES))
_CODE = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,8})*", re.IGNORECASE)
_SCRIPTS = (
    (re.compile("[\u3040-\u30ff]"), "ja"),
    (re.compile("[\uac00-\ud7af]"), "ko"),
    (re.compile("[\u4e00-\u9fff]"), "zh"),
    (re.compile("[\u0e00-\u0e7f]"), "th"),
    (re.compile("[\u0590-\u05ff]"), "he"),
    (re.compile("[\u0370-\u03ff]"), "el"),
)
_TELLING_SHARE = 0.1
_FEWEST_LETTERS = 20


def language_code(name: str) -> str:
    """`"English"`, `"en"`, `"en-US"` → `"en"`; empty where it names no language we know."""
    plain = name.strip().lower()
    if plain in _CODES:
        return _CODES[plain]
    return re.split("[-_]", plain)[0] if _CODE.fullmatch(plain) and plain != UNKNOWN else ""


def detect_language(text: str) -> str:
    """The language of a transcript whose source did not say; "und" for too little text.

    Scripts that only one language uses are told at once, the others by py3langid.
    """
    sample = text[:_SAMPLE]
    letters = sum(character.isalpha() for character in sample)
    for script, language in _SCRIPTS:
        if len(script.findall(sample)) > _TELLING_SHARE * letters:
            return language
    if letters < _FEWEST_LETTERS:
        return UNKNOWN
    import py3langid

    detected: str = py3langid.classify(sample)[0]
    return detected
