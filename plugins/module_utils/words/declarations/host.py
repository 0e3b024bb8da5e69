# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a user declares of a host: what the arguments of the roles mean. No host is touched."""

import ipaddress
import re
from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

from ..arguments import defaults_of
from ..told_value import told_value
from .drop_in import DropInDeclaration
from .error import DeclarationError
from .group import GroupDeclaration
from .kernel import KernelDeclaration
from .proxy import ProxyDeclaration
from .storage import StorageDeclaration, plain_path, seconds

_VERSION_PREFIX = re.compile(r"^\d+(?:\.\d+)?$")
_FULL_VERSION = re.compile(
    r"^(?:\d+:)?(?P<upstream>\d+\.\d+\.\d+(?:~[a-z]+[.\d]*)?)(?P<release>(?:~\d+)?-\S+)?$"
)


class EngineDeclaration(NamedTuple):
    """What is declared of the engine's packages.

    ``repo_urls`` are base addresses of sites laid out like download.docker.com, ``repo_key`` an
    armoured key (empty: it comes from the site), ``repo_key_fingerprint`` 40 upper-case digits
    (empty: Docker's own key of the host's package family). ``version`` is ``present``, a full
    version without its epoch (``28.5.2``, ``28.5.2-1~debian.13~trixie``) or a prefix (``28``);
    ``upgrade`` asks for the newest under it. ``allow_downgrade`` consents to going back across a
    major version. ``lock_timeout`` are the seconds to wait for a busy package manager, ``proxy``
    what that and the search for a key go through. ``before_daemon`` tells that the engine starts
    only once docker_daemon has carried out what it declares.
    """

    repo_urls: Tuple[str, ...]
    repo_key: str = ""
    repo_key_fingerprint: str = ""
    channel: str = "stable"
    version: str = "present"
    upgrade: bool = False
    allow_downgrade: bool = False
    allow_podman_removal: bool = False
    lock_timeout: int = 120
    proxy: ProxyDeclaration = ProxyDeclaration()
    before_daemon: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether one version alone is as declared."""
        return self.version != "present" and self.version.count(".") >= 2


class DaemonDeclaration(NamedTuple):
    """What is declared of daemon.json.

    ``config`` is merged into the file, null taking a key out of it; ``defaults`` adds ours where
    it says nothing. ``exclusive`` takes keys out that are not declared. ``reserved_networks`` are
    in use though no route of the host shows them. ``hosts_drop_in`` has a drop-in of ours take
    ``-H`` out of the unit's command line where ``config`` says ``hosts``. data-root and the storage
    driver follow a filesystem that docker_storage has on ``storage_mount_point``.
    """

    config: Dict[str, Any] = {}
    defaults: bool = True
    reserved_networks: Tuple[str, ...] = ()
    exclusive: bool = False
    hosts_drop_in: bool = False
    allow_network_overlap: bool = False
    allow_data_left_behind: bool = False
    storage_mount_point: str = ""
    storage_filesystem: str = "auto"


class ActivationDeclaration(NamedTuple):
    """What is declared of the daemon's activation.

    ``retry`` tries a set again that has failed before. ``accepted_drop_ins`` are others' files
    that may override the unit's command line. ``start_timeout`` are the seconds to wait for a unit
    that has no time-out of its own, ``health_timeout`` those a daemon that is up may take to become
    well, ``stable_seconds`` those it must then stay up; ``run_timeout`` are those that a role waits
    for another run on the host. ``deferred`` is said to a role that is followed by others: what all
    of them stage is judged together, by the activation. ``whole_run`` is said of the plan of a
    whole run: nobody else installs what none of its roles does.
    """

    allow_container_stop: bool = False
    retry: bool = False
    accepted_drop_ins: Tuple[str, ...] = ()
    health_timeout: int = 60
    stable_seconds: int = 3
    run_timeout: int = 300
    start_timeout: int = 600
    deferred: bool = False
    whole_run: bool = False


class Declaration(NamedTuple):
    """All that is declared of one host; a role that is not planned declares nothing.

    ``drop_in`` is one of the user's own, that no role answers for.
    """

    engine: EngineDeclaration = EngineDeclaration(())
    daemon: DaemonDeclaration = DaemonDeclaration()
    activation: ActivationDeclaration = ActivationDeclaration()
    storage: StorageDeclaration = StorageDeclaration()
    kernel: KernelDeclaration = KernelDeclaration()
    proxy: ProxyDeclaration = ProxyDeclaration()
    group: GroupDeclaration = GroupDeclaration()
    drop_in: Optional[DropInDeclaration] = None


def declare_engine(arguments: Mapping[str, Any]) -> EngineDeclaration:
    """Read the arguments of ``docker_engine``.

    :raises DeclarationError: for a value without meaning.
    """
    urls = tuple(_site(url) for url in arguments["repo_urls"])
    if not urls:
        raise DeclarationError(
            "docker_engine_repo_urls is empty. It wants at least one package site, "
            "for example https://download.docker.com."
        )
    return EngineDeclaration(
        urls,
        arguments["repo_key"],
        _fingerprint(arguments["repo_key_fingerprint"]),
        arguments["channel"],
        _version(arguments["version"]),
        bool(arguments["upgrade"]),
        bool(arguments["allow_downgrade"]),
        bool(arguments["allow_podman_removal"]),
        seconds("docker_engine_lock_timeout", arguments["lock_timeout"]),
    )


def declare_daemon(arguments: Mapping[str, Any]) -> DaemonDeclaration:
    """Read the arguments of ``docker_daemon``; its short cuts become keys of ``config``.

    :raises DeclarationError: for a value without meaning, or one that is declared twice.
    """
    config = dict(arguments["config"])
    short_cuts = (
        ("registry_mirrors", "registry-mirrors", list(arguments["registry_mirrors"])),
        ("address_pools", "default-address-pools", [dict(p) for p in arguments["address_pools"]]),
        ("bip", "bip", arguments["bip"]),
    )
    for variable, key, value in short_cuts:
        if not value:
            continue
        if config.get(key) not in (None, value):
            raise DeclarationError(
                "docker_daemon_%s and docker_daemon_config both say what %s is. Keep one of them."
                % (variable, key)
            )
        config[key] = value
    for key in config:
        if not isinstance(key, str):
            raise DeclarationError(
                "docker_daemon_config has the key %s, which is no text. Quote it." % told_value(key)
            )
    point = arguments.get("storage_mount_point", "")
    return DaemonDeclaration(
        config,
        bool(arguments["defaults"]),
        tuple(_network(each) for each in arguments["reserved_networks"]),
        bool(arguments["exclusive"]),
        bool(arguments["hosts_drop_in"]),
        bool(arguments["allow_network_overlap"]),
        bool(arguments["allow_data_left_behind"]),
        plain_path(point) if point else "",
        arguments.get("storage_filesystem", "auto"),
    )


def on_storage(daemon: DaemonDeclaration, storage: StorageDeclaration) -> DaemonDeclaration:
    """Have daemon.json follow the filesystem that is declared beside it."""
    if not storage.is_mounted:
        return daemon
    return daemon._replace(
        storage_mount_point=storage.mount_point, storage_filesystem=storage.filesystem
    )


def by_proxy(engine: EngineDeclaration, proxy: ProxyDeclaration) -> EngineDeclaration:
    """Have packages come through the proxy that is declared beside them, if it is for them too."""
    return engine._replace(proxy=proxy) if proxy.packages else engine


def declare_activation(arguments: Mapping[str, Any]) -> ActivationDeclaration:
    """Read the arguments of ``docker_activation``, or those of them that another role takes."""
    given = dict(defaults_of("docker_activation"), **arguments)
    return ActivationDeclaration(
        bool(given["allow_container_stop"]),
        bool(given["retry"]),
        tuple(_drop_in(path) for path in given["accepted_drop_ins"]),
        seconds("docker_activation_health_timeout", given["health_timeout"]),
        seconds("docker_activation_stable_seconds", given["stable_seconds"]),
        seconds("docker_activation_run_timeout", given["run_timeout"]),
        seconds("docker_activation_start_timeout", given["start_timeout"]),
        bool(arguments.get("deferred")),
        bool(arguments.get("whole_run")),
    )


def _drop_in(path: str) -> str:
    if not path.startswith("/"):
        raise DeclarationError(
            "docker_activation_accepted_drop_ins holds %s. It wants absolute paths, such as "
            "/etc/systemd/system/docker.service.d/override.conf." % told_value(path)
        )
    return plain_path(path)


def upstream_version(version: str) -> str:
    """Take a package's version down to the project's: ``5:28.5.2-1~debian.13`` to ``28.5.2``."""
    # Up to 20.10 a deb counts its packings before the dash: 5:20.10.24~3-0~ubuntu-jammy.
    return re.sub(r"~\d+$", "", without_epoch(version).split("-")[0])


def without_epoch(version: str) -> str:
    """Take the epoch off a package's version: ``5:28.5.2-1`` to ``28.5.2-1``."""
    return re.sub(r"^\d+:", "", version)


