import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from goviral.kit.errors import CancelledError, DependencyError, ProcessError
from goviral.kit.process import run


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_the_output_is_returned_whole():
    assert run(python("print('hello')"), timeout_s=120).stdout == b"hello\n"


def test_a_failure_quotes_the_last_line_of_the_log():
    with pytest.raises(ProcessError, match="the cause"):
        run(python("import sys; sys.exit('noise\\nthe cause')"), timeout_s=120)


def test_a_missing_program_is_named():
    with pytest.raises(DependencyError, match="no-such-program"):
        run(["no-such-program"], timeout_s=5)


def test_a_child_that_takes_too_long_is_stopped():
    started = time.monotonic()
    with pytest.raises(ProcessError, match="took longer"):
        run(python("import time; time.sleep(300)"), timeout_s=0.5)
    assert time.monotonic() - started < 100


def test_cancelling_ends_the_child_and_its_children(tmp_path):
    mark = tmp_path / "alive"
    grandchild = (
        f"import os, time; open({str(mark)!r}, 'w').write(f'{{os.getpid()}}.'); time.sleep(300)"
    )
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])"
    with pytest.raises(CancelledError):
        run(
            python(code),
            timeout_s=120,
            cancelled=lambda: mark.exists() and mark.read_text().endswith("."),
        )
    assert ends(int(mark.read_text().rstrip(".")))


def test_a_child_dies_with_a_caller_that_is_killed_where_the_system_has_a_word_for_it():
    child = "import os, time; print(os.getpid(), flush=True); time.sleep(300)"
    code = (
        "import sys; from goviral.kit.process import run;"
        f"run([sys.executable, '-c', {child!r}], timeout_s=300, on_line=lambda l: print(l, flush=True))"
    )
    with subprocess.Popen(python(code), stdout=subprocess.PIPE, text=True) as caller:
        assert caller.stdout is not None
        pid = int(caller.stdout.readline())
        assert is_alive(pid)
        caller.kill()
    # Elsewhere (macOS, busybox) it goes on to its own end; a second shows that it does.
    dies = shutil.which("setpriv") is not None
    assert ends(pid, within_s=60 if dies else 1) == dies


def ends(pid: int, within_s: float = 60) -> bool:
    """Whether the process is gone by then; one that is not is killed."""
    until = time.monotonic() + within_s
    while is_alive(pid):
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            return False
        time.sleep(0.02)
    return True


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that waits to be reaped does not."""
    if not Path("/proc").exists():
        return was_found(pid)
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def was_found(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_lines_come_one_by_one():
    lines = []
    run(python("print('a'); print('b')"), timeout_s=120, on_line=lines.append)
    assert lines == ["a", "b"]


def test_a_listener_that_raises_stops_the_child():
    def refuse(line: str) -> None:
        raise CancelledError(line)

    started = time.monotonic()
    with pytest.raises(CancelledError, match="enough"):
        run(
            python("import time; print('enough', flush=True); time.sleep(300)"),
            timeout_s=300,
            on_line=refuse,
        )
    assert time.monotonic() - started < 100


def test_a_flood_on_standard_error_does_not_block():
    code = "import sys; sys.stderr.write('x' * 5_000_000); print('done')"
    assert run(python(code), timeout_s=120).stdout == b"done\n"


def test_secrets_are_not_handed_to_children(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hidden")
    code = "import os; print(os.environ.get('OPENAI_API_KEY'), os.environ.get('EXTRA'))"
    assert run(python(code), timeout_s=120, environment={"EXTRA": "1"}).stdout == b"None 1\n"


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux bounds another process"
)
def test_a_child_gets_no_more_memory_than_it_may_have():
    run(python("bytearray(600 << 20)"), timeout_s=120)
    # The bound comes from outside, a little after the start.
    bounded = (
        "import resource as r, time\nwhile r.getrlimit(r.RLIMIT_AS)[0] < 0: time.sleep(0.01)\n"
    )
    with pytest.raises(ProcessError, match="MemoryError"):
        run(python(f"{bounded}bytearray(600 << 20)"), timeout_s=120, memory_bytes=400 << 20)
