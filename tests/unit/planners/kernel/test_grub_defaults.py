"""GRUB's defaults as a shell reads them: their arguments, and the same without two of them."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners.kernel import grub_defaults

BOTH = "cgroup_enable=memory swapaccount=1"


@pytest.mark.parametrize(
    ("line", "left"),
    [
        (f'GRUB_CMDLINE_LINUX="{BOTH}"', 'GRUB_CMDLINE_LINUX=""'),
        (f"GRUB_CMDLINE_LINUX='{BOTH}'", "GRUB_CMDLINE_LINUX=''"),
        (f'GRUB_CMDLINE_LINUX="quiet {BOTH}"', 'GRUB_CMDLINE_LINUX="quiet"'),
        (f'GRUB_CMDLINE_LINUX="{BOTH} quiet  splash"', 'GRUB_CMDLINE_LINUX="quiet  splash"'),
        (f'GRUB_CMDLINE_LINUX_DEFAULT="a {BOTH} b"', 'GRUB_CMDLINE_LINUX_DEFAULT="a b"'),
        ("GRUB_CMDLINE_LINUX=swapaccount=1", "GRUB_CMDLINE_LINUX="),
        ('GRUB_CMDLINE_LINUX="swapaccount=10"', 'GRUB_CMDLINE_LINUX="swapaccount=10"'),
        ('GRUB_CMDLINE_LINUX="x_swapaccount=1"', 'GRUB_CMDLINE_LINUX="x_swapaccount=1"'),
        (f"# {BOTH}", f"# {BOTH}"),
        (f'GRUB_CMDLINE_XEN="{BOTH}"', f'GRUB_CMDLINE_XEN="{BOTH}"'),
        (f'export  GRUB_CMDLINE_LINUX="a {BOTH}"', 'export  GRUB_CMDLINE_LINUX="a"'),
        (f'  GRUB_CMDLINE_LINUX+=" {BOTH} b"', '  GRUB_CMDLINE_LINUX+=" b"'),
        (f'GRUB_CMDLINE_LINUX="a" # {BOTH}', f'GRUB_CMDLINE_LINUX="a" # {BOTH}'),
        (f'GRUB_CMDLINE_LINUX="a \\\n  {BOTH} \\\n  b"', 'GRUB_CMDLINE_LINUX="a \\\n \\\n  b"'),
        ('GRUB_CMDLINE_LINUX="a \\\nswapaccount=1 b"', 'GRUB_CMDLINE_LINUX="a\\\n b"'),
        ('GRUB_CMDLINE_LINUX="swapacc\\\nount=1 b"', 'GRUB_CMDLINE_LINUX="\\\nb"'),
        ('GRUB_CMDLINE_LINUX="a\\\nswapaccount=1"', 'GRUB_CMDLINE_LINUX="a\\\nswapaccount=1"'),
        ('GRUB_CMDLINE_LINUX="a\nswapaccount=1\nb"', 'GRUB_CMDLINE_LINUX="a\n\nb"'),
    ],
)
def test_the_words_go_and_nothing_else(line: str, left: str) -> None:
    around = "GRUB_DEFAULT=0\n%s\n\nGRUB_TERMINAL=console  \n"
    assert grub_defaults.without_arguments(around % line, BOTH.split()) == around % left


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ('GRUB_CMDLINE_LINUX="a  b"\nGRUB_CMDLINE_LINUX_DEFAULT=c', ["a", "b", "c"]),
        ("export GRUB_CMDLINE_LINUX='a b'", ["a", "b"]),
        ('GRUB_CMDLINE_LINUX+=" a"', ["a"]),
        ('GRUB_CMDLINE_LINUX="a \\\n\tb\\\nc"\nd', ["a", "bc"]),
        ("GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX\"' a'", ["$GRUB_CMDLINE_LINUX", "a"]),
        ('GRUB_CMDLINE_LINUX="a" # b', ["a"]),
        ('#GRUB_CMDLINE_LINUX="a"\nGRUB_CMDLINE_XEN=a\nGRUB_CMDLINE_LINUX_RECOVERY=a', []),
    ],
)
def test_arguments_are_read_as_a_shell_reads_them(text: str, arguments: list[str]) -> None:
    assert grub_defaults.arguments_in(text + "\n") == arguments


@pytest.mark.parametrize(
    ("text", "is_anew"),
    [
        ('GRUB_CMDLINE_LINUX="a"', True),
        ("export GRUB_CMDLINE_LINUX=a", True),
        ('GRUB_CMDLINE_LINUX="a $GRUB_CMDLINE_LINUX_DEFAULT"', True),
        ('GRUB_CMDLINE_LINUX="a \\\n  ${GRUB_CMDLINE_LINUX}"', False),
        ('GRUB_CMDLINE_LINUX+=" a"', False),
        ('GRUB_CMDLINE_LINUX_DEFAULT="a"', False),
    ],
)
def test_what_drops_the_arguments_of_before_is_known(text: str, is_anew: bool) -> None:
    assert grub_defaults.sets_anew(text + "\n") is is_anew


def test_lines_that_hold_an_argument_are_known_by_their_numbers() -> None:
    text = (
        "# swapaccount=1\nEXTRA=swapaccount=1 # why\n: swapaccount=10\n"
        "test -z x || GRUB_CMDLINE_LINUX='a swapaccount=1'\n"
    )
    assert grub_defaults.lines_with(text, ["swapaccount=1"]) == [2, 4]
