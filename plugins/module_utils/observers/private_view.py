# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask a package manager in a view of the host in which nothing it writes stays.

apt and dnf write caches, logs and locks whatever they are asked. In a mount namespace of its own
(mount_namespaces(7)) /var lies under an overlay whose upper half is memory: the commands find the
host as it is, and all they write goes with the last of them, however that ends.
"""

import ctypes
import json
import os
import signal
from typing import Callable, List, Mapping, Tuple

from ansible_collections.dockwright.host.plugins.module_utils.observation import (
    VIEW,
    Answer,
    Question,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers import command

# sched.h and sys/mount.h.
_NEW_MOUNT_NAMESPACE = 0x00020000
_RECURSIVE_PRIVATE = 0x4000 | 0x40000
# Where package managers write: /usr/lib/sysimage holds the rpm database of newer releases.
_COVERED = ("/var", "/usr/lib/sysimage")
_SECONDS = 120


def ask(question: Question) -> Answer:
    """Ask a question; what cannot be asked is told in the answer."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _answer(writing, lambda: _run(question))
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    try:
        statuses, outputs, unasked = json.loads(told.decode("utf-8"))
    except ValueError:
        return Answer(unasked="the process that asks the package manager ended without an answer")
    return Answer(tuple(statuses), tuple(outputs), unasked)


def _answer(writing: int, run: Callable[[], Answer]) -> None:
    """Be the child: whatever happens it ends here, and never returns into the parent's code."""
    try:
        # An end of the parent must not leave it behind.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            answer = run()
        except (OSError, command.CommandFailed) as error:
            answer = Answer(unasked=str(error))
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(json.dumps(answer).encode("utf-8"))
    finally:
        os._exit(0)


def _run(question: Question) -> Answer:
    _enter_view()
    _lay_out(VIEW, question.files)
    statuses: List[int] = []
    outputs: List[str] = []
    for argv in question.commands:
        output = command.read(argv, _SECONDS, environment=question.environment)
        statuses.append(output.status)
        outputs.append(output.stdout + output.stderr)
    return Answer(tuple(statuses), tuple(outputs))


def _lay_out(folder: str, files: Mapping[str, str]) -> None:
    """Write a question's files so that apt's own user can read them, whatever root's umask."""
    os.mkdir(folder)
    os.chmod(folder, 0o755)  # noqa: S103
    for name, text in files.items():
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
            os.fchmod(file.fileno(), 0o644)


def _enter_view() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    _require(libc.unshare(_NEW_MOUNT_NAMESPACE), "a mount namespace")
    _mount(libc, "none", "/", "", _RECURSIVE_PRIVATE, "")
    memory = os.path.dirname(VIEW)
    _mount(libc, "tmpfs", memory, "tmpfs", 0, "mode=0755")
    for folder in _COVERED:
        if os.path.isdir(folder):
            upper, work = _halves(memory, folder)
            options = "lowerdir=%s,upperdir=%s,workdir=%s" % (folder, upper, work)
            _mount(libc, "overlay", folder, "overlay", 0, options)


def _halves(memory: str, folder: str) -> Tuple[str, str]:
    name = folder.strip("/").replace("/", "-")
    halves = (os.path.join(memory, name), os.path.join(memory, name + ".work"))
    for half in halves:
        os.mkdir(half)
    # The upper half's own mode is what /var shows.
    status = os.stat(folder)
    os.chmod(halves[0], status.st_mode & 0o7777)
    return halves


def _mount(
    libc: ctypes.CDLL, source: str, target: str, filesystem: str, flags: int, options: str
) -> None:
    arguments = [text.encode("utf-8") for text in (source, target, filesystem)]
    done = libc.mount(*(arguments + [ctypes.c_ulong(flags), options.encode("utf-8")]))
    _require(done, "a mount of %s at %s" % (filesystem or "nothing new", target))


def _require(done: int, deed: str) -> None:
    if done:
        raise OSError("%s was refused: %s" % (deed, os.strerror(ctypes.get_errno())))
