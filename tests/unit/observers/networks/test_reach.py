"""Addresses that a host uses, found in a tree of files as hosts have them."""

import sys
from pathlib import Path

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.observers.networks import reach
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.reach import (
    AddressObserved,
    ReachObserved,
)

# proc(5), net/tcp: a listening sshd (inode 1), two of its sessions (2, 3), one that it forwards
# (4), and a web server's client (5).
TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:08AE 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0
   1: 0502000A:08AE 07026464:D431 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0
   2: 0502000A:9C40 0902000A:1F90 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0
   3: 0502000A:0050 0A02000A:D431 01 00000000:00000000 00:00000000 00000000     0        0 5 1 0
"""
# The same address in an IPv6 socket, and an IPv6 address.
TCP6 = """\
  sl  local_address                         remote_address                        st
   0: 0000000000000000FFFF00000502000A:08AE 0000000000000000FFFF000008026464:D432 01 0 0 0 0 0 3
   1: 000000FD000000000000000005000000:08AE 000000FD000000000000000007000000:D433 01 0 0 0 0 0 3
"""
FILES = {
    "etc/resolv.conf": "# nameserver 10.0.0.1\nnameserver 127.0.0.53\nnameserver fe80::1%eth0\n",
    "run/systemd/resolve/resolv.conf": "nameserver 100.100.2.136\nsearch x\nnameserver fd00::53\n",
    "run/systemd/resolve/netif/2": "LLMNR=yes\nSERVERS=100.100.2.138#dns.example.test\n",
    "etc/dnsmasq.conf": "server=/corp.test/10.0.0.2#5353\n#server=10.0.0.3\n",
    "etc/hosts": "127.0.0.1 localhost\n10.0.0.14 Mirror.example.test mirror # ours\n",
    "etc/chrony.conf": "pool ntp.example.test iburst\nserver 10.0.0.4 iburst\n",
    "etc/systemd/timesyncd.conf": "[Time]\nNTP=10.0.0.5 ntp.example.test\n",
    "etc/environment": "http_proxy=http://me:pa@10.0.0.6:3128/\nHTTPS_PROXY=10.0.0.7:3128\n"
    "no_proxy=10.0.0.8\n",
    "etc/apt/apt.conf.d/99proxy": 'Acquire::http::Proxy "http://[fd00::9]:3128";\n'
    '// Acquire::https::Proxy "http://10.0.0.9";\n',
    "etc/yum.repos.d/a.repo": "[a]\nbaseurl=http://10.0.0.10/x\nproxy=http://10.0.0.11:1\n",
    "etc/apt/sources.list": "deb http://10.0.0.12.example.test/debian trixie main\n",
    "proc/self/mounts": "10.0.0.13:/export /mnt/data nfs4 rw 0 0\n/dev/vda1 / ext4 rw 0 0\n",
    "proc/net/fib_trie": "     |-- 10.0.2.5\n        /32 host LOCAL\n",
    "proc/net/if_inet6": "fd000000000000000000000000000099 02 40 00 80     eth0\n",
    "proc/net/tcp": TCP,
    "proc/net/tcp6": TCP6,
    "proc/7/comm": "sshd-session\n",
    "proc/8/comm": "nginx\n",
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(reach, "ROOT", str(tmp_path))
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for pid, inodes in (("7", "1234"), ("8", "5")):
        (tmp_path / "proc" / pid / "fd").mkdir()
        for inode in inodes:
            (tmp_path / "proc" / pid / "fd" / inode).symlink_to(f"socket:[{inode}]")
    return tmp_path


def of_kind(found: ReachObserved, kind: str) -> dict[str, str]:
    return {each.address: each.source for each in found.others if each.kind == kind}


@pytest.mark.usefixtures("root")
def test_what_files_name() -> None:
    found = reach.observe_reach()
    assert found.own == ("10.0.2.5", "fd00::99")
    assert of_kind(found, "a name server") == {
        "100.100.2.136": "/run/systemd/resolve/resolv.conf",
        "fd00::53": "/run/systemd/resolve/resolv.conf",
        "100.100.2.138": "/run/systemd/resolve/netif/2",
        "10.0.0.2": "/etc/dnsmasq.conf",
    }
    assert set(of_kind(found, "a time server")) == {"10.0.0.4", "10.0.0.5"}
    assert set(of_kind(found, "a proxy")) == {"10.0.0.6", "10.0.0.7", "fd00::9"}
    assert set(of_kind(found, "a package site")) == {"10.0.0.10", "10.0.0.11"}
    assert ("mirror.example.test", "10.0.0.14") in found.names
    assert ("mirror", "10.0.0.14") in found.names
    assert of_kind(found, "a file server") == {"10.0.0.13": "/mnt/data"}


@pytest.mark.skipif(sys.byteorder != "little", reason="the table was captured on such a machine")
@pytest.mark.usefixtures("root")
def test_sessions_are_those_that_ssh_serves_whatever_its_port() -> None:
    assert set(of_kind(reach.observe_reach(), "an ssh session")) == {
        "100.100.2.7",
        "100.100.2.8",
        "fd00::7",
    }


def test_an_own_address_is_nobody_elses(root: Path) -> None:
    (root / "etc/resolv.conf").write_text("nameserver 10.0.2.5\nnameserver ::1\n")
    assert AddressObserved("10.0.2.5", "a name server", "/etc/resolv.conf") not in (
        reach.observe_reach().others
    )


def test_a_host_without_any_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "ROOT", str(tmp_path))
    assert reach.observe_reach() == ReachObserved()
