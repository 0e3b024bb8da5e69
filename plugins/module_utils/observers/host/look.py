# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One read-only look at a host. It needs no network and wakes nothing."""

from typing import Any, Dict, Mapping, Optional, Tuple

from ...words.docker_names import CONTAINERD_SERVICE, DOCKER_SERVICE
from ...words.observations.docker.daemons import DaemonsObserved
from ...words.observations.docker.named_files import NamedFilesObserved
from ...words.observations.host import (
    DaemonObserved,
    FileObserved,
    Look,
    Observation,
    PackageObserved,
    Question,
    System,
    UnitObserved,
)
from ...words.observations.reach import ReachObserved
from ...words.observations.transaction import TransactionObserved
from ...words.paths import DAEMON_JSON, DATA_ROOT
from ..containers.orphans import observe_orphans
from ..containers.shims import observe_shims
from ..daemon.containerd import observe_containerd, with_layers
from ..daemon.daemon import DaemonSilent, observe_daemon
from ..daemon.data_root import as_spelt, observe_data_root, observe_drivers
from ..daemon.installed_docker import observe_daemons
from ..daemon.named_files import observe_named_files
from ..daemon.roots_to_be import observe_root_to_be, root_of_stopped
from ..group.group import observe_group
from ..kernel.filesystems import has_project_quota
from ..kernel.kernel import observe_kernel
from ..listening.listening import observe_listening
from ..networks.kernel import observe_networks
from ..networks.reach import observe_reach
from ..packages.packages import observe_architecture, observe_packages
from ..packages.private_view import ask
from ..packages.programs import observe_programs
from ..packages.transaction import observe_transaction
from ..storage.mounts import MountTable, observe_mounts
from ..storage.storage import observe_storage
from ..trust.access import find_sockets, observe_access
from ..units.files import observe_unit_faults
from ..units.units import observe_units
from .applied import observe_applied
from .command import CommandFailed
from .files import observe_files, parse_json
from .first_process import observe_first_process
from .run_at_work import observe_run_at_work
from .staged import is_commit_cut_off, observe_staged
from .tools import observe_tools


def observe_host(system: System, look: Look) -> Observation:
    """Look at everything the plan needs; ``unobserved`` says what could not be seen, and why."""
    run_at_work = observe_run_at_work()
    unobserved: Dict[str, str] = {}
    packages: Dict[str, PackageObserved] = {}
    units: Dict[str, UnitObserved] = {}
    architecture, transaction = "", TransactionObserved()
    if look.family:
        try:
            architecture = observe_architecture(look.family)
            packages = observe_packages(look.family, look.packages)
            transaction = observe_transaction(look.family, packages)
        except CommandFailed as failed:
            unobserved["packages"] = str(failed)
    if look.units:
        try:
            units = observe_units(look.units)
        except CommandFailed as failed:
            unobserved["units"] = str(failed)
    files = observe_files(look.files, look.globs)
    daemon, daemon_silent = None, ""
    # Without containerd a daemon does not answer, and containerd's unit tells that already.
    asked = [units[name] for name in (DOCKER_SERVICE, CONTAINERD_SERVICE) if name in units]
    if asked and all(unit.active_state == "active" for unit in asked):
        try:
            daemon = observe_spelt_daemon(files)
        except DaemonSilent as silent:
            daemon_silent = str(silent)
    runs = DOCKER_SERVICE in units and units[DOCKER_SERVICE].active_state == "active"
    if look.access is not None:
        sockets = find_sockets(look.access.service, files)
        files.update(observe_files([path for path in sockets if path not in files], ()))
    staged = observe_staged()
    # The look includes what is staged and will be committed, whoever staged it.
    files.update(observe_files([path for path in staged.files if path not in files], ()))
    root = _root_of(files, daemon)
    others = _observe_others(look, root, packages)
    containerd = observe_containerd(units, root, daemon is None)
    daemon = with_layers(daemon, containerd, root)
    has_storage = look.storage is not None or bool(look.carried)
    mounts = observe_mounts() if has_storage else MountTable(())
    return Observation(
        system=system,
        architecture=architecture,
        files=files,
        packages=packages,
        units=units,
        daemon=daemon,
        daemon_silent=daemon_silent,
        applied=observe_applied(),
        staged=staged,
        commit_cut_off=is_commit_cut_off(),
        data_root=observe_data_root(root),
        networks=observe_networks() if look.networks else (),
        carriers={path: mounts.carrier(path) for path in _carried(look, daemon)},
        project_quota=has_storage and has_project_quota(),
        storage=observe_storage(look.storage, mounts, root, containerd.root)
        if look.storage is not None
        else None,
        group=observe_group(look.group) if look.group is not None else None,
        kernel=observe_kernel(look.kernel) if look.kernel is not None else None,
        unobserved=unobserved,
        daemons=others,
        listening=observe_listening() if look.units else None,
        shims=observe_shims(root) if runs and daemon is None else None,
        access=observe_access(look.access, files, units, daemon is not None)
        if look.access is not None
        else None,
        # A run that began meanwhile may have changed something during this look.
        run_at_work=run_at_work or observe_run_at_work(),
        programs=observe_programs(look.family, look.programs, packages),
        orphans=observe_orphans(daemon, units[DOCKER_SERVICE], root, others)
        if daemon is not None
        else (),
        named_files=_observe_named(look, files, root),
        containerd=containerd,
        tools=observe_tools(look.tools),
        left_drivers={path: observe_drivers(path) for path in look.carried},
        roots_to_be={path: observe_root_to_be(path, root) for path in look.carried},
        first_process=observe_first_process(),
        transaction=transaction,
        unit_faults=observe_unit_faults(look.units),
        reach=observe_reach() if look.networks else ReachObserved(),
    )


