# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keep the configuration that was live before a commit, and put it back.

A folder holds the saved files and a script that puts them back. This run uses the script when the
new set fails; the next boot uses it when the host went down during the commit. The script does not
touch what somebody has changed since.
"""

import contextlib
import glob
import json
import os
import shlex
import shutil
import tempfile
from typing import List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...planners.units.docker_unit import OUR_DROP_INS
from ...words.observations.host import FileObserved, StagedFile
from ...words.paths import DAEMON_JSON, RESTORE_UNIT, SAVED_SET, STATE_MODE
from ..host import command
from ..host.command import ApplyFailed
from ..host.file_obstacles import why
from ..host.files import remove, sweep, write
from ..host.folders import make_folder

WANTED_BY = "/etc/systemd/system/docker.service.wants/dockwright-restore.service"
# A boot clears /run, and this mark with it: so a cut-off run is told from a host that went down.
COMMIT_MARK = "/run/dockwright/commit"
SCRIPT = os.path.join(SAVED_SET, "restore")
_BOOT = "boot"
# A run that was cut off can have left a half-written file beside any of these.
_WRITTEN = (SAVED_SET, RESTORE_UNIT, COMMIT_MARK, DAEMON_JSON) + OUR_DROP_INS
_MANIFEST = "manifest.json"


class Saved(NamedTuple):
    """One file as it was before the commit; its text lies beside, in a file named by its number."""

    path: str
    there: bool = False
    mode: str = ""
    owner: str = ""


_UNIT_TEXT = """\
# Written by Dockwright (role docker_activation) for the time of a commit.
[Unit]
Description=Put back Docker's configuration as it was before a commit that was cut off
# Sockets come before what units wait for by default.
DefaultDependencies=no
RequiresMountsFor=%(folder)s
After=local-fs.target
Before=containerd.service docker.socket docker.service shutdown.target
Conflicts=shutdown.target
ConditionPathExists=%(script)s
ConditionPathExists=!%(mark)s

[Service]
Type=oneshot
# Not what somebody else has put there: no folder on the way is anybody's to write but root's.
ExecStart=/bin/sh -c 'for each in %(beside)s %(folder)s %(script)s; do \
    case "$$(stat -c %%%%u:%%%%A "$$each")" in 0:d????-??-?|0:-????-??-?) ;; *) exit 1 ;; esac; \
    done; exec /bin/sh %(script)s %(boot)s'
"""

_SCRIPT_TEXT = """\
#!/bin/sh
# Puts Docker's configuration back as it was before a commit. Written by Dockwright.
set -eu
umask 077
cd %(folder)s

# A file is put back where it is what the commit wrote, or half of it: not there.
is_ours() {
    [ -e "$2" ] || [ -h "$2" ] || return 0
    for new in "$1".new*; do
        [ -e "$new" ] && [ "$(cat "$new"; echo .)" = "$(cat "$2"; echo .)" ] && return 0
    done
    return 1
}
half=
trap '[ -z "$half" ] || rm -f "$half"' EXIT
put_back() {
    is_ours "$1" "$2" || return 0
    # For a file that was there to be read, the folder is as well.
    (umask 022; mkdir -p "$(dirname "$2")")
    half="$(dirname "$2")/.dockwright-half"
    cp "$1.old" "$half"
    chown "$4" "$half"
    chmod "$3" "$half"
    mv -f "$half" "$2"
    half=
}
take_away() {
    is_ours "$1" "$2" || return 0
    rm -f "$2"
}

