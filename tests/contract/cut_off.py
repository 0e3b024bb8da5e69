"""A sitecustomize module that ends this process with SIGKILL before its Nth deed that writes.

It is put on the PYTHONPATH of a module that Ansible runs on a lab host. It counts the audit events
of the commit just before each deed: renames, removals, new folders, links and commands. With N = 0
it kills nothing, and leaves the count in a file.
"""

import os
import signal
import sys

NUMBER = int(os.environ.get("CUT_OFF_AT", "0"))
COUNT = "/root/deeds"
DEEDS = ("os.rename", "os.remove", "os.mkdir", "os.symlink", "os.rmdir", "shutil.rmtree")
# The folders of the commit's files; what happens in a folder without its final name is no step.
PLACES = ("/etc/", "/run/dockwright", "/var/lib/dockwright")
UNSEEN = ("saved-", "'/var/lib/dockwright'", "'/run/dockwright'")
# Commands that change something; a command that only looks is no step.
COMMANDS = ("systemctl", "/bin/sh")
LOOKS = ("show", "show-environment", "is-active", "list-jobs")
_state = {"deeds": 0, "on": False}


def _is_deed(event: str, arguments: tuple[object, ...]) -> bool:
    if event in DEEDS:
        return any(place in repr(arguments[:2]) for place in PLACES) and not any(
            place in repr(arguments[:2]) for place in UNSEEN
        )
    if event != "subprocess.Popen":
        return False
    if not isinstance(arguments[1], list):
        return False
    # The words of a command are bytes.
    argv = [os.fsdecode(word) for word in arguments[1]]
    return argv[0] in COMMANDS and not (len(argv) > 1 and argv[1] in LOOKS)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _state["on"] or not _is_deed(event, arguments):
        return
    _state["deeds"] += 1
    if NUMBER and _state["deeds"] == NUMBER:
        os.kill(os.getpid(), signal.SIGKILL)
    if not NUMBER:
        _state["on"] = True
        with open(COUNT, "a") as file:  # noqa: PTH123 - runs inside of a module
            file.write(f"{event} {arguments}\n")
        _state["on"] = False


sys.addaudithook(_hook)
