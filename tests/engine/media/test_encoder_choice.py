"""Encoders are believed only after a picture: tried, remembered, given up."""

from fractions import Fraction
from pathlib import Path

import pytest

from engine.clips.slates import ffmpeg
from goviral.engine.media.encoder_choice import (
    CHOICES,
    EncoderChoice,
    Probe,
    known_probe,
    refreshed_probe,
    try_encoder,
)
from goviral.engine.media.encoders import (
    ENCODER_THREADS,
    ENCODERS,
    X264,
    Encoder,
    video_arguments,
)
from goviral.kit.errors import InputError, ResourceError
from goviral.kit.settings import Settings
from twins.fake_ffmpeg import FakeFfmpeg

NVENC = ENCODERS["nvenc"]


@pytest.fixture
def fake(tmp_path: Path) -> FakeFfmpeg:
    folder = tmp_path / "bin"
    folder.mkdir()
    return FakeFfmpeg(folder, ffmpeg())


def choice(fake: FakeFfmpeg, tmp_path: Path, asked: str) -> EncoderChoice:
    return EncoderChoice(fake.ffmpeg, asked, tmp_path / "cache")


def test_the_settings_offer_every_encoder() -> None:
    told = Settings.model_json_schema(by_alias=False)["properties"]["encoder"]["enum"]
    assert set(told) == set(CHOICES)


def test_x264_is_the_default_and_is_never_tried(fake: FakeFfmpeg, tmp_path: Path) -> None:
    assert Settings().encoder == "x264"
    assert choice(fake, tmp_path, "x264").choose() is X264
    assert fake.calls == []


def test_an_encoder_is_used_once_it_gave_a_picture(fake: FakeFfmpeg, tmp_path: Path) -> None:
    assert choice(fake, tmp_path, "nvenc").choose() is NVENC
    assert fake.calls == ["probe nvenc"]


def test_what_the_trial_showed_is_known_to_the_next_run(fake: FakeFfmpeg, tmp_path: Path) -> None:
    choice(fake, tmp_path, "nvenc").choose()
    fake.set("probe-fails")
    assert choice(fake, tmp_path, "nvenc").choose() is NVENC
    assert fake.calls == ["probe nvenc"]


def test_another_build_is_tried_anew(fake: FakeFfmpeg, tmp_path: Path) -> None:
    choice(fake, tmp_path, "nvenc").choose()
    program = Path(fake.ffmpeg.path)
    program.write_text(program.read_text() + "\n")
    choice(fake, tmp_path, "nvenc").choose()
    assert fake.calls == ["probe nvenc", "probe nvenc"]


def test_an_encoder_that_fails_its_trial_is_named_and_x264_taken(
    fake: FakeFfmpeg, tmp_path: Path
) -> None:
    fake.set("probe-fails")
    chosen = choice(fake, tmp_path, "nvenc")
    assert chosen.choose() is X264
    assert chosen.note() == ("nvenc cannot be used here (No capable devices found): x264 encodes.")


def test_an_encoder_that_works_needs_no_words(fake: FakeFfmpeg, tmp_path: Path) -> None:
    assert choice(fake, tmp_path, "nvenc").note() == ""
    assert choice(fake, tmp_path, "auto").note() == ""


def test_auto_takes_the_first_that_works_and_x264_where_none_does(
    fake: FakeFfmpeg, tmp_path: Path
) -> None:
    assert choice(fake, tmp_path, "auto").choose() is NVENC
    fake.set("probe-fails")
    others = EncoderChoice(fake.ffmpeg, "auto", tmp_path / "empty")
    assert others.choose() is X264


def test_an_encoder_given_up_is_not_asked_again(fake: FakeFfmpeg, tmp_path: Path) -> None:
    chosen = choice(fake, tmp_path, "nvenc")
    chosen.give_up(chosen.choose(), "the driver crashed")
    assert chosen.choose() is X264
    assert "the driver crashed" in chosen.note()


def test_a_name_there_is_not_is_refused(fake: FakeFfmpeg, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="amf"):
        choice(fake, tmp_path, "amf")


def test_x264_really_encodes() -> None:
    assert try_encoder(ffmpeg(), X264) == Probe(X264)


def test_an_encoder_ffmpeg_does_not_know_fails_with_its_name() -> None:
    probe = try_encoder(ffmpeg(), Encoder("none", "h264_nowhere", ()))
    assert not probe.works
    assert "h264_nowhere" in probe.fault


def test_a_new_trial_overrules_what_was_known(fake: FakeFfmpeg, tmp_path: Path) -> None:
    fake.set("probe-fails")
    assert not known_probe(fake.ffmpeg, NVENC, tmp_path).works
    fake.set("works")
    assert not known_probe(fake.ffmpeg, NVENC, tmp_path).works
    assert refreshed_probe(fake.ffmpeg, NVENC, tmp_path).works
    assert known_probe(fake.ffmpeg, NVENC, tmp_path).works


def test_a_cache_that_cannot_be_written_costs_only_another_trial(
    fake: FakeFfmpeg, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    try:
        assert known_probe(fake.ffmpeg, NVENC, tmp_path / "file").works
    except ResourceError:
        pytest.fail("a cache is not worth a failure")


@pytest.mark.parametrize("encoder", [one for one in ENCODERS.values() if one.hardware])
def test_hardware_is_told_the_colours_and_the_key_frames(encoder: Encoder) -> None:
    arguments = video_arguments(encoder, Fraction(30000, 1001), threads=2)
    assert arguments[:2] == ("-c:v", encoder.codec)
    assert arguments[arguments.index("-g") + 1] == "60"
    assert "matrix_coefficients=1" in arguments[arguments.index("-bsf:v") + 1]


def test_a_preview_is_encoded_faster_and_smaller() -> None:
    full, preview = (
        video_arguments(X264, Fraction(25), threads=1, preview=wished) for wished in (False, True)
    )
    assert "veryfast" in full
    assert "superfast" in preview
    assert int(full[full.index("-crf") + 1]) < int(preview[preview.index("-crf") + 1])


def test_x264_is_asked_for_the_same_picture_on_every_run_and_machine() -> None:
    """Threads change the picture, and a look-ahead of its own thread changes it from run to run."""
    arguments = video_arguments(X264, Fraction(25), threads=ENCODER_THREADS)
    assert arguments[arguments.index("-threads") + 1] == str(ENCODER_THREADS)
    assert arguments[arguments.index("-x264-params") + 1] == "sync-lookahead=0"
