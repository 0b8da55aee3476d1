"""The same files at the service's door: facts, or one refusal that tells nothing of where they lie."""

import time
from pathlib import Path

import pytest

from goviral.features.library.content import MediaGate, TooMuchError, make_gate
from goviral.features.library.magic import NotMediaError
from goviral.kit.server_settings import LibrarySettings
from hostile import makers
from hostile.test_names import fifo
from hostile.test_no_file_outside import LISTS, SECRET

SOME = (
    makers.matroska_that_lasts_for_years,
    makers.edit_list_that_waits_an_hour,
    makers.clock_that_stands,
    makers.four_billion_samples,
    makers.no_rate_at_all,
    makers.sound_at_one_sample_a_second,
    makers.holes_of_nine_minutes,
    makers.noise_with_a_good_beginning,
    makers.attachment_that_claims_to_be_huge,
    makers.sixty_megabytes_attached,
    makers.ten_thousand_boxes_in_each_other,
)


@pytest.fixture
def gate() -> MediaGate:
    return make_gate(LibrarySettings())


@pytest.mark.parametrize("make", SOME, ids=lambda make: make.__name__)
def test_it_is_known_or_refused_in_time(gate, tmp_path, make):
    path, started = make(tmp_path), time.monotonic()
    told = answer_of(gate, path)
    assert time.monotonic() - started < gate.settings.probe_timeout_s + 60
    assert str(tmp_path) not in told
    assert "\n" not in told


def answer_of(gate: MediaGate, path: Path) -> str:
    try:
        facts = gate.check(path)
    except (NotMediaError, TooMuchError) as refused:
        return str(refused)
    return f"{facts.duration_ms} ms"


@pytest.mark.parametrize("make", makers.REFUSED, ids=lambda make: make.__name__)
def test_what_holds_nothing_does_not_come_in(gate, tmp_path, make):
    with pytest.raises((NotMediaError, TooMuchError)) as refused:
        gate.check(make(tmp_path))
    assert str(tmp_path) not in str(refused.value)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_other_files_does_not_come_in(gate, tmp_path, name):
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    path = tmp_path / "bytes"
    path.write_text(LISTS[name].replace("{film}", str(secret)).replace("{text}", str(secret)))
    with pytest.raises(NotMediaError) as refused:
        gate.check(path)
    assert SECRET not in str(refused.value)
    assert str(tmp_path) not in str(refused.value)


def test_two_hundred_megapixels_are_refused_before_they_are_decoded(gate, tmp_path):
    with pytest.raises(TooMuchError, match="16384x12288"):
        gate.check(makers.picture_of_two_hundred_megapixels(tmp_path))


def test_a_hundred_tracks_are_refused(gate, tmp_path):
    with pytest.raises(TooMuchError, match="tracks"):
        gate.check(makers.hundred_sounds(tmp_path))


@pytest.mark.parametrize("make", [fifo, lambda folder: Path("/dev/zero")], ids=["pipe", "device"])
def test_what_is_no_file_is_not_waited_for(gate: MediaGate, tmp_path: Path, make) -> None:
    with pytest.raises(NotMediaError):
        gate.check(make(tmp_path))
