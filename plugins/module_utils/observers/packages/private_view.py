# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask a package manager or dockerd in a view of the host in which nothing it writes stays.

apt and dnf write caches, logs and locks whatever they are asked; dockerd makes users.
"""

import json
import os
import select
import signal
import time
from typing import Callable, List, Mapping, Optional

from ...words.observations.host import VIEW, Answer, Question
from ..host import command
from .view_mounts import enter_view

# Seconds to make the view, and to end what does not end by itself.
_SPARE_SECONDS = 30


def ask(question: Question) -> Answer:
    """Ask a question; if it cannot be asked, the answer says why."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _answer(writing, lambda: _run(question))
    os.close(writing)
    told = _read(reading, question.seconds * len(question.commands) + _SPARE_SECONDS)
    if told is None:
        # A filesystem whose server is gone blocks any process that looks at it.
        os.kill(child, signal.SIGKILL)
        return Answer(unasked="a view of the host could not be made in time")
    os.waitpid(child, 0)
    try:
        statuses, outputs, unasked = json.loads(told.decode("utf-8"))
    except ValueError:
        return Answer(unasked="the process that asks ended without an answer")
    return Answer(tuple(statuses), tuple(outputs), unasked)


def _read(reading: int, seconds: float) -> Optional[bytes]:
    """Read all that the child writes; None where it does not end in time."""
    deadline = time.monotonic() + seconds
    told = b""
    with os.fdopen(reading, "rb", 0) as pipe:
        while True:
            left = max(deadline - time.monotonic(), 0)
            if not select.select([pipe], [], [], left)[0]:
                return None
            part = pipe.read(65536)
            if not part:
                return told
            told += part


def _answer(writing: int, run: Callable[[], Answer]) -> None:
    """Be the child process: whatever happens, it ends here and does not return to the parent."""
    try:
        # The child must not outlive its parent.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            answer = run()
        except command.CommandFailed as error:
            answer = Answer(unasked=str(error))
        except Exception as error:
            answer = Answer(unasked="a view of the host could not be made: %s" % error)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(json.dumps(answer).encode("utf-8"))
    finally:
        os._exit(0)


def _run(question: Question) -> Answer:
    enter_view(question.offline)
    _lay_out(VIEW, question.files)
    statuses: List[int] = []
    outputs: List[str] = []
    for argv in question.commands:
        output = command.read(argv, question.seconds, environment=question.environment)
        statuses.append(output.status)
        outputs.append(output.stdout + output.stderr)
    return Answer(tuple(statuses), tuple(outputs))


def _lay_out(folder: str, files: Mapping[str, str]) -> None:
    """Write a question's files so that apt's own user can read them, whatever root's umask is."""
    os.mkdir(folder)
    os.chmod(folder, 0o755)  # noqa: S103
    for name, text in files.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
            os.fchmod(file.fileno(), 0o644)
