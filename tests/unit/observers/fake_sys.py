"""A /sys of block devices in a folder, for observers that read /sys."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.storage import block_devices


def fake_sys(
    monkeypatch: pytest.MonkeyPatch, folder: Path, devices: Mapping[str, Mapping[str, str]]
) -> None:
    """Write attributes, by path, below each device, with /sys's links to it."""
    for links in ("block", "class/block", "dev/block"):
        (folder / links).mkdir(parents=True)
    for name, attributes in devices.items():
        device = folder / "devices" / name
        for attribute, text in attributes.items():
            path = device / attribute
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n")
        (folder / "block" / name).symlink_to(device)
        (folder / "class/block" / name).symlink_to(device)
        (folder / "dev/block" / attributes["dev"]).symlink_to(device)
    monkeypatch.setattr(block_devices, "SYS", str(folder))
