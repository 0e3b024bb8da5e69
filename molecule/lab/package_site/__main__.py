"""`python3 -m package_site build WORK`: makes the site, inside the tool container."""

import argparse
import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

from .catalogue import (
    DEB_FAMILIES,
    HOST_SUITE,
    PACKAGES,
    RPM_FAMILY,
    DebFamily,
    DockerPackage,
    RpmFamily,
)
from .commands import BuildFailed, in_parallel, run, say
from .contents import Unpacked, lay_out
from .copies import SITES, WRONG_KEY, linux_of, make_lagging, make_out_of_step, make_wrong_signature
from .debian import DEFAULT_MIRROR, Archive, BinaryPackage
from .debs import deb_name, pack_deb, publish_debs
from .distribution import publish_distribution, sources
from .engines import (
    EARLIER_PATCH_SUITE,
    ENGINE_SUITES,
    EngineSet,
    Suites,
    choose,
    choose_earlier_patch,
)
from .manifest import Engine, Manifest, forget_manifest, write_manifest
from .rpms import RPM_ARCHITECTURES, pack_rpm, publish_rpms, rpm_name, sign_rpms
from .signing import Signer, throw_away_key

DOWNLOADS_AT_ONCE = 6
FAMILIES: tuple[DebFamily | RpmFamily, ...] = (*DEB_FAMILIES, RPM_FAMILY)
STABLE, TEST = CHANNELS = ("stable", "test")


def build(work: Path, mirror: str) -> None:
    """Fetch, pack, sign and publish everything, and write the manifest last."""
    architecture = run(["dpkg", "--print-architecture"]).strip()
    if architecture not in RPM_ARCHITECTURES:
        raise BuildFailed(f"no packages are made for {architecture}")
    forget_manifest(work)
    staging, www = work / "staging", work / "www"
    for leftover in (staging, www):
        shutil.rmtree(leftover, ignore_errors=True)
    archive = Archive(mirror, work / "downloads", architecture)
    say(f"reading Debian's suite indexes from {mirror}")
    suites = Suites(archive)
    suites.read([EARLIER_PATCH_SUITE, *(candidates[0] for candidates in ENGINE_SUITES)])
    engines, left_out = choose(suites)
    earlier = choose_earlier_patch(suites)
    say("engines: " + ", ".join(f"{engine.version} ({engine.suite})" for engine in engines))
    others = [_of_the_hosts(name, suites) for name in sources()]
    unpacked = _unpack([earlier, *engines], others, archive, staging)
    offers = _offers([earlier, *engines], suites)
    _pack(offers, unpacked, staging, architecture)
    _link_test_channel(offers, staging, architecture)
    with (
        throw_away_key("Dockwright lab package site (throw-away key)") as good,
        throw_away_key("Dockwright lab impostor (throw-away key)") as wrong,
    ):
        for copy, signer in (("good", good), (WRONG_KEY, wrong)):
            say(f"signing and publishing: {copy}")
            _publish(staging, linux_of(www, copy), signer, architecture)
    folders = {other.name: unpacked.folder(other) for other in others}
    publish_distribution(folders, staging, www)
    make_lagging(www)
    make_out_of_step(www)
    make_wrong_signature(www)
    shutil.rmtree(staging)
    write_manifest(
        work,
        Manifest(
            fingerprint=good.fingerprint,
            wrong_fingerprint=wrong.fingerprint,
            architecture=architecture,
            sites=SITES,
            engines=tuple(_told(engine, offers) for engine in engines),
            earlier_patch=_told(earlier, offers),
            left_out=left_out,
        ),
    )
    say("done")


def _of_the_hosts(name: str, suites: Suites) -> BinaryPackage:
    package = suites[HOST_SUITE].find(name)
    if package is None:
        raise BuildFailed(f"{HOST_SUITE} has no {name}")
    return package


def _unpack(
    engines: list[EngineSet], others: list[BinaryPackage], archive: Archive, staging: Path
) -> Unpacked:
    sources = {part for engine in engines for part in engine.parts.values()} | set(others)
    archive.keep_only(sources)
    say(f"fetching {len(sources)} packages of Debian")
    # The big ones first, so that no core waits for the last of them.
    ordered = sorted(sources, key=lambda source: source.name, reverse=True)
    in_parallel(archive.fetch, ordered, DOWNLOADS_AT_ONCE)
    say("unpacking them")
    unpacked = Unpacked(staging / "debian")
    in_parallel(lambda source: unpacked.unpack(source, archive.path(source)), ordered)
    return unpacked


