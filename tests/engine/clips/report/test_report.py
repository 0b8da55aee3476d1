"""The page: whole, escaped, closed to the network."""

import base64
import hashlib
import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image
from typing_extensions import override

from goviral.engine.clips.plans.plan import (
    ClipPlan,
    Frame,
    Removal,
    Source,
    ThumbnailPlan,
    ThumbnailVariant,
)
from goviral.engine.clips.report.report import ReportClip, write_report
from goviral.engine.clips.thumbnails.packs.packs import STYLES
from goviral.engine.clips.thumbnails.thumbnails import thumbnail_paths
from goviral.engine.media.signals import Signals
from goviral.engine.moments.moment import Moment, Reason, Scorecard
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span

EVIL = '<script>alert("1")</script> & "quotes" \' {{ 7 * 7 }} </style>'
SPAN = Span(60_000, 120_000)
MOMENT = Moment(
    SPAN,
    87,
    Scorecard(90, 80, 70, 60, 50, 87),
    "Why we sleep",
    "What if sleep is work?",
    "Your brain takes out the trash.",
    "how_to",
    (
        Reason("dangling", "Points at a slide", -0.4, Span(70_000, 71_000)),
        Reason("question", "Opens with a question", 0.3),
    ),
    "Ann",
    platforms={"tiktok": {"caption": "Trash day", "hashtags": ["#sleep", "#brain"]}, "x": {}},
)
TRANSCRIPT = Transcript(
    (Sentence(0, "First.", 0, 1000), Sentence(1, "Trash every night.", 61_000, 64_000)),
    (Word("First.", 0, 1000, None, "Ann"), Word("Trash", 61_000, 62_000, None, "Ben")),
    "en",
    "faster-whisper base",
    warnings=("Words are estimated.",),
)


class Page(HTMLParser):
    """Tags with their attributes, and the text outside scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    @override
    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self._open):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def clip(folder: Path, name: str = "01-why-we-sleep", moment: Moment = MOMENT) -> ReportClip:
    video, thumbnail = folder / f"{name}.mp4", folder / f"{name}.jpg"
    video.write_bytes(b"mp4")
    Image.new("RGB", (1080, 1920), (200, 90, 40)).save(thumbnail)
    (folder / f"{name}.srt").write_text("x")
    source = Source("talk.mp4", "f", 600_000)
    plan = ClipPlan(name, moment.title, source, moment.span, Frame(1080, 1920, Fraction(30)), ())
    return ReportClip(plan, moment, video, thumbnail)


def written(
    folder: Path,
    *clips: ReportClip,
    title: str = "A talk",
    transcript: Transcript = TRANSCRIPT,
    signals: Signals = Signals(100, (-20.0, -30.0)),
) -> str:
    out = folder / "report.html"
    write_report(out, title=title, transcript=transcript, signals=signals, clips=clips)
    return out.read_text("utf-8")


def test_a_clip_is_shown_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    page = Page(written(tmp_path, clip(tmp_path)))
    for text in (
        "Why we sleep",
        "What if sleep is work?",
        "Your brain takes out the trash.",
        "1:00 – 2:00",
        "87",
        "Hook",
        "90",
        "Shareability",
        "Opens with a question",
        "Points at a slide",
        "at 1:10",
        "how to",
        "Ann",
        "Trash every night.",
        "#sleep #brain",
        "10:00",
        "Words are estimated.",
    ):
        assert text in page.text, text


def test_the_player_names_the_video_beside_the_page_and_carries_its_poster(tmp_path: Path) -> None:
    (video,) = Page(written(tmp_path, clip(tmp_path))).all("video")
    assert video["src"] == "./01-why-we-sleep.mp4"
    assert video["poster"] is not None
    picture = base64.b64decode(video["poster"].removeprefix("data:image/jpeg;base64,"))
    assert picture.startswith(b"\xff\xd8")
    assert "controls" in video


def test_any_file_name_is_a_safe_address(tmp_path: Path) -> None:
    page = Page(written(tmp_path, clip(tmp_path, "01-a:b #1?100% 🔥")))
    (video,) = page.all("video")
    assert video["src"] == "./01-a%3Ab%20%231%3F100%25%20%F0%9F%94%A5.mp4"


def test_only_files_that_are_there_are_offered(tmp_path: Path) -> None:
    page = Page(written(tmp_path, clip(tmp_path)))
    offered = [link["href"] for link in page.all("a") if "download" in link]
    assert offered == [
        "./01-why-we-sleep.mp4",
        "./01-why-we-sleep.jpg",
        "./01-why-we-sleep.srt",
    ]


def test_everything_from_outside_is_escaped(tmp_path: Path) -> None:
    evil = replace(
        MOMENT,
        title=EVIL,
        hook=EVIL,
        quote=EVIL,
        speaker=EVIL,
        reasons=(Reason(EVIL, EVIL, 1.0),),
        platforms={EVIL: {EVIL: EVIL}},
    )
    transcript = Transcript(
        (Sentence(0, EVIL, 60_000, 70_000),),
        (Word("a", 0, 10, None, EVIL), Word("b", 20, 30, None, "Ben")),
        EVIL,
        EVIL,
        warnings=(EVIL,),
    )
    failed = ReportClip(None, evil, None, None, InputError(EVIL, remedy=EVIL))
    text = written(tmp_path, clip(tmp_path, moment=evil), failed, title=EVIL, transcript=transcript)
    page = Page(text)
    assert len(page.all("script")) == 1
    assert len(page.all("style")) == 1
    assert "49" not in page.text.replace("7 * 7", "")
    assert page.text.count(EVIL) >= 8


def test_a_failed_clip_is_shown_with_its_reason(tmp_path: Path) -> None:
    error = InputError("The source ends too soon.", remedy="Download it again.")
    failed = ReportClip(None, replace(MOMENT, title="Lost"), None, None, error)
    page = Page(written(tmp_path, clip(tmp_path), failed))
    assert "The source ends too soon. Download it again." in page.text
    assert "1 failed" in re.sub(r"\s+", " ", page.text)
    assert len(page.all("video")) == 1


def test_the_page_asks_the_network_for_nothing(tmp_path: Path) -> None:
    text = written(tmp_path, clip(tmp_path))
    assert not re.search(r"""(?:src|href|poster)=["'](?:https?:)?//""", text)
    assert "@import" not in text
    assert "url(" not in text
    assert not [attributes for _, attributes in Page(text).tags if "style" in attributes]
    assert not [a for _, attributes in Page(text).tags for a in attributes if a.startswith("on")]


