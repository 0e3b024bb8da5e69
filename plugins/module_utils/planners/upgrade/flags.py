# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Refuse a coming engine that does not take the flags of its unit.

A flag comes and goes with the key of the same meaning (moby, cmd/dockerd/config.go).
"""

from typing import Dict

from ...words.difference import Refusal
from ...words.tables.daemon_flags import read_flags
from ...words.tables.daemon_options import OPTIONS, STORAGE_DRIVERS, Version, is_taken
from ..daemon_checks.circumstances import spoken_version
from ..units.docker_unit import DockerUnit
from .engine_versions import Versions, agreed

_DATA_ROOT_ONCE = ("graph", "g")


def flag_refusals(unit: DockerUnit, versions: Versions) -> Dict[str, Refusal]:
    """Give, by flag, what none of the versions takes."""

    def of(version: Version) -> Dict[str, Refusal]:
        return _refused(unit, version, versions.spoken())

    return agreed(versions, of)


def _refused(unit: DockerUnit, version: Version, engine: str) -> Dict[str, Refusal]:
    found = {}
    for flag in read_flags(unit.arguments[1:]):
        option = OPTIONS.get("graph" if flag.name in _DATA_ROOT_ONCE else flag.key)
        if option is None or is_taken(option, version):
            continue
        told = "came with %s" % spoken_version(option.since)
        if option.until and version >= option.until:
            told = "was removed in %s" % spoken_version(option.until)
        name = ("--%s" if len(flag.name) > 1 else "-%s") % flag.name
        found[name] = _refusal(
            unit, "has the flag %s, which %s does not take: it %s" % (name, engine, told)
        )
    driver = unit.flags.get("storage-driver", [""])[-1]
    gone = STORAGE_DRIVERS.get(driver, ())
    if gone and version >= gone:
        found["--storage-driver"] = _refusal(
            unit,
            "has the storage driver %s, which %s has not: it was removed in %s"
            % (driver, engine, spoken_version(gone)),
        )
    return found


def _refusal(unit: DockerUnit, told: str) -> Refusal:
    return Refusal(
        found="%s %s." % (unit.source, told),
        remedy="dockerd would not start: take the flag out of that file first.",
    )
