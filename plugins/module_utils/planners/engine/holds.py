# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare the holds that keep an unattended upgrade from splitting the package set.

A deb is held in dpkg's selections (apt-mark(8)), an rpm by a line of dnf's versionlock plugin.
"""

import re
from typing import Iterator, Mapping, Sequence

from ...words import impacts, resources
from ...words.declared import declare_at
from ...words.difference import Difference
from ...words.observations.host import Observation, PackageObserved
from ...words.tables.supported_systems import SupportedSystem
from ..host.comparison import Comparison
from ..repository.plan import ROLE

VERSIONLOCK_LIST = "/etc/dnf/plugins/versionlock.list"
VERSIONLOCK_CONFIGURATION = "/etc/dnf/plugins/versionlock.conf"
VERSIONLOCK_PACKAGE = "python3-dnf-plugin-versionlock"

_ENABLED = re.compile(r"(?im)^\s*enabled\s*[=:]\s*(?:1|yes|true|on)\s*$")


def compare_holds(
    system: SupportedSystem, observed: Observation, names: Sequence[str]
) -> Iterator[Comparison]:
    """Compare the holds of packages that are installed as declared; others are held with that."""
    for name in names:
        declared = declare_at(resource=resources.ENGINE_HOLD, role=ROLE, path=name, wanted="held")
        if is_held(system, name, observed):
            yield Comparison(declared)
            continue
        yield Comparison(
            declared,
            Difference(
                resource=resources.ENGINE_HOLD,
                role=ROLE,
                path=name,
                expected="held at %s" % observed.packages[name].version,
                actual="not held",
                impact=impacts.NONE,
                sentence="hold %s, so that no unattended upgrade moves it alone" % name,
            ),
        )
    if system.family == "rpm":
        yield from _compare_plugin(observed)


def is_held(system: SupportedSystem, name: str, observed: Observation) -> bool:
    """Whether an installed package is held at its present version."""
    package = observed.packages[name]
    if system.family == "deb":
        return package.held
    line = lock_line(name, package.version)
    return line in observed.files[VERSIONLOCK_LIST].text.splitlines()


def lock_line(name: str, version: str) -> str:
    """Give versionlock's line for one version, as `dnf versionlock add` writes it."""
    return "%s-%s.*" % (name, version)


def render_locks(text: str, packages: Mapping[str, PackageObserved]) -> str:
    """Put these packages' locks into the list, in place of their former ones."""
    ours = [re.escape(name) for name in packages]
    # `!` excludes a version. A version begins with a digit, which no package name does here.
    theirs = re.compile(r"^!?(?:%s)-(?:\d+:)?\d" % "|".join(ours))
    kept = [line for line in text.splitlines() if not theirs.match(line.strip())]
    locks = [lock_line(name, each.version) for name, each in packages.items() if each.version]
    return "".join(line + "\n" for line in kept + locks)


def render_plugin_enabled(text: str) -> str:
    """Enable the plugin in its configuration, and leave all else as it is."""
    if _ENABLED.search(text):
        return text
    without = [line for line in text.splitlines() if not re.match(r"(?i)^\s*enabled\s*[=:]", line)]
    if "[main]" not in without:
        without.insert(0, "[main]")
    without.insert(without.index("[main]") + 1, "enabled = 1")
    return "".join(line + "\n" for line in without)


def is_plugin_enabled(text: str) -> bool:
    """Whether the plugin's configuration enables it."""
    return bool(_ENABLED.search(text))


def _compare_plugin(observed: Observation) -> Iterator[Comparison]:
    """Compare the plugin that holds packages; if it is not installed yet, it comes enabled."""
    path = VERSIONLOCK_CONFIGURATION
    file = observed.files[path]
    if file.kind == "absent":
        return
    declared = declare_at(resource=resources.ENGINE_HOLD, role=ROLE, path=path, wanted="enabled")
    if _ENABLED.search(file.text):
        yield Comparison(declared)
        return
    sentence = "enable dnf's versionlock plugin, which holds the packages"
    yield Comparison(
        declared,
        Difference(
            resource=resources.ENGINE_HOLD,
            role=ROLE,
            path=path,
            expected="enabled = 1",
            actual=file.text,
            impact=impacts.NONE,
            sentence=sentence,
        ),
    )
