import pytest

from engine.transcripts.made import texts
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.format import Source
from goviral.engine.transcripts.formats.srt import Srt


def read(text: str) -> Transcript:
    return Srt().parse(Source(text, "en"))


def spans(transcript: Transcript) -> list[tuple[int, int]]:
    return [(s.start_ms, s.end_ms) for s in transcript.sentences]


class TestFilesInTheWild:
    @pytest.mark.parametrize(
        "timing",
        [
            "00:00:01,000 --> 00:00:02,500",
            "00:00:01.000 --> 00:00:02.500",
            "0:0:1,0 --> 0:0:2,5",
            "00:01,000 --> 00:02,500",
            "00:00:01,000-->00:00:02,500",
            "00:00:01, 000 -> 00:00:02, 500",
            "00:00:01:000 --> 00:00:02:500",
            "  00:00:01,000 --> 00:00:02,500  X1:40 X2:600 Y1:20 Y2:50",
            "00:00:01,000000 --> 00:00:02,500000",
        ],
    )
    def test_times_are_read_however_they_are_written(self, timing: str) -> None:
        assert spans(read(f"1\n{timing}\nHello there.\n")) == [(1000, 2500)]

    def test_hours_may_pass_ninety_nine(self) -> None:
        transcript = read("1\n100:00:01,000 --> 100:00:02,000\nLate.\n")
        assert spans(transcript) == [(360_001_000, 360_002_000)]

    def test_numbers_and_empty_lines_may_be_missing(self) -> None:
        text = "00:00:01,000 --> 00:00:02,000\nOne.\n00:00:03,000 --> 00:00:04,000\nTwo.\n"
        assert texts(read(text)) == ["One.", "Two."]

    def test_empty_lines_may_be_inside(self) -> None:
        text = "1\n00:00:01,000 --> 00:00:02,000\nOne\n\nand a half.\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo.\n"
        assert texts(read(text)) == ["One and a half.", "Two."]

    def test_a_number_that_is_said_is_kept(self) -> None:
        text = (
            "1\n00:00:01,000 --> 00:00:02,000\nHow many?\n\n2\n00:00:03,000 --> 00:00:04,000\n42\n"
        )
        assert texts(read(text)) == ["How many?", "42"]

    def test_tags_and_overrides_go(self) -> None:
        text = (
            "1\n00:00:01,000 --> 00:00:02,000\n"
            '{\\an8}<font color="#ff0">Tom</font> &amp; <i>Ann</i> {y:i}left\\Nearly.\n'
        )
        assert texts(read(text)) == ["Tom & Ann left early."]

    def test_what_looks_like_a_tag_but_is_none_stays(self) -> None:
        text = "1\n00:00:01,000 --> 00:00:02,000\nIf a < b and b > c.\n"
        assert texts(read(text)) == ["If a < b and b > c."]

    def test_sounds_are_not_said(self) -> None:
        text = (
            "1\n00:00:01,000 --> 00:00:02,000\n[Music]\n\n"
            "2\n00:00:02,000 --> 00:00:03,000\n♪ la la ♪ [laughs] Stop.\n\n"
            "3\n00:00:03,000 --> 00:00:04,000\n(applause)\nThank you.\n"
        )
        assert texts(read(text)) == ["la la Stop.", "Thank you."]

    def test_dialogue_dashes_are_two_speakers(self) -> None:
        text = "1\n00:00:01,000 --> 00:00:03,000\n- Where to?\n- Home.\n"
        transcript = read(text)
        assert texts(transcript) == ["Where to?", "Home."]
        assert transcript.sentences[0].start_ms == 1000
        assert transcript.sentences[0].end_ms == transcript.sentences[1].start_ms

    def test_times_before_zero_are_cut(self) -> None:
        text = (
            "1\n-00:00:02,000 --> -00:00:01,000\nGone.\n\n2\n-00:00:00,500 --> 00:00:01,000\nHere.\n\n"
            "3\n00:00:02,000 --> 00:00:03,000\nThere.\n"
        )
        transcript = read(text)
        assert texts(transcript) == ["Here.", "There."]
        assert spans(transcript)[0] == (0, 1000)


class TestSpeakers:
    def test_are_written_where_they_change_and_read_again(self) -> None:
        text = (
            "1\n00:00:01,000 --> 00:00:02,000\nANN: Where to?\n\n"
            "2\n00:00:02,000 --> 00:00:03,000\nANN: I mean it.\n\n"
            "3\n00:00:03,000 --> 00:00:04,000\nBO LEE: Home.\n"
        )
        transcript = read(text)
        written = Srt().dump(transcript)
        assert written.count("ANN:") == 1
        assert read(written).sentences == transcript.sentences
