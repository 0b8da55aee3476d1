"""Four looks of stills: what each draws, checked on pictures whose every part is known."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from engine.media.faces import FACE_SIDE, FACE_X, FACE_Y, astronaut, wall, with_face
from engine.media.reels import write_film
from goviral.engine.clips.plans.brand_faults import brand_fault
from goviral.engine.clips.plans.plan import (
    ClipPlan,
    CropKey,
    FaceArea,
    Frame,
    Layout,
    Shot,
    Source,
    ThumbnailPlan,
    ThumbnailVariant,
)
from goviral.engine.clips.plans.plan_json import dump_plan, load_plan
from goviral.engine.clips.thumbnails.packs.cutout import cut_person
from goviral.engine.clips.thumbnails.packs.emoji import emoji_for
from goviral.engine.clips.thumbnails.packs.packs import DEFAULT_PACKS, STYLES, find_pack
from goviral.engine.clips.thumbnails.thumbnails import (
    MAX_BYTES,
    SIZES,
    ThumbnailWishes,
    make_clip_thumbnails,
    make_thumbnails,
    thumbnail_paths,
)
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span

Pixels = NDArray[np.int16]
SIZE = (1280, 720)
FACE = FaceArea(560, 190, 190, 190)
FRAME = Frame(1080, 1920, Fraction(25))
TITLE = "Why nobody sleeps any more"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of one still picture with a face, and a second of another without."""
    picture, _ = with_face(wall(*SIZE), FACE.x, FACE.y, int(FACE.width))
    frames = [picture] * 25 + [wall(*SIZE, seed=3)] * 25
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", frames)


def plan(film: Path, *styles: str, title: str = TITLE, face: FaceArea | None = FACE) -> ClipPlan:
    source = Source(str(film), "f", 2000, *SIZE, Fraction(25), 0)
    shot = Shot(Span(0, 2000), Layout.FOLLOW, 405, 720, (CropKey(0, 450, 0),))
    variants = tuple(
        ThumbnailVariant(name, 200, title, STYLES[style].style, face=face)
        for name, style in zip("AB", styles, strict=False)
    )
    still = ThumbnailPlan(200, variants=variants)
    return ClipPlan("01-x", TITLE, source, Span(0, 2000), FRAME, (shot,), thumbnail=still)


def pixels(path: Path) -> Pixels:
    with Image.open(path) as picture:
        assert picture.format == "JPEG"
        return np.asarray(picture.convert("RGB"), np.int16)


def made(film: Path, folder: Path, style: str, **fields: object) -> dict[str, Pixels]:
    fields = {"aspects": tuple(SIZES), **fields}
    wishes = ThumbnailWishes(style=style, **fields)  # type: ignore[arg-type]
    stills = make_thumbnails(plan(film, style), folder, wishes)
    return {still.aspect: pixels(still.path) for still in stills}


def like(picture: Pixels, color: str, tolerance: int = 40) -> NDArray[np.bool_]:
    wanted = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)])
    return np.asarray(np.abs(picture - wanted).max(axis=2) < tolerance)


