# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find what is wrong with the runtimes of a daemon.json, before a container starts with one.

dockerd checks their fields when it starts, but no file (moby, daemon/runtime_unix.go). The name of
a shim is left to containerd, which finds its program.
"""

from typing import Any, Dict, List, Mapping

from ...words.observations.docker.named_files import field_of
from ...words.tables.daemon_options import Version
from ..daemon.document import Document, Keys, kind_of
from ..daemon_checks.circumstances import Circumstances, Found
from ..daemon_checks.named_files import why_no_program
from ..daemon_checks.refusals import is_foreign, refuse, wrong_value

STOCK = "runc"
_STOCK_SHIM = "io.containerd.runc.v2"
# containerd's first kind of shim, which was removed in containerd 2 and dockerd 23.0.
_FIRST_SHIM = "io.containerd.runtime.v1.linux"
_DEFAULT = ("default-runtime",)
_FIRST_WITH_SHIM_NAMES: Version = (23,)
_FIRST_WITH_RUNTIME_TYPE: Version = (24,)


def check_runtimes(document: Document, known: Circumstances) -> Found:
    """Refuse impossible runtimes, and a default with which no container starts."""
    runtimes: Dict[str, Any] = document.get("runtimes", {})
    default = document.get("default-runtime") or _last(known.flags.get("default-runtime", []))
    for name, runtime in runtimes.items():
        keys = ("runtimes", str(name))
        # With somebody else's runtime the daemon still serves those who do not ask for it.
        if name == default or not is_foreign(known, keys):
            checked = _of_one(keys, runtime, known, name == default)
        else:
            checked = _of_form(keys, runtime, known)
        yield from checked
    if default:
        yield from _of_default(default, runtimes, known)


def _of_one(keys: Keys, runtime: Any, known: Circumstances, is_default: bool) -> Found:
    wrong = list(_of_form(keys, runtime, known))
    yield from wrong
    if wrong:
        return
    path, shim = field_of(runtime, "path") or "", field_of(runtime, "runtimeType") or ""
    if not path and _is_before_types(known):
        # The daemon then uses runc, which may serve somebody else well.
        if not is_foreign(known, keys):
            told = "has no path, and %s knows nothing else: runtimeType came with 24.0"
            yield refuse(known, keys, told % known.spoken, "wants path")
    elif path:
        yield from _of_program(keys + ("path",), path, is_default, known)
    elif shim.startswith("/"):
        yield from _of_program(keys + ("runtimeType",), shim, is_default, known)
    elif not _is_shim_name(shim):
        told = "it is no name of a shim, and no container starts%s" % (
            "" if is_default else " with it"
        )
        wanted = "a name such as io.containerd.kata.v2"
        yield wrong_value(known, keys + ("runtimeType",), shim, told, wanted)


def _of_form(keys: Keys, runtime: Any, known: Circumstances) -> Found:
    """Refuse what no dockerd starts with, whoever asks for the runtime."""
    if keys[-1] == STOCK:
        yield refuse(
            known,
            keys,
            "has the name that dockerd keeps for its own runtime, and dockerd does not start",
            "wants another name",
        )
        return
    if not isinstance(runtime, Mapping):
        told = "is %s, and dockerd does not start" % kind_of(runtime)
        yield refuse(known, keys, told, "wants a map with path in it")
        return
    for name, kind, wanted in _FIELDS:
        value = field_of(runtime, name)
        if value is not None and not isinstance(value, kind):
            told = "is %s, and dockerd does not start" % kind_of(value)
            yield refuse(known, keys + (name,), told, "wants %s" % wanted)
            return
    path, shim = field_of(runtime, "path") or "", field_of(runtime, "runtimeType") or ""
    for each in field_of(runtime, "runtimeArgs") or ():
        if not isinstance(each, str):
            told = "has %s among them, and dockerd does not start" % kind_of(each)
            yield refuse(known, keys + ("runtimeArgs",), told, "wants a list of text")
            return
    if _is_before_types(known):
        return
    told = _contradiction(path, shim, runtime)
    if told:
        yield refuse(known, keys, told + ": dockerd does not start", "wants one of the two")
    elif not path and not shim:
        told = "has neither path nor runtimeType, and dockerd does not start"
        yield refuse(known, keys, told, "wants path, or runtimeType")


def _of_program(keys: Keys, path: str, is_default: bool, known: Circumstances) -> Found:
    if "/" in path and not path.startswith("/"):
        told = "it is no absolute path, and the runtime is started from the container's folder"
        yield wrong_value(known, keys, path, told, "a path from / on")
        return
    why = why_no_program(path, known)
    if why:
        told = "%s, and no container starts%s" % (why, "" if is_default else " with it")
        yield wrong_value(known, keys, path, told, "the path of a runtime that is there already")


def _contradiction(path: str, shim: str, runtime: Mapping[str, Any]) -> str:
    if path and shim:
        return "has both path and runtimeType"
    if path and field_of(runtime, "options"):
        return "has both path and options, which go with runtimeType"
    if shim and field_of(runtime, "runtimeArgs"):
        return "has both runtimeType and runtimeArgs, which go with path"
    return ""


def _is_before_types(known: Circumstances) -> bool:
    return bool(known.version) and known.version < _FIRST_WITH_RUNTIME_TYPE


def _of_default(default: str, runtimes: Mapping[str, Any], known: Circumstances) -> Found:
    by_flags = [each.partition("=")[0].strip() for each in known.flags.get("runtimes", [])]
    if default in (STOCK, _STOCK_SHIM) or default in runtimes or default in by_flags:
        return
    version = known.version
    if default == _FIRST_SHIM:
        if version and version >= _FIRST_WITH_SHIM_NAMES:
            told = "%s has it no longer, and no container starts with it" % known.spoken
            yield wrong_value(known, _DEFAULT, default, told, STOCK)
    elif not _is_shim_name(default):
        told = "there is no runtime of that name in runtimes, and dockerd does not start"
        yield wrong_value(
            known, _DEFAULT, default, told, "the name of one in runtimes, or %s" % STOCK
        )
    elif version and version < _FIRST_WITH_SHIM_NAMES:
        told = "before 23.0 dockerd takes no name of a shim, and does not start"
        yield wrong_value(known, _DEFAULT, default, told, "the name of one in runtimes")


def _is_shim_name(name: str) -> bool:
    """Whether dockerd takes a name for a shim's: io.containerd.kata.v2."""
    return "/" not in name and bool(name.partition(".")[0]) and "." in name


def _last(values: List[str]) -> str:
    return values[-1] if values else ""


_FIELDS = (
    ("path", str, "text"),
    ("runtimeType", str, "text"),
    ("runtimeArgs", list, "a list of text"),
    ("options", dict, "a map"),
)
