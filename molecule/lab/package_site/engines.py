"""The engines of the site: one for each Debian suite, if the lab's hosts can run it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .catalogue import HOST_SUITE, PACKAGES, DockerPackage, PartFile
from .commands import BuildFailed, in_parallel, say
from .debian import Archive, BinaryPackage, Index, satisfies

# Oldest first; a later suite is used where the first one no longer fits the hosts.
ENGINE_SUITES = (("bookworm",), (HOST_SUITE,), ("sid", "forky"))

# An engine of the first one's major version, for a downgrade within that version.
EARLIER_PATCH_SUITE = "bullseye"

# Debian's libraries, besides libc, that the binaries need. The centos9 stand-in must have them,
# since the rpms cannot name them: no rpm there provides them.
STAND_IN_LIBRARIES = ("libdevmapper1.02.1", "libseccomp2", "libsystemd0")

# The Debian packages that hold each part; the first one in a suite counts.
PART_SOURCES = {
    "daemon": ("docker.io",),
    "client": ("docker-cli", "docker.io"),
    "containerd": ("containerd",),
    "runc": ("runc",),
    "init": ("tini-static", "tini"),
    "buildx": ("docker-buildx",),
    "compose": ("docker-compose",),
}
# A plugin may come from the hosts' suite if an engine's suite has none.
PLUGIN_PARTS = ("buildx", "compose")
# Compose is a plugin of the docker command since 2; before, it was a Python program.
FIRST_COMPOSE_PLUGIN = 2

_LIBRARY = re.compile(r"(lib[^\s:|]+)(?::\w+)?(?: \((>=|>>|=|<<|<=) ([^)]+)\))?")


class Unfit(Exception):
    """A suite's engine cannot be part of the site; the message says why."""


@dataclass(frozen=True)
class EngineSet:
    """The parts of one engine, and the libraries that each Docker package must depend on."""

    suite: str
    parts: Mapping[str, BinaryPackage]
    libraries: Mapping[str, tuple[str, ...]]

    @property
    def version(self) -> str:
        """The engine's upstream version."""
        return self.parts["daemon"].upstream

    def upstream(self, package: DockerPackage) -> str:
        """Give the upstream version of one of its packages."""
        return self.parts[package.versioned_by].upstream

    def source(self, file: PartFile) -> BinaryPackage:
        """Give the Debian package from which a file is taken."""
        return self.parts[file.part]

    def runs_on(self, host: Index) -> bool:
        """Whether a suite has the libraries that all parts need."""
        try:
            for relation in {each for wanted in self.libraries.values() for each in wanted}:
                _on_host(relation, host)
        except Unfit:
            return False
        return True


class Suites:
    """The indexes of the suites, each read only once."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._indexes: dict[str, Index] = {}

    def read(self, names: Iterable[str]) -> None:
        """Read at the same time the indexes that are surely needed."""
        for index in in_parallel(self._archive.index, names):
            self._indexes[index.suite] = index

    def __getitem__(self, suite: str) -> Index:
        if suite not in self._indexes:
            self._indexes[suite] = self._archive.index(suite)
        return self._indexes[suite]


def choose(suites: Suites) -> tuple[list[EngineSet], dict[str, str]]:
    """Give the engines, oldest first, and the reason for each suite without one."""
    engines: list[EngineSet] = []
    left_out: dict[str, str] = {}
    for candidates in ENGINE_SUITES:
        for suite in candidates:
            try:
                engine = _engine_of(suite, suites)
            except Unfit as reason:
                left_out[suite] = str(reason)
                say(f"LEFT OUT: the engine of {suite}: {reason}")
                continue
            engines.append(engine)
            break
    if not engines:
        raise BuildFailed("no suite has an engine that the lab's hosts can run")
    return engines, left_out


def choose_earlier_patch(suites: Suites) -> EngineSet:
    """Give the engine that shares its major version with the oldest of the others."""
    try:
        return _engine_of(EARLIER_PATCH_SUITE, suites)
    except Unfit as reason:
        raise BuildFailed(f"the engine of {EARLIER_PATCH_SUITE}: {reason}") from reason


def _engine_of(suite: str, suites: Suites) -> EngineSet:
    parts = {part: _part(part, suite, suites) for part in PART_SOURCES}
    host = suites[HOST_SUITE]
    libraries: dict[str, tuple[str, ...]] = {}
    for package in PACKAGES:
        programs = [file.part for file in package.files.values() if file.is_program]
        wanted = [relation for part in programs for relation in _libraries(parts[part])]
        libraries[package.name] = tuple(
            dict.fromkeys(_on_host(relation, host) for relation in wanted)
        )
    return EngineSet(suite, parts, libraries)


def _part(part: str, suite: str, suites: Suites) -> BinaryPackage:
    places = (suite, HOST_SUITE) if part in PLUGIN_PARTS else (suite,)
    for place in places:
        for name in PART_SOURCES[part]:
            found = suites[place].find(name)
            if found and not _is_python_compose(found):
                return found
    raise Unfit(f"no {' or '.join(PART_SOURCES[part])} in {' or '.join(places)}")


def _is_python_compose(package: BinaryPackage) -> bool:
    major = int(package.upstream.split(".")[0])
    return package.name in PART_SOURCES["compose"] and major < FIRST_COMPOSE_PLUGIN


def _libraries(package: BinaryPackage) -> list[str]:
    relations = (relation.strip() for relation in package.depends.split(","))
    return [relation for relation in relations if _LIBRARY.fullmatch(relation)]


def _on_host(relation: str, host: Index) -> str:
    """Give a relation in terms of the hosts' suite: by that name, or as the t64 library."""
    found = _LIBRARY.fullmatch(relation)
    if not found:
        raise BuildFailed(f"{relation}: not a relation to one library")
    name, operator, wanted = found.groups()
    if name not in ("libc6", *STAND_IN_LIBRARIES):
        raise Unfit(f"its binaries need {name}, which the centos9 stand-in does not carry")
    for candidate in (name, f"{name}t64"):
        package = host.find(candidate)
        if package and (operator is None or satisfies(package.version, operator, wanted)):
            return f"{candidate} ({operator} {wanted})" if operator else candidate
    raise Unfit(f"its binaries need {relation}, which {host.suite} does not have")
