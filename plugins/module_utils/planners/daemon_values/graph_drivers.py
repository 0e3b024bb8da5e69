# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with the storage-opts of a daemon.json: dockerd does not start with one that its
storage driver does not know, and --validate does not see it.
"""

from typing import Dict, List

from ...words.tables.graph_driver_options import (
    DRIVER_OPTIONS,
    EXACT_LETTERS,
    WITHOUT_A_LOOK,
    DriverOption,
)
from ..daemon.document import Document
from ..daemon_checks.circumstances import Circumstances, Found, spoken_version
from ..daemon_checks.refusals import is_foreign, refuse, wrong_option, wrong_value
from ..image_store.store import CONTAINERD
from .go_values import near
from .text_kinds import is_of_kind, wanted_of

_KEYS = ("storage-opts",)
_SHOWN = 3
_NO_START = "dockerd does not start with it"


def check_storage_options(document: Document, known: Circumstances) -> Found:
    """Refuse options that the next start's storage driver does not take in this version."""
    if known.store.kind == CONTAINERD:
        # It ignores them, and whoever has declared some is told so elsewhere.
        return
    driver = str(document.get("storage-driver") or known.store.driver)
    options = document.get("storage-opts", ())
    if driver in WITHOUT_A_LOOK:
        if options and not is_foreign(known, _KEYS):
            told = "the storage driver %s passes over all of them" % driver
            yield wrong_value(known, _KEYS, options, told, "none")
        return
    taken = _options_of(driver)
    if driver and not taken and driver not in DRIVER_OPTIONS:
        return
    takes = [name for name, kind in taken.items() if _is_taken(kind, known)]
    for option in options:
        name, equals, value = option.partition("=")
        name, value = name.strip(), value.strip()
        name = name if driver in EXACT_LETTERS else name.lower()
        kind = taken.get(name)
        if not equals:
            told = "it has no value, and dockerd does not start"
            yield wrong_value(known, _KEYS, option, told, "NAME=VALUE")
        elif kind is None:
            meant = near(name, [each for each in takes if "." in each])
            wanted = "%s=VALUE" % meant if meant else _all(takes)
            yield wrong_value(known, _KEYS, option, _unknown_to(driver), wanted)
        elif name not in takes:
            yield wrong_option(known, _KEYS, "has %s: %s" % (option, _not_taken(kind, known)), "")
        elif not is_of_kind(kind.kind, value):
            yield refuse(
                known,
                _KEYS,
                "says %s, and %s" % (option, _NO_START),
                "wants %s for %s" % (wanted_of(kind.kind), name),
            )


def _options_of(driver: str) -> Dict[str, DriverOption]:
    """Give the options of one driver, or of all where nobody can tell which it will be."""
    drivers = [driver] if driver else list(DRIVER_OPTIONS)
    return {
        name: option for each in drivers for name, option in DRIVER_OPTIONS.get(each, {}).items()
    }


def _unknown_to(driver: str) -> str:
    which = "the storage driver %s has no such option" % driver
    return "%s, and dockerd does not start" % (which if driver else "no storage driver has it")


def _all(takes: List[str]) -> str:
    shown = ["%s=VALUE" % each for each in sorted(takes)]
    return (
        " or ".join(shown[:_SHOWN]) + (" or another of its own" if shown[_SHOWN:] else "") or "none"
    )


def _not_taken(option: DriverOption, known: Circumstances) -> str:
    if option.until and known.version >= option.until:
        told = "it was removed in %s" % spoken_version(option.until)
    else:
        told = "it came with %s" % spoken_version(option.since)
    return "%s, and %s does not start with it" % (told, known.spoken)


def _is_taken(option: DriverOption, known: Circumstances) -> bool:
    if not known.version:
        return True
    return known.version >= option.since and not (option.until and known.version >= option.until)
