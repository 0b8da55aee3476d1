import pytest

from goviral.engine.moments.features.language import language_of
from goviral.engine.moments.features.table import table_of
from goviral.engine.moments.pieces import pieces_of
from twins.interviews import interview
from twins.languages import LANGUAGES, speech


@pytest.mark.parametrize(
    ("declared", "code"), [("en", "en"), ("en-US", "en"), ("DE", "de"), ("pt_BR", "pt")]
)
def test_a_declared_language_is_believed(declared: str, code: str) -> None:
    assert language_of(declared, ["今日は"]) == code


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_undeclared_language_is_found_out(language: str) -> None:
    texts = [sentence.text for sentence in speech(language).sentences]
    assert language_of("und", texts) == language


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Эта история началась вчера.", "ru"),
        ("그 이야기는 어제 시작되었다.", "ko"),
        ("这个故事昨天开始了。", "zh"),
        ("Le chat est sur la table et il ne bouge pas.", "fr"),
        ("", "und"),
        ("Qapla' batlh", "und"),
    ],
)
def test_scripts_and_common_words_tell(text: str, code: str) -> None:
    assert language_of("", [text]) == code


def test_an_undeclared_english_talk_is_read_as_english() -> None:
    pieces = pieces_of(interview().transcript, 90_000)
    assert table_of(pieces, "und").language == "en"
    assert table_of(pieces, "und").column("say_i").any()