def _observe_others(
    look: Look, root: str, packages: Mapping[str, PackageObserved]
) -> DaemonsObserved:
    """Look for daemons beside docker.service, if the plan is about Docker's daemon."""
    if not look.units:
        return DaemonsObserved()
    is_installed = bool(packages.get("docker-ce", PackageObserved()).version)
    return observe_daemons(root, look.family, is_installed)


def _observe_named(look: Look, files: Mapping[str, FileObserved], root: str) -> NamedFilesObserved:
    """Look at the files that daemon.json names, if the plan is about it."""
    if look.named_files is None:
        return NamedFilesObserved()
    return observe_named_files(look.named_files, files[DAEMON_JSON].text, root)


def _carried(look: Look, daemon: Optional[DaemonObserved]) -> Tuple[str, ...]:
    """Give the paths whose mount is asked for, and that of the running daemon's layers."""
    layers = daemon.layers if daemon is not None else ""
    return look.carried + ((layers,) if look.carried and layers else ())


def observe_answers(observed: Observation, questions: Mapping[str, Question]) -> Observation:
    """Ask the questions that follow from a look, and add the answers to it."""
    answers = {name: ask(each) for name, each in questions.items()}
    return observed._replace(answers=dict(observed.answers, **answers))


def observe_spelt_daemon(files: Mapping[str, FileObserved]) -> DaemonObserved:
    """Ask the daemon, and spell its data-root as the configuration does.

    :raises DaemonSilent: with the reason.
    """
    daemon = observe_daemon()
    told = daemon.settings.get("data-root")
    if not told:
        return daemon
    spelt = as_spelt(str(told), _configured_root(files))
    return daemon._replace(settings=dict(daemon.settings, **{"data-root": spelt}))


def _root_of(files: Mapping[str, FileObserved], daemon: Optional[DaemonObserved]) -> str:
    """Give the data-root, by the daemon's own word or by the file that it will read."""
    told = daemon.settings.get("data-root") if daemon is not None else None
    return str(told) if told else root_of_stopped(_configured_root(files), _configured(files))


def _configured_root(files: Mapping[str, FileObserved]) -> str:
    configuration = _configured(files)
    return str(configuration.get("data-root") or configuration.get("graph") or DATA_ROOT)


def _configured(files: Mapping[str, FileObserved]) -> Mapping[str, Any]:
    """Give what daemon.json says; nothing where it is not such a file."""
    try:
        configuration = parse_json(files.get(DAEMON_JSON, FileObserved()).text)
    except (ValueError, RecursionError):
        return {}
    return configuration if isinstance(configuration, dict) else {}
