# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with the log driver of a daemon.json and its options.

dockerd --validate checks none of this. When dockerd starts it checks the options' names and some
values, if there are options at all; the other values are checked when a container starts.
"""

from typing import Dict, Iterator, List, Tuple

from ...words.difference import Refusal
from ...words.paths import DAEMON_JSON
from ...words.tables.daemon_options import Version
from ...words.tables.log_drivers import (
    DEFAULT_DRIVER,
    LOG_DRIVERS,
    NONE,
    OF_EVERY_DRIVER,
    OF_THE_COPY,
    LogDriver,
    LogOption,
)
from ..daemon.document import Document
from ..daemon_checks.circumstances import Circumstances, Found, spoken_version
from ..daemon_checks.refusals import is_foreign, refuse, wrong_option, wrong_value
from .go_values import near, says_true, whole_number
from .text_kinds import is_of_kind, wanted_of

Options = Dict[str, str]
_DRIVER = ("log-driver",)
_NO_CONTAINER = "no container starts with that"
# Drivers whose option values, not only the names, dockerd checks when it starts.
_LOOKED_AT = frozenset(("awslogs", "fluentd", "gelf", "syslog"))
_LATER = frozenset(("labels-regex", "env-regex", "tag"))
# To compress old files, there must be one besides the current file.
_LEAST_TO_COMPRESS = 2


def check_logging(document: Document, known: Circumstances) -> Found:
    """Refuse a log driver that does not exist, and options that it does not take or cannot use."""
    name = document.get("log-driver") or _last(known.flags.get("log-driver", [])) or DEFAULT_DRIVER
    options = document.get("log-opts", {})
    if name == NONE:
        return
    yield from _of_every_driver(options, known)
    driver = LOG_DRIVERS.get(name)
    if driver is None or not _is_taken(driver.until, known.version):
        yield from _wrong_name(name, known)
        return
    taken = dict(driver.options, **OF_EVERY_DRIVER)
    taken.update(OF_THE_COPY)
    for option, text in options.items():
        keys = ("log-opts", option)
        kind = taken.get(option)
        if kind is None and not driver.any_option:
            yield wrong_option(
                known,
                keys,
                "is no option of the log driver %s, and dockerd does not start with it" % name,
                near(option, taken),
            )
        elif kind is not None and not _is_option_taken(kind, known.version):
            yield wrong_option(known, keys, _not_taken(kind, known), "")
        elif kind is not None and not is_of_kind(kind.kind, text) and _counts(option, driver):
            at_start = option == "cache-disabled" or (name in _LOOKED_AT and option not in _LATER)
            told = "dockerd does not start with that" if at_start else _NO_CONTAINER
            yield wrong_value(known, keys, text, told, wanted_of(kind.kind))
    yield from _of_one_driver(name, driver, options, known)
    if not options and "log-driver" in document and not driver.any_option:
        yield from _of_flags(name, taken, known)


def _wrong_name(name: str, known: Circumstances) -> Found:
    """Refuse a name that no plugin can have; others are left to dockerd and its plugins."""
    named = {each.partition(":")[0] for each in known.named_files.plugins}
    if name in known.named_files.plugins or name in named:
        return
    drivers = [each for each, row in LOG_DRIVERS.items() if _is_taken(row.until, known.version)]
    gone = LOG_DRIVERS.get(name)
    wanted = "one of %s, or the name of an installed plugin" % ", ".join(sorted(drivers + [NONE]))
    if gone is not None and known.version and gone.until > (1,):
        told = "it was removed in %s" % spoken_version(gone.until)
        yield wrong_value(known, _DRIVER, name, told, wanted)
    elif gone is not None:
        yield wrong_value(known, _DRIVER, name, "there is no such log driver on Linux", wanted)
    elif "/" not in name and ":" not in name:
        meant = near(name, drivers + [NONE])
        if meant:
            told = "there is no such log driver, and no container starts with it"
            yield wrong_value(known, _DRIVER, name, told, meant)


def _of_every_driver(options: Options, known: Circumstances) -> Found:
    mode = options.get("mode", "")
    keys = ("log-opts", "mode")
    if not is_of_kind("mode", mode):
        yield wrong_value(known, keys, mode, "dockerd does not start with that", wanted_of("mode"))
        return
    size = options.get("max-buffer-size")
    keys = ("log-opts", "max-buffer-size")
    if size is not None and mode != "non-blocking":
        yield refuse(
            known,
            keys,
            "is there, and log-opts/mode is not non-blocking: dockerd does not start",
            "goes with mode non-blocking alone",
        )
    elif size is not None and not is_of_kind("binary size", size):
        told = "dockerd does not start with that"
        yield wrong_value(known, keys, size, told, wanted_of("binary size"))


def _of_one_driver(
    name: str, driver: LogDriver, options: Options, known: Circumstances
) -> Iterator[Tuple[str, Refusal]]:
    is_lacking = driver.required and not options.get(driver.required)
    if is_lacking and (options or not is_foreign(known, _DRIVER)):
        yield refuse(
            known,
            _DRIVER,
            "is %s, and log-opts has no %s: %s"
            % (
                name,
                driver.required,
                "dockerd does not start" if options else "no container starts without its own",
            ),
            "wants %s in log-opts" % driver.required,
        )
    if name == "json-file":
        files = whole_number(options.get("max-file", "1"))
        few = files is not None and files < _LEAST_TO_COMPRESS
        if says_true(options.get("compress", "")) and (few or "max-size" not in options):
            yield refuse(
                known,
                ("log-opts", "compress"),
                "is true, and no container starts with that unless max-size is set and max-file "
                "is 2 or more",
                "wants max-size and max-file in log-opts",
            )
    elif name == "local":
        files = whole_number(options.get("max-file", "5"))
        few = files is not None and 0 <= files < _LEAST_TO_COMPRESS
        if few and says_true(options.get("compress", "true")):
            yield refuse(
                known,
                ("log-opts", "max-file"),
                "is %s, and the log driver local compresses old files: no container starts"
                % options["max-file"],
                "wants 2 or more, or compress false in log-opts",
            )
    elif name == "gelf":
        yield from _of_gelf(options, known)
    elif name == "awslogs":
        both = [each for each in _MULTILINE if each in options]
        if len(both) > 1 or (both and options.get("awslogs-format")):
            others = [each for each in ("awslogs-format",) + _MULTILINE if options.get(each)]
            yield refuse(
                known,
                ("log-opts", both[0]),
                "stands beside %s, and dockerd does not start with both"
                % " and ".join(each for each in others if each != both[0]),
                "wants one of them alone",
            )
    elif name == "fluentd":
        is_taken = _is_option_taken(driver.options[_ASYNC[1]], known.version)
        if is_taken and set(_ASYNC) <= set(options):
            yield refuse(
                known,
                ("log-opts", _ASYNC[1]),
                "stands beside fluentd-async, and dockerd does not start with both",
                "is the older name of fluentd-async, which is enough",
            )


_ASYNC = ("fluentd-async", "fluentd-async-connect")
_MULTILINE = ("awslogs-datetime-format", "awslogs-multiline-pattern")


def _of_gelf(options: Options, known: Circumstances) -> Found:
    scheme = options.get("gelf-address", "").partition("://")[0]
    for option in options:
        wants = "tcp" if option.startswith("gelf-tcp-") else ""
        wants = "udp" if option.startswith("gelf-compression-") else wants
        if wants and scheme in ("udp", "tcp") and scheme != wants:
            yield refuse(
                known,
                ("log-opts", option),
                "is an option for %s, and gelf-address is %s: dockerd does not start"
                % (wants, options["gelf-address"]),
                "goes with an address of %s alone" % wants,
            )


def _counts(option: str, driver: LogDriver) -> bool:
    """Whether a container's start checks this: a driver that reads its own logs keeps no copy."""
    if option in OF_EVERY_DRIVER:
        return False
    return option not in OF_THE_COPY or option == "cache-disabled" or not driver.reads


def _not_taken(kind: LogOption, known: Circumstances) -> str:
    if kind.until and known.version >= kind.until:
        return "is no option of %s: it was removed in %s" % (
            known.spoken,
            spoken_version(kind.until),
        )
    return "is no option of %s: it came with %s" % (known.spoken, spoken_version(kind.since))


def _is_option_taken(option: LogOption, version: Version) -> bool:
    return not version or (version >= option.since and _is_taken(option.until, version))


def _is_taken(until: Version, version: Version) -> bool:
    if until == (1,):
        return False
    return not until or not version or version < until


def _of_flags(name: str, taken: Dict[str, LogOption], known: Circumstances) -> Found:
    """Refuse a driver that does not take the options on the command line."""
    for each in known.flags.get("log-opts", []):
        option = each.partition("=")[0]
        if option not in taken:
            found = "%s: log-driver is %s, and --log-opt %s in %s is no option of it: %s." % (
                DAEMON_JSON,
                name,
                option,
                known.flags_source,
                "dockerd does not start",
            )
            yield (
                "/log-driver",
                Refusal(found=found, remedy="Take that flag out of %s." % known.flags_source),
            )


def _last(values: List[str]) -> str:
    return values[-1] if values else ""
