"""Clips rendered from composed films, looked at frame by frame and sample by sample."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from engine.clips.slates import (
    FLASH_EVERY,
    FOLLOWED,
    HEIGHT,
    QUIET,
    WHOLE,
    WIDTH,
    View,
    click_times_ms,
    colors_of,
    ffmpeg,
    frames_of,
    middle_shot,
    plan_frames,
    read_slate,
    rendered,
    slate_film,
    slates,
    small_frame,
    sound_of,
)
from engine.media.reels import (
    RATE_HZ,
    Encoding,
    gray,
    hush,
    joined,
    speechlike,
    tone,
    write_film,
)
from engine.media.reels import ffmpeg as run_tool
from goviral.engine.clips.captions.ass import Overlay, draw_captions
from goviral.engine.clips.captions.styles import load_style
from goviral.engine.clips.graph.filtergraph import render_command
from goviral.engine.clips.plans.crop import corner_at
from goviral.engine.clips.plans.plan import (
    CaptionPage,
    Captions,
    CaptionWord,
    ClipPlan,
    CropKey,
    Layout,
    Shot,
)
from goviral.engine.clips.plans.source import source_of
from goviral.engine.clips.render.render import render_clip
from goviral.engine.media.ffmpeg import run_ffmpeg
from goviral.engine.media.probe import probe
from goviral.kit.errors import (
    AppError,
    CancelledError,
    InputError,
    NotFoundError,
    ProcessError,
)
from goviral.kit.timecode import Span, frame_at

NTSC = Fraction(30000, 1001)
FILM = Fraction(24000, 1001)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("even.mp4", Encoding(Fraction(25))),
        ("ntsc.mp4", Encoding(NTSC, gop=60, options={"preset": "veryfast", "bf": "3"})),
        ("milliseconds.mkv", Encoding(NTSC)),
        ("film.mov", Encoding(FILM, gop=250)),
        ("offset.ts", Encoding(Fraction(25), options={"preset": "veryfast"})),
        ("fast.mp4", Encoding(Fraction(60), gop=120)),
    ],
)
def test_the_first_and_the_last_frame_are_the_planned_ones(
    tmp_path: Path, name: str, encoding: Encoding
) -> None:
    media = slate_film(tmp_path / name, encoding=encoding)
    for first, end in ((0, 20), (37, 61), (100, 150)):
        clip = rendered(plan_frames(media, first, end), tmp_path)
        numbers = [read_slate(frame, FOLLOWED) for frame in frames_of(clip.path)]
        assert numbers == list(range(first, end))
        assert clip.findings == ()


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("even.mp4", Encoding(Fraction(25))),
        ("milliseconds.mkv", Encoding(NTSC)),
        ("offset.ts", Encoding(Fraction(25))),
    ],
)
def test_sound_and_picture_keep_together(tmp_path: Path, name: str, encoding: Encoding) -> None:
    media = slate_film(tmp_path / name, encoding=encoding)
    clip = rendered(plan_frames(media, 37, 140), tmp_path)
    heard = click_times_ms(sound_of(clip.path))
    seen = [
        float(at * 1000 / encoding.fps)
        for at, frame in enumerate(frames_of(clip.path))
        if read_slate(frame, FOLLOWED) % FLASH_EVERY == 0
    ]
    assert len(seen) == 4
    assert heard == pytest.approx(seen, abs=8)


def test_layouts_change_on_the_very_frame(tmp_path: Path) -> None:
    media = slate_film(tmp_path / "film.mp4")
    plan = plan_frames(media, 10, 110)
    whole = Shot(Span(0, 0), Layout.FIT, WIDTH, HEIGHT, (CropKey(0, 0, 0),))
    near = middle_shot(media, Span(0, 0), 60)
    near = replace(near, crop_height=108, path=(CropKey(0, 130, 36),))
    parts = [plan.shots[0], whole, near, whole, plan.shots[0]]
    views = [FOLLOWED, WHOLE, View(200 / 60, -130 * 200 / 60, -36 * 200 / 60), WHOLE, FOLLOWED]
    edges = [0, 21, 40, 41, 77, 100]
    shots = []
    for part, start, end in zip(parts, edges, edges[1:], strict=False):
        span = Span(start * 40, end * 40)
        corner = (replace(part.path[0], at_ms=span.start_ms),)
        shots.append(replace(part, span=span, path=corner))
    clip = rendered(replace(plan, shots=tuple(shots)), tmp_path)
    frames = frames_of(clip.path)
    for view, start, end in zip(views, edges, edges[1:], strict=False):
        read = [read_slate(frame, view) for frame in frames[start:end]]
        assert read == list(range(10 + start, 10 + end))


def test_an_uneven_source_shows_what_was_on_screen(tmp_path: Path) -> None:
    times = [0]
    for number in range(1, 120):
        times.append(times[-1] + (20, 80, 40, 33)[number % 4])
    media = slate_film(
        tmp_path / "uneven.mkv", frames=120, encoding=Encoding(Fraction(25), times_ms=times)
    )
    assert media.video is not None
    assert media.video.variable_rate
    plan = plan_frames(media, 20, 60)
    clip = rendered(plan, tmp_path)
    numbers = [read_slate(frame, FOLLOWED) for frame in frames_of(clip.path)]
    frame_ms = float(1000 / plan.frame.fps)
    off = [
        times[number] - (plan.span.start_ms + at * frame_ms) for at, number in enumerate(numbers)
    ]
    # A frame is on screen for up to 80 ms; the one shown began no later than half a frame from now.
    assert max(off) <= frame_ms / 2 + 1
    assert min(off) >= -80 - frame_ms / 2


def test_a_moving_crop_is_where_its_path_is_on_every_frame(tmp_path: Path) -> None:
    media = slate_film(tmp_path / "film.mp4")
    plan = plan_frames(media, 0, 75)
    path = (CropKey(0, 90, 0), CropKey(600, 90, 0), CropKey(1800, 140, 0), CropKey(2600, 110, 0))
    plan = replace(plan, shots=(replace(plan.shots[0], path=path),))
    clip = rendered(plan, tmp_path)
    for at, frame in enumerate(frames_of(clip.path)):
        left = round(corner_at(path, at * 40)[0])
        assert read_slate(frame, View(2.0, -2.0 * left)) == at


def test_a_turned_source_is_seen_upright(tmp_path: Path) -> None:
    slate_film(tmp_path / "film.mp4", frames=50)
    turned = tmp_path / "turned.mp4"
    run_tool("-display_rotation", "90", "-i", tmp_path / "film.mp4", "-c", "copy", turned)
    media = probe(turned)
    assert media.video is not None
    assert (media.video.width, media.video.height) == (HEIGHT, WIDTH)
    span = Span(0, 1000)
    shot = Shot(span, Layout.FOLLOW, HEIGHT, WIDTH, (CropKey(0, 0, 0),))
    plan = replace(
        plan_frames(media, 0, 25), shots=(shot,), frame=small_frame(Fraction(25), 180, 320)
    )
    clip = rendered(plan, tmp_path)
    for at, frame in enumerate(frames_of(clip.path)):
        assert read_slate(np.rot90(frame, -1)) == at


def test_pixels_that_are_not_square_are_made_so(tmp_path: Path) -> None:
    media = slate_film(
        tmp_path / "wide.mp4", frames=30, encoding=Encoding(pixel_shape=Fraction(4, 3))
    )
    assert media.video is not None
    assert media.video.width == round(WIDTH * 4 / 3)
    whole = Shot(Span(0, 1000), Layout.FOLLOW, media.video.width, HEIGHT, (CropKey(0, 0, 0),))
    frame = small_frame(
        Fraction(25), 2 * WIDTH, round(2 * WIDTH * HEIGHT / media.video.width) // 2 * 2
    )
    clip = rendered(replace(plan_frames(media, 0, 25), shots=(whole,), frame=frame), tmp_path)
    pictures = frames_of(clip.path)
    numbers = [
        read_slate(np.asarray(Image.fromarray(picture).resize((WIDTH, HEIGHT))))
        for picture in pictures
    ]
    assert numbers == list(range(25))


@pytest.mark.parametrize(
    "encoding",
    [
        Encoding(pix_fmt="yuv444p"),
        Encoding(pix_fmt="yuv422p10le"),
        Encoding(pix_fmt="yuvj420p", color={"color_range": 2}),
        Encoding(color={"colorspace": 5, "color_primaries": 5, "color_trc": 6}),
        Encoding(codec="libx265", pix_fmt="yuv420p10le", options={"x265-params": "log-level=0"}),
    ],
    ids=["444", "10bit", "full-range", "bt601", "hevc"],
)
def test_colours_come_out_as_they_were_whatever_the_source(
    tmp_path: Path, encoding: Encoding
) -> None:
    known = [(200, 40, 40), (40, 180, 60), (50, 70, 210), (230, 200, 60)]
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for index, color in enumerate(known):
        picture[:, index * WIDTH // 4 : (index + 1) * WIDTH // 4] = color
    path = write_film(tmp_path / "film.mov", [picture] * 26, encoding=encoding)
    media = probe(path)
    whole = Shot(Span(0, 1000), Layout.FOLLOW, WIDTH, HEIGHT, (CropKey(0, 0, 0),))
    frame = small_frame(Fraction(25), WIDTH, HEIGHT)
    clip = rendered(replace(plan_frames(media, 0, 25), shots=(whole,), frame=frame), tmp_path)
    seen = next(colors_of(clip.path))
    for index, color in enumerate(known):
        middle = seen[HEIGHT // 2, index * WIDTH // 4 + WIDTH // 8]
        assert middle == pytest.approx(color, abs=8)


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_high_dynamic_range_becomes_a_picture_every_screen_shows(
    tmp_path: Path, transfer: str
) -> None:
    hdr = tmp_path / "hdr.mkv"
    run_tool(
        "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1,format=yuv420p10le", "-c:v", "libx265",
        "-x265-params", f"log-level=0:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc", hdr,
    )  # fmt: skip
    media = probe(hdr)
    assert media.video is not None
    assert media.video.is_hdr
    span = Span(0, 960)
    parts = [middle_shot(media, Span(0, 480)), Shot(Span(480, 960), Layout.FIT)]
    plan = replace(plan_frames(media, 0, 24), span=span, shots=tuple(parts))
    clip = rendered(plan, tmp_path)
    assert clip.findings == ()
    for frame in (frames_of(clip.path)[3], frames_of(clip.path)[20]):
        assert frame.max() > 120
        assert 20 < frame.mean() < 200


@pytest.mark.parametrize("channels", ["mono", "5.1"])
def test_any_sound_comes_out_as_stereo(tmp_path: Path, channels: str) -> None:
    film = tmp_path / "film.mkv"
    run_tool(
        "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=2", "-f", "lavfi", "-i",
        f"sine=f=440:d=2,aformat=channel_layouts={channels}", "-c:v", "libx264", "-preset",
        "ultrafast", "-c:a", "ac3", film,
    )  # fmt: skip
    clip = rendered(plan_frames(probe(film), 5, 45), tmp_path)
    assert clip.findings == ()
    assert np.abs(sound_of(clip.path)).max() > 0.02


def test_sound_that_starts_late_stays_where_it_belongs(tmp_path: Path) -> None:
    sound = tone(3, hertz=500)
    pictures = slates(100)
    encoding = Encoding(Fraction(25), sound_starts_ms=1000)
    media = probe(write_film(tmp_path / "late.mkv", pictures, sound, encoding))
    clip = rendered(plan_frames(media, 5, 75), tmp_path)
    heard = sound_of(clip.path)
    starts_ms = float(np.flatnonzero(np.abs(heard) > 0.1)[0]) * 1000 / RATE_HZ
    assert starts_ms == pytest.approx(800, abs=12)


def test_a_source_without_sound_makes_a_clip_without_sound(tmp_path: Path) -> None:
    media = probe(write_film(tmp_path / "mute.mp4", slates(50)))
    clip = rendered(plan_frames(media, 0, 40), tmp_path)
    assert clip.findings == ()
    assert len(frames_of(clip.path)) == 40


def test_sound_without_picture_gets_a_drawn_one_that_moves_with_it(tmp_path: Path) -> None:
    sound = joined(hush(1.0), tone(1.0, level=0.5), hush(1.0))
    media = probe(write_film(tmp_path / "talk.mp3", (), sound, Encoding(audio_codec="libmp3lame")))
    shots = (Shot(Span(0, 2500), Layout.CANVAS),)
    plan = ClipPlan(
        "clip",
        "",
        source_of(media),
        Span(200, 2700),
        small_frame(Fraction(30)),
        shots,
        loudness=QUIET,
    )
    clip = rendered(plan, tmp_path)
    frames = frames_of(clip.path)
    assert len(frames) == 75
    bright = [int((frame > 150).sum()) for frame in frames]
    assert max(bright[:20]) < min(bright[30:50])
    assert max(bright[60:]) < min(bright[30:50])


@pytest.mark.parametrize("frames", [61, 100, 124])
def test_a_drawn_picture_is_as_long_as_its_sound(tmp_path: Path, frames: int) -> None:
    media = probe(
        write_film(tmp_path / "talk.wav", (), speechlike(6), Encoding(audio_codec="pcm_s16le"))
    )
    span = Span(0, round(frames * 1000 / 30))
    shot = Shot(Span(0, span.duration_ms), Layout.CANVAS)
    frame = small_frame(Fraction(30))
    plan = ClipPlan("clip", "", source_of(media), span, frame, (shot,), loudness=QUIET)
    clip = rendered(plan, tmp_path)
    with av.open(str(clip.path)) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert picture.duration * picture.time_base == Fraction(frames, 30)
        assert abs(sound.duration * sound.time_base - Fraction(frames, 30)) < Fraction(1, 48_000)


def test_a_source_cut_off_in_the_middle_gives_what_can_be_read(tmp_path: Path) -> None:
    slate_film(tmp_path / "whole.mkv", frames=250, encoding=Encoding(Fraction(25)))
    content = (tmp_path / "whole.mkv").read_bytes()
    (tmp_path / "torn.mkv").write_bytes(content[: len(content) // 2])
    media = probe(tmp_path / "torn.mkv")
    last = media.duration_ms // 40
    clip = rendered(plan_frames(media, last - 50, last), tmp_path)
    numbers = [read_slate(frame, FOLLOWED) for frame in frames_of(clip.path)]
    assert numbers[:40] == list(range(last - 50, last - 10))
    assert len(numbers) >= 45


def test_odd_sizes_and_names_are_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / "it's a [test], 50% — ünï;:\\ 🎬"
    folder.mkdir()
    odd = folder / "-odd 'name' [1].mkv"
    run_tool(
        "-f", "lavfi", "-i", "testsrc2=s=321x181:r=25:d=1", "-c:v", "libx264",
        "-pix_fmt", "yuv444p", f"file:{odd}",
    )  # fmt: skip
    media = probe(odd)
    shot = Shot(Span(0, 800), Layout.FIT)
    clip = rendered(replace(plan_frames(media, 0, 20), shots=(shot,)), folder)
    assert len(frames_of(clip.path)) == 20


class TestWhatIsLeftBehind:
    def test_nothing_when_the_user_stops(self, tmp_path: Path) -> None:
        media = slate_film(tmp_path / "film.mp4", frames=100)
        out = tmp_path / "out" / "clip.mp4"
        with pytest.raises(CancelledError):
            render_clip(plan_frames(media, 0, 100), out, ffmpeg=ffmpeg(), cancelled=lambda: True)
        assert list(out.parent.iterdir()) == []

    def test_nothing_when_the_clip_fails_its_check(self, tmp_path: Path) -> None:
        black = write_film(tmp_path / "black.mp4", [gray(0, WIDTH, HEIGHT)] * 50)
        out = tmp_path / "out" / "clip.mp4"
        with pytest.raises(ProcessError, match="nothing is to be seen"):
            render_clip(plan_frames(probe(black), 0, 40), out, ffmpeg=ffmpeg())
        assert list(out.parent.iterdir()) == []

    def test_the_old_clip_when_a_new_one_fails(self, tmp_path: Path) -> None:
        media = slate_film(tmp_path / "film.mp4", frames=30)
        (tmp_path / "clip.mp4").write_bytes(b"old")
        plan = plan_frames(media, 0, 20)
        changed = replace(plan, source=replace(plan.source, audio_stream=7))
        with pytest.raises(AppError):
            rendered(changed, tmp_path)
        assert (tmp_path / "clip.mp4").read_bytes() == b"old"


def test_a_source_that_is_gone_or_changed_is_said_plainly(tmp_path: Path) -> None:
    media = slate_film(tmp_path / "film.mp4", frames=30)
    plan = plan_frames(media, 0, 20)
    media.path.write_bytes(media.path.read_bytes() + b"more")
    with pytest.raises(InputError, match="is not the file clip was planned from"):
        rendered(plan, tmp_path)
    media.path.unlink()
    with pytest.raises(NotFoundError, match="is gone"):
        rendered(plan, tmp_path)


def test_progress_is_told_and_never_runs_backwards(tmp_path: Path) -> None:
    media = slate_film(tmp_path / "film.mp4")
    done: list[float] = []
    render_clip(
        plan_frames(media, 0, 150), tmp_path / "clip.mp4", ffmpeg=ffmpeg(), on_progress=done.append
    )
    assert done == sorted(done)
    assert done[-1] == pytest.approx(6000, abs=100)


def test_the_same_plan_gives_the_same_frames_and_samples(tmp_path: Path) -> None:
    media = slate_film(tmp_path / "film.mp4")
    plan = plan_frames(media, 10, 40)
    one = rendered(plan, tmp_path / "one").path.read_bytes()
    other = rendered(plan, tmp_path / "other").path.read_bytes()
    assert one == other


def spoken(*times: tuple[str, int, int]) -> Captions:
    """One page a word."""
    pages = [
        CaptionPage(Span(start, end), ((CaptionWord(text, start, end),),))
        for text, start, end in times
    ]
    return Captions(load_style("clean"), tuple(pages), "en")


def test_words_are_on_screen_from_their_first_to_their_last_frame(tmp_path: Path) -> None:
    media = slate_film(tmp_path / "film.mp4", encoding=Encoding(NTSC))
    bare = plan_frames(media, 10, 90)
    bare = replace(bare, frame=small_frame(NTSC, 360, 640))
    words = (("Every", 300, 780), ("word", 1100, 1630), ("counts", 1630, 2400))
    captioned = rendered(replace(bare, captions=spoken(*words)), tmp_path / "with")
    plain = rendered(bare, tmp_path / "without")
    pairs = zip(frames_of(captioned.path), frames_of(plain.path), strict=True)
    differs = [bool((np.abs(one.astype(int) - other) > 60).any()) for one, other in pairs]
    shown = {
        frame
        for _, start, end in words
        for frame in range(frame_at(start, NTSC), frame_at(end - 1, NTSC) + 1)
    }
    off = {frame for frame, differ in enumerate(differs) if differ} ^ shown
    assert all(min(abs(frame - edge) for edge in _edges(shown)) <= 1 for frame in off)
    assert len(off) <= 4
    assert captioned.findings == ()


def _edges(frames: set[int]) -> set[int]:
    return {f for f in frames if f - 1 not in frames or f + 1 not in frames}


def test_pictures_lie_where_and_while_they_should(tmp_path: Path) -> None:
    media = slate_film(tmp_path / "film.mp4")
    plan = replace(plan_frames(media, 0, 50), captions=spoken(("word", 100, 300)))
    assert plan.captions is not None
    work = tmp_path / "it's work, [1]"
    assets = draw_captions(plan.captions, plan.frame, work)
    overlays = []
    for index, color in enumerate(((250, 20, 20, 255), (20, 20, 250, 255))):
        picture = work / f"{index}.png"
        Image.new("RGBA", (40, 30), color).save(picture)
        overlays.append(Overlay(picture, 100, 20 + 200 * index, 380 + 400 * index, 980))
    command = render_command(
        plan, replace(assets, overlays=tuple(overlays)), work, work / "clip.mp4", threads=1
    )
    for path, text in command.scripts:
        path.write_text(text)
    run_ffmpeg(ffmpeg(), command.arguments, environment=dict(command.environment))
    for number, frame in enumerate(colors_of(work / "clip.mp4")):
        red, blue = frame[30, 120], frame[235, 120]
        is_red = bool(red[0] > 180 and max(red[1:]) < 90)
        is_blue = bool(blue[2] > 180 and max(blue[:2]) < 90)
        assert is_red == (10 <= number < 25)
        assert is_blue == (20 <= number < 25)
