"""What /sys and /proc tell of block devices."""

from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.storage import block_devices

from tests.unit.observers.fake_sys import fake_sys

DISK = {
    "dev": "252:16",
    "size": "2097152",
    "ro": "0",
    "holders/dm-0/dev": "253:0",
    "vdb1/partition": "1",
    "vdb1/dev": "252:17",
    "queue/rotational": "0",
}


def test_a_disk_has_a_size_and_what_is_made_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_sys(monkeypatch, tmp_path / "sys", {"vdb": DISK, "vdc": {"dev": "252:32", "size": "8"}})
    swaps = tmp_path / "swaps"
    swaps.write_text("Filename\t\tType\t\tSize\n/dev/vdc                partition\t65532\n")
    monkeypatch.setattr(block_devices, "SWAPS", str(swaps))
    monkeypatch.setattr(
        block_devices, "number_of", {"/dev/vdc": "252:32", "/dev/vdb": "252:16"}.get
    )
    assert block_devices.name_of("252:16") == "vdb"
    assert block_devices.size("vdb") == 1024**3
    assert block_devices.holders("vdb") == ("dm-0", "vdb1")
    assert block_devices.holders("vdc") == ("swap",)


@pytest.mark.parametrize("number", ["", "252:48"])
def test_a_device_that_is_not_there_has_no_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: str
) -> None:
    fake_sys(monkeypatch, tmp_path / "sys", {"vdb": DISK})
    assert block_devices.name_of(number) == ""


def test_a_device_without_a_node_is_known_by_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_sys(monkeypatch, tmp_path / "sys", {"vdq": {"dev": "252:99"}})
    assert block_devices.number_of("/dev/vdq") == "252:99"
    assert block_devices.number_of("/dev/no-such-device") == ""
    assert block_devices.number_of("/nowhere/vdq") == ""


@pytest.mark.parametrize("path", ["/dev/null", "/", "/proc/swaps", "no\0path"])
def test_what_is_no_block_device_has_no_number(path: str) -> None:
    assert block_devices.number_of(path) == ""


def test_swap_is_named_without_escapes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    swaps = tmp_path / "swaps"
    swaps.write_text("Filename\tType\n/a\\040b  file\t8\n/dev/vda2\tpartition\t8\n")
    monkeypatch.setattr(block_devices, "SWAPS", str(swaps))
    assert block_devices.swaps() == ("/a b", "/dev/vda2")


def test_octal_escapes_are_read() -> None:
    assert block_devices.unescape(r"a\040b\011c\012d\134e\9") == "a b\tc\nd\\e\\9"
