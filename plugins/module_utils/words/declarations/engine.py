# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is declared of the engine's packages. No host is touched."""

import re
from typing import Any, Mapping, NamedTuple, Tuple

from ..told_value import told_value
from .error import DeclarationError
from .proxy import ProxyDeclaration
from .storage import seconds

_VERSION_PREFIX = re.compile(r"^\d+(?:\.\d+)?$")
_FULL_VERSION = re.compile(
    r"^(?:\d+:)?(?P<upstream>\d+\.\d+\.\d+(?:~[a-z]+[.\d]*)?)(?P<release>(?:~\d+)?-\S+)?$"
)


class EngineDeclaration(NamedTuple):
    """What is declared of the engine's packages.

    ``repo_urls`` are base addresses of sites laid out like download.docker.com, ``repo_key`` an
    armoured key (empty: the site's own), ``repo_key_fingerprint`` 40 upper-case hexadecimal digits
    (empty: Docker's key for the host's package family). ``version`` is ``present``, a full version
    without its epoch (``28.5.2``, ``28.5.2-1~debian.13~trixie``) or a prefix (``28``); ``upgrade``
    asks for the newest version that fits. ``allow_downgrade`` consents to going back across a major
    version. ``lock_timeout`` are the seconds to wait for a busy package manager. ``proxy`` is for
    the package manager and for fetching the key. ``before_daemon`` tells that the engine starts
    only after docker_daemon has applied what it declares.
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
        """Whether exactly one version is as declared."""
        return self.version != "present" and self.version.count(".") >= 2


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
        repo_urls=urls,
        repo_key=arguments["repo_key"],
        repo_key_fingerprint=_fingerprint(arguments["repo_key_fingerprint"]),
        channel=arguments["channel"],
        version=_version(arguments["version"]),
        upgrade=bool(arguments["upgrade"]),
        allow_downgrade=bool(arguments["allow_downgrade"]),
        allow_podman_removal=bool(arguments["allow_podman_removal"]),
        lock_timeout=seconds("docker_engine_lock_timeout", arguments["lock_timeout"]),
    )


def by_proxy(engine: EngineDeclaration, proxy: ProxyDeclaration) -> EngineDeclaration:
    """Have packages come through the declared proxy, if it is meant for packages too."""
    return engine._replace(proxy=proxy) if proxy.packages else engine


def upstream_version(version: str) -> str:
    """Reduce a package's version to the project's: ``5:28.5.2-1~debian.13`` to ``28.5.2``."""
    # Up to 20.10 a deb's version has its revision before the dash: 5:20.10.24~3-0~ubuntu-jammy.
    return re.sub(r"~\d+$", "", without_epoch(version).split("-")[0])


def without_epoch(version: str) -> str:
    """Remove the epoch of a package's version: ``5:28.5.2-1`` to ``28.5.2-1``."""
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
