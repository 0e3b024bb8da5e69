# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look into repositories, install and hold packages with the host's own package manager."""

import functools
import os
from typing import (
    Callable,
    Dict,
    List,
    Mapping,
    NamedTuple,
    Sequence,
    Tuple,
    Union,
)

from ...observers.host.files import observe_file
from ...planners.engine import apt, dnf, holds
from ...planners.engine.unfinished import Cure
from ...planners.proxy.packages import package_environment
from ...planners.repository.plan import repository_id
from ...planners.trust.ownership import PUBLIC_MODE
from ...words.declarations.engine import EngineDeclaration, without_epoch
from ...words.declarations.proxy import ProxyDeclaration
from ...words.observations.host import PackageObserved
from ...words.observations.transaction import BegunPackage
from ...words.tables.supported_systems import SupportedSystem
from ..host import command
from ..host.files import write
from ..host.folders import make_folder
from .package_lock import PackageLock, await_lock, unlocked
from .transaction import on_record

_NOTHING = Cure()


class Preview(NamedTuple):
    """What a transaction would remove, and the package manager's own account of the whole.

    ``trouble`` is its complaint about other people's sources; ``touched`` are all packages that
    come.
    """

    removed: List[str]
    transaction: str
    trouble: str = ""
    touched: Tuple[str, ...] = ()


class Apt:
    """The packages of a deb system; ``cut_off`` says how to finish packages of Docker's."""

    place = staticmethod(apt.place)

    def __init__(
        self, lock_timeout: int, proxy: ProxyDeclaration, cut_off: Cure = _NOTHING
    ) -> None:
        self._cut_off = cut_off
        self._environment = dict(apt.ENVIRONMENT, **package_environment(proxy))
        self._lock = PackageLock(
            manager="apt", records=apt.LOCKS, numbers=(), said=apt.LOCKED, seconds=lock_timeout
        )

    def await_lock(self) -> None:
        """Wait until nobody uses the package manager, before anything is changed."""
        await_lock(self._lock)

    def finish(self, cure: Cure) -> None:
        """Finish what was cut off besides Docker's own packages, so that apt can start."""
        self._write_journal_back()
        if cure.configure:
            self._run(apt.configure(cure.configure))
        if cure.again:
            self._run(apt.install(dict(cure.again), (), again=True))
        if cure.triggers:
            self._run(apt.run_triggers())

    def offered(
        self, folder: str, names: Sequence[str], file: str = "", section: str = ""
    ) -> Dict[str, List[str]]:
        """Give the versions, newest first, that the repository file in a folder offers."""
        del section  # a file of apt's has none
        file = file or os.path.join(folder, apt.place("docker.sources"))
        lists = os.path.join(folder, "lists")
        # apt fetches as a user of its own, who has to read the folder.
        make_folder(lists)
        command.run(apt.probe(file, lists), self._environment)
        return apt.parse_offered(command.run(apt.list_offered(file, lists, names)))

    def foresee(self, folder: str, versions: Mapping[str, str], old: Sequence[str]) -> Preview:
        """Say what the transaction would remove; ``folder`` holds the sources to use, if any."""
        trouble = self._refresh(folder) if versions else ""
        text = self._run(apt.preview(folder, versions, old), trouble)
        touched = tuple(apt.parse_touched(text))
        return Preview(
            removed=apt.parse_removed(text),
            transaction=text.strip(),
            trouble=trouble,
            touched=touched,
        )

    def verify(self, folder: str, versions: Mapping[str, str], old: Sequence[str]) -> None:
        """Download every package, verified by the signed metadata, before any is changed."""
        again = self._again(versions)
        if again:
            self._run(apt.try_download(folder, again, (), again=True))
        self._run(apt.try_download(folder, versions, old))

    def install(self, versions: Mapping[str, str], old: Sequence[str]) -> None:
        """Install exactly these versions and remove old packages, in one transaction.

        Packages of these versions that were cut off are finished first, those to configure before
        those to unpack again: with both at once apt stops at an "internal error".
        """
        if self._cut_off.configure:
            # dpkg ends with 1 where a package waits for another that is still to come.
            self._run(apt.configure(self._cut_off.configure), accepted=(0, 1))
        again = self._again(versions)
        if again:
            self._run(apt.install(again, (), again=True))
        self._run(apt.install(versions, old))

    def install_prerequisites(self, names: Sequence[str]) -> None:
        """Install packages of the distribution."""
        self._write_journal_back()
        trouble = self._refresh()
        argv = apt.install_newest(names)
        touched = apt.parse_touched(self._run([*argv, "--simulate"], trouble))
        with on_record(dict.fromkeys(touched, BegunPackage())):
            self._run(argv, trouble)

    def hold(self, packages: Mapping[str, PackageObserved]) -> None:
        """Hold packages at the version they have."""
        self._run(apt.hold(list(packages)))

    def _write_journal_back(self) -> None:
        if os.path.isdir(apt.JOURNAL) and os.listdir(apt.JOURNAL):
            self._run(apt.write_journal_back())

    def _again(self, versions: Mapping[str, str]) -> Dict[str, str]:
        """Give the packages to unpack again in their version; the transaction brings the others."""
        return {name: each for name, each in self._cut_off.again if versions.get(name) == each}

    def _refresh(self, folder: str = "") -> str:
        """Fetch the metadata of every source, and give what was wrong."""
        try:
            self._run(apt.refresh(folder))
        except command.ApplyFailed as failed:
            # A broken source of somebody else's is no reason to stop while the others offer what is
            # wanted.
            return str(failed)
        return ""

    def _run(self, argv: Sequence[str], trouble: str = "", accepted: Sequence[int] = (0,)) -> str:
        """Run a command; if it fails, its error also tells the earlier trouble."""
        deed = functools.partial(command.run, argv, self._environment, accepted)
        try:
            return unlocked(self._lock, deed)
        except command.ApplyFailed as failed:
            raise command.ApplyFailed(" ".join(filter(None, (str(failed), trouble))))


