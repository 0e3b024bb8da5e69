"""Docker's packages as data: their contents, versions, dependencies and conflicts.

Their relations are those of Docker's own packages, where the lab has the other packages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

CLI_PLUGINS = "usr/libexec/docker/cli-plugins"
CONTRIB = "usr/share/docker.io/contrib"

# The suite of which all the lab's stand-ins are made.
HOST_SUITE = "trixie"

# Docker's least containerd.io for an engine: each row is for engines from this version on.
CONTAINERD_FLOORS = (("29", "2.1.5"), ("28", "1.7.27"), ("23", "1.6.24"), ("0", "1.4.1"))


@dataclass(frozen=True)
class PartFile:
    """One file of a part, and where Debian has it."""

    part: str
    path: str

    @property
    def is_program(self) -> bool:
        """Whether it needs libraries, which a script does not."""
        return not self.path.endswith(".sh")


@dataclass(frozen=True)
class DockerPackage:
    """One of Docker's packages."""

    name: str
    summary: str
    versioned_by: str
    """The part whose upstream version is the package's version."""
    files: Mapping[str, PartFile]
    """Path in the package to the file that is put there."""
    written: Sequence[str] = ()
    """Paths of files that the lab writes itself (units.py)."""
    configuration: Sequence[str] = ()
    """Those of the written files that an administrator may change."""
    services: Sequence[str] = ()
    """Units that the package scripts handle, the main one first."""
    group: str = ""
    """The group that the package scripts make."""
    deb_epoch: int = 0
    rpm_epoch: int = 0
    deb: Mapping[str, str] = field(default_factory=dict)
    rpm: Sequence[str] = ()


DOCKER_CE = DockerPackage(
    name="docker-ce",
    summary="Docker: the open-source application container engine",
    versioned_by="daemon",
    files={
        "usr/bin/dockerd": PartFile("daemon", "usr/sbin/dockerd"),
        "usr/bin/docker-proxy": PartFile("daemon", "usr/sbin/docker-proxy"),
        "usr/bin/docker-init": PartFile("init", "usr/bin/tini-static"),
    },
    written=(
        "usr/lib/systemd/system/docker.service",
        "usr/lib/systemd/system/docker.socket",
    ),
    services=("docker.service", "docker.socket"),
    group="docker",
    deb_epoch=5,
    rpm_epoch=3,
    deb={
        "Depends": "containerd.io (>= {containerd}), docker-ce-cli, iptables",
        "Recommends": "docker-ce-rootless-extras",
        "Conflicts": "docker (<< 1.5~), docker-engine, docker.io",
        "Replaces": "docker-engine",
    },
    rpm=(
        "Requires: containerd.io >= {containerd}",
        "Requires: docker-ce-cli",
        "Requires: iptables",
        "Requires: systemd",
        "Requires(pre): shadow-utils",
        "Recommends: docker-ce-rootless-extras",
        "Conflicts: docker",
        "Conflicts: docker-io",
        "Conflicts: docker-ee",
        "Obsoletes: docker-engine",
    ),
)

DOCKER_CE_CLI = DockerPackage(
    name="docker-ce-cli",
    summary="Docker CLI: the open-source application container engine",
    versioned_by="daemon",
    files={"usr/bin/docker": PartFile("client", "usr/bin/docker")},
    deb_epoch=5,
    rpm_epoch=1,
    deb={
        "Recommends": "docker-buildx-plugin, docker-compose-plugin",
        "Conflicts": "docker (<< 1.5~), docker-engine, docker.io, docker-cli",
        "Replaces": "docker-engine, docker-cli",
    },
    rpm=(
        "Recommends: docker-buildx-plugin",
        "Recommends: docker-compose-plugin",
        "Conflicts: docker",
        "Conflicts: docker-io",
        "Conflicts: docker-ee-cli",
    ),
)

CONTAINERD_IO = DockerPackage(
    name="containerd.io",
    summary="An open and reliable container runtime",
    versioned_by="containerd",
    files={
        "usr/bin/containerd": PartFile("containerd", "usr/bin/containerd"),
        "usr/bin/containerd-shim-runc-v2": PartFile(
            "containerd", "usr/bin/containerd-shim-runc-v2"
        ),
        "usr/bin/ctr": PartFile("containerd", "usr/bin/ctr"),
        "usr/bin/runc": PartFile("runc", "usr/sbin/runc"),
    },
    written=("usr/lib/systemd/system/containerd.service", "etc/containerd/config.toml"),
    configuration=("etc/containerd/config.toml",),
    services=("containerd.service",),
    deb={
        "Provides": "containerd, runc",
        "Conflicts": "containerd, runc",
        "Replaces": "containerd, runc",
    },
    rpm=(
        "Provides: containerd",
        "Provides: runc",
        "Conflicts: docker-io",
        "Conflicts: docker-ee",
        "Obsoletes: containerd",
        "Obsoletes: runc",
    ),
)

