"""Files that name other files: nothing but the file given is ever read.

The other file is a canary: a film of one colour no other film here has, a text with words nobody says.
"""

import struct
from pathlib import Path

import av
import numpy as np
import pytest

from e2e.films import ffmpeg
from hostile.makers import SECONDS
from hostile.surgery import addressed, alias, avi, patched
from hostile.test_hostile_media import check_bounds, check_refusal, clipped, clips_in

pytestmark = pytest.mark.e2e
MAGENTA = (250, 0, 250)
SECRET = "root:x:0:0:canary"


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A film that plays, and a text, where a hostile file may point at them."""
    folder = tmp_path / "private"
    folder.mkdir()
    uncompressed(folder / "canary.mov", "0xFA00FA")
    (folder / "secret.txt").write_text(SECRET)
    return folder / "canary.mov"


def uncompressed(path: Path, color: str) -> Path:
    """Pictures and sound at the same places whatever they show: another file's would fit."""
    ffmpeg(
        "-f", "lavfi", "-i", f"color={color}:s=64x36:r=5,drawgrid=w=16:h=12:c=white", "-f", "lavfi",
        "-i", "anoisesrc=amplitude=0.3:r=8000", "-t", SECONDS, "-c:v", "rawvideo", "-pix_fmt", "uyvy422",
        "-c:a", "pcm_s16le", path,
    )  # fmt: skip
    return path


def gives_away(clip: Path) -> bool:
    with av.open(str(clip)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    near = [np.abs(frame.astype(int) - MAGENTA).sum(axis=2) < 90 for frame in frames[::6]]
    return any(share.mean() > 0.01 for share in near)


LISTS = {
    "playlist.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n{film}\n#EXT-X-ENDLIST\n",
    "playlist.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nfile://{film}\n#EXT-X-ENDLIST\n",
    "concat-protocol.m3u8": "#EXTM3U\n#EXTINF:6,\nconcat:{film}|{text}\n#EXT-X-ENDLIST\n",
    "script.ffconcat": "ffconcat version 1.0\nfile '{film}'\n",
    "script.txt": "file '{film}'\nfile '{text}'\n",
    "concat-in-a-film.mov": "ffconcat version 1.0\nfile {film}\n",
    "manifest.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'mediaPresentationDuration="PT6S"><Period><AdaptationSet mimeType="video/mp4"><Representation '
    'id="1" bandwidth="1"><BaseURL>file://{film}</BaseURL></Representation></AdaptationSet></Period></MPD>',
    "session.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "drawing.svg": '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'width="64" height="36"><image xlink:href="file://{film}" width="64" height="36"/></svg>',
    "composition.xml": '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/'
    '2067-3/2016"><Id>urn:uuid:0</Id><SegmentList/><!-- {film} --></CompositionPlaylist>',
    "list.pls": "[playlist]\nFile1={film}\nNumberOfEntries=1\n",
    "list.asx": '<asx version="3.0"><entry><ref href="file://{film}"/></entry></asx>',
    "list.smil": '<smil><body><video src="file://{film}"/></body></smil>',
    "index.idx": "# VobSub index file, v7\nsize: 64x36\nid: en, index: 0\n",
    "synth.avs": 'DirectShowSource("{film}")\n',
    "synth.vpy": "import vapoursynth\nopen('{text}')\n",
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_other_files_is_refused(tmp_path, canary, name):
    path = tmp_path / name
    path.write_text(
        LISTS[name]
        .replace("{film}", str(canary))
        .replace("{text}", str(canary.with_name("secret.txt")))
    )
    ended = clipped(tmp_path, path)
    check_bounds(ended, tmp_path / "out")
    assert ended.code == 2, ended.err
    check_refusal(ended, tmp_path / "out")
    assert SECRET not in ended.err + ended.out


@pytest.mark.parametrize("entry", [alias, addressed], ids=["alias", "address"])
@pytest.mark.parametrize("beside", [False, True], ids=["elsewhere", "beside it"])
def test_a_film_whose_samples_lie_in_another_file_shows_only_its_own(
    tmp_path, canary, entry, beside
):
    own = uncompressed(tmp_path / "own.mov", "0x204060")
    if beside:
        canary = canary.rename(tmp_path / canary.name)
    path = patched(own, tmp_path / "refers.mov", b"dref", lambda _: entry(canary))
    ended = clipped(tmp_path, path)
    check_bounds(ended, tmp_path / "out")
    made = clips_in(tmp_path / "out")
    assert made or ended.code in (1, 2)
    assert not any(gives_away(clip) for clip in made)


def test_the_canary_would_be_seen(tmp_path, canary):
    """The proof above can fail: the same look finds the colour in a clip of the canary itself."""
    ended = clipped(tmp_path, canary)
    made = clips_in(tmp_path / "out")
    assert made, ended.err
    assert gives_away(made[0])


def test_subtitles_inside_a_film_that_are_a_playlist_are_not_followed(tmp_path, canary):
    """AVI files carry subtitle files whole (GAB2); libav once opened a playlist among them."""
    text = canary.with_name("secret.txt")
    playlist = f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\nconcat:{text}|{text}\n#EXTINF:6,\n{canary}\n#EXT-X-ENDLIST\n"
    path = avi(tmp_path / "subtitled.avi", subtitles=playlist.encode())
    ended = clipped(tmp_path, path)
    check_bounds(ended, tmp_path / "out")
    made = clips_in(tmp_path / "out")
    assert made or ended.code in (1, 2)
    assert not any(gives_away(clip) for clip in made)
    written = [path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in content for content in written)


def test_a_film_that_claims_to_be_a_part_of_another_stays_alone(tmp_path, canary):
    """Matroska may name the files before and after it (PrevFilename, NextFilename)."""
    whole = uncompressed(tmp_path / "a.mkv", "0x204060").read_bytes()
    named = bytes(canary)
    element = b"\x3e\x83\xbb" + struct.pack(">B", 0x80 | len(named)) + named
    path = tmp_path / "part.mkv"
    path.write_bytes(whole + element)
    ended = clipped(tmp_path, path)
    check_bounds(ended, tmp_path / "out")
    assert not any(gives_away(clip) for clip in clips_in(tmp_path / "out"))
