"""All parts run, or none; who died is named; nothing is left behind."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from helpdesk.running import supervisor as supervising
from helpdesk.running.supervisor import Death, Part, Supervisor, how_it_ended
from tests.running.programs import ROOT

FOREVER = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {FOREVER}"
WITH_CHILD = (
    "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', "
    f"{STUBBORN!r}]); print('child', p.pid, flush=True); p.wait()"
)


def python(name: str, code: str) -> Part:
    return Part(name, [sys.executable, "-c", code])


def supervise(*parts: Part, until: Sequence[str] = ()) -> tuple[Death | None, str]:
    """Run the parts until one dies or all of `until` has been said; what was said at the end."""
    output = io.StringIO()
    supervisor = Supervisor(output)

    def on_tick() -> None:
        if until and all(words in output.getvalue() for words in until):
            supervisor.ask_to_stop(signal.SIGINT)

    try:
        supervisor.start(parts)
        death = supervisor.watch(on_tick)
    finally:
        supervisor.stop()
    return death, output.getvalue()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat").read_text()
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_lines_stand_behind_the_name_of_who_said_them():
    _, said = supervise(python("a", FOREVER), python("longer", FOREVER), until=["longer | up"])

    assert "longer | up\n" in said


def test_the_part_that_died_is_named_with_its_exit_code_and_last_words():
    dying = python("web", "import sys; print('no such port'); sys.exit(3)")

    death, _ = supervise(python("worker", FOREVER), dying)

    assert death is not None
    assert death.name == "web"
    assert "exit code 3" in str(death)
    assert "  no such port" in str(death)


def test_a_part_that_was_killed_is_named_with_the_signal():
    dying = python("models", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")

    death, _ = supervise(python("worker", FOREVER), dying)

    assert death is not None
    assert death.how == "it was killed by SIGKILL, perhaps for want of memory"


def test_children_of_parts_and_those_that_will_not_end_are_killed(monkeypatch):
    monkeypatch.setattr(supervising, "STOP_SECONDS", 0.5)

    parts = python("worker", WITH_CHILD), python("deaf", STUBBORN)
    _, said = supervise(*parts, until=["child", "deaf   | up"])

    child = int(said.partition("child ")[2].split()[0])
    deadline = time.monotonic() + 5
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(child)
    assert "deaf did not end within 0.5 s and is killed." in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_of_the_signals_stops_everything(number):
    code = "import sys; from tests.running.test_supervisor import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    pid = int(process.stdout.readline().partition("pid ")[2])

    process.send_signal(number)

    assert process.wait(20) == 0
    process.stdout.close()
    assert not is_alive(pid)


def test_parts_end_when_the_supervisor_is_killed():
    code = "import sys; from tests.running.test_supervisor import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    pid = int(process.stdout.readline().partition("pid ")[2])

    process.kill()
    process.wait()
    process.stdout.close()

    deadline = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(pid)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "it ended by itself with exit code 0"),
        (-15, "it was killed by SIGTERM"),
        (-64, "it was killed by SIGRTMAX"),
    ],
)
def test_an_exit_status_is_told_in_words(status, words):
    assert how_it_ended(status) == words


def main() -> int:
    """A supervisor with one part, for tests that send it signals."""
    supervisor = Supervisor()
    code = f"import os; print('pid', os.getpid(), flush=True); {FOREVER}"
    assert threading.current_thread() is threading.main_thread()
    with supervisor.signals():
        supervisor.start([python("part", code)])
        supervisor.watch()
        supervisor.stop()
    return 0