DOCKER_BUILDX_PLUGIN = DockerPackage(
    name="docker-buildx-plugin",
    summary="Docker Buildx plugin for the Docker CLI",
    versioned_by="buildx",
    files={f"{CLI_PLUGINS}/docker-buildx": PartFile("buildx", f"{CLI_PLUGINS}/docker-buildx")},
    deb={"Enhances": "docker-ce-cli", "Conflicts": "docker-buildx", "Replaces": "docker-buildx"},
    rpm=("Enhances: docker-ce-cli",),
)

DOCKER_COMPOSE_PLUGIN = DockerPackage(
    name="docker-compose-plugin",
    summary="Docker Compose plugin for the Docker CLI",
    versioned_by="compose",
    files={f"{CLI_PLUGINS}/docker-compose": PartFile("compose", f"{CLI_PLUGINS}/docker-compose")},
    deb={
        "Enhances": "docker-ce-cli",
        "Conflicts": "docker-compose, docker-compose-v2",
        "Replaces": "docker-compose, docker-compose-v2",
    },
    rpm=("Enhances: docker-ce-cli",),
)

DOCKER_CE_ROOTLESS_EXTRAS = DockerPackage(
    name="docker-ce-rootless-extras",
    summary="Rootless support for Docker",
    versioned_by="daemon",
    # Without Docker's rootlesskit and vpnkit, since the lab runs no rootless daemon.
    files={
        f"usr/bin/{name}": PartFile("daemon", f"{CONTRIB}/{name}")
        for name in ("dockerd-rootless.sh", "dockerd-rootless-setuptool.sh")
    },
    deb_epoch=5,
    deb={"Enhances": "docker-ce", "Conflicts": "docker.io"},
    rpm=("Requires: docker-ce",),
)

PACKAGES = (
    DOCKER_CE,
    DOCKER_CE_CLI,
    CONTAINERD_IO,
    DOCKER_BUILDX_PLUGIN,
    DOCKER_COMPOSE_PLUGIN,
    DOCKER_CE_ROOTLESS_EXTRAS,
)


@dataclass(frozen=True)
class DebFamily:
    """One distribution release in the deb half of the site."""

    distribution: str
    suite: str
    release: str
    libraries: str
    """The suite of Debian whose libraries its hosts have, which rules the engines they run."""

    @property
    def name(self) -> str:
        """Its name in the manifest."""
        return self.suite

    def version(self, package: DockerPackage, upstream: str) -> str:
        """5:28.5.2-1~debian.13~trixie."""
        epoch = f"{package.deb_epoch}:" if package.deb_epoch else ""
        return f"{epoch}{upstream}-1~{self.release}~{self.suite}"


@dataclass(frozen=True)
class RpmFamily:
    """The rpm half of the site: one set of packages for all distributions of a generation."""

    distributions: Sequence[str]
    generation: int

    @property
    def name(self) -> str:
        """Its name in the manifest."""
        return f"el{self.generation}"

    @property
    def release(self) -> str:
        """The Release field of every package."""
        return f"1.{self.name}"

    def version(self, package: DockerPackage, upstream: str) -> str:
        """3:28.5.2-1.el9."""
        epoch = f"{package.rpm_epoch}:" if package.rpm_epoch else ""
        return f"{epoch}{upstream}-{self.release}"


DEB_FAMILIES = (
    DebFamily("debian", "bookworm", "debian.12", "bookworm"),
    DebFamily("debian", "trixie", "debian.13", HOST_SUITE),
    DebFamily("ubuntu", "noble", "ubuntu.24.04", HOST_SUITE),
)
RPM_FAMILY = RpmFamily(("centos", "rhel"), 9)


def containerd_floor(engine: str) -> str:
    """Give the oldest containerd.io with which Docker lets an engine be installed."""
    major = int(engine.split(".")[0])
    return next(floor for since, floor in CONTAINERD_FLOORS if major >= int(since))
