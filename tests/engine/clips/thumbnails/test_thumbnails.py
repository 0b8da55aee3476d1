"""Which frame is shown, and the still made of it."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.media.faces import astronaut, fetched_models, installed_models, with_shut_eyes
from engine.media.reels import write_film
from goviral.engine.clips.plans.plan import (
    ClipPlan,
    CropKey,
    Frame,
    Layout,
    Shot,
    Source,
    ThumbnailPlan,
    ThumbnailStyle,
)
from goviral.engine.clips.thumbnails.packs.packs import STYLES
from goviral.engine.clips.thumbnails.thumbnail_choice import (
    choose_frame,
    choose_frames,
    plan_thumbnails,
    retitled,
    shifted,
)
from goviral.engine.clips.thumbnails.thumbnails import (
    MAX_BYTES,
    ThumbnailWishes,
    encode_jpeg,
    make_thumbnail,
    make_thumbnails,
)
from goviral.engine.media.content import Box
from goviral.engine.media.detectors.blazeface import BlazeFace
from goviral.engine.media.face_mesh import FaceMesh
from goviral.engine.media.ffmpeg import find_ffmpeg, run_ffmpeg
from goviral.engine.media.look import Face, Look, Sighting, look
from goviral.engine.media.probe import probe
from goviral.kit.errors import InputError
from goviral.kit.settings import Settings
from goviral.kit.timecode import Span

CLIP = Span(60_000, 90_000)
FRAME = Frame(1080, 1920, Fraction(30))
CROP = (Shot(Span(0, 30_000), Layout.FOLLOW, 608, 1080, (CropKey(0, 600, 0),)),)
WHOLE = Box(0, 0, 1920, 1080)


def face(x: float = 750, *, size: float = 300, score: float = 0.9, turned: float = 0) -> Face:
    """A face of `size` pixels; `turned` moves the mouth from the middle of the eyes, in eye distances."""
    middle = x + size / 2
    eyes = ((middle - size / 5, 400.0), (middle + size / 5, 400.0))
    mouth = (middle + turned * size * 0.4, 520.0)
    return Face(x, 300, size, size, score, 1, eyes, mouth)


def seen(at_ms: int, *faces: Face, sharpness: float = 1.0) -> Sighting:
    return Sighting(CLIP.start_ms + at_ms, faces, 0.5, 0.5, sharpness, WHOLE)


def chosen(*sightings: Sighting, cuts_ms: tuple[int, ...] = ()) -> int:
    return choose_frame(Look(CLIP, 333, sightings, cuts_ms), CLIP, FRAME, CROP)


def test_a_face_beats_none() -> None:
    assert chosen(seen(1000), seen(2000, face())) == 2000


def test_a_sharp_face_beats_a_blurred_one() -> None:
    assert chosen(seen(1000, face(), sharpness=0.2), seen(2000, face())) == 2000


def test_a_frontal_face_beats_a_turned_one() -> None:
    assert chosen(seen(1000, face(turned=0.4)), seen(2000, face())) == 2000


def test_a_face_that_fills_the_frame_leaves_room_for_nothing() -> None:
    assert chosen(seen(1000, face(x=620, size=570)), seen(2000, face(size=330))) == 2000


def test_a_face_outside_the_crop_does_not_count() -> None:
    assert chosen(seen(1000, face(x=100)), seen(2000, face(size=150))) == 2000


def test_a_face_near_the_hook_beats_the_same_face_later() -> None:
    assert chosen(seen(25_000, face()), seen(3000, face())) == 3000


def test_a_frame_beside_a_cut_is_not_shown() -> None:
    cut_ms = CLIP.start_ms + 1050
    assert chosen(seen(1000, face()), seen(4000, face()), cuts_ms=(cut_ms,)) == 4000


def test_without_faces_the_sharpest_picture_is_shown() -> None:
    assert chosen(seen(1000, sharpness=0.3), seen(2000, sharpness=0.9)) == 2000


def test_where_nothing_was_seen_the_first_frame_is_shown() -> None:
    assert chosen() == 0
    outside = Sighting(0, (face(),), 0.5, 0.5, 1.0, WHOLE)
    assert chosen(outside) == 0


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds, 640x360: red on the left half, blue on the right, a white flash from 1.0 s on."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    graph = (
        "color=red:s=320x360:r=25:d=2[l];color=blue:s=320x360:r=25:d=2[r];[l][r]hstack,"
        "drawbox=x=240:y=100:w=160:h=160:color=white:t=fill:enable='gte(t,1)',format=yuv420p"
    )
    run_ffmpeg(find_ffmpeg(Settings()), ["-filter_complex", graph, "-c:v", "libx264", str(path)])
    return path


def plan(film: Path, crop_x: float = 0) -> ClipPlan:
    shot = Shot(Span(0, 1500), Layout.FOLLOW, 202, 360, (CropKey(0, crop_x, 0),))
    source = Source(str(film), "f", 2000, 640, 360, Fraction(25), 0)
    return ClipPlan(
        "01-x", "x", source, Span(500, 2000), FRAME, (shot,), thumbnail=ThumbnailPlan(100)
    )


def pixels(path: Path) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    with Image.open(path) as picture:
        assert picture.format == "JPEG"
        return np.asarray(picture)


def test_a_thumbnail_has_the_crop_and_the_size_of_the_clip(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.jpg"
    make_thumbnail(plan(film), out)
    left = pixels(out)
    assert left.shape == (1920, 1080, 3)
    assert left[..., 0].mean() > 200
    make_thumbnail(plan(film, crop_x=430), out)
    assert pixels(out)[..., 2].mean() > 200
    assert out.stat().st_size <= MAX_BYTES


def test_a_thumbnail_is_of_its_moment(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.jpg"
    early = plan(film, crop_x=219)
    make_thumbnail(early, out)
    assert pixels(out)[960, 540].min() < 90
    make_thumbnail(replace(early, thumbnail=ThumbnailPlan(900)), out)
    assert pixels(out)[960, 540].min() > 220


def test_a_title_is_drawn_from_the_plan_or_given(film: Path, tmp_path: Path) -> None:
    titled = replace(plan(film), thumbnail=ThumbnailPlan(100, "Why we sleep"))
    one, other, none = (tmp_path / f"{name}.jpg" for name in "abc")
    make_thumbnail(titled, one)
    make_thumbnail(plan(film), other, title="Why we sleep")
    make_thumbnail(titled, none, title="")
    assert (pixels(one)[900:1500].min(axis=2) > 200).sum() > 5000
    assert (pixels(one) == pixels(other)).all()
    assert (pixels(none).min(axis=2) > 200).sum() == 0


def test_a_title_that_no_still_can_hold_is_refused(film: Path, tmp_path: Path) -> None:
    wishes = ThumbnailWishes(style="S1", title="x" * 301)
    with pytest.raises(InputError, match="301 characters, more than 300"):
        make_thumbnails(plan(film), tmp_path / "stills", wishes)
    assert not (tmp_path / "stills").exists()


def test_a_small_preview_still_gets_a_large_thumbnail(film: Path, tmp_path: Path) -> None:
    small = replace(plan(film), frame=Frame(360, 640, Fraction(30)))
    make_thumbnail(small, tmp_path / "a.jpg")
    assert pixels(tmp_path / "a.jpg").shape == (1920, 1080, 3)


def test_a_clip_without_a_picture_gets_a_drawn_ground(tmp_path: Path) -> None:
    silent = ClipPlan(
        "01-x",
        "x",
        Source("none.mp3", "f", 2000),
        Span(0, 2000),
        FRAME,
        (Shot(Span(0, 2000), Layout.CANVAS),),
    )
    make_thumbnail(silent, tmp_path / "a.jpg", title="Why we sleep")
    assert pixels(tmp_path / "a.jpg").shape == (1920, 1080, 3)


def test_noise_is_compressed_until_it_fits() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (1920, 1080, 3), np.uint8)
    encoded = encode_jpeg(Image.fromarray(noise))
    assert MAX_BYTES / 2 < len(encoded) <= MAX_BYTES


def test_a_film_that_is_gone_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        make_thumbnail(plan(tmp_path / "gone.mp4"), tmp_path / "a.jpg")
    assert list(tmp_path.iterdir()) == []


def eyed(at_ms: int, openness: float | None) -> Sighting:
    return seen(at_ms, replace(face(), eyes_open=openness))


def test_a_face_with_shut_eyes_is_not_shown() -> None:
    assert chosen(eyed(1000, 0.0), eyed(2000, 1.0)) == 2000
    assert chosen(eyed(1000, 1.0), eyed(2000, 0.0)) == 1000
    assert chosen(eyed(1000, 0.0), eyed(2000, None), eyed(3000, 0.1)) == 2000


def test_two_frames_are_a_moment_apart() -> None:
    seen_all = Look(CLIP, 333, tuple(eyed(at, 1.0) for at in range(0, 4000, 333)))
    best, other = choose_frames(seen_all, CLIP, FRAME, CROP)
    assert abs(best - other) >= 1500


def styles(*names: str) -> list[ThumbnailStyle]:
    return [STYLES[name].style for name in names]


LOOK = Look(CLIP, 333, tuple(eyed(at, 1.0) for at in (0, 3000)))


def test_two_styles_are_tried_on_one_frame_with_one_title() -> None:
    planned = plan_thumbnails(LOOK, CLIP, FRAME, CROP, titles=("T", "H"), styles=styles("S1", "S4"))
    a, b = planned.variants
    assert (a.name, b.name) == ("A", "B")
    assert (a.style.name, b.style.name) == ("S1", "S4")
    assert (a.at_ms, a.title) == (b.at_ms, b.title) == (planned.at_ms, "T")
    assert a.face == b.face
    assert (a.emoji, bool(b.emoji)) == ("", True)


def test_a_title_of_which_only_punctuation_could_be_drawn_is_put_on_no_still(
    film: Path, tmp_path: Path
) -> None:
    lost = "\U00012000 \U00012000!"
    planned = plan_thumbnails(LOOK, CLIP, FRAME, CROP, titles=(lost, "H"), styles=styles("S1"))
    assert planned == ThumbnailPlan(planned.at_ms)
    one = Look(CLIP, 333, (eyed(0, 1.0),))
    planned = plan_thumbnails(one, CLIP, FRAME, CROP, titles=("T", lost), styles=styles("S1"))
    assert [variant.title for variant in planned.variants] == ["T"]
    for words in (lost, ""):
        make_thumbnail(plan(film), tmp_path / f"{len(words)}.jpg", title=words)
    assert (tmp_path / f"{len(lost)}.jpg").read_bytes() == (tmp_path / "0.jpg").read_bytes()


def test_one_style_is_tried_on_two_frames() -> None:
    planned = plan_thumbnails(LOOK, CLIP, FRAME, CROP, titles=("T",), styles=styles("S2"))
    a, b = planned.variants
    assert (a.style, a.title) == (b.style, b.title)
    assert a.at_ms != b.at_ms


def test_one_frame_and_one_style_are_tried_with_two_titles() -> None:
    once = Look(CLIP, 333, (eyed(0, 1.0),))
    planned = plan_thumbnails(once, CLIP, FRAME, CROP, titles=("T", "H"), styles=styles("S2"))
    assert [variant.title for variant in planned.variants] == ["T", "H"]
    alone = plan_thumbnails(once, CLIP, FRAME, CROP, titles=("T", ""), styles=styles("S2"))
    assert [variant.name for variant in alone.variants] == ["A"]


def test_without_a_style_or_a_title_there_is_only_the_plain_still() -> None:
    assert plan_thumbnails(LOOK, CLIP, FRAME, CROP, titles=("T",)).variants == ()
    assert (
        plan_thumbnails(LOOK, CLIP, FRAME, CROP, titles=("",), styles=styles("S1")).variants == ()
    )


def test_stills_follow_their_clip() -> None:
    planned = plan_thumbnails(LOOK, CLIP, FRAME, CROP, titles=("Old",), styles=styles("S4"))
    later = shifted(planned, 1000, 2500)
    assert later is not None
    assert [variant.at_ms for variant in later.variants] == [
        max(0, min(variant.at_ms - 1000, 2499)) for variant in planned.variants
    ]
    renamed = retitled(planned, "Old", "The price of sleep")
    assert renamed is not None
    assert {(v.title, v.emoji) for v in renamed.variants} == {("The price of sleep", "💰")}
    assert retitled(planned, "Other", "New") == planned


def test_shut_eyes_of_a_composed_face_are_not_chosen(tmp_path: Path) -> None:
    """Through the whole look: two seconds of open eyes between shut ones."""
    mesh = FaceMesh.from_folder(fetched_models())
    both = [np.ascontiguousarray(image[:360]) for image in (with_shut_eyes(), astronaut())]
    frames = [both[25 <= at < 50] for at in range(75)]
    media = probe(write_film(tmp_path / "film.mp4", frames))
    detector = BlazeFace.from_folder(installed_models())
    assert detector is not None
    found = look(media, Span(0, 3000), detector, mesh=mesh)
    shots = (Shot(Span(0, 3000), Layout.FOLLOW, 202, 360, (CropKey(0, 120, 0),)),)
    at_ms = choose_frame(found, Span(0, 3000), FRAME, shots)
    assert 1000 <= at_ms < 2000