%(steps)s
sync
[ "${1-}" = %(boot)s ] || exit 0
systemctl daemon-reload
rm -f %(wanted_by)s %(unit)s %(half_written)s
rmdir "$(dirname %(wanted_by)s)" 2> /dev/null || :
rm -rf %(folder)s
"""


def begin_commit(
    installs: Sequence[Tuple[str, StagedFile]],
    live: Mapping[str, FileObserved],
    transitions: Mapping[str, str],
) -> None:
    """Save what is live, and have a boot put it back should the host go down meanwhile.

    ``transitions`` are texts that a file holds on the way. Where an earlier commit was cut off, its
    saved files are kept: they are what was live before it.

    :raises ApplyFailed: with the system's reason; nothing live has changed then.
    """
    _sweep(_WRITTEN + tuple(path for path, _file in installs))
    saved = _read_manifest()
    if saved is None:
        shutil.rmtree(SAVED_SET, ignore_errors=True)
        _save_anew(installs, live, transitions)
    else:
        _save(SAVED_SET, saved, installs, live, transitions)
    # The order matters: as long as the mark is there, starting Docker restores nothing.
    write(COMMIT_MARK, "")
    named = {"folder": SAVED_SET, "script": SCRIPT, "mark": COMMIT_MARK, "boot": _BOOT}
    write(RESTORE_UNIT, _UNIT_TEXT % dict(named, beside=os.path.dirname(SAVED_SET)))
    _link(RESTORE_UNIT, WANTED_BY)


def put_back() -> None:
    """Put the saved files in their places.

    :raises ApplyFailed: with what the script said.
    """
    command.run(["/bin/sh", SCRIPT])


def end_commit() -> None:
    """Delete the saved set, after the unit that would restore it at the next boot.

    :raises ApplyFailed: where a part of it stays. The others are gone even so, and a boot puts
        nothing back unless all of them are there.
    """
    failures = []
    for path in (WANTED_BY, RESTORE_UNIT):
        try:
            remove(path)
        except ApplyFailed as failed:
            failures.append(failed)
    with contextlib.suppress(OSError):
        # The folder goes only if nothing else is in it.
        os.rmdir(os.path.dirname(WANTED_BY))
    shutil.rmtree(SAVED_SET, ignore_errors=True)
    if failures:
        raise failures[0]
    remove(COMMIT_MARK)


def _sweep(paths: Sequence[str]) -> None:
    """Delete files that a cut-off run has left half written beside these paths."""
    sweep(_folders(paths))
    for path in paths:
        # The script of an earlier version named its temporary file like this.
        if os.path.lexists(path + ".dockwright"):
            remove(path + ".dockwright")
    for folder in _folders(paths):
        for name in glob.glob(os.path.join(glob.escape(folder), ".saved-*")):
            shutil.rmtree(name, ignore_errors=True)


def _folders(paths: Sequence[str]) -> List[str]:
    return sorted({os.path.dirname(path) for path in paths})


def _save_anew(
    installs: Sequence[Tuple[str, StagedFile]],
    live: Mapping[str, FileObserved],
    transitions: Mapping[str, str],
) -> None:
    """Make the whole folder under another name, and rename it when it is complete."""
    beside = os.path.dirname(SAVED_SET)
    try:
        make_folder(beside, STATE_MODE)
        os.chown(beside, 0, 0)
        os.chmod(beside, STATE_MODE)
        folder = tempfile.mkdtemp(prefix=".saved-", dir=beside)
    except OSError as error:
        raise ApplyFailed("%s could not be made: %s." % (SAVED_SET, why(SAVED_SET, error)))
    try:
        _save(folder, [], installs, live, transitions)
        os.rename(folder, SAVED_SET)
    except OSError as error:
        raise ApplyFailed("%s could not be made: %s." % (SAVED_SET, why(SAVED_SET, error)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _save(
    folder: str,
    saved: List[Saved],
    installs: Sequence[Tuple[str, StagedFile]],
    live: Mapping[str, FileObserved],
    transitions: Mapping[str, str],
) -> None:
    entries = list(saved)
    for path, file in installs:
        numbers = [number for number, each in enumerate(entries) if each.path == path]
        if numbers:
            number = numbers[0]
        else:
            number = len(entries)
            entries.append(_keep_old(folder, number, path, live.get(path, FileObserved())))
        for text in (file.text, transitions.get(path)):
            if text is not None:
                write(_new_name(folder, number), text, 0o600)
    manifest = [dict(each._asdict()) for each in entries]
    write(os.path.join(folder, _MANIFEST), json.dumps(manifest, indent=2) + "\n", 0o600)
    write(os.path.join(folder, os.path.basename(SCRIPT)), _script(entries), 0o700)


def _keep_old(folder: str, number: int, path: str, file: FileObserved) -> Saved:
    if file.kind == "absent":
        return Saved(path)
    write(os.path.join(folder, "%d.old" % number), file.text, 0o600)
    # A link's own mode says nothing; what it led to comes back as a file for root alone.
    mode = 0o600 if file.kind == "link" else file.mode
    return Saved(
        path=path, there=True, mode="%04o" % mode, owner="%d:%d" % (file.owner, file.group)
    )


def _new_name(folder: str, number: int) -> str:
    """Name the next of the texts that a commit writes to one file."""
    count = sum(1 for name in os.listdir(folder) if name.startswith("%d.new" % number))
    return os.path.join(folder, "%d.new%d" % (number, count))


def _script(entries: Sequence[Saved]) -> str:
    steps = []
    # Backwards, so that Docker can start after every step of the way back.
    for number, each in reversed(list(enumerate(entries))):
        path = shlex.quote(each.path)
        if each.there:
            steps.append("put_back %d %s %s %s" % (number, path, each.mode, each.owner))
        else:
            steps.append("take_away %d %s" % (number, path))
    return _SCRIPT_TEXT % {
        "folder": shlex.quote(SAVED_SET),
        "steps": "\n".join(steps),
        "boot": _BOOT,
        "wanted_by": shlex.quote(WANTED_BY),
        "unit": shlex.quote(RESTORE_UNIT),
        "half_written": " ".join(
            shlex.quote(folder) + "/.dockwright-*"
            for folder in _folders(_WRITTEN + tuple(each.path for each in entries))
        ),
    }


def _read_manifest() -> Optional[List[Saved]]:
    """Read what a cut-off commit has saved; None where there is nothing, or it is damaged."""
    manifest = os.path.join(SAVED_SET, _MANIFEST)
    folder = os.lstat(SAVED_SET) if os.path.lexists(SAVED_SET) else None
    if folder is None or folder.st_uid or folder.st_mode & 0o022 or os.path.islink(manifest):
        return None
    try:
        with open(manifest) as file:
            return [Saved(**values) for values in json.load(file)]
    except (OSError, ValueError, TypeError):
        return None


def _link(target: str, path: str) -> None:
    try:
        make_folder(os.path.dirname(path))
        if not os.path.islink(path):
            os.symlink(target, path)
    except OSError as error:
        raise ApplyFailed("%s could not be linked: %s." % (path, why(path, error)))
