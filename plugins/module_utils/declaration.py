# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a user declares: the arguments of each role, once, and their meaning.

The modules take their argument specs from here, ``docker_plan`` validates all roles with them,
and a test holds the roles' defaults and argument specs to them. Pure; no host is touched.
"""

import re
from typing import Any, Dict, Mapping, NamedTuple, Tuple

ENGINE_ARGUMENTS: Dict[str, Dict[str, Any]] = {
    "repo_urls": {
        "type": "list",
        "elements": "str",
        "default": ["https://download.docker.com", "https://mirrors.aliyun.com/docker-ce"],
    },
    # Public by nature: its name alone would have Ansible hide it.
    "repo_key": {"type": "str", "default": "", "no_log": False},
    "repo_key_fingerprint": {"type": "str", "default": "", "no_log": False},
    "channel": {"type": "str", "default": "stable", "choices": ["stable", "test"]},
    "version": {"type": "str", "default": "present"},
    "upgrade": {"type": "bool", "default": False},
    "allow_downgrade": {"type": "bool", "default": False},
    "allow_podman_removal": {"type": "bool", "default": False},
    "lock_timeout": {"type": "int", "default": 120},
}

ACTIVATION_ARGUMENTS: Dict[str, Dict[str, Any]] = {
    "allow_container_stop": {"type": "bool", "default": False},
}

ROLES = ("docker_engine", "docker_activation")

_VERSION_PREFIX = re.compile(r"^\d+(?:\.\d+)?$")
_FULL_VERSION = re.compile(
    r"^(?:\d+:)?(?P<upstream>\d+\.\d+\.\d+(?:~[a-z]+[.\d]*)?)(?P<release>-\S+)?$"
)


class DeclarationError(Exception):
    """A declared value has no meaning; the message names it, what was wanted and what to do."""


class EngineDeclaration(NamedTuple):
    """What is declared of the engine's packages.

    ``repo_urls`` are base addresses of sites laid out like download.docker.com, ``repo_key`` an
    armoured key (empty: it comes from the site), ``repo_key_fingerprint`` 40 upper-case digits
    (empty: Docker's own key of the host's package family). ``version`` is ``present``, a full
    version without its epoch (``28.5.2``, ``28.5.2-1~debian.13~trixie``) or a prefix (``28``);
    ``upgrade`` asks for the newest under it. ``allow_downgrade`` consents to going back across a
    major version. ``lock_timeout`` are the seconds to wait for a busy package manager.
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

    @property
    def is_exact(self) -> bool:
        """Whether one version alone is as declared."""
        return self.version != "present" and self.version.count(".") >= 2


class ActivationDeclaration(NamedTuple):
    """What is declared of the daemon's activation."""

    allow_container_stop: bool = False


class Declaration(NamedTuple):
    """All that is declared of one host; a role that is not planned declares nothing."""

    engine: EngineDeclaration = EngineDeclaration(())
    activation: ActivationDeclaration = ActivationDeclaration()


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
        _seconds(arguments["lock_timeout"]),
    )


def declare_activation(arguments: Mapping[str, Any]) -> ActivationDeclaration:
    """Read the arguments of ``docker_activation``."""
    return ActivationDeclaration(bool(arguments["allow_container_stop"]))


def upstream_version(version: str) -> str:
    """Take a package's version down to the project's: ``5:28.5.2-1~debian.13`` to ``28.5.2``."""
    return without_epoch(version).split("-")[0]


def without_epoch(version: str) -> str:
    """Take the epoch off a package's version: ``5:28.5.2-1`` to ``28.5.2-1``."""
    return re.sub(r"^\d+:", "", version)


def _site(url: str) -> str:
    hidden = re.sub(r"//[^/@]*@", "//***@", url)
    match = re.match(r"^(?P<scheme>https?|file)://(?P<authority>[^/]*)(?P<path>/.*)?$", url)
    if match is None or re.search(r"[\s?#]", url):
        raise DeclarationError(
            "docker_engine_repo_urls holds %r. It wants base addresses such as "
            "https://download.docker.com or https://mirrors.aliyun.com/docker-ce: "
            "http, https or file, without query, fragment or blanks." % hidden
        )
    if "@" in match.group("authority"):
        raise DeclarationError(
            "docker_engine_repo_urls holds %r with a user name or password, which would end in "
            "a file that every user of the host can read. Take them out of the address." % hidden
        )
    if (match.group("scheme") == "file") != (not match.group("authority")):
        raise DeclarationError(
            "docker_engine_repo_urls holds %r. An http or https address names a host, a file "
            "address has three slashes and none: file:///srv/docker-ce." % hidden
        )
    path = (match.group("path") or "").rstrip("/")
    if re.search(r"/linux(/|$)", path):
        raise DeclarationError(
            "docker_engine_repo_urls holds %r. It wants the site's base address, the part "
            "before /linux/: the rest follows from each host's own release." % hidden
        )
    return "%s://%s%s" % (match.group("scheme"), match.group("authority"), path)


def _fingerprint(text: str) -> str:
    fingerprint = re.sub(r"\s", "", text).upper()
    if fingerprint and not re.match(r"^[0-9A-F]{40}$", fingerprint):
        raise DeclarationError(
            "docker_engine_repo_key_fingerprint is %r. It wants the 40 hexadecimal digits of the "
            "primary key's fingerprint, as `gpg --show-keys` prints them." % text
        )
    return fingerprint


def _seconds(number: int) -> int:
    if number < 0:
        raise DeclarationError(
            "docker_engine_lock_timeout is %d. It wants the seconds to wait for a package manager "
            "that another process has locked, 0 or more." % number
        )
    return number


def _version(text: str) -> str:
    version = text.strip()
    if version == "present" or _VERSION_PREFIX.match(version):
        return version
    match = _FULL_VERSION.match(version)
    if match is None:
        raise DeclarationError(
            "docker_engine_version is %r. It wants `present`, a full version such as 28.5.2, or "
            "the beginning of one such as 28 or 28.5." % text
        )
    return match.group("upstream") + (match.group("release") or "")