def _site(url: str) -> str:
    hidden = told_value(re.sub(r"//[^/@]*@", "//***@", url))
    match = re.match(r"^(?P<scheme>https?|file)://(?P<authority>[^/]*)(?P<path>/.*)?$", url)
    if match is None or re.search(r"[\s?#]", url):
        raise DeclarationError(
            "docker_engine_repo_urls holds %s. It wants base addresses such as "
            "https://download.docker.com or https://mirrors.aliyun.com/docker-ce: "
            "http, https or file, without query, fragment or blanks." % hidden
        )
    if "@" in match.group("authority"):
        raise DeclarationError(
            "docker_engine_repo_urls holds %s with a user name or password, which would end in "
            "a file that every user of the host can read. Take them out of the address." % hidden
        )
    if (match.group("scheme") == "file") != (not match.group("authority")):
        raise DeclarationError(
            "docker_engine_repo_urls holds %s. An http or https address names a host, a file "
            "address has three slashes and none: file:///srv/docker-ce." % hidden
        )
    path = (match.group("path") or "").rstrip("/")
    if re.search(r"/linux(?:/(?:ubuntu|debian|raspbian|centos|rhel|fedora)(?:/.*)?)?$", path):
        raise DeclarationError(
            "docker_engine_repo_urls holds %s. It wants the site's base address, the part "
            "before /linux/: the rest follows from each host's own release." % hidden
        )
    return "%s://%s%s" % (match.group("scheme"), match.group("authority"), path)


def _fingerprint(text: str) -> str:
    fingerprint = re.sub(r"\s", "", text).upper()
    if fingerprint and not re.match(r"^[0-9A-F]{40}$", fingerprint):
        raise DeclarationError(
            "docker_engine_repo_key_fingerprint is %s. It wants the 40 hexadecimal digits of the "
            "primary key's fingerprint, as `gpg --show-keys` prints them." % told_value(text)
        )
    return fingerprint


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        why = "an address inside of a network" if "host bits" in str(error) else "no network"
        raise DeclarationError(
            "docker_daemon_reserved_networks holds %s, which is %s. It wants "
            "networks such as 172.16.0.0/12." % (told_value(text), why)
        )


def _version(text: str) -> str:
    version = text.strip()
    if version == "present" or _VERSION_PREFIX.match(version):
        return version
    match = _FULL_VERSION.match(version)
    if match is None:
        raise DeclarationError(
            "docker_engine_version is %s. It wants `present`, a full version such as 28.5.2, or "
            "the beginning of one such as 28 or 28.5." % told_value(text)
        )
    return match.group("upstream") + (match.group("release") or "")
