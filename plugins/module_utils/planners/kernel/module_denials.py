# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What makes a boot skip a module, or modprobe load nothing: modprobe.d(5), the command line."""

import re
from typing import Iterator, List, Mapping, NamedTuple, Sequence

from ...words.observations.host import FileObserved
from ...words.observations.kernel import KernelObserved
from ...words.paths import KERNEL_COMMAND_LINE
from ...words.unit_lines import continued_lines
from ..units.fragments import in_force

# A file hides files of its name in later folders (modprobe.d(5)).
_FOLDERS = (
    "/etc/modprobe.d",
    "/run/modprobe.d",
    "/usr/local/lib/modprobe.d",
    "/usr/lib/modprobe.d",
    "/lib/modprobe.d",
)
GLOBS = tuple(folder + "/*.conf" for folder in _FOLDERS)
# Commands that modprobe runs instead of loading, so that nothing is loaded.
_NOTHING = re.compile(r"^(?:/usr)?/bin/(?:true|false)\s*(?:#.*)?$")
# modprobe(8) uses the first, the kernel itself the second.
_ARGUMENTS = ("modprobe.blacklist", "module_blacklist")


class Denial(NamedTuple):
    """A line that denies a module; ``number`` counts from 1, or is 0 on the kernel's command line.

    ``is_total`` tells that nobody can load the module; other lines only make a boot skip it.
    """

    module: str
    path: str
    number: int
    words: str
    is_total: bool

    @property
    def place(self) -> str:
        """The place of the line, in words."""
        return "line %d of %s" % (self.number, self.path) if self.number else self.path


def denials_of(
    names: Sequence[str], seen: KernelObserved, files: Mapping[str, FileObserved]
) -> List[Denial]:
    """Give what denies modules that can be loaded; a built-in one cannot be denied."""
    found = list(_on_command_line(seen.command_line))
    found.extend(_in_files({path: files[path].text for path in in_force(files, _FOLDERS)}))
    return [each for each in found if each.module in names and each.module in seen.loadable]


def _on_command_line(arguments: Sequence[str]) -> Iterator[Denial]:
    for argument in arguments:
        name, _sign, value = argument.partition("=")
        if name in _ARGUMENTS:
            for module in value.split(","):
                yield Denial(
                    module=_plain(module),
                    path=KERNEL_COMMAND_LINE,
                    number=0,
                    words=argument,
                    is_total=name == _ARGUMENTS[1],
                )


def _in_files(texts: Mapping[str, str]) -> Iterator[Denial]:
    """Read files in order; of several install lines for a module modprobe uses the first."""
    installed = set()
    for path, text in texts.items():
        # A backslash leaves nothing in its place, and a remark goes on behind one, unlike a unit's.
        for number, line in continued_lines(text, "", ""):
            words = line.split()
            if not words:
                continue
            name = _plain(words[1]) if len(words) > 1 else ""
            if words[0] == "blacklist" and name:
                yield Denial(
                    module=name, path=path, number=number, words=" ".join(words), is_total=False
                )
            elif words[0] == "install" and name and name not in installed:
                installed.add(name)
                if _NOTHING.match(" ".join(words[2:])):
                    yield Denial(
                        module=name, path=path, number=number, words=" ".join(words), is_total=True
                    )


def _plain(module: str) -> str:
    return module.replace("-", "_")