@pytest.mark.parametrize("style", STYLES)
def test_every_look_comes_in_every_shape_with_its_words(
    film: Path, tmp_path: Path, style: str
) -> None:
    worded = made(film, tmp_path, style)
    plain = made(film, tmp_path, style, title="")
    shapes = {aspect: picture.shape for aspect, picture in worded.items()}
    assert shapes == {
        "9:16": (1920, 1080, 3),
        "16:9": (720, 1280, 3),
        "1:1": (1080, 1080, 3),
        "4:5": (1350, 1080, 3),
    }
    for aspect, picture in worded.items():
        drawn = np.abs(picture - plain[aspect]).max(axis=2) > 80
        height, width = drawn.shape
        assert 0.01 < drawn.mean() < 0.4
        rows = np.flatnonzero(drawn.any(axis=1))
        if aspect == "9:16":
            # Grids of covers show the middle 3:4 of a tall still.
            assert rows[0] > height * 0.11
            assert rows[-1] < height * 0.88
        assert not drawn[:, : width // 100].any()
    sizes = [path.stat().st_size for path in tmp_path.glob("*.jpg")]
    assert max(sizes) <= MAX_BYTES


@pytest.mark.parametrize("style", STYLES)
def test_words_leave_the_eyes_of_the_face_alone(film: Path, tmp_path: Path, style: str) -> None:
    from goviral.engine.clips.thumbnails.packs.moments import faces_on

    for aspect, picture in made(film, tmp_path, style).items():
        seen = faces_on(Image.fromarray(picture.astype(np.uint8)))
        assert seen, f"{style} {aspect}: no face is left"


def test_capitals_outlines_and_labels_are_those_of_the_pack(film: Path, tmp_path: Path) -> None:
    assert STYLES["S1"].style.title.uppercase
    assert not STYLES["S2"].style.title.uppercase
    bold, calm = (made(film, tmp_path, name)["9:16"] for name in ("S1", "S2"))
    assert like(bold, "#FFE100").mean() > 0.005
    assert like(calm, "#FFFFFF", 20).mean() > 0.03
    assert [pack.style.emoji for pack in STYLES.values()] == [False, False, True, True]


def test_the_cut_out_stands_on_the_ground_of_its_style(film: Path, tmp_path: Path) -> None:
    for picture in made(film, tmp_path, "S3", title="").values():
        height, width = picture.shape[:2]
        # The wall of the film is gray: what is this blue is the ground.
        blue = picture[..., 2] - picture[..., 0] > 60
        assert blue[: height // 8, : width // 8].all()
        assert 0.15 < blue.mean() < 0.85


def test_a_face_too_small_is_not_cut_out() -> None:
    picture, _ = with_face(wall(*SIZE), 600, 300, 30)
    assert cut_person(Image.fromarray(picture), FaceArea(600, 300, 30, 30)) is None


def test_a_cut_out_holds_the_face_and_leaves_the_background() -> None:
    face = FaceArea(FACE_X, FACE_Y, FACE_SIDE, FACE_SIDE)
    person = cut_person(Image.fromarray(astronaut()), face)
    assert person is not None
    mask = np.asarray(person.mask)
    inner = person.face
    middle = mask[
        round(inner.y) : round(inner.y + inner.height),
        round(inner.x + 20) : round(inner.x + inner.width - 20),
    ]
    assert middle.mean() > 250
    assert mask[:80, -60:].mean() < 20  # the shuttle behind her


Color = tuple[int, int, int]
WALL, SKIN, SUIT = (70, 50, 40), (205, 150, 120), (60, 70, 190)


def drawn(
    *, hair: Color = (20, 20, 20), left: Color = SUIT, uneven: float = 20, seed: int = 5
) -> Pixels:
    """Somebody before an uneven wall, head and shoulders, whose face is `FACE`; `left`: what they wear
    over the shoulder on our left."""
    picture = np.full((SIZE[1], SIZE[0], 3), WALL, np.uint8)
    center, across = int(FACE.x + FACE.width / 2), int(FACE.width)
    chin = int(FACE.y + FACE.height)
    cv2.ellipse(picture, (center, int(FACE.y + 50)), (100, 140), 0, 0, 360, hair, -1)
    cv2.ellipse(picture, (center, int(FACE.y + 95)), (88, 108), 0, 0, 360, SKIN, -1)
    cv2.rectangle(picture, (center - 45, chin - 20), (center + 45, chin + 60), SKIN, -1)
    for side, color in ((-1, left), (1, SUIT)):
        outer = center + side * int(1.4 * across)
        shoulder = [(center, chin + 30), (outer, chin + 110), (outer, 719), (center, 719)]
        cv2.fillPoly(picture, [np.array(shoulder)], color)
    random = np.random.default_rng(seed)
    light = random.normal(0, uneven, (12, 20, 3)).astype(np.float32)
    light = cv2.resize(light, SIZE, interpolation=cv2.INTER_CUBIC)
    return np.clip(picture + light, 0, 255).astype(np.int16)


def is_cut_out(picture: Pixels) -> bool:
    return cut_person(Image.fromarray(picture.astype(np.uint8)), FACE) is not None


def test_somebody_is_cut_out_unless_a_shoulder_is_lost_in_the_wall() -> None:
    assert is_cut_out(drawn())
    assert not is_cut_out(drawn(left=(64, 44, 34)))


def test_nobody_is_made_bald_whose_hair_is_nearly_as_the_wall() -> None:
    assert is_cut_out(drawn(uneven=25, seed=7))
    assert not is_cut_out(drawn(uneven=25, seed=7, hair=(56, 36, 26)))


@pytest.mark.parametrize("what", ["wall", "flat", "noise"])
def test_where_nobody_is_nothing_is_cut(what: str) -> None:
    pictures = {
        "wall": wall(*SIZE),
        "flat": np.full((720, 1280, 3), 128, np.uint8),
        "noise": np.random.default_rng(2).integers(0, 255, (720, 1280, 3), np.uint8),
    }
    assert cut_person(Image.fromarray(pictures[what]), FACE) is None


def test_the_close_up_enlarges_the_face(film: Path, tmp_path: Path) -> None:
    from goviral.engine.clips.thumbnails.packs.moments import faces_on

    heights = {}
    for style in ("S2", "S4"):
        picture = made(film, tmp_path, style)["16:9"]
        heights[style] = max(f.height for f in faces_on(Image.fromarray(picture.astype(np.uint8))))
    assert heights["S4"] > 1.3 * heights["S2"]
    band = made(film, tmp_path, "S4", title="")["16:9"][600:, :600]
    assert like(band, "#FFDD2D", 12).mean() > 0.95


def test_without_a_face_every_look_still_makes_a_picture(film: Path, tmp_path: Path) -> None:
    for style in STYLES:
        wishes = ThumbnailWishes(style=style, at_ms=1500)
        assert len(make_thumbnails(plan(film, face=None), tmp_path, wishes)) == 2


def test_a_clip_without_a_picture_has_stills_too(tmp_path: Path) -> None:
    silent = ClipPlan(
        "01-x",
        TITLE,
        Source("none.mp3", "f", 2000, audio_stream=0),
        Span(0, 2000),
        FRAME,
        (Shot(Span(0, 2000), Layout.CANVAS),),
    )
    for style in STYLES:
        assert len(make_thumbnails(silent, tmp_path, ThumbnailWishes(style=style))) == 2


@pytest.mark.parametrize(
    "title",
    [
        "なぜ私たちは眠れないのか、その本当の理由",
        "لماذا لا ننام بعد الآن",
        "A",
        "W" * 60,
        "a b " * 40,
    ],
)
def test_any_title_fits(film: Path, tmp_path: Path, title: str) -> None:
    plain = made(film, tmp_path, "S1", title="")
    for aspect, picture in made(film, tmp_path, "S1", title=title).items():
        drawn = np.abs(picture - plain[aspect]).max(axis=2) > 80
        assert drawn.any()
        assert not drawn[:, :4].any()
        assert not drawn[:, -4:].any()


def test_the_files_of_a_clip_lie_beside_its_plain_still(film: Path, tmp_path: Path) -> None:
    both = plan(film, "S1", "S4")
    plain = tmp_path / "01-x.jpg"
    make_clip_thumbnails(both, plain)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["01-x.A.jpg", "01-x.A.wide.jpg", "01-x.B.jpg", "01-x.B.wide.jpg", "01-x.jpg"]
    assert set(thumbnail_paths(both, plain)) == set(tmp_path.iterdir()) - {plain}
    a, b = pixels(tmp_path / "01-x.A.jpg"), pixels(tmp_path / "01-x.B.jpg")
    assert np.abs(a - b).max(axis=2).mean() > 20


def test_stills_of_an_earlier_wish_do_not_stay(film: Path, tmp_path: Path) -> None:
    plain = tmp_path / "01-x.jpg"
    make_clip_thumbnails(plan(film, "S1", "S4"), plain)
    make_clip_thumbnails(plan(film, "S1"), plain)
    assert not (tmp_path / "01-x.B.jpg").exists()
    make_clip_thumbnails(plan(film), plain)
    assert [path.name for path in tmp_path.iterdir()] == ["01-x.jpg"]


def test_one_still_is_made_anew_with_other_words(film: Path, tmp_path: Path) -> None:
    wishes = ThumbnailWishes(style="s2", title="Other words", aspects=("16:9",))
    (still,) = make_thumbnails(plan(film, "S1", "S4"), tmp_path, wishes)
    assert (still.variant, still.aspect, still.path.name) == ("S2", "16:9", "01-x.S2.wide.jpg")


def test_the_same_plan_gives_the_same_bytes(film: Path, tmp_path: Path) -> None:
    files = [
        make_thumbnails(plan(film, "S3"), tmp_path / name, ThumbnailWishes())[0].path
        for name in ("a", "b")
    ]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_what_is_not_there_is_said_with_what_is(film: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"S1, S2, S3, S4"):
        find_pack("S9")
    with pytest.raises(InputError, match=r"9:16, 16:9"):
        make_thumbnails(plan(film), tmp_path, ThumbnailWishes(aspects=("4:3",)))


def test_every_pack_says_what_it_is() -> None:
    for name, pack in STYLES.items():
        assert pack.name == pack.style.name == name
        assert pack.label
        assert pack.description.endswith(".")
    assert set(DEFAULT_PACKS) <= set(STYLES)
    assert set(SIZES) == {"9:16", "16:9", "1:1", "4:5"}


def test_stills_go_through_the_plans_file_unchanged(film: Path) -> None:
    known = plan(film, "S1", "S3")
    assert load_plan(dump_plan(known)) == known


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"ground_color": "blue"}, "style.ground_color 'blue' is no colour"),
        ({"scrim": 3.0}, "a face or a scrim that cannot be drawn"),
        ({"ring_color": ""}, "has a ring without a colour"),
        ({"ground_color": ""}, "cuts out without a ground_color"),
    ],
)
def test_a_still_that_cannot_be_drawn_is_a_fault(
    film: Path, fields: dict[str, object], told: str
) -> None:
    known = plan(film, "S3")
    assert known.thumbnail is not None
    assert brand_fault(known) == ""
    variant = known.thumbnail.variants[0]
    style = replace(variant.style, **fields)  # type: ignore[arg-type]
    broken = replace(known.thumbnail, variants=(replace(variant, style=style),))
    assert told in brand_fault(replace(known, thumbnail=broken))


def test_an_emoji_goes_with_the_words() -> None:
    assert emoji_for("The price of sleep") == "💰"
    assert emoji_for("Why we sleep") == "😴"
    assert emoji_for("Why is that") == "🤔"
    assert emoji_for("Zum Beispiel") == "👀"
    assert emoji_for("") == "👀"