class Dnf:
    """The packages of an rpm system; ``cut_off`` says how to finish packages of Docker's."""

    place = staticmethod(dnf.place)

    def __init__(
        self,
        lock_timeout: int,
        channel: str,
        proxy: ProxyDeclaration,
        cut_off: Cure = _NOTHING,
    ) -> None:
        self._cut_off = cut_off
        self._environment = dict(dnf.ENVIRONMENT, **package_environment(proxy))
        self._lock = PackageLock(
            manager="dnf",
            records=dnf.LOCKS,
            numbers=dnf.LOCK_NUMBERS,
            said=dnf.LOCKED,
            seconds=lock_timeout,
        )
        self._repository = repository_id(channel)

    def await_lock(self) -> None:
        """Wait until nobody uses the package manager, before anything is changed."""
        await_lock(self._lock)

    def offered(
        self, folder: str, names: Sequence[str], file: str = "", section: str = ""
    ) -> Dict[str, List[str]]:
        """Give the versions, newest first, that the repository file in a folder offers."""
        del file  # dnf reads the folder
        repository = section or self._repository
        self._run(dnf.probe(folder, repository))
        return dnf.parse_offered(self._run(dnf.list_offered(folder, repository, names)))

    def foresee(self, folder: str, versions: Mapping[str, str], old: Sequence[str]) -> Preview:
        """Say what the transaction would remove, before any file of the host names the site."""
        stay = self._staying(versions)
        asked = [dnf.preview(folder, versions)] if versions else []
        if stay:
            asked.append(dnf.preview_again(folder, stay))
        if old:
            asked.append(dnf.preview_removal(old))
        # Such a preview ends with 1, since nothing was done.
        said = [self._run(argv, accepted=(0, 1)) for argv in asked]
        removed = [name for text in said for name in dnf.parse_removed(text)]
        touched = tuple(name for text in said for name in dnf.parse_touched(text))
        return Preview(removed=removed, transaction="\n".join(said).strip(), touched=touched)

    def finish(self, cure: Cure) -> None:
        """Finish what was cut off besides Docker's own packages."""
        if cure.again:
            self._run(dnf.reinstall(dict(cure.again)))

    def verify(self, folder: str, versions: Mapping[str, str], old: Sequence[str]) -> None:
        """Download every package and check its signature, before any is changed."""
        del old  # removed in a transaction before
        stay = self._staying(versions)
        if stay:
            self._run(dnf.try_download_again(folder, stay))
        self._run(dnf.try_download(folder, versions))

    def install(self, versions: Mapping[str, str], old: Sequence[str]) -> None:
        """Remove old packages, and install exactly these versions."""
        if old:
            self._run(dnf.remove(old))
        stay = self._staying(versions)
        if stay:
            self._run(dnf.reinstall(stay))
        if versions:
            self._run(dnf.install(versions))

    def _staying(self, versions: Mapping[str, str]) -> Dict[str, str]:
        """Give the cut-off packages that keep their version, or of which there are two."""
        return {
            name: version
            for name, version in self._cut_off.again
            if name in versions
            and (
                name in self._cut_off.twice
                or without_epoch(version) == without_epoch(versions[name])
            )
        }

    def install_prerequisites(self, names: Sequence[str]) -> None:
        """Install packages of the distribution."""
        with on_record(dict.fromkeys(names, BegunPackage())):
            self._run(dnf.install_newest(names))

    def hold(self, packages: Mapping[str, PackageObserved]) -> None:
        """Hold packages at the version they have."""
        _rewrite(holds.VERSIONLOCK_CONFIGURATION, holds.render_plugin_enabled)
        _rewrite(holds.VERSIONLOCK_LIST, lambda text: holds.render_locks(text, packages))

    def _run(self, argv: Sequence[str], accepted: Sequence[int] = (0,)) -> str:
        deed = functools.partial(command.run, argv, self._environment, accepted)
        return unlocked(self._lock, deed)


PackageInstaller = Union[Apt, Dnf]


def package_installer(
    system: SupportedSystem,
    engine: EngineDeclaration,
    cut_off: Cure = _NOTHING,
) -> PackageInstaller:
    """Give the installer of a system's package family.

    ``cut_off`` says how to finish Docker's packages that an earlier run began to install.
    """
    if system.family == "deb":
        return Apt(engine.lock_timeout, engine.proxy, cut_off)
    return Dnf(engine.lock_timeout, engine.channel, engine.proxy, cut_off)


def _rewrite(path: str, render: Callable[[str], str]) -> None:
    file = observe_file(path)
    text = render(file.text)
    if text != file.text:
        write(path, text, file.mode or PUBLIC_MODE)
