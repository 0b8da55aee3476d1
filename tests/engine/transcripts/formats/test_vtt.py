from engine.transcripts.made import built, texts
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.format import Source
from goviral.engine.transcripts.formats.vtt import Vtt

YOUTUBE = """WEBVTT
Kind: captions
Language: en

00:00:00.160 --> 00:00:02.310 align:start position:0%
 
so<00:00:00.480><c> the</c><00:00:00.640><c> first</c><00:00:00.960><c> thing</c>

00:00:02.310 --> 00:00:02.320 align:start position:0%
so the first thing
 

00:00:02.320 --> 00:00:04.070 align:start position:0%
so the first thing
we<00:00:02.560><c> did</c><00:00:02.800><c> was</c><00:00:03.040><c> wait.</c>

00:00:04.070 --> 00:00:04.080 align:start position:0%
we did was wait.
 

00:00:04.080 --> 00:00:05.000 align:start position:0%
we did was wait.
Yes.
"""  # noqa: W293  YouTube writes lines of one space


def read(text: str) -> Transcript:
    return Vtt().parse(Source(text))


class TestYoutube:
    def test_each_word_is_read_once_with_its_own_time(self) -> None:
        transcript = read(YOUTUBE)
        assert [(w.text, w.start_ms) for w in transcript.words] == [
            ("so", 160),
            ("the", 480),
            ("first", 640),
            ("thing", 960),
            ("we", 2320),
            ("did", 2560),
            ("was", 2800),
            ("wait.", 3040),
            ("Yes.", 4080),
        ]
        assert texts(transcript) == ["so the first thing we did was wait.", "Yes."]
        assert transcript.language == "en"
        assert not transcript.words_estimated

    def test_a_word_does_not_last_until_its_line_goes(self) -> None:
        assert read(YOUTUBE).words[3].end_ms < 2310


class TestBlocks:
    def test_comments_styles_regions_and_settings_are_passed_over(self) -> None:
        text = (
            "WEBVTT - a title\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\n\n"
            "STYLE\n::cue { color: lime }\n\nREGION\nid:fred\n\n"
            "NOTE\nnot said --> nor shown\n\n"
            "intro\n00:01.000 --> 00:02.000 line:0 position:20% align:start\nHello there.\n\n"
            "00:03.000 --> 00:04.000\nGood\nbye.\n"
        )
        assert texts(read(text)) == ["Hello there.", "Good bye."]

    def test_ruby_and_language_and_class_spans_go(self) -> None:
        text = (
            "WEBVTT\nLanguage: ja\n\n00:01.000 --> 00:02.000\n"
            "<c.yellow><lang ja><ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby></lang></c>です。\n"
        )
        transcript = read(text)
        assert texts(transcript) == ["漢字です。"]
        assert transcript.language == "ja"


class TestVoices:
    def test_name_the_speaker(self) -> None:
        text = (
            "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann Lee>Where to?</v>\n\n"
            "00:02.000 --> 00:04.000\n<v.loud Bo>Home.</v> <v Ann Lee>Why?</v>\n"
        )
        assert [(s.speaker, s.text) for s in read(text).sentences] == [
            ("Ann Lee", "Where to?"),
            ("Bo", "Home."),
            ("Ann Lee", "Why?"),
        ]


class TestWriting:
    def test_pauses_between_words_are_written(self) -> None:
        text = Vtt().dump(built("One | two."))
        assert "One<00:00:00.180> <00:00:01.220>two." in text

    def test_estimated_word_times_are_not(self) -> None:
        transcript = read("WEBVTT\n\n00:01.000 --> 00:02.000\nOne two. Three.\n")
        assert transcript.words_estimated
        assert "<" not in Vtt().dump(transcript)
