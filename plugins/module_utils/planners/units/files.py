# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Name the file for which systemd calls a unit bad, or does not find it."""

from typing import Iterator, Mapping, Sequence

from ...words import impacts, resources
from ...words.declared import declare_anywhere
from ...words.difference import Difference, Refusal
from ...words.docker_names import CONTAINERD_SERVICE, DOCKER_SERVICE, SOCKET_UNIT
from ...words.observations.host import Observation, StagedFile, UnitObserved
from ...words.observations.units.files import UnitFaultObserved

ROLE = "docker_activation"
UNIT_FILES_DECLARED = declare_anywhere(
    resource=resources.SERVICE_UNIT_FILE, role=ROLE, wanted="read by systemd"
)
_EXPECTED = "a file that systemd can read"
# systemd's own words for files that it could not load (systemctl(1), show).
UNREADABLE = ("bad", "bad-setting", "error", "masked")
_VENDORS = ("/usr/lib/systemd/system/", "/lib/systemd/system/")
_PACKAGES = {
    DOCKER_SERVICE: "docker-ce",
    SOCKET_UNIT: "docker-ce",
    CONTAINERD_SERVICE: "containerd.io",
}


def plan_unit_files(
    observed: Observation, names: Sequence[str], staged: Mapping[str, StagedFile]
) -> Iterator[Difference]:
    """Name what systemd cannot read, unless it will be written anew."""
    faults = [each for each in observed.unit_faults if each.path not in staged]
    for fault in faults:
        yield _difference(fault)
    for name in names:
        unit = observed.units.get(name, UnitObserved())
        explained = name in [each.unit for each in observed.unit_faults] or bool(unit.mask_path)
        if unit.load_state in UNREADABLE and not explained:
            yield _unexplained(name, unit)


def _difference(fault: UnitFaultObserved) -> Difference:
    found, cure = _found(fault), _cure(fault)
    return Difference(
        resource=resources.SERVICE_UNIT_FILE,
        role=ROLE,
        path=fault.path,
        expected=_EXPECTED,
        actual=found,
        impact=impacts.NONE,
        sentence="systemd cannot go by %s, which is %s" % (fault.path, _part(fault)),
        refusal=Refusal(found="%s %s. %s" % (fault.path, found, _harm(fault)), remedy=cure),
    )


def _part(fault: UnitFaultObserved) -> str:
    return "%s %s" % ("a drop-in of" if fault.is_drop_in else "the file of", fault.unit)


def _found(fault: UnitFaultObserved) -> str:
    if fault.line:
        return "holds bytes in line %d that are no text (UTF-8)" % fault.line
    if fault.unreadable:
        return "cannot be read: %s" % fault.unreadable
    if fault.is_empty:
        return "is empty"
    if fault.kind == "link":
        return "is a link to a file that is not there"
    if fault.kind == "directory":
        return "is a directory"
    return "is neither a file nor a link to one"


def _harm(fault: UnitFaultObserved) -> str:
    if fault.kind == "other":
        return "systemd waits for its contents at the next daemon-reload, and then for ever."
    if fault.is_empty:
        return "That masks %s: systemd does not start it." % fault.unit
    if fault.is_drop_in:
        passed_over = "that line and all after it" if fault.line else "it"
        return "systemd passes over %s, and calls %s bad." % (passed_over, fault.unit)
    if fault.kind == "link":
        return "systemd finds no %s." % fault.unit
    if fault.kind == "directory":
        return "systemd calls %s bad." % fault.unit
    return "systemd does not load %s." % fault.unit


def _cure(fault: UnitFaultObserved) -> str:
    if fault.path.startswith(_VENDORS) and not fault.is_drop_in:
        package = _PACKAGES.get(fault.unit, "its package")
        return "Install %s again, which brings that file, then run `systemctl daemon-reload`." % (
            package
        )
    what = "Correct that line or remove the file" if fault.line else "Remove %s" % fault.path
    return "%s, then run `systemctl daemon-reload`." % what


def _unexplained(name: str, unit: UnitObserved) -> Difference:
    """Tell of a setting that systemd refuses; its own tools tell the file and the line."""
    found = "systemd calls %s %s" % (name, unit.load_state)
    if unit.load_state == "masked":
        refusal = Refusal(
            found=found + ", and does not start it.",
            remedy="Run `systemctl cat %s`, which names the file that masks it, and remove that."
            % name,
        )
    else:
        refusal = Refusal(
            found=found + ": one of its files has a setting that systemd does not take.",
            remedy="Run `systemctl daemon-reload`. If it is still so, `systemd-analyze verify %s` "
            "names the file and the line." % name,
        )
    sentence = "%s cannot be started as it is" % name
    return Difference(
        resource=resources.SERVICE_UNIT_FILE,
        role=ROLE,
        path=name,
        expected="loaded",
        actual=unit.load_state,
        impact=impacts.NONE,
        sentence=sentence,
        refusal=refusal,
    )