def _offers(engines: Sequence[EngineSet], suites: Suites) -> Mapping[str, list[EngineSet]]:
    """Give each family's engines, oldest first: those that its hosts can run."""
    offers = {
        family.name: [engine for engine in engines if engine.runs_on(suites[family.libraries])]
        for family in DEB_FAMILIES
    }
    for name, offered in offers.items():
        if not offered:
            raise BuildFailed(f"there is no engine that the hosts of {name} can run")
    return {**offers, RPM_FAMILY.name: list(engines)}


def _pack(
    offers: Mapping[str, list[EngineSet]], unpacked: Unpacked, staging: Path, architecture: str
) -> None:
    # Two engines may share a plugin of one version: it is one package.
    distinct = {
        (family.name, package.name, engine.upstream(package)): (family, package, engine)
        for family in FAMILIES
        for engine in offers[family.name]
        for package in PACKAGES
    }
    for channel in CHANNELS:
        for family in FAMILIES:
            (staging / channel / family.name).mkdir(parents=True)
    say(f"packing {len(distinct)} packages")

    def pack(chosen: tuple[DebFamily | RpmFamily, DockerPackage, EngineSet]) -> None:
        family, package, engine = chosen
        tree = staging / "trees" / engine.suite / package.name / family.name
        lay_out(package, engine, unpacked, tree)
        place = staging / STABLE / family.name
        if isinstance(family, RpmFamily):
            packed = pack_rpm(package, engine, family, tree, place, architecture)
        else:
            packed = pack_deb(package, engine, family, tree, place, architecture)
        say(f"packed {packed.name}")

    in_parallel(pack, distinct.values())


def _link_test_channel(
    offers: Mapping[str, list[EngineSet]], staging: Path, architecture: str
) -> None:
    """Put the newest engine into the test channel, as links to the same files."""
    for family in FAMILIES:
        newest = offers[family.name][-1]
        for package in PACKAGES:
            if isinstance(family, RpmFamily):
                name = rpm_name(package, newest, family, architecture)
            else:
                name = deb_name(package, newest, family, architecture)
            os.link(staging / STABLE / family.name / name, staging / TEST / family.name / name)


def _publish(staging: Path, linux: Path, signer: Signer, architecture: str) -> None:
    for family in DEB_FAMILIES:
        channels = {channel: staging / channel / family.name for channel in CHANNELS}
        publish_debs(channels, linux, family, signer, architecture)
    signed = {channel: staging / f"{channel}-{signer.fingerprint}" for channel in CHANNELS}
    for channel, folder in signed.items():
        sign_rpms(staging / channel / RPM_FAMILY.name, folder, signer)
    publish_rpms(signed, linux, RPM_FAMILY, signer, architecture)


def _told(engine: EngineSet, offers: Mapping[str, list[EngineSet]]) -> Engine:
    return Engine(
        version=engine.version,
        reported=engine.parts["daemon"].reported,
        suite=engine.suite,
        packages={
            family.name: {
                package.name: family.version(package, engine.upstream(package))
                for package in PACKAGES
            }
            for family in FAMILIES
            if engine in offers[family.name]
        },
        sources={part.name: f"{part.version} ({part.suite})" for part in engine.parts.values()},
    )


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="package_site", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("build", help="make the site below WORK")
    command.add_argument("work", type=Path)
    command.add_argument("--mirror", default=DEFAULT_MIRROR)
    arguments = parser.parse_args()
    try:
        build(arguments.work, arguments.mirror)
    except BuildFailed as failure:
        print(f"package site: FAILED: {failure}", file=sys.stderr)
        return 1
    return 0


def _end_at_once(signal_number: int, _frame: FrameType | None) -> None:
    # The keys go with the container; half-made files go at the next build.
    os._exit(128 + signal_number)


if __name__ == "__main__":
    # The first process of a container ignores signals that it has no handler for.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _end_at_once)
    sys.exit(main())
