"""Under hardened hosts' umask for root, folders can still be read by those who need them."""

from tests.contract.storage import converge, declare
from tests.lab import Lab

PLACE = "/data0/umask"
# pam_umask(8) sets it for every session; a folder that somebody has made narrower is theirs.
HARDEN = f"echo 'UMASK 077' >> /etc/login.defs; mkdir -p /data0 {PLACE}; chmod 700 {PLACE}"
MODES = (
    f"su -c umask; stat -c '%a' /data0 {PLACE} {PLACE}/images/deep {PLACE}/docker /run/dockwright"
)


def test_what_a_run_makes_can_be_read_and_what_was_narrow_stays_so(lab: Lab) -> None:
    one = lab.one(1)
    (host,) = one.hosts
    one.reset()
    one.on(host, HARDEN)
    converge(one, {host: declare("umask", host, file=f"{PLACE}/images/deep/volume")})
    made = one.on(host, MODES).split()
    assert made == ["0077", "755", "700", "755", "755", "755"]
    secrets = one.on(host, f"stat -c '%a' /var/lib/dockwright {PLACE}/images/deep/volume").split()
    assert secrets == ["700", "600"]
