"""Every command that takes a file, given one it cannot use: one line that names it, and 2 as exit code."""

import sys
from pathlib import Path

import pytest

from engine.clips.slates import slate_film
from goviral.entrypoints.cli.main import main

SOURCES = ["check", "clip", "transcribe"]
PLANS = ["edit", "render", "thumbnail"]
OTHERS = ["moments", "export", "eval"]
WORDS = (
    '{"language": "en", "sentences": [{"text": "So here we are.", "start_ms": 0, "end_ms": 2000}]}'
)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return slate_film(tmp_path_factory.mktemp("film") / "film.mp4", frames=25).path.read_bytes()


@pytest.fixture
def films(tmp_path: Path, film: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with what people name by mistake."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "film.mp4").write_bytes(film)
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.mp4").write_text("not a film\\n")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "noise.mp4").write_bytes(bytes(range(256)) * 4)
    (tmp_path / "cut.mp4").write_bytes(film[: film.index(b"moov") + 40])
    (tmp_path / "words.json").write_text(WORDS)
    return tmp_path


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Told":
    return Told(monkeypatch, capsys)


class Told:
    """Runs the command as a shell would, and gives its one line of refusal."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def refused(self, *words: str) -> str:
        self._monkeypatch.setattr(sys, "argv", ["goviral", *words])
        with pytest.raises(SystemExit) as left:
            main()
        said = self._capsys.readouterr()
        assert (left.value.code, said.out) == (2, ""), words
        *before, line = said.err.splitlines()
        assert not [other for other in before if not other.startswith("Looking at")], said.err
        assert line.startswith("goviral: ")
        assert len(line) < 500
        return line


@pytest.mark.parametrize(
    "name",
    [
        "gone.mp4",
        "folder",
        "text.mp4",
        "empty.mp4",
        "cut.mp4",
        "noise.mp4",
        "text.mp4/x",
        "n" * 300,
    ],
)
@pytest.mark.parametrize("command", [*SOURCES, *PLANS, *OTHERS])
def test_a_file_that_cannot_be_used_is_bad_input(
    films: Path, told: Told, command: str, name: str
) -> None:
    assert name in told.refused(command, name)
    assert not [path for path in films.glob("clips/*/*") if not path.name.startswith(".")]


@pytest.mark.parametrize("name", ["gone", "folder", "noise.mp4", "text.mp4/x", "n" * 300])
@pytest.mark.parametrize(
    "words",
    [
        ["clip", "film.mp4", "--transcript"],
        ["clip", "film.mp4", "--vocabulary"],
        ["clip", "film.mp4", "--mask-words"],
        ["clip", "film.mp4", "--brand"],
        ["clip", "film.mp4", "--music"],
        ["moments", "words.json", "--spans"],
        ["transcribe", "film.mp4", "--vocabulary"],
        ["check", "film.mp4", "--quick", "--plan"],
    ],
    ids=" ".join,
)
def test_so_is_one_that_an_option_names(
    films: Path, told: Told, words: list[str], name: str
) -> None:
    assert Path(name).name in told.refused(*words, name)


class TestLabelledTalks:
    def test_what_is_not_compressed_is_told(self, films: Path, told: Told) -> None:
        (films / "a.jsonl.gz").write_text("not compressed")
        assert "a.jsonl.gz is not compressed" in told.refused("eval", "a.jsonl.gz")
