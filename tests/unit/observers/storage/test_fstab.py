"""The lines of fstab, and where their sources lead to."""

from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.storage import (
    block_devices,
    fstab,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.storage import (
    FstabLine,
)

FSTAB = """\
# /etc/fstab: static file system information.

UUID=0a3407de-014b-458b-b5c1-848e92a327a3 /     ext4 errors=remount-ro 0 1
  # indented
/srv/docker\\040data.img\t/var/lib/docker\txfs\tloop,,noatime\t0 0
tmpfs /tmp tmpfs
LABEL=docker /data
/swapfile none swap sw 0 0"""


def test_every_line_but_comments_is_read() -> None:
    assert fstab.parse_fstab(FSTAB) == (
        FstabLine(
            number=3,
            text="UUID=0a3407de-014b-458b-b5c1-848e92a327a3 /     ext4 errors=remount-ro 0 1",
            source="UUID=0a3407de-014b-458b-b5c1-848e92a327a3",
            mount_point="/",
            type="ext4",
            options=("errors=remount-ro",),
        ),
        FstabLine(
            number=5,
            text="/srv/docker\\040data.img\t/var/lib/docker\txfs\tloop,,noatime\t0 0",
            source="/srv/docker data.img",
            mount_point="/var/lib/docker",
            type="xfs",
            options=("loop", "noatime"),
        ),
        FstabLine(
            number=6,
            text="tmpfs /tmp tmpfs",
            source="tmpfs",
            mount_point="/tmp",  # noqa: S108
            type="tmpfs",
        ),
        FstabLine(number=7, text="LABEL=docker /data", source="LABEL=docker", mount_point="/data"),
        FstabLine(
            number=8,
            text="/swapfile none swap sw 0 0",
            source="/swapfile",
            mount_point="none",
            type="swap",
            options=("sw",),
        ),
    )


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("/dev/vdb", "/dev/vdb"),
        ("UUID=0a34", "/dev/disk/by-uuid/0a34"),
        ('LABEL="a b"', "/dev/disk/by-label/a\\x20b"),
        ("LABEL=a/ü", "/dev/disk/by-label/a\\x2fü"),
        ("PARTUUID='0a34-01'", "/dev/disk/by-partuuid/0a34-01"),
        ("ID=virtio-x", "/dev/disk/by-id/virtio-x"),
        ("tmpfs", None),
        ("nas:/share", None),
        ("//nas/share", None),
        ("WHAT=0a34", None),
    ],
)
def test_a_source_may_be_a_tag(source: str, path: str | None) -> None:
    assert fstab.path_of(source) == path


def test_a_source_leads_to_a_file_or_to_a_device(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    image, link = tmp_path / "docker.img", tmp_path / "link"
    image.touch()
    link.symlink_to(image)
    table = tmp_path / "fstab"
    table.write_text(
        f"{link} /a xfs loop\n{tmp_path / 'none'} /b xfs\n{tmp_path} /c none bind\n"
        f"{image} /d none bind\n/dev/null /e xfs\nUUID=1 /f xfs\n"
    )
    monkeypatch.setattr(fstab, "FSTAB", str(table))
    monkeypatch.setattr(fstab, "BY", str(tmp_path / "by-"))
    (tmp_path / "by-uuid").mkdir()
    (tmp_path / "by-uuid" / "1").mkdir()
    monkeypatch.setattr(
        block_devices, "number_of", {str(tmp_path / "by-uuid" / "1"): "252:16", "/dev/null": ""}.get
    )
    found = [(each.mount_point, each.source_file) for each in fstab.observe_fstab()]
    assert found == [("/a", str(image)), ("/b", ""), ("/c", ""), ("/d", ""), ("/e", ""), ("/f", "")]
    assert [each.source_number for each in fstab.observe_fstab()][-1] == "252:16"


def test_a_host_may_have_no_fstab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fstab, "FSTAB", "/no/such/file")
    assert fstab.observe_fstab() == ()
