"""Hops to trusted paths, access control lists, and what other units name."""

import struct
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.trust import access
from ansible_collections.dockwright.host.plugins.module_utils.observers.trust.access import (
    find_aliases,
    find_relays,
    find_sockets,
    hops,
    observe_paths,
    parse_environment,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.trust.access_control import (
    Entry,
    parse_entries,
    permitted,
    spoken,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    FileObserved,
)

NOBODY = 0xFFFFFFFF
SERVICE = "docker.service"


def packed(*entries: tuple[int, int, int], version: int = 2) -> bytes:
    """Give an access control list in the kernel's form."""
    return struct.pack("<I", version) + b"".join(struct.pack("<HHI", *each) for each in entries)


def test_a_list_tells_its_named_entries_as_far_as_the_mask_lets_them() -> None:
    listed = packed(
        (1, 6, NOBODY), (2, 7, 1001), (4, 6, NOBODY), (8, 6, 100), (16, 4, NOBODY), (32, 0, NOBODY)
    )
    assert parse_entries(listed) == (Entry(False, 1001, 4), Entry(True, 100, 4))
    assert [permitted(each) for each in parse_entries(listed)] == ["r--", "r--"]


@pytest.mark.parametrize("text", [b"", b"\2\0", packed((2, 6, 1001), version=3)])
def test_what_is_no_such_list_tells_nothing(text: bytes) -> None:
    assert parse_entries(text) == ()


def test_a_list_that_was_cut_off_tells_what_is_whole() -> None:
    assert parse_entries(packed((2, 6, 1001)) + b"\2\0\6") == (Entry(False, 1001, 6),)


def test_who_has_no_name_is_told_by_number() -> None:
    assert spoken(Entry(False, 4242424, 6)) == "user:4242424"
    assert spoken(Entry(True, 4242424, 6)) == "group:4242424"


def test_a_way_goes_on_where_links_lead(tmp_path: Path) -> None:
    (tmp_path / "real" / "below").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real/../real")
    (tmp_path / "real" / "below" / "absolute").symlink_to(tmp_path / "real")
    seen = list(hops(f"{tmp_path}/link/below/absolute"))
    told = [path[len(str(tmp_path)) :] for path in seen if path.startswith(f"{tmp_path}/")]
    assert seen[0] == "/"
    assert told == ["/link", "/real", "/real", "/real/below", "/real/below/absolute", "/real"]


def test_a_circle_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    assert len(list(hops(f"{tmp_path}/one"))) < 100


def test_of_a_path_that_is_not_there_the_way_is_looked_at(tmp_path: Path) -> None:
    seen = observe_paths([f"{tmp_path}/gone/below"])
    assert seen[str(tmp_path)].leads_to == f"{tmp_path}/gone/below"
    assert f"{tmp_path}/gone" not in seen


def test_each_hop_says_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "file").touch(0o664)
    seen = observe_paths([f"{tmp_path}/file"])
    assert seen[str(tmp_path)].leads_to == f"{tmp_path}/file"
    assert (seen[f"{tmp_path}/file"].kind, seen["/"].kind) == ("file", "directory")


@pytest.fixture
def units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder of units, in place of all of them."""
    monkeypatch.setattr(access, "UNIT_FOLDERS", (str(tmp_path),))
    return tmp_path


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return str(path)


def test_sockets_that_may_be_the_services_are_found(units: Path) -> None:
    (units / "engine.service").symlink_to("docker.service")
    write(units, "other.socket", "[Socket]\nListenStream=1\n")
    by_service = write(units, "theirs.socket", "[Socket]\nService=docker.service\n")
    of_alias = write(units, "engine.socket", "[Socket]\nListenStream=2\n")
    beside = write(units, "theirs.socket.d/a.conf", "[Socket]\nListenStream=3\n")
    drop_in = write(units, "late.socket.d/a.conf", "[Socket]\nService=docker.service\n")
    late = write(units, "late.socket", "[Socket]\nListenStream=4\n")
    named = write(units, "named.socket", "[Socket]\nListenStream=5\n")
    unit = {
        f"{units}/{SERVICE}": FileObserved(kind="file", text="[Service]\nSockets=named.socket\n")
    }
    write(units, "hands-on.service", "[Service]\nExecStart=/bin/proxy \\\n /run/docker.sock\n")
    relay = write(units, "hands-on.socket", "[Socket]\nListenStream=6\n")
    found = find_sockets(SERVICE, unit)
    assert set(found) == {by_service, of_alias, beside, drop_in, late, named, relay}
    assert find_relays(SERVICE) == ("hands-on.service",)
    assert find_aliases(SERVICE) == ("engine.service",)


def test_a_command_line_names_programs_and_what_its_flags_name() -> None:
    text = (
        "[Service]\nExecStartPre=-/opt/a/before --quiet\nExecStart=@/usr/bin/dockerd \\\n"
        "# --tlskey=/opt/none\n"
        '  --tlskey=/opt/b/key.pem --config-file "/opt/c/d.json" -H unix:///run/x.sock\n'
        "Environment=X=/opt/none\n"
    )
    found = [path for each in access.commands_in(text) for path in access._PATH.findall(each)]
    assert [path.lstrip("/") for path in found] == [
        "opt/a/before",
        "usr/bin/dockerd",
        "opt/b/key.pem",
        "opt/c/d.json",
        "run/x.sock",
    ]


def test_variables_of_systemd_are_quoted_where_they_need_it() -> None:
    text = "LANG=C\nOPTIONS=$'-H tcp://127.0.0.1:2375 --label it\\'s'\nEMPTY=\nOTHER=\"a b\"\n\n"
    assert parse_environment(text) == {
        "LANG": "C",
        "OPTIONS": "-H tcp://127.0.0.1:2375 --label it's",
        "EMPTY": "",
        "OTHER": "a b",
    }
