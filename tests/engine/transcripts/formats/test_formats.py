"""What every format must do, run over the registries."""

import json
from pathlib import Path

import pytest
from hypothesis import given

from engine.transcripts.made import built, check_invariants, texts, transcripts
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.format import Source
from goviral.engine.transcripts.formats import (
    FORMATS,
    WRITERS,
    dump,
    parse_transcript,
    read_transcript,
    write_transcript,
)
from goviral.kit.errors import InputError, NotFoundError, ResourceError

SAMPLES = {
    "json": '{"sentences": [{"id": 0, "text": "Hi there.", "startMs": 0, "endMs": 900}]}',
    "youtube_json3": '{"events": [{"tStartMs": 0, "dDurationMs": 900, "segs": [{"utf8": "Hi there."}]}]}',
    "whisper": '{"segments": [{"start": 0, "end": 0.9, "text": " Hi there."}], "language": "en"}',
    "vtt": "WEBVTT\n\n00:00.000 --> 00:00.900\nHi there.\n",
    "srt": "1\n00:00:00,000 --> 00:00:00,900\nHi there.\n",
}


@pytest.mark.parametrize("name", FORMATS)
class TestEveryFormat:
    def test_is_registered_under_its_name(self, name: str) -> None:
        assert FORMATS[name].name == name
        assert all(extension.startswith(".") for extension in FORMATS[name].extensions)

    def test_is_told_by_its_content(self, name: str) -> None:
        source = Source(SAMPLES[name])
        assert next(f.name for f in FORMATS.values() if f.recognises(source)) == name

    def test_reads_what_is_said_and_when(self, name: str) -> None:
        transcript = FORMATS[name].parse(Source(SAMPLES[name]))
        check_invariants(transcript)
        assert texts(transcript) == ["Hi there."]
        assert transcript.sentences[0].span.duration_ms == 900

    def test_recognises_nothing_in_other_text(self, name: str) -> None:
        for text in ("", "{}", "[]", "null", '{"a": 1}', "[1, 2]", "hello", "{broken"):
            assert not FORMATS[name].recognises(Source(text))

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    def test_is_read_in_any_encoding(
        self, name: str, encoding: str, newline: str, tmp_path: Path
    ) -> None:
        text = SAMPLES[name].replace("Hi there", "Déjà vu").replace("\n", newline)
        path = tmp_path / "talk.txt"
        path.write_bytes(text.encode(encoding))
        assert texts(read_transcript(path)) == ["Déjà vu."]


@pytest.mark.parametrize("name", WRITERS)
class TestEveryWriter:
    @given(transcript=transcripts())
    def test_what_it_writes_is_read_back_whole(self, name: str, transcript: Transcript) -> None:
        again = parse_transcript(Source(dump(transcript, name)))
        check_invariants(again)
        said = [word.text for word in transcript.words]
        assert again.text.split() == said
        assert again.sentences[0].start_ms == transcript.sentences[0].start_ms
        assert again.duration_ms == transcript.duration_ms

    def test_writes_the_same_text_again(self, name: str) -> None:
        text = dump(built("One two three. Four, five & <six>! Seven."), name)
        assert dump(parse_transcript(Source(text)), name) == text

    def test_its_files_are_told_by_extension(self, name: str, tmp_path: Path) -> None:
        path = tmp_path / f"talk{WRITERS[name].extensions[0].upper()}"
        write_transcript(built("Hello there."), path)
        assert texts(read_transcript(path)) == ["Hello there."]
        assert [p.name for p in tmp_path.iterdir()] == [path.name]


class TestJsonRoundTrip:
    @given(transcripts())
    def test_is_exact(self, transcript: Transcript) -> None:
        assert parse_transcript(Source(dump(transcript, "json"))) == transcript


class TestVttRoundTrip:
    @given(transcripts())
    def test_keeps_word_times_and_speakers(self, transcript: Transcript) -> None:
        again = parse_transcript(Source(dump(transcript, "vtt")))
        assert [(w.text, w.start_ms, w.end_ms, w.speaker) for w in again.words] == [
            (w.text, w.start_ms, w.end_ms, w.speaker) for w in transcript.words
        ]


class TestSrtRoundTrip:
    def test_keeps_sentences_that_fit_a_cue(self) -> None:
        transcript = built("One two three. Four five six! Seven?")
        again = parse_transcript(Source(dump(transcript, "srt")))
        assert again.sentences == transcript.sentences

    def test_cuts_long_sentences_into_two_lines_at_most(self) -> None:
        text = dump(built("word " * 80 + "end."), "srt")
        cues = [block.split("\n")[2:] for block in text.strip().split("\n\n")]
        assert len(cues) > 4
        assert all(len(lines) <= 2 and max(map(len, lines)) <= 50 for lines in cues)


class TestReading:
    def test_the_language_comes_from_the_file_name(self, tmp_path: Path) -> None:
        path = tmp_path / "talk.pt-BR.srt"
        path.write_text(SAMPLES["srt"])
        assert read_transcript(path).language == "pt"

    def test_the_language_is_found_out_where_nobody_says(self, tmp_path: Path) -> None:
        path = tmp_path / "talk.srt"
        path.write_text(SAMPLES["srt"].replace("Hi there", "Das ist aber wirklich schade"))
        assert read_transcript(path).language == "de"

    def test_nothing_there(self, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError, match="no file"):
            read_transcript(tmp_path / "talk.srt")

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="is a folder"):
            read_transcript(tmp_path)

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "is empty"),
            (b"  \n ", "is empty"),
            (b"\x00\x01\x02\x00binary", "not a text"),
            (b"Dear Sir or Madam", "no transcript we know"),
            (b'{"title": "no transcript"}', "no transcript we know"),
            (b'{"sentences": []}', "is empty"),
            (b'{"sentences": [{"text": 5, "start_ms": "x"}]}', "is empty"),
            (b'{"sentences": [{"text": "Hi"}, {"text": "you"}]}', "no times"),
            (b'{"sentences": [{"text": "Hi", "start_ms": 1e300, "end_ms": NaN}]}', "no times"),
            (b"[" * 100_000, "no transcript we know"),
            (b"WEBVTT\n\n", "no cue"),
            (b"WEBVTT\n\n00:00.000 --> 00:01.000\n\n", "is empty"),
        ],
    )
    def test_what_is_no_transcript_is_refused_with_its_name(
        self, content: bytes, message: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "talk.srt"
        path.write_bytes(content)
        with pytest.raises(InputError, match=message) as error:
            read_transcript(path)
        assert error.value.message.startswith("talk.srt: ")
        assert error.value.remedy


class TestWriting:
    def test_an_unknown_extension_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"\.docx"):
            write_transcript(built("Hello."), tmp_path / "talk.docx")

    def test_an_unknown_format_is_refused(self) -> None:
        with pytest.raises(InputError, match="'whisper'"):
            dump(built("Hello."), "whisper")

    def test_json_says_what_the_document_promises(self) -> None:
        value = json.loads(dump(built("Hello there."), "json"))
        assert value == {
            "language": "en",
            "engine": "test",
            "words_estimated": False,
            "duration_ms": 700,
            "sentences": [{"id": 0, "text": "Hello there.", "start_ms": 0, "end_ms": 700}],
            "words": [
                {"text": "Hello", "start_ms": 0, "end_ms": 300},
                {"text": "there.", "start_ms": 340, "end_ms": 700},
            ],
        }

    def test_a_folder_that_may_not_be_written_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "taken").write_text("a file")
        with pytest.raises((ResourceError, OSError)):
            write_transcript(built("Hello."), tmp_path / "taken" / "talk.srt")
