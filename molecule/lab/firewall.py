"""Keep the packet filter as it was before the lab's own dockerd, and restore it afterwards.

When it stops, Docker leaves its chains, a FORWARD policy of DROP and IP forwarding behind.
"""

import json
from pathlib import Path

from commands import run

TABLES = ("filter", "nat")
TOOLS = ("iptables", "ip6tables")
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")


def remember(path: Path) -> None:
    """Record what a dockerd is about to change, unless Docker's chains are there already."""
    if any(_chains(tool, table) for tool in TOOLS for table in TABLES):
        return
    policies = {tool: _forward_policy(tool) for tool in TOOLS}
    before = {"policies": policies, "forwarding": FORWARDING.read_text().strip()}
    path.write_text(json.dumps(before) + "\n")


def restore(path: Path) -> None:
    """Restore what was recorded; there is no record where the filter was not ours to clear."""
    if not path.exists():
        return
    before = json.loads(path.read_text())
    for tool in TOOLS:
        for table in TABLES:
            _remove_chains(tool, table)
        if before["policies"][tool]:
            run([tool, "--policy", "FORWARD", before["policies"][tool]], check=False)
    FORWARDING.write_text(before["forwarding"])


def _remove_chains(tool: str, table: str) -> None:
    chains = _chains(tool, table)
    for rule in _rules(tool, table):
        # A jump from a built-in chain, such as "-A FORWARD -j DOCKER-USER".
        words = rule.split()
        if words[0] == "-A" and words[1] not in chains and words[-1] in chains:
            run([tool, "--table", table, "--delete", *words[1:]], check=False)
    for step in ("--flush", "--delete-chain"):
        for chain in chains:
            run([tool, "--table", table, step, chain], check=False)


def _chains(tool: str, table: str) -> list[str]:
    new = [rule.split()[1] for rule in _rules(tool, table) if rule.startswith("-N ")]
    return [chain for chain in new if chain.startswith("DOCKER")]


def _forward_policy(tool: str) -> str:
    policies = [rule.split() for rule in _rules(tool, "filter") if rule.startswith("-P FORWARD ")]
    return policies[0][2] if policies else ""


def _rules(tool: str, table: str) -> list[str]:
    listed = run([tool, "--table", table, "--list-rules"], check=False)
    return [rule for rule in listed.stdout.split("\n") if rule]
