"""The two arguments are taken out of GRUB's defaults, and every other byte stays."""

import pytest
from ansible_collections.dockwright.host.plugins.module_utils.planners import boot_arguments

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
    ],
)
def test_the_words_go_and_nothing_else(line: str, left: str) -> None:
    around = "GRUB_DEFAULT=0\n%s\n\nGRUB_TERMINAL=console  \n"
    assert boot_arguments.without_arguments(around % line) == around % left
