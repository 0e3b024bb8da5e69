"""What blkid and wipefs find, in the words of util-linux 2.32 to 2.41."""

from collections.abc import Sequence

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.host import command
from ansible_collections.dockwright.host.plugins.module_utils.observers.host.command import (
    CommandFailed,
    Output,
)
from ansible_collections.dockwright.host.plugins.module_utils.observers.storage import signature
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.storage import (
    SignatureObserved,
)

BTRFS = """\
DEVNAME=/data0/docker.img
LABEL=docker\\ data\\"1\\$
UUID=e86f7177-d55a-4488-a597-9c13706638e7
UUID_SUB=21139731-497a-4b97-8b8d-cb8d00aadb43
BLOCK_SIZE=4096
TYPE=btrfs
USAGE=filesystem
"""
GPT = "DEVNAME=/dev/vdb\nPTUUID=ee159afa\nPTTYPE=gpt\n"
PARTITION = "DEVNAME=/dev/vdb1\nPART_ENTRY_SCHEME=gpt\nPART_ENTRY_TYPE=0fc63daf\n"


@pytest.mark.parametrize(
    ("output", "found"),
    [
        (
            Output(0, BTRFS, ""),
            SignatureObserved(
                type="btrfs", uuid="e86f7177-d55a-4488-a597-9c13706638e7", label='docker data"1$'
            ),
        ),
        (Output(0, GPT, ""), SignatureObserved("partition table (gpt)")),
        (Output(0, PARTITION, ""), SignatureObserved()),
        (Output(0, "TYPE=xfs\nPTTYPE=dos\n", ""), SignatureObserved("several signatures")),
        (Output(8, "", "blkid: x: ambivalent result"), SignatureObserved("several signatures")),
        (Output(2, "", ""), SignatureObserved()),
        (
            Output(2, "", "blkid: error: /dev/vdb: Input/output error\n"),
            SignatureObserved(unreadable="blkid: /dev/vdb: Input/output error"),
        ),
        (Output(4, "", ""), SignatureObserved(unreadable="blkid ended with status 4")),
    ],
)
def test_blkid_is_understood(output: Output, found: SignatureObserved) -> None:
    assert signature.parse_blkid(output) == found


@pytest.mark.parametrize(
    ("output", "found"),
    [
        (Output(0, "", ""), SignatureObserved()),
        (Output(0, "xfs\nbtrfs\n", ""), SignatureObserved("several signatures")),
        (Output(0, "zfs_member\nzfs_member\n", ""), SignatureObserved("zfs_member")),
        (
            Output(1, "", "wipefs: error: /x: probing initialization failed"),
            SignatureObserved(unreadable="wipefs: /x: probing initialization failed"),
        ),
    ],
)
def test_wipefs_is_understood(output: Output, found: SignatureObserved) -> None:
    assert signature.parse_wipefs(output) == found


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("docker", "docker"),
        ("a\\ b", "a b"),
        ("back\\\\slash", "back\\slash"),
        ("M-CM-)", "é"),
        ("M-CM-^@", "À"),
        ("VM-1", "VM-1"),
    ],
)
def test_a_label_is_read_as_blkid_writes_it(written: str, label: str) -> None:
    output = Output(0, f"TYPE=ext4\nLABEL={written}\n", "")
    assert signature.parse_blkid(output).label == label


def test_nothing_is_only_believed_if_wipefs_finds_nothing_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = {"blkid": Output(2, "", ""), "wipefs": Output(0, "xfs\nbtrfs\n", "")}
    monkeypatch.setattr(command, "read", lambda argv: answers[argv[0]])
    assert signature.observe_signature("/x").type == "several signatures"
    answers["wipefs"] = Output(0, "", "")
    assert signature.observe_signature("/x") == SignatureObserved()
    answers["blkid"] = Output(0, BTRFS, "")
    del answers["wipefs"]
    assert signature.observe_signature("/x").type == "btrfs"


def test_a_program_that_is_not_there_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(argv: Sequence[str]) -> Output:
        raise CommandFailed(f"{argv[0]} could not be run")

    monkeypatch.setattr(command, "read", read)
    assert signature.observe_signature("/x").unreadable == "blkid could not be run"