def test_the_policy_allows_exactly_our_style_and_script(tmp_path: Path) -> None:
    text = written(tmp_path, clip(tmp_path))
    policy = next(
        meta["content"] or ""
        for meta in Page(text).all("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        inline = re.search(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert inline is not None
        digest = base64.b64encode(hashlib.sha256(inline[1].encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in policy


def test_the_timeline_leads_to_every_clip(tmp_path: Path) -> None:
    page = Page(written(tmp_path, clip(tmp_path), clip(tmp_path, "02-b")))
    targets = {link["href"] for link in page.all("a") if link.get("class", "") == "moment"}
    assert targets == {"#clip-1", "#clip-2"}
    assert {article["id"] for article in page.all("article")} == {"clip-1", "clip-2"}


def test_speakers_have_their_lanes(tmp_path: Path) -> None:
    text = written(tmp_path, clip(tmp_path))
    assert 'aria-label="When Ben speaks"' in text
    assert text.count('class="turn"') == 2


def test_every_picture_has_words_for_those_who_do_not_see_it(tmp_path: Path) -> None:
    page = Page(written(tmp_path, clip(tmp_path)))
    assert all(image.get("alt") for image in page.all("img"))
    pictures = [svg for svg in page.all("svg") if svg.get("role") == "img"]
    assert all(svg.get("aria-label") for svg in pictures)
    assert all(video.get("aria-label") for video in page.all("video"))


def test_a_page_without_clips_says_so(tmp_path: Path) -> None:
    page = Page(written(tmp_path, transcript=Transcript(()), signals=Signals()))
    assert "No clips were made." in page.text
    assert "0 clips" in page.text


@pytest.mark.parametrize("score", [-5, 140])
def test_a_score_out_of_range_breaks_nothing(tmp_path: Path, score: int) -> None:
    odd = replace(MOMENT, score=score, scorecard=replace(MOMENT.scorecard, hook=score))
    text = written(tmp_path, clip(tmp_path, moment=odd))
    assert f'stroke-dasharray="{max(0, min(100, score))} 100"' in text


def test_a_thumbnail_that_is_gone_is_left_out(tmp_path: Path) -> None:
    shown = clip(tmp_path)
    assert shown.thumbnail is not None
    shown.thumbnail.unlink()
    page = Page(written(tmp_path, shown))
    assert page.all("img") == []
    assert "poster" not in page.all("video")[0]


def test_the_same_results_are_the_same_page(tmp_path: Path) -> None:
    shown = clip(tmp_path)
    assert written(tmp_path, shown) == written(tmp_path, shown)


def test_what_was_taken_out_is_told_and_the_length_is_what_plays(tmp_path):
    shown = clip(tmp_path)
    assert shown.plan is not None
    cuts = (
        Removal(Span(1000, 2500), "silence"),
        Removal(Span(5000, 5500), "filler", "Um,"),
        Removal(Span(9000, 17_000), "silence"),
    )
    page = Page(written(tmp_path, replace(shown, plan=replace(shown.plan, removals=cuts))))
    assert "10.0 s taken out: 2 silences, “Um”." in page.text
    assert "50 seconds" in page.text


def test_stills_stand_side_by_side_and_say_what_they_differ_in(tmp_path: Path) -> None:
    known = clip(tmp_path)
    assert known.plan is not None
    assert known.thumbnail is not None
    variants = tuple(
        ThumbnailVariant(name, 1000, EVIL, STYLES[style].style)
        for name, style in (("A", "S1"), ("B", "S4"))
    )
    plan = replace(known.plan, thumbnail=ThumbnailPlan(1000, variants=variants))
    for path in thumbnail_paths(plan, known.thumbnail)[:-1]:
        Image.new("RGB", (90, 160), "red").save(path)
    page = Page(written(tmp_path, replace(known, plan=plan)))
    assert "S1 bold" in page.text
    assert "S4 close-up" in page.text
    links = [link.get("href") or "" for link in page.all("a")]
    assert sum(".wide." in link for link in links) == 1  # the file that is not there is not shown
    assert len(page.all("script")) == 1


def test_without_stills_nothing_is_said_of_them(tmp_path: Path) -> None:
    assert "try against each other" not in written(tmp_path, clip(tmp_path))
