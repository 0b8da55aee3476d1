"""Several files from one decode, and what happens where an encoder or one of the files fails."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from engine.clips.slates import (
    WIDTH,
    View,
    ffmpeg,
    frames_of,
    middle_shot,
    read_slate,
    slate_film,
    small_frame,
    sound_of,
)
from goviral.engine.clips.captions.styles import load_style
from goviral.engine.clips.graph.filtergraph import Output, shared_command
from goviral.engine.clips.plans.plan import (
    CaptionPage,
    Captions,
    CaptionWord,
    ClipPlan,
    CropKey,
    Frame,
    Layout,
    Loudness,
    Removal,
    Shot,
)
from goviral.engine.clips.plans.source import source_of
from goviral.engine.clips.render.render import (
    Order,
    RenderedClip,
    one_decode,
    render_clip,
    render_together,
)
from goviral.engine.media.encoder_choice import EncoderChoice
from goviral.engine.media.encoders import ENCODER_THREADS, ENCODERS, X264
from goviral.engine.media.probe import MediaInfo
from goviral.kit.errors import InputError, ProcessError
from goviral.kit.timecode import Span
from twins.fake_ffmpeg import FakeFfmpeg

QUIET = Loudness(-14.0, 0.0, -1.0, -70.0)
SPAN = Span(400, 2000)


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> MediaInfo:
    return slate_film(tmp_path_factory.mktemp("film") / "film.mp4", frames=75)


def captions(text: str) -> Captions:
    word = CaptionWord(text, 0, 1600)
    return Captions(load_style("punch"), (CaptionPage(Span(0, 1600), ((word,),)),), "en")


def shapes(media: MediaInfo) -> list[ClipPlan]:
    """Tall with a moving crop and a camera cut, square with other words, wide and whole."""
    span = Span(0, SPAN.duration_ms)
    moving = (CropKey(0, 90, 0), CropKey(400, 90, 0), CropKey(800, 130, 0))
    tall = (
        Shot(Span(0, 1000), Layout.FOLLOW, 100, 180, moving),
        replace(middle_shot(media, Span(1000, 1600)), layout=Layout.FIT),
    )
    square = (Shot(span, Layout.FOLLOW, 180, 180, (CropKey(0, 70, 0),)),)
    first = ClipPlan(
        "clip.9x16", "", source_of(media), SPAN, small_frame(Fraction(25)), tall, captions("TALL"),
        loudness=QUIET,
    )  # fmt: skip
    return [
        first,
        replace(
            first, name="clip.1x1", frame=Frame(240, 240, Fraction(25)), shots=square,
            captions=captions("الوزن"),
        ),
        replace(
            first, name="clip.16x9", frame=Frame(320, 180, Fraction(25)),
            shots=(Shot(span, Layout.FIT),), captions=None,
        ),
    ]  # fmt: skip


def orders(plans: Sequence[ClipPlan], folder: Path) -> list[Order]:
    return [Order(plan, folder / f"{plan.name}.mp4") for plan in plans]


class TestOneDecode:
    def test_every_file_is_what_it_would_be_alone(self, media: MediaInfo, tmp_path: Path) -> None:
        plans = shapes(media)
        made = render_together(orders(plans, tmp_path), ffmpeg=ffmpeg(), threads=1)
        for plan, clip in zip(plans, made, strict=True):
            assert isinstance(clip, RenderedClip)
            alone = render_clip(plan, tmp_path / "alone.mp4", ffmpeg=ffmpeg(), threads=1)
            assert alone.path.read_bytes() == clip.path.read_bytes()

    def test_the_frames_are_the_planned_ones_in_every_shape(
        self, media: MediaInfo, tmp_path: Path
    ) -> None:
        plans = [replace(plan, captions=None) for plan in shapes(media)[1:]]
        made = render_together(orders(plans, tmp_path), ffmpeg=ffmpeg(), threads=1)
        views = [View(240 / 180, -70 * 240 / 180), View(1.0, (320 - WIDTH) / 2)]
        for clip, view in zip(made, views, strict=True):
            assert isinstance(clip, RenderedClip)
            assert [read_slate(frame, view) for frame in frames_of(clip.path)] == list(
                range(10, 50)
            )

    def test_removals_hold_for_every_shape(self, media: MediaInfo, tmp_path: Path) -> None:
        cut = (Removal(Span(400, 800), "hand"),)
        plans = [replace(plan, captions=None, removals=cut) for plan in shapes(media)[1:]]
        made = render_together(orders(plans, tmp_path), ffmpeg=ffmpeg(), threads=1)
        view = View(1.0, (320 - WIDTH) / 2)
        assert isinstance(made[1], RenderedClip)
        numbers = [read_slate(frame, view) for frame in frames_of(made[1].path)]
        assert numbers == [*range(10, 20), *range(30, 50)]
        assert len(sound_of(made[1].path)) >= 30 * 1920

    def test_the_source_is_opened_once_and_each_file_has_its_own_graph(
        self, media: MediaInfo, tmp_path: Path
    ) -> None:
        plans = shapes(media)
        outputs = [Output(plan, None, tmp_path, tmp_path / f"{plan.name}.mp4") for plan in plans]
        arguments = shared_command(outputs, threads=1).arguments
        assert arguments.count("-i") == 1
        assert arguments.count("-filter_complex") == 3
        mapped = [arguments[at + 1] for at, word in enumerate(arguments) if word == "-map"]
        assert len(set(mapped)) == 6

    def test_the_encoder_s_threads_are_the_same_whatever_the_machine_has(
        self, media: MediaInfo, tmp_path: Path
    ) -> None:
        output = Output(shapes(media)[2], None, tmp_path, tmp_path / "out.mp4")
        counts = set()
        for cores in (1, 2, 64):
            arguments = shared_command([output], threads=cores).arguments
            encoding = arguments[arguments.index("-c:v") :]
            counts.add(encoding[encoding.index("-threads") + 1])
        assert counts == {str(ENCODER_THREADS)}

    def test_only_plans_of_the_same_frames_share_a_decode(self, media: MediaInfo) -> None:
        tall, square, wide = shapes(media)
        assert one_decode(tall, square)
        assert not one_decode(tall, replace(wide, span=Span(440, 2000)))
        assert not one_decode(tall, replace(wide, removals=(Removal(Span(0, 200), "hand"),)))


class TestWhatFails:
    def test_one_that_fails_its_check_is_told_and_the_others_are_delivered(
        self, media: MediaInfo, tmp_path: Path
    ) -> None:
        plans = shapes(media)
        spoilt = replace(
            plans[1], captions=None, loudness=replace(QUIET, target_lufs=0.0, measured_lufs=-20.0)
        )
        (tmp_path / f"{spoilt.name}.mp4").write_bytes(b"the clip of before")
        made = render_together(
            orders([plans[0], spoilt, plans[2]], tmp_path), ffmpeg=ffmpeg(), threads=1
        )
        assert isinstance(made[1], ProcessError)
        assert "clip.1x1 failed its check: it is" in made[1].message
        assert [isinstance(clip, RenderedClip) for clip in made] == [True, False, True]
        assert sorted(path.name for path in tmp_path.glob("*.mp4")) == [
            "clip.16x9.mp4", "clip.1x1.mp4", "clip.9x16.mp4",
        ]  # fmt: skip
        assert (tmp_path / f"{spoilt.name}.mp4").read_bytes() == b"the clip of before"

    def test_a_plan_that_cannot_be_rendered_is_refused_before_anything_runs(
        self, media: MediaInfo, tmp_path: Path
    ) -> None:
        plans = shapes(media)
        plans[2] = replace(plans[2], shots=())
        with pytest.raises(InputError, match="no shots"):
            render_together(orders(plans, tmp_path / "out"), ffmpeg=ffmpeg(), threads=1)
        assert not (tmp_path / "out").exists()


class TestHardware:
    @pytest.fixture
    def fake(self, tmp_path: Path) -> FakeFfmpeg:
        (tmp_path / "bin").mkdir()
        return FakeFfmpeg(tmp_path / "bin", ffmpeg())

    def rendered(self, fake: FakeFfmpeg, media: MediaInfo, folder: Path) -> list[RenderedClip]:
        plans = [replace(plan, captions=None) for plan in shapes(media)[1:]]
        encoders = EncoderChoice(fake.ffmpeg, "nvenc", folder / "cache")
        made = render_together(
            orders(plans, folder / "out"), ffmpeg=fake.ffmpeg, threads=1, encoders=encoders
        )
        assert all(isinstance(clip, RenderedClip) for clip in made)
        return [clip for clip in made if isinstance(clip, RenderedClip)]

    def test_an_encoder_that_works_makes_clips_that_pass(
        self, fake: FakeFfmpeg, media: MediaInfo, tmp_path: Path
    ) -> None:
        made = self.rendered(fake, media, tmp_path)
        assert "clip nvenc" in fake.calls
        assert [clip.findings for clip in made] == [(), ()]
        assert [clip.notes for clip in made] == [(), ()]

    @pytest.mark.parametrize("mood", ["clip-fails", "clip-wrong"])
    def test_an_encoder_that_fails_on_a_clip_is_replaced(
        self, fake: FakeFfmpeg, media: MediaInfo, tmp_path: Path, mood: str
    ) -> None:
        fake.set(mood)
        made = self.rendered(fake, media, tmp_path)
        rendered = [call for call in fake.calls if call in ("clip nvenc", "clip x264")]
        assert rendered[0] == "clip nvenc"
        assert "clip x264" in rendered
        for clip in made:
            assert len(frames_of(clip.path)) == 40
            assert "nvenc failed" in clip.notes[-1]
            assert "x264 encoded instead" in clip.notes[-1]

    def test_it_is_not_tried_again_in_this_run(
        self, fake: FakeFfmpeg, media: MediaInfo, tmp_path: Path
    ) -> None:
        fake.set("clip-fails")
        encoders = EncoderChoice(fake.ffmpeg, "nvenc", tmp_path / "cache")
        plan = replace(shapes(media)[2], captions=None)
        for name in ("one.mp4", "two.mp4"):
            render_clip(plan, tmp_path / name, ffmpeg=fake.ffmpeg, threads=1, encoders=encoders)
        assert fake.calls.count("clip nvenc") == 1

    def test_a_picture_is_handed_over_where_the_encoder_wants_it(
        self, media: MediaInfo, tmp_path: Path
    ) -> None:
        output = Output(shapes(media)[2], None, tmp_path, tmp_path / "out.mp4")
        arguments = shared_command([output], threads=1, encoder=ENCODERS["vaapi"]).arguments
        graph = arguments[arguments.index("-filter_complex") + 1]
        assert graph.endswith(",format=nv12,hwupload[picture]")
        assert arguments[:2] == ENCODERS["vaapi"].device
        plain = shared_command([output], threads=1, encoder=X264).arguments
        assert "hwupload" not in " ".join(plain)
