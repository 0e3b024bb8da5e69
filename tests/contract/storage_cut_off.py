"""A sitecustomize module that ends this process with SIGKILL before its Nth deed that writes.

It is put on the PYTHONPATH of loop_filesystem on a lab host. It counts the module's audit events
just before each deed: renames, removals, new folders and files, truncations and commands. An
allocation is a deed that is left half done. With N = 0 it kills nothing, and leaves the deeds in a
file.
"""

import os
import signal
import sys

NUMBER = int(os.environ.get("CUT_OFF_AT", "0"))
COUNT = "/root/deeds"
DEEDS = (
    *("os.rename", "os.remove", "os.mkdir", "os.symlink", "os.rmdir", "os.truncate"),
    *("os.chown", "shutil.rmtree"),
)
# The folders of the module's own files. The lock's folder is made by every run, and a file without
# its final name is no step.
PLACES = ("/data0/", "/etc/", "/run/dockwright", "/var/lib/")
UNSEEN = ("'/run/dockwright'", "'/run/dockwright/lock'")
UNNAMED = "/.dockwright-"
# Commands that change something, and the arguments with which they only look.
COMMANDS = {
    **dict.fromkeys(("mkfs.btrfs", "mkfs.xfs", "mkfs.ext4", "mount", "umount", "cp", "sync"), ()),
    **dict.fromkeys(("btrfs", "xfs_growfs", "resize2fs", "chattr", "fallocate"), ()),
    "systemctl": ("show", "show-environment", "cat", "is-active", "is-enabled", "reset-failed"),
    "losetup": ("--list",),
}
_state = {"deeds": 0, "on": False}


def _is_deed(event: str, arguments: tuple[object, ...]) -> bool:
    named = repr(arguments[:2])
    if event in DEEDS:
        ours = any(place in named for place in PLACES)
        return ours and not any(word in named for word in UNSEEN)
    if event == "open":
        path, _mode, flags = arguments
        made = isinstance(flags, int) and bool(flags & os.O_CREAT)
        unseen = repr(path) in UNSEEN or UNNAMED in str(path)
        return made and str(path).startswith(PLACES) and not unseen
    if event != "subprocess.Popen" or not isinstance(arguments[1], list):
        return False
    # The words of a command are bytes.
    program, *words = (os.fsdecode(word) for word in arguments[1])
    return program in COMMANDS and not (words and words[0] in COMMANDS[program])


def _count(deed: str) -> bool:
    """Count a deed; tell whether it is the one at which to end."""
    _state["deeds"] += 1
    if not NUMBER:
        _state["on"] = True
        with open(COUNT, "a") as file:  # noqa: PTH123 - runs inside of a module
            file.write(f"{deed}\n")
        _state["on"] = False
    return bool(NUMBER) and _state["deeds"] == NUMBER


def _allocate_half(size: int, path: str) -> None:
    descriptor = os.open(path, os.O_RDWR)
    os.posix_fallocate(descriptor, 0, (os.fstat(descriptor).st_size + size) // 2)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _state["on"] or not _is_deed(event, arguments):
        return
    if not _count(f"{event} {arguments[:2]!r}"):
        return
    if event == "subprocess.Popen" and isinstance(arguments[1], list):
        program, *words = (os.fsdecode(word) for word in arguments[1])
        if program == "fallocate":
            _state["on"] = True
            _allocate_half(int(words[1]), words[2])
    os.kill(os.getpid(), signal.SIGKILL)


sys.addaudithook(_hook)
