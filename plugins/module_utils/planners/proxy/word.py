# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare the running daemon's word on its proxies with what is declared.

Files that nobody has looked into, and programs that start dockerd, can override its environment;
``GET /info`` tells the result. The daemon is asked only after it has read all that is live, and if
nothing else is to come.
"""

from typing import Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ...words import impacts
from ...words.difference import Difference, Refusal
from ...words.docker_names import DOCKER_SERVICE
from ...words.observations.host import FileObserved, Observation, StagedSet
from ...words.paths import DAEMON_JSON
from ...words.resources import Resource
from ...words.unit_lines import assigned, environment_files, unquote, words
from ..activation.effect import DAEMON_RELOAD, effect_on_daemon
from ..daemon.word import same_proxy, shown_proxy
from ..units.docker_unit import read_unit

# The variables that systemd itself gives every service (systemd-system.conf(5)).
MANAGER_FILES = ("/etc/systemd/system.conf",)
MANAGER_GLOBS = tuple(
    folder + "/systemd/system.conf.d/*.conf"
    for folder in ("/usr/lib", "/usr/local/lib", "/run", "/etc")
)
_KEY_OF = {"HTTP_PROXY": "http-proxy", "HTTPS_PROXY": "https-proxy", "NO_PROXY": "no-proxy"}


def told_proxies(observed: Observation, staged: StagedSet) -> Dict[str, str]:
    """Give the daemon's proxies, by variable; none if it still has something to read."""
    daemon = observed.daemon
    told = daemon.settings.get("proxies") if daemon is not None else None
    if told is None:
        return {}
    effect = effect_on_daemon(observed, staged)
    of_unit = [each for each in effect.reasons if each.path != DAEMON_JSON]
    if "proxies" in effect.keys or any(each.action != DAEMON_RELOAD for each in of_unit):
        return {}
    return {name: str(told.get(key, "")) for name, key in _KEY_OF.items()}


def other_words(
    declared: Mapping[str, str], told: Mapping[str, str], files: Mapping[str, FileObserved]
) -> Iterator[Tuple[str, str]]:
    """Name what the daemon uses in place of what is declared, under the file that may set it."""
    path = _not_looked_into(files) or DOCKER_SERVICE
    for name, value in declared.items():
        if name not in told or same_proxy(_KEY_OF[name], value, told[name]) is not False:
            continue
        here, wanted = shown_proxy(told[name]), shown_proxy(value)
        if here == wanted:
            yield path, "%s has %s user" % (name, "a" if "@" in told[name] else "no")
        else:
            yield path, "%s is %s, where %s is declared" % (name, here or "not set", wanted)


def difference_of(
    path: str,
    found: Sequence[str],
    resource: Resource,
    role: str,
    files: Mapping[str, FileObserved],
) -> Difference:
    """Say that the running daemon uses another proxy."""
    whose = "by its own word"
    remedy = (
        "Find what sets it: a program that starts dockerd, or a file that "
        "`systemctl cat docker.service` shows."
    )
    if path != DOCKER_SERVICE:
        reader = next(each for each in read_unit(files).files if path in _sources(files, each))
        whose = "and %s has it read %s, which was not looked into" % (reader, path)
        remedy = "Take it out of %s, or declare it with docker_proxy." % path
    return Difference(
        resource=resource,
        role=role,
        path=path,
        expected="the declared proxy",
        actual="; ".join(found),
        impact=impacts.NONE,
        sentence="the running daemon goes by another proxy than docker_proxy declares",
        refusal=Refusal(
            found="the running daemon goes by another proxy than docker_proxy declares, %s: %s."
            % (whose, "; ".join(found)),
            remedy=remedy,
        ),
    )


def undeclared_words(
    declared: Mapping[str, str],
    told: Mapping[str, str],
    named: Sequence[str],
    files: Mapping[str, FileObserved],
) -> Iterator[str]:
    """Tell of proxies that nobody declares and no file of the unit sets."""
    # dockerd also reads a variable's name in small letters.
    said = {name.upper() for name in named} | set(declared)
    for name, value in told.items():
        if not value or name in said:
            continue
        source = _of_manager(files, name) or _not_looked_into(files)
        whose = (
            "%s may have set it" % source if source else "no file of %s sets it" % DOCKER_SERVICE
        )
        yield "The running daemon also goes by %s %s; docker_proxy says nothing of it, and %s." % (
            name,
            shown_proxy(value),
            whose,
        )


def _of_manager(files: Mapping[str, FileObserved], variable: str) -> str:
    """Name the last file by which systemd gives a variable to every service."""
    found: Optional[str] = None
    for path, file in files.items():
        if "/systemd/system.conf" not in path:
            continue
        for value in assigned(file.text, "Manager", "DefaultEnvironment"):
            names = [unquote(word).partition("=")[0].upper() for word in words(value)]
            found = path if variable in names else found
    return found or ""


def _not_looked_into(files: Mapping[str, FileObserved]) -> str:
    """Name the last file of variables that the unit reads and nobody has looked into."""
    found: List[str] = []
    for path in read_unit(files).files:
        found.extend(source for source in _sources(files, path) if source not in files)
    return found[-1] if found else ""


def _sources(files: Mapping[str, FileObserved], path: str) -> List[str]:
    return [each for each in environment_files(files[path].text) if each]
