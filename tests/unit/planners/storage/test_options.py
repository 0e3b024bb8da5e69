"""Mount options: those that a live mount lacks or has too many of, and those of a remount."""

from collections.abc import Sequence

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.storage.options import (
    has_quota,
    lacks_quota,
    missing_live,
    remount_options,
    unit_options,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.storage import (
    StorageDeclaration,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.storage import (
    MountObserved,
)
from hypothesis import given, settings
from hypothesis import strategies as st

generated = settings(max_examples=200, deadline=None, derandomize=True, database=None)
OF_ANY = ("ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime", "nosymfollow", "sync")


def mount(options: str, kind: str = "btrfs") -> MountObserved:
    return MountObserved(
        mount_point="/x",
        source="/dev/loop0",
        type=kind,
        options=tuple(options.split(",")),
        number="7:0",
    )


def declared(*options: str, device: str = "", allocation: str = "full") -> StorageDeclaration:
    file = "" if device else "/x.btrfs"
    return StorageDeclaration(
        file=file, device=device, mount_options=options, allocation=allocation
    )


@pytest.mark.parametrize(
    ("wanted", "live", "lacking", "surplus"),
    [
        ("nodiscard", "rw,relatime", [], []),
        ("nodiscard", "rw,relatime,discard", [], ["discard"]),
        ("nodiscard", "rw,relatime,discard=async", [], ["discard=async"]),
        ("noatime", "rw,relatime", ["noatime"], []),
        ("noatime", "rw,noatime", [], []),
        ("nodiscard", "rw,noatime", [], ["noatime"]),
        ("nodiscard", "ro,relatime", [], ["ro"]),
        ("nodiscard", "rw,nosuid,nodev,noexec,relatime", [], ["nosuid", "nodev", "noexec"]),
        ("ro", "rw,relatime", ["ro"], []),
        ("rw,suid,dev,exec,async,relatime", "rw,relatime", [], []),
        ("discard", "rw,relatime", ["discard"], []),
        ("discard=async", "rw,relatime,discard", ["discard=async"], []),
        ("compress", "rw,relatime", ["compress"], []),
        ("compress", "rw,relatime,compress=zlib:3", [], []),
        ("compress=zstd", "rw,relatime,compress=zstd:3", [], []),
        ("compress=zstd:5", "rw,relatime,compress=zstd:3", ["compress=zstd:5"], []),
        ("compress=zstd", "rw,relatime,compress-force=zstd:3", ["compress=zstd"], []),
        ("compress=no", "rw,relatime", [], []),
        ("compress=none", "rw,relatime", [], []),
        ("compress=no", "rw,relatime,compress=zstd:3", ["compress=no"], []),
        ("commit=30", "rw,relatime", [], []),
        ("commit=60", "rw,relatime", ["commit=60"], []),
        ("commit=60", "rw,relatime,commit=60", [], []),
        ("commit=30", "rw,relatime,commit=60", ["commit=30"], []),
        ("commit=5", "rw,relatime", ["commit=5"], []),
        ("ssd", "rw,relatime,ssd", [], []),
        ("nossd", "rw,relatime,ssd", ["nossd"], []),
        # Options that no kernel shows are taken to be there.
        ("loop,nofail,user_subvol_rm_allowed,pquota", "rw,relatime", [], []),
    ],
)
def test_a_live_mount_lacks_and_has_too_much(
    wanted: str, live: str, lacking: Sequence[str], surplus: Sequence[str]
) -> None:
    assert missing_live(wanted.split(","), mount(live)) == (lacking, surplus)


def test_what_a_filesystem_does_by_itself_is_its_own() -> None:
    assert missing_live(["commit=5"], mount("rw,relatime", "ext4")) == ([], [])
    assert missing_live(["commit=30"], mount("rw,relatime", "ext4")) == (["commit=30"], [])


@pytest.mark.parametrize(
    ("options", "surplus", "remounted"),
    [
        (["loop", "nofail"], [], ["rw"]),
        (["loop", "nofail", "nodiscard", "pquota"], [], ["nodiscard"]),
        (["nodiscard"], ["noatime"], ["relatime", "nodiscard"]),
        (["nodiscard"], ["discard=async"], ["nodiscard"]),
        (["noatime"], ["ro", "nosuid"], ["rw", "suid", "noatime"]),
    ],
)
def test_a_remount_says_what_ends_a_surplus(
    options: Sequence[str], surplus: Sequence[str], remounted: Sequence[str]
) -> None:
    assert remount_options(options, surplus) == remounted


def remount(live: Sequence[str], said: Sequence[str]) -> list[str]:
    """Simulate Linux: what is set comes, its opposite goes, and a time option stays."""
    gone = {"rw": "ro", "suid": "nosuid", "dev": "nodev", "exec": "noexec", "relatime": "noatime"}
    gone.update({"diratime": "nodiratime", "symfollow": "nosymfollow", "async": "sync"})
    left = {each for each in live if each.endswith("atime")}
    left -= {gone[each] for each in said if each in gone}
    return sorted(left | {each for each in said if each in OF_ANY})


@generated
@given(st.sets(st.sampled_from(OF_ANY)), st.sets(st.sampled_from(OF_ANY)))
def test_one_remount_brings_the_options_of_any_mount(wanted: set[str], live: set[str]) -> None:
    options = ["nofail", *sorted(wanted)]
    lacking, surplus = missing_live(options, mount(",".join(["rw", *live])))
    assert set(lacking) == wanted - live
    assert set(surplus) == live - wanted
    after = remount(sorted(live), remount_options(options, surplus))
    assert missing_live(options, mount(",".join(["x", *after]))) == ([], [])


def test_a_unit_says_what_it_takes_and_what_is_declared() -> None:
    assert unit_options(declared(), "btrfs", False) == ["loop", "nofail", "nodiscard"]
    assert unit_options(declared("noatime"), "btrfs", True) == [
        "loop",
        "nofail",
        "nodiscard",
        "noatime",
    ]
    assert unit_options(declared(allocation="sparse"), "btrfs", False) == ["loop", "nofail"]
    assert unit_options(declared(device="/dev/disk/by-id/x"), "btrfs", False) == ["nofail"]


@pytest.mark.parametrize("option", ["discard", "discard=async", "nodiscard"])
def test_a_declared_word_on_discards_is_the_only_one(option: str) -> None:
    assert unit_options(declared(option), "btrfs", False) == ["loop", "nofail", option]


def test_an_xfs_gets_project_quota_where_the_kernel_has_it() -> None:
    assert unit_options(declared(), "xfs", True)[-1] == "pquota"
    assert "pquota" not in unit_options(declared(), "xfs", False)
    assert unit_options(declared("prjquota"), "xfs", True).count("pquota") == 0
    assert has_quota(mount("rw,prjquota", "xfs"))
    assert lacks_quota(["pquota"], mount("rw,noquota", "xfs"))
    assert not lacks_quota(["pquota"], mount("rw,prjquota", "xfs"))
    assert not lacks_quota(["nodiscard"], mount("rw,noquota", "xfs"))
