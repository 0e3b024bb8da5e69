"""Declarations of the filesystem under data-root: what is accepted, and why the rest is not."""

from typing import Any

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.words.arguments import defaults_of
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.daemon import (
    DaemonDeclaration,
    declare_daemon,
    on_storage,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.error import (
    DeclarationError,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.storage import (
    BLOCK,
    StorageDeclaration,
    declare_storage,
    size_in_bytes,
)
from hypothesis import given, settings
from hypothesis import strategies as st

generated = settings(max_examples=200, deadline=None, derandomize=True, database=None)
DEFAULTS = defaults_of("docker_storage")
FILE = "/data0/store/soft/myDocker.btrfs"
DISK = "/dev/disk/by-id/virtio-data"
NONSENSE = ["", "G", "10X", "10g", "10Gb", "-1G", "+1G", "1,5G", ".5G", "5.G", "10iB", "10i", "1e9"]
NONSENSE += ["ten", "10G 10G", "10%", "0x10", "10GiB/s", "10  G"]


def declare(**arguments: Any) -> StorageDeclaration:
    return declare_storage({**DEFAULTS, **arguments})


def test_nothing_is_managed_without_a_file_or_a_device() -> None:
    nothing = declare(size="nonsense", mount_point="relative")
    assert nothing == StorageDeclaration()
    assert not nothing.source
    assert not nothing.is_mounted


def test_the_values_of_the_notes() -> None:
    storage = declare(file=FILE, mount_point="/data0/store/soft/docker", size="10G")
    assert storage == StorageDeclaration(
        file=FILE, device="", size=10 * 1024**3, mount_point="/data0/store/soft/docker"
    )
    assert storage.source == FILE
    assert storage.is_mounted
    assert not declare(file=FILE, state="absent").is_mounted


def test_what_is_refused_now_can_be_taken_away() -> None:
    storage = declare(file="/run/x.img", mount_point="/etc/docker/images", state="absent")
    assert (storage.file, storage.mount_point) == ("/run/x.img", "/etc/docker/images")


@pytest.mark.parametrize("variable", ["file", "device", "mount_point"])
def test_a_path_is_written_in_one_way(variable: str) -> None:
    others = {} if variable in ("file", "device") else {"file": FILE}
    path = {"file": "/data0/x", "device": DISK, "mount_point": "/data0/x"}[variable]
    for written in (path, path + "/", "/" + path, path.replace("/", "//"), "/y/.." + path):
        storage = declare(**others, **{variable: written})
        assert getattr(storage, variable) == path


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("10G", 10 * 1024**3),
        ("10GiB", 10 * 1024**3),
        ("10 GiB", 10 * 1024**3),
        ("10GB", 10 * 1000**3),
        ("1.5T", 3 * 1024**4 // 2),
        ("1.5TB", 1500000000000),
        ("0.5K", 512),
        ("512M", 512 * 1024**2),
        ("300MB", 300 * 1000**2),
        ("4096", 4096),
        ("4096B", 4096),
        (" 1G\n", 1024**3),
        ("0", 0),
        ("1.0000000000000000000000001G", 1024**3),
    ],
)
def test_a_size(text: str, size: int) -> None:
    assert size_in_bytes("docker_storage_size", text) == size


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_no_size(text: str) -> None:
    with pytest.raises(DeclarationError, match="It wants a size such as 10G"):
        size_in_bytes("docker_storage_size", text)


@generated
@given(st.integers(2**20, 2**60))
def test_bytes_are_whole_blocks(number: int) -> None:
    size = declare(file=FILE, size=str(number)).size
    assert size % BLOCK == 0
    assert 0 <= number - size < BLOCK


@generated
@given(st.integers(0, 10**6), st.sampled_from("KMGT"))
def test_a_unit_is_its_power_of_1024(number: int, unit: str) -> None:
    size = size_in_bytes("x", f"{number}{unit}")
    assert size == number * 1024 ** ("KMGT".index(unit) + 1)
    assert size_in_bytes("x", f"{number}{unit}iB") == size
    assert size_in_bytes("x", f"{number}{unit}B") == number * 1000 ** ("KMGT".index(unit) + 1)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "both": ({"file": FILE, "device": DISK}, "are both set. Keep the one"),
    "file": ({"file": "x.btrfs"}, "docker_storage_file is 'x.btrfs', which is relative"),
    "device": ({"device": "vdb"}, "docker_storage_device is 'vdb', which is relative"),
    "mount point": ({"file": FILE, "mount_point": "docker"}, "which is relative"),
    "blank": ({"file": "/my images/x"}, "It holds ' ', which systemd and fstab each want escaped"),
    "quote": ({"file": '/a"b'}, "It holds '\"'"),
    "dollar": ({"file": FILE, "mount_point": "/a$b"}, r"It holds '\$'"),
    "backslash": ({"device": "/dev/mapper/a\\x2d"}, "It holds"),
    "newline": ({"file": "/a\nb"}, "It holds"),
    "root": ({"file": FILE, "mount_point": "/"}, "is /, which the system has"),
    **{
        f"below {folder}": (
            {"file": FILE, "mount_point": f"{folder}/docker"},
            "which the system has",
        )
        for folder in (
            *("/etc", "/usr", "/run", "/proc/1", "/sys/fs", "/dev", "/boot", "/var/run", "/tmp"),  # noqa: S108 - named, not used
            *("/lib", "/lib64", "/bin", "/var/tmp", "/var/lock", "/var/spool", "/var/lib/dpkg"),  # noqa: S108 - named, not used
            *("/var/lib/rpm", "/var/lib/dockwright", "/sysroot"),
        )
    },
    **{
        f"at {folder}": ({"file": FILE, "mount_point": folder}, "which the system has")
        for folder in ("/home", "/srv/", "/var/log", "/var/lib/dpkg", "/var/mail/.", "/var/lib")
    },
    **{
        f"file among {folder}": (
            {"file": f"{folder}/docker.img"},
            "among what is the system's. It wants a path on a disk",
        )
        for folder in ("/etc", "/usr/lib", "/boot", "/var/lib/dpkg", "/var/lib/dockwright", "/lib")
    },
    "file in a folder that is cleared": ({"file": "/var/tmp/x.img"}, "where nothing is kept"),  # noqa: S108 - named, not used
    "file that is a device's name": ({"file": DISK}, "a disk is declared as docker_storage_device"),
    "size without its unit": ({"file": FILE, "size": "10"}, "is '10', which is 10 bytes. It wants"),
    "size of nothing": ({"file": FILE, "size": "0G"}, "is '0G', which is 0 bytes"),
    "size beyond any file": ({"file": FILE, "size": "9" * 30}, "is more than a file can have"),
    "size of 4096 letters": ({"file": FILE, "size": "x" * 4096}, r"xx'… \(4096 characters\)\. It"),
    "path of 4096 letters": (
        {"file": FILE, "mount_point": "x" * 4096},
        r"xx'… \(4096 characters\), which is relative",
    ),
    "path of a long name": (
        {"file": "/" + "x" * 4096},
        r"xx'… \(4097 characters\), which is longer than a path can be",
    ),
    "mount point of a long way": (
        {"file": FILE, "mount_point": "/abcdefg" * 40},
        "its mount unit would have a longer name than systemd takes",
    ),
    "mount point of letters that are escaped": (
        {"file": FILE, "mount_point": "/" + "ä-" * 24},
        "its mount unit would have a longer name than systemd takes",
    ),
    "mode with a line's end": ({"file": FILE, "file_mode": "0600\n"}, "is '0600.n'"),
    "owner with a line's end": ({"file": FILE, "file_owner": "root\n"}, "is 'root.n'"),
    "below /etc in other words": (
        {"file": FILE, "mount_point": "/data0/../etc/docker"},
        "is /etc/docker, which the system has",
    ),
    "file not kept": ({"file": "/run/x.img"}, "where nothing is kept"),
    "file of a device": ({"file": "/dev/x.img"}, "where nothing is kept"),
    "root in other words": ({"file": FILE, "mount_point": "//a/.."}, "is /, which the system has"),
    "inside": ({"file": "/var/lib/docker/x"}, "which lies inside docker_storage_mount_point"),
    "inside in other words": ({"file": "//var/lib/docker/x"}, "which lies inside"),
    "the same": ({"file": "/var/lib/docker"}, "which lies inside"),
    "above": ({"file": "/var/lib"}, "lies below docker_storage_file, /var/lib: a file has no"),
    "unstable": ({"device": "/dev/vdb"}, "a name that may be another disk's after the next boot"),
    "no device": ({"device": "/srv/disk"}, "a name that may be another disk's"),
    "out of dev": ({"device": "/dev/mapper/../../x"}, "a name that may be another disk's"),
    "size": ({"file": FILE, "size": "much"}, "docker_storage_size is 'much'"),
    "reserve": ({"file": FILE, "host_reserve": "5%"}, "docker_storage_host_reserve is '5%'"),
    "loop": ({"file": FILE, "mount_options": ["noatime,loop"]}, "holds loop, which is not for a"),
    "loop device": ({"file": FILE, "mount_options": ["loop=/dev/loop3"]}, "holds loop, which"),
    "offset": ({"file": FILE, "mount_options": ["offset=512"]}, "holds offset, which"),
    "bind": ({"file": FILE, "mount_options": ["bind"]}, "holds bind, which"),
    "subvolume": ({"file": FILE, "mount_options": ["subvol=@"]}, "holds subvol, which"),
    "number of a subvolume": ({"file": FILE, "mount_options": ["subvolid=256"]}, "holds subvolid"),
    "systemd's": ({"file": FILE, "mount_options": ["x-systemd.automount"]}, "holds x-systemd"),
    "empty option": ({"file": FILE, "mount_options": ["noatime,"]}, "It wants options of mount"),
    "option of two words": ({"file": FILE, "mount_options": ["no atime"]}, "It wants options of"),
    "label of xfs": ({"file": FILE, "filesystem": "xfs", "label": "x" * 13}, "at most 12 bytes"),
    "label of ext4": ({"file": FILE, "filesystem": "ext4", "label": "x" * 17}, "at most 16 bytes"),
    "label in bytes": ({"file": FILE, "filesystem": "xfs", "label": "ü" * 7}, "at most 12 bytes"),
    "label of any": ({"file": FILE, "label": "x" * 13}, "at most 12 bytes"),
    "label with a blank": ({"file": FILE, "label": "a b"}, "without blanks and quotes"),
    "owner": ({"file": FILE, "file_owner": "a:b"}, "docker_storage_file_owner is 'a:b'. It wants"),
    "group": ({"file": FILE, "file_group": ""}, "docker_storage_file_group is ''. It wants"),
    "mode": ({"file": FILE, "file_mode": "rw"}, "docker_storage_file_mode is 'rw'. It wants three"),
    # What YAML makes of 0600 and 0644 without quotes.
    "mode of YAML": ({"file": FILE, "file_mode": "384"}, "three octal digits in quotes"),
    "another mode of YAML": ({"file": FILE, "file_mode": "420"}, "three octal digits in quotes"),
    "mode nobody can write with": ({"file": FILE, "file_mode": "0400"}, "the owner can read and"),
    "lock timeout": ({"file": FILE, "lock_timeout": -1}, "docker_storage_lock_timeout is -1"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_has_no_meaning_is_refused(what: str) -> None:
    arguments, told = REFUSED[what]
    with pytest.raises(DeclarationError, match=told):
        declare(**arguments)


@pytest.mark.parametrize(
    "device",
    [DISK, "/dev/disk/by-uuid/01D9", "/dev/disk/by-path/pci-1", "/dev/mapper/data", "/dev/vg/lv"],
)
def test_a_name_that_stays(device: str) -> None:
    assert declare(device=device).device == device


def test_words_of_their_own() -> None:
    storage = declare(
        file=FILE,
        size="1G",
        filesystem="btrfs",
        label="ü" * 20,
        mount_options=["noatime,compress=zstd", " ssd "],
        file_owner="1000",
        file_group="disk",
        file_mode="640",
        host_reserve="2GiB",
        allocation="sparse",
        direct_io=False,
        adopt_existing="move",
    )
    assert storage.mount_options == ("noatime", "compress=zstd", "ssd")
    assert storage.label == "ü" * 20
    assert (storage.file_owner, storage.file_group, storage.file_mode) == ("1000", "disk", 0o640)
    assert storage.host_reserve == 2 * 1024**3
    assert (storage.allocation, storage.direct_io, storage.adopt_existing) == (
        "sparse",
        False,
        "move",
    )
    assert declare(file=FILE, host_reserve="0").host_reserve == 0


def test_daemon_json_follows_what_is_mounted_alone() -> None:
    daemon = DaemonDeclaration({})
    assert on_storage(daemon, declare()) == daemon
    assert on_storage(daemon, declare(file=FILE, state="absent")) == daemon
    followed = on_storage(daemon, declare(file=FILE, filesystem="xfs", mount_point="/srv/docker"))
    assert (followed.storage_mount_point, followed.storage_filesystem) == ("/srv/docker", "xfs")


def test_the_role_hands_the_mount_point_over_as_it_was_written() -> None:
    defaults = defaults_of("docker_daemon")
    daemon = declare_daemon({**defaults, "storage_mount_point": "/data0//docker/"})
    storage = declare(file=FILE, mount_point="/data0//docker/")
    assert daemon.storage_mount_point == storage.mount_point == "/data0/docker"
    assert declare_daemon(defaults).storage_mount_point == ""
