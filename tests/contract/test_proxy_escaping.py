"""What systemd reads from what is written: a process gets exactly what went in, whatever it was.

Many values are tried at once, as variables of one unit, each both in its drop-in and in its file of
credentials. The planner's own functions write the two, and a lab host's systemd reads them. What it
has read is asked of `systemctl show` and of a process of the unit.
"""

import base64
import shlex
import string
from collections.abc import Sequence
from typing import NamedTuple

from ansible_collections.dockwright.host.plugins.module_utils.planners.units.drop_in import (
    stage_drop_in,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.drop_in import (
    DropInDeclaration,
    require_carried,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.declarations.error import (
    DeclarationError,
)
from ansible_collections.dockwright.host.plugins.module_utils.words.observations.host import (
    Observation,
    System,
)
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.lab import Lab

UNIT = "escaping.service"
# It copies its own environment, which systemd has started it with.
SERVICE = """\
[Unit]
StartLimitIntervalSec=0
[Service]
Type=oneshot
ExecStart=/bin/cp /proc/self/environ /run/escaping
"""
# A shell reads words that systemctl has quoted for it; --posix leaves a tilde alone.
SHOW = f'eval "set -- $(systemctl show --property=Environment --value {UNIT})"; '
SHOW += """printf '%s\\0' "$@" """
READ = f"""
systemctl daemon-reload
bash --posix -c {shlex.quote(SHOW)} | base64 --wrap=0; echo
systemctl start {UNIT}
base64 --wrap=0 < /run/escaping; rm /run/escaping
"""
# Characters with a meaning in a unit, in a file of variables or in a shell, which must have none.
SPECIAL = "%\"'\\$`#;=~!&|<>{}()*?[]:,@ \t"
REFUSED = (*map(chr, range(1, 9)), *map(chr, range(11, 32)), *"\x7f\ufdd0\uffff\U0001ffff")


class Read(NamedTuple):
    """What systemd has read: variables as systemctl shows them, and as a process has them."""

    shown: dict[str, str]
    process: dict[str, str]


def is_carried(text: str) -> bool:
    """Whether a declaration accepts a text."""
    try:
        require_carried("value", text)
    except DeclarationError:
        return False
    return True


def named(kind: str, values: Sequence[str]) -> dict[str, str]:
    """Give the values as variables."""
    return {f"{kind}{number}": value for number, value in enumerate(values)}


def read(lab: Lab, values: Sequence[str]) -> dict[str, Read]:
    """Have each host's systemd read the values from both places."""
    public, secret = named("PUBLIC", values), named("SECRET", values)
    stage = stage_drop_in(
        DropInDeclaration(
            unit=UNIT,
            name="test",
            role="test",
            subject="test",
            sections=(),
            environment=public,
            credentials=secret,
        ),
        Observation(System("Debian", "13")),
    )
    assert stage.file is not None
    files = {f"/etc/systemd/system/{UNIT}": SERVICE, stage.path: stage.file.text or ""}
    files.update({path: file.text or "" for path, file in stage.staged.files.items()})
    lines = [f"mkdir -p /etc/systemd/system/{UNIT}.d"]
    for path, text in files.items():
        encoded = base64.b64encode(text.encode()).decode()
        lines.append(f"echo {encoded} | base64 --decode > {path}")
    printed = lab.each("\n".join(lines) + READ)
    return {
        host: Read(*(variables(line) for line in text.split("\n")))
        for host, text in printed.items()
    }


def variables(encoded: str) -> dict[str, str]:
    """Give our variables from what a host has printed."""
    words = base64.b64decode(encoded).decode(errors="replace").split("\0")
    pairs = [word.partition("=") for word in words if word.startswith(("PUBLIC", "SECRET"))]
    return {name: value for name, _equals, value in pairs}


# Each example is a look at a host with many values: shrinking one would take minutes.
@settings(max_examples=12, deadline=None, database=None, phases=[Phase.generate])
@given(
    values=st.lists(
        st.text(
            st.one_of(
                st.sampled_from(SPECIAL),
                st.sampled_from(string.ascii_letters + string.digits),
                st.characters(exclude_categories=["Cs"]).filter(is_carried),
            ),
            max_size=20,
        ),
        min_size=30,
        max_size=60,
    )
)
def test_what_went_in_is_what_a_process_gets(lab: Lab, values: list[str]) -> None:
    for host, found in read(lab, values).items():
        for number, value in enumerate(values):
            public, secret = f"PUBLIC{number}", f"SECRET{number}"
            # systemctl shows a tab as C writes it, which bash does not read.
            assert found.shown.get(public) == value.replace("\t", "\\t"), host
            assert found.process.get(public) == value, host
            assert found.process.get(secret) == value, host


def test_what_is_refused_would_be_lost(lab: Lab) -> None:
    """Nothing is refused without need: one of the two places cannot hold it."""
    values = [f"a{character}b" for character in REFUSED]
    assert not any(map(is_carried, values))
    for host, found in read(lab, values).items():
        for number, value in enumerate(values):
            got = [found.process.get(f"{place}{number}") for place in ("PUBLIC", "SECRET")]
            assert got != [value, value], host
