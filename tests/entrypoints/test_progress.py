import io
import json

import pytest

from goviral.entrypoints.cli.progress import Bars, Events, Lines, choose_progress
from goviral.kit.errors import CancelledError, NotFoundError

SHAPES = [
    lambda cancelled: Events(cancelled, io.StringIO()),
    lambda cancelled: Lines(cancelled, io.StringIO()),
    Bars,
]


@pytest.mark.parametrize("make", SHAPES)
class TestEveryShape:
    def test_a_whole_run_can_be_told(self, make):
        with make(lambda: False) as progress:
            progress.start("clips", 100)
            progress.advance("clips", 50)
            progress.start("clips", 120)
            progress.warn("careful")
            progress.finish("clips", "4 made")

    def test_cancelling_is_noticed_while_work_advances(self, make):
        asked = []
        with make(lambda: bool(asked)) as progress:
            progress.start("clips", 100)
            asked.append(True)
            with pytest.raises(CancelledError):
                progress.advance("clips", 50)


def test_events_are_one_json_object_a_line():
    out = io.StringIO()
    events = Events(lambda: False, out)
    events.start("clips", 2)
    events.advance("clips", 1)
    events.advance("clips", 1.1)
    events.finish("clips")
    events.warn("careful")
    assert [json.loads(line) for line in out.getvalue().splitlines()] == [
        {"event": "stage.started", "stage": "clips", "total": 2},
        {"event": "stage.progressed", "stage": "clips", "done": 1, "total": 2},
        {"event": "stage.finished", "stage": "clips"},
        {"event": "warning", "message": "careful"},
    ]


def test_a_log_gets_one_line_a_stage():
    out = io.StringIO()
    lines = Lines(lambda: False, out)
    lines.start("probe")
    lines.finish("probe", "1:00, audio only")
    assert out.getvalue() == "Looking at the file: 1:00, audio only\n"


def test_json_wins_over_the_terminal():
    assert isinstance(choose_progress(True, lambda: False), Events)
    assert isinstance(choose_progress(False, lambda: False), Lines)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFoundError("There is no file 'x'."), "not_found"),
        (CancelledError("Stopped."), "cancelled"),
    ],
)
def test_a_program_that_reads_events_is_told_of_a_failure(error, code):
    out = io.StringIO()
    with pytest.raises(type(error)), Events(lambda: False, out):
        raise error
    last = json.loads(out.getvalue().splitlines()[-1])
    assert last == {"event": "run.failed", "code": code, "message": str(error)}
