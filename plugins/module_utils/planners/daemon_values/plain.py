# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with the plain values of a daemon.json: names, numbers, sizes and forms.

dockerd checks most of them when it starts, and --validate some. This is for hosts without an engine
or with one that cannot validate, and for what --validate does not check.
"""

import re
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

from ...words.observations.docker.named_files import field_of
from ...words.tables.daemon_options import NEWEST_KNOWN, Version
from ..daemon.document import Document, Keys, kind_of
from ..daemon_checks.circumstances import Circumstances, Found
from ..daemon_checks.refusals import refuse, wrong_option, wrong_value
from .go_values import BINARY, LAST_PORT, near, size_of, whole_number

_NO_START = "dockerd does not start with that"


class Choice(NamedTuple):
    """The names that a key takes, and whether their case matters."""

    names: Tuple[str, ...]
    any_letters: bool = False


class Range(NamedTuple):
    """The numbers that a key takes."""

    lowest: int
    highest: Optional[int] = None


_CHOICES: Dict[str, Choice] = {
    "default-cgroupns-mode": Choice(("private", "host")),
    "default-ipc-mode": Choice(("private", "shareable")),
    "firewall-backend": Choice(("iptables", "nftables")),
    "log-format": Choice(("text", "json")),
    "log-level": Choice(
        ("trace", "debug", "info", "warn", "error", "fatal", "panic"), any_letters=True
    ),
}
_RANGES: Dict[str, Range] = {
    "default-stop-timeout": Range(0),
    "max-concurrent-downloads": Range(0),
    "max-concurrent-uploads": Range(0),
    "max-download-attempts": Range(0),
    "network-diagnostic-port": Range(0, LAST_PORT),
    "oom-score-adjust": Range(-1000, 1000),
}
# Before this version the word warning meant warn, and 0 attempts meant none (moby, daemon/config).
_FIRST_WITHOUT_WARNING: Version = (25,)
_FIRST_WITH_DEFAULT_ATTEMPTS: Version = (23,)
_FIRST_TO_LOOK_CLOSELY: Version = (28,)
_CGROUP_DRIVER = "native.cgroupdriver"
_CGROUP_DRIVERS = ("cgroupfs", "systemd")
# The lowest and highest API of the engines that take min-api-version (moby, daemon/config).
_LOWEST_API = (1, 24)
_HIGHEST_API: Tuple[Tuple[Version, Tuple[int, int]], ...] = (
    ((29, 6), (1, 55)),
    ((29, 3), (1, 54)),
    ((29, 2), (1, 53)),
    ((29,), (1, 52)),
)
_API = re.compile(r"(\d{1,4})\.(\d{1,4})$")
_OWN_LABELS = ("com.docker.", "io.docker.", "org.dockerproject.")
_HOST = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9_.-]*[a-zA-Z0-9])?(?::\d+)?$")
_PROXIES = ("http-proxy", "https-proxy", "no-proxy")
_MARK = re.compile(r"(?:0[xX][0-9a-fA-F]+|\d+)(?:/(?:0[xX][0-9a-fA-F]+|\d+))?$")
_METRICS = re.compile(r"(?:\[[^\]]*\]|[^:\[\]]*):(?P<port>\d+|[a-z][a-z0-9-]*)$")
_GC_SIZES = (
    "defaultKeepStorage",
    "defaultReservedSpace",
    "defaultMaxUsedSpace",
    "defaultMinFreeSpace",
)
_POLICY_SIZES = ("keepStorage", "reservedSpace", "maxUsedSpace", "minFreeSpace")


def check_plain_values(document: Document, known: Circumstances) -> Found:
    """Refuse values that dockerd does not take."""
    for key, value in document.items():
        for check in (_of_choice, _of_range, _of_form):
            yield from check(key, value, known)


def _of_choice(key: str, value: Any, known: Circumstances) -> Found:
    choice = _CHOICES.get(key)
    if choice is None or value == "":
        return
    spelt = value.lower() if choice.any_letters else value
    if spelt == "warning" and not (known.version and known.version >= _FIRST_WITHOUT_WARNING):
        return
    if spelt not in choice.names:
        yield wrong_value(known, (key,), value, _NO_START, "one of " + ", ".join(choice.names))


def _of_range(key: str, value: Any, known: Circumstances) -> Found:
    if key not in _RANGES:
        return
    lowest, highest = _RANGES[key]
    if (
        key == "network-diagnostic-port"
        and known.version
        and known.version < _FIRST_TO_LOOK_CLOSELY
    ):
        return
    if key == "max-download-attempts" and known.version:
        lowest = 0 if known.version >= _FIRST_WITH_DEFAULT_ATTEMPTS else 1
    if value < lowest or (highest is not None and value > highest):
        wanted = "a number from %d on" % lowest
        if highest is not None:
            wanted = "a number from %d to %d" % (lowest, highest)
        yield wrong_value(known, (key,), value, _NO_START, wanted)


def _of_form(key: str, value: Any, known: Circumstances) -> Found:
    check = _FORMS.get(key)
    yield from check((key,), value, known) if check is not None else ()


def _check_shm_size(keys: Keys, value: str, known: Circumstances) -> Found:
    if size_of(value, BINARY) is None:
        yield wrong_value(known, keys, value, _NO_START, "a size such as 64m")


def _check_labels(keys: Keys, labels: List[str], known: Circumstances) -> Found:
    values: Dict[str, str] = {}
    for label in labels:
        name, equals, value = label.partition("=")
        if not equals:
            yield wrong_value(known, keys, label, _NO_START, "labels such as NAME=VALUE")
        elif label.lower().startswith(_OWN_LABELS):
            told = "that name is kept for Docker's own, and dockerd does not start"
            yield wrong_value(known, keys, label, told, "another name")
        elif values.setdefault(name, value) != value:
            told = "%s has two values, and dockerd does not start" % name
            yield wrong_value(known, keys, label, told, "one value for each label")


def _check_resources(keys: Keys, resources: List[str], known: Circumstances) -> Found:
    found: Dict[str, List[str]] = {}
    for each in resources:
        name, _equals, value = each.partition("=")
        if each.count("=") != 1:
            yield wrong_value(known, keys, each, _NO_START, "resources such as NAME=VALUE")
            return
        found.setdefault(name.strip(), []).append(value.strip())
    for name, values in found.items():
        numbers = [each for each in map(whole_number, values) if each is not None]
        if len(values) == 1 and numbers and numbers[0] < 0:
            told = "%s is below 0, and dockerd does not start" % name
            yield wrong_value(known, keys, values[0], told, "a number from 0 on")
        elif len(values) > 1 and numbers:
            yield refuse(
                known,
                keys,
                "has %s twice, with a number among its values: dockerd does not start" % name,
                "wants one number for a resource, or names alone",
            )


def _check_exec_options(keys: Keys, options: List[str], known: Circumstances) -> Found:
    is_strict = bool(known.version) and known.version >= _FIRST_TO_LOOK_CLOSELY
    for option in options:
        name, _equals, value = (part.strip() for part in option.partition("="))
        if name.lower() == _CGROUP_DRIVER and value:
            if value not in _CGROUP_DRIVERS:
                wanted = "%s=cgroupfs or %s=systemd" % (_CGROUP_DRIVER, _CGROUP_DRIVER)
                yield wrong_value(known, keys, option, _NO_START, wanted)
        elif is_strict:
            wanted = "%s=cgroupfs or %s=systemd" % (_CGROUP_DRIVER, _CGROUP_DRIVER)
            yield wrong_value(known, keys, option, _NO_START, wanted)


def _check_insecure(keys: Keys, registries: List[str], known: Circumstances) -> Found:
    for registry in registries:
        told = _registry_complaint(registry)
        if told:
            told += ", and dockerd does not start"
            yield wrong_value(known, keys, registry, told, "HOST, HOST:PORT or a network")


def _registry_complaint(registry: str) -> str:
    plain = re.sub(r"^https?://", "", registry, flags=re.I)
    if "://" in plain:
        return "it has a scheme"
    if plain.startswith("-") or plain.endswith("-"):
        return "it begins or ends with a hyphen"
    if re.match(r"[0-9a-fA-F.:]+/\d+$", plain) or plain.startswith("[") or plain.count(":") > 1:
        return ""
    if not _HOST.match(plain):
        return "it is no name or address of a host"
    port = whole_number(plain.partition(":")[2] or "0")
    return "" if port is not None and port <= LAST_PORT else "its port is no port"


def _check_api(keys: Keys, value: str, known: Circumstances) -> Found:
    found = _API.match(value)
    api = (int(found.group(1)), int(found.group(2))) if found else (0, 0)
    highest = [top for since, top in _HIGHEST_API if not known.version or known.version >= since]
    # An engine newer than the table may have a newer API.
    newest = not known.version or known.version > NEWEST_KNOWN + (10**6,)
    if api < _LOWEST_API or (highest and not newest and api > highest[0]):
        top = "%d.%d" % highest[0] if highest else ""
        yield wrong_value(known, keys, value, _NO_START, "a version from 1.24 to %s" % top)


def _check_metrics(keys: Keys, value: str, known: Circumstances) -> Found:
    found = _METRICS.match(value)
    number = whole_number(found.group("port")) if found is not None else None
    # A port may also be a name (services(5)).
    if value and (found is None or (number is not None and number > LAST_PORT)):
        yield wrong_value(known, keys, value, _NO_START, "an address such as 127.0.0.1:9323")


def _check_builder(keys: Keys, builder: Document, known: Circumstances) -> Found:
    gc = field_of(builder, "gc")
    if gc is None:
        return
    if not isinstance(gc, dict):
        yield refuse(known, keys + ("gc",), "is %s" % kind_of(gc), "wants a map")
        return
    # Without garbage collection it does not check this; since 28 that is on by default.
    by_itself = not known.version or known.version >= _FIRST_TO_LOOK_CLOSELY
    if field_of(gc, "enabled") is False or (field_of(gc, "enabled") is None and not by_itself):
        return
    yield from _check_sizes(keys + ("gc",), gc, _GC_SIZES, known)
    policies = field_of(gc, "policy")
    for each in policies if isinstance(policies, list) else ():
        if isinstance(each, dict):
            yield from _check_sizes(keys + ("gc", "policy"), each, _POLICY_SIZES, known)


def _check_proxies(keys: Keys, proxies: Document, known: Circumstances) -> Found:
    for name, value in proxies.items():
        if name not in _PROXIES:
            told = "is no key that dockerd knows, and dockerd does not start with it"
            yield wrong_option(known, keys + (name,), told, near(name, _PROXIES))
        elif value is not None and not isinstance(value, str):
            told = "is %s, and dockerd does not start" % kind_of(value)
            yield refuse(known, keys + (name,), told, "wants text")


def _check_network_options(keys: Keys, drivers: Document, known: Circumstances) -> Found:
    for driver, options in drivers.items():
        if not isinstance(options, dict):
            told = "is %s, and dockerd does not start" % kind_of(options)
            yield refuse(known, keys + (driver,), told, "wants a map of options")
            continue
        for name, value in options.items():
            if not isinstance(value, str):
                told = "is %s, and dockerd does not start" % kind_of(value)
                yield refuse(known, keys + (driver, name), told, "wants text, so quote it")


def _check_mark(keys: Keys, value: str, known: Circumstances) -> Found:
    if value and not _MARK.match(value):
        yield wrong_value(known, keys, value, _NO_START, "a mark and its mask, such as 0x1/0x1")


def _check_sizes(
    keys: Keys, values: Document, names: Tuple[str, ...], known: Circumstances
) -> Iterator[Any]:
    for name in names:
        value = field_of(values, name)
        if value is None or value == "" or _is_percentage(value):
            continue
        if not isinstance(value, str) or size_of(value, BINARY) is None:
            yield wrong_value(known, keys + (name,), value, _NO_START, "a size such as 20GB")


def _is_percentage(value: Any) -> bool:
    return isinstance(value, str) and value.endswith("%") and whole_number(value[:-1]) is not None


_FORMS: Dict[str, Callable[[Keys, Any, Circumstances], Found]] = {
    "bridge-accept-fwmark": _check_mark,
    "builder": _check_builder,
    "default-network-opts": _check_network_options,
    "default-shm-size": _check_shm_size,
    "exec-opts": _check_exec_options,
    "insecure-registries": _check_insecure,
    "labels": _check_labels,
    "metrics-addr": _check_metrics,
    "min-api-version": _check_api,
    "node-generic-resources": _check_resources,
    "proxies": _check_proxies,
}
