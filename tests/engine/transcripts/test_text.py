"""The small pure pieces: words, sentence ends, names, languages, encodings, times, markup."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.engine.transcripts.captions import spread_words, unroll
from goviral.engine.transcripts.clock import format_clock, parse_clock, parse_timing
from goviral.engine.transcripts.cue import Cue
from goviral.engine.transcripts.document import Sentence, Transcript
from goviral.engine.transcripts.encoding import decode_text
from goviral.engine.transcripts.labels import split_turns
from goviral.engine.transcripts.languages import detect_language, language_code
from goviral.engine.transcripts.mending import Placed
from goviral.engine.transcripts.punctuation import punctuate
from goviral.engine.transcripts.sentence_ends import sentence_ends
from goviral.engine.transcripts.tokens import is_unspaced, join_words, split_words
from goviral.engine.transcripts.words import with_estimated_words
from goviral.kit.errors import InputError


class TestWords:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("Hello  there,\nyou.", ["Hello", "there,", "you."]),
            (
                "今日は「東京タワー」に行きました。",
                ["今日は", "「東京", "タワー」", "に", "行きました。"],
            ),
            ("我爱北京。", ["我爱", "北京。"]),
            ("iPhoneを買う", ["iPhone", "を", "買う"]),
            ("저는 한국 사람입니다.", ["저는", "한국", "사람입니다."]),
            ("สวัสดีครับ", ["สวัสดีครับ"]),
            ("", []),
        ],
    )
    def test_are_split_and_joined_again(self, text: str, words: list[str]) -> None:
        assert split_words(text) == words
        assert join_words(words) == " ".join(text.split())

    @given(st.text(max_size=40))
    def test_splitting_loses_nothing_but_space(self, text: str) -> None:
        assert "".join(split_words(text)) == "".join(text.split())

    @given(st.text(min_size=1, max_size=60).filter(str.strip), st.integers(1, 9000))
    def test_share_the_time_of_their_cue(self, text: str, duration: int) -> None:
        words = spread_words(Placed(" ".join(text.split()), 500, 500 + duration, None, None, False))
        assert words[0].start_ms == 500
        assert words[-1].end_ms == 500 + duration
        assert all(word.start_ms < word.end_ms for word in words)
        assert all(a.end_ms == b.start_ms for a, b in pairwise(words))

    def test_longer_words_take_longer(self) -> None:
        short, long = spread_words(Placed("a extraordinarily", 0, 1800, None, None, False))
        assert (short.end_ms, long.end_ms) == (200, 1800)

    def test_what_has_no_time_has_no_words(self) -> None:
        assert spread_words(Placed("said in no time", 500, 500, None, None, False)) == []

    def test_are_estimated_once(self) -> None:
        sentence = Sentence(0, "Hello there.", 100, 1100, "Ann")
        estimated = with_estimated_words(Transcript((sentence,)))
        assert [(w.text, w.speaker) for w in estimated.words] == [
            ("Hello", "Ann"),
            ("there.", "Ann"),
        ]
        assert estimated.words_estimated
        assert with_estimated_words(estimated) is estimated


class TestSentenceEnds:
    @pytest.mark.parametrize(
        ("text", "ending"),
        [
            ("Mr. Lee left. He ran.", ["left.", "ran."]),
            ("It cost 3. 5 came later.", ["3.", "later."]),
            ("The U.S. is big. Yes.", ["big.", "Yes."]),
            ("Go to e.g. Paris! Really? Yes", ["Paris!", "Really?"]),
            ("hello there. how are you? fine.", ["there.", "you?", "fine."]),
            ("Wait... what? No… Maybe", ["what?", "No…"]),
            ("He said “Go.” Then left.", ["“Go.”", "left."]),
            ("no marks at all", []),
            ("« Où ça ? » Là. Bon !", ["»", "Là.", "!"]),
            ("ここです。 そこ", ["ここです。"]),
            ("यह है। वह", ["है।"]),
        ],
    )
    def test_are_told_by_marks(self, text: str, ending: list[str]) -> None:
        words = text.split()
        ends = sentence_ends(words, "en")
        assert [w for w, end in zip(words, ends, strict=True) if end] == ending

    def test_an_unknown_language_is_read_like_english(self) -> None:
        assert sentence_ends(["Um.", "Dr.", "Lee."], "xx") == [True, False, True]


class TestSpeakers:
    def turns(self, *texts: str) -> list[tuple[str | None, str]]:
        cues = [Cue(text, n * 1000, n * 1000 + 900) for n, text in enumerate(texts)]
        return [(turn.speaker, turn.text) for turn in split_turns(cues)]

    def test_a_name_in_capitals_is_a_speaker_at_once(self) -> None:
        assert self.turns("DR. LEE: Yes.") == [("DR. LEE", "Yes.")]

    def test_a_capitalised_word_is_one_when_it_comes_back(self) -> None:
        assert self.turns("Ann: Yes.", "Note: this.", "Ann: No.") == [
            ("Ann", "Yes."),
            ("Ann", "Note: this."),
            ("Ann", "No."),
        ]

    def test_in_capitals_throughout_capitals_say_nothing(self) -> None:
        assert self.turns("AND: WE ARE LIVE.", "ANN: YES.", "ANN: NO.") == [
            (None, "AND: WE ARE LIVE."),
            ("ANN", "YES."),
            ("ANN", "NO."),
        ]

    def test_numbered_and_boxed_speakers(self) -> None:
        assert self.turns("[SPEAKER_00]: Yes.", "Speaker 2: No.") == [
            ("SPEAKER_00", "Yes."),
            ("Speaker 2", "No."),
        ]

    def test_a_clock_time_is_no_speaker(self) -> None:
        assert self.turns("At 10:30 we left.", "I said: go.", "I said: run.") == [
            (None, "At 10:30 we left."),
            (None, "I said: go."),
            (None, "I said: run."),
        ]

    def test_chevrons_cut_a_cue(self) -> None:
        assert self.turns(">> Yes. >> No.", "Never.") == [
            (None, "Yes."),
            (None, "No."),
            (None, "Never."),
        ]

    def test_a_cue_without_times_is_cut_too(self) -> None:
        turns = split_turns([Cue("Yes >> No", None, None)])
        assert [(t.text, t.start_ms) for t in turns] == [("Yes", None), ("No", None)]


class TestRolling:
    def test_captions_that_grow_word_by_word_are_read_once(self) -> None:
        texts = ["so", "so we", "so we went", "so we went home"]
        cues = [Cue(text, n * 300, n * 300 + 300) for n, text in enumerate(texts)]
        assert [cue.text for cue in unroll(cues)] == ["so", "we", "went", "home"]


class TestPunctuation:
    def test_bare_words_are_written_as_in_the_text(self) -> None:
        words = [
            Cue(text, n, n + 1)
            for n, text in enumerate(["so", "it", "began", "dont", "stop", "now"])
        ]
        segments = [Cue("So, it began. Don't", 0, 4), Cue("stop! Um, now?", 4, 6)]
        assert [w.text for w in punctuate(words, segments)] == [
            "So,", "it", "began.", "Don't", "stop!", "now?",
        ]  # fmt: skip

    def test_words_that_differ_stay(self) -> None:
        words = [Cue(text, n, n + 1) for n, text in enumerate(["twenty", "five", "men"])]
        segments = [Cue("25 men.", 0, 3)]
        assert [w.text for w in punctuate(words, segments)] == ["twenty", "five", "men."]

    def test_a_long_list_is_matched_to_its_end(self) -> None:
        words = [Cue(f"word{n}", n, n + 1) for n in range(1000)]
        segments = [Cue(f"Word{n}, extra", n, n + 1) for n in range(1000)]
        assert punctuate(words, segments)[-1].text == "Word999,"


class TestLanguages:
    @pytest.mark.parametrize(
        ("name", "code"),
        [("English", "en"), ("en-US", "en"), ("pt_BR", "pt"), ("", ""), ("und", ""), ("x y", "")],
    )
    def test_names_become_codes(self, name: str, code: str) -> None:
        assert language_code(name) == code

    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("The weather was so bad that nobody went out.", "en"),
            ("Il faisait si mauvais que personne ne sortait.", "fr"),
            ("今日はとても天気が良いので、みんなで外に出かけました。", "ja"),
            ("今天天气很好，所以大家都一起出去散步了，非常开心。", "zh"),
            ("오늘은 날씨가 너무 좋아서 모두 함께 밖으로 나갔습니다.", "ko"),
            ("Ok.", "und"),
        ],
    )
    def test_are_found_out(self, text: str, language: str) -> None:
        assert detect_language(text) == language


class TestEncodings:
    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
    )
    def test_are_told(self, encoding: str) -> None:
        text = "00:00:01,000 --> 00:00:02,000\nDéjà vu – “naïve”."
        assert decode_text(text.encode(encoding)) == text

    def test_bytes_windows_does_not_know_are_latin_1(self) -> None:
        assert decode_text(b"caf\xe9 \x81") == "café \x81"

    def test_one_broken_byte_does_not_spoil_the_rest(self) -> None:
        text = "Žluťoučký kůň úpěl ďábelské ódy. " * 4
        assert decode_text(text.encode() + b"\xff").startswith(text)

    def test_line_ends_are_made_one_kind(self) -> None:
        assert decode_text(b"a\r\nb\rc\nd") == "a\nb\nc\nd"

    def test_a_film_is_no_text(self) -> None:
        with pytest.raises(InputError, match="not a text"):
            decode_text(b"\x00\x00\x00\x20ftypisom\x00\x00")


class TestClock:
    @given(st.integers(0, 10**9))
    def test_what_is_written_is_read(self, at_ms: int) -> None:
        assert parse_clock(format_clock(at_ms, ",")) == at_ms
        assert parse_clock(format_clock(at_ms, ".")) == at_ms

    @pytest.mark.parametrize("line", ["", "a --> b", "1 > 2", "00:00:01,000", "12", "--> 00:01.0"])
    def test_other_lines_are_no_timing(self, line: str) -> None:
        assert parse_timing(line) is None

    def test_an_end_may_be_missing(self) -> None:
        assert parse_timing("00:01.500 -->") == (1500, None)


@pytest.mark.parametrize("character", "今ーﾊ。Ａ１ไកက𠮷")
def test_writing_without_spaces_is_known_by_a_character(character: str) -> None:
    assert is_unspaced(character)


@pytest.mark.parametrize("character", ["", "a", "é", "한", "ن", "न", "…", "🎉"])
def test_all_other_writing_has_spaces(character: str) -> None:
    assert not is_unspaced(character)
