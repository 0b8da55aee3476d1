"""Two shapes, small, with an export, checked and rendered again: the commands one after another."""

import json

import av
import pytest

from e2e.films import film, said

pytestmark = pytest.mark.e2e
SHORT = ("--min", "5", "--max", "9", "--count", "1")


def test_shapes_previews_exports_and_checks_fit_together(goviral, tmp_path):
    source, words = film(tmp_path / "talk.mp4"), said(tmp_path / "said.json")
    ran = goviral(
        "clip", source, "--transcript", words, *SHORT, "--out", tmp_path / "out",
        "--aspect", "1:1,16:9", "--preview", "--export", "otio", "--encoder", "auto", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    done = json.loads(ran.out.splitlines()[-1])
    folder = tmp_path / "out" / "talk"
    square, wide = sorted(
        folder.glob("01-*.mp4"), key=lambda path: path.name.endswith("16x9.preview.mp4")
    )
    assert [size_of(square), size_of(wide)] == [(540, 540), (960, 540)]
    assert [path.endswith(".otio") for path in done["exports"]].count(True) == 2
    for clip in (square, wide):
        checked = goviral("check", clip)
        assert checked.code == 0, checked.out
    exported = goviral("export", folder)
    assert exported.code == 2  # previews are not finished clips
    again = goviral("render", square.with_suffix(".plan.json"), "--out", tmp_path / "again.mp4")
    assert again.code == 0, again.err
    assert (tmp_path / "again.mp4").read_bytes() == square.read_bytes()


def size_of(path):
    with av.open(str(path)) as container:
        return container.streams.video[0].width, container.streams.video[0].height
