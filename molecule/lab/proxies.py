"""The lab's proxies: two tinyproxies, open and locked, and a microsocks that is locked as well.

Name and password are hard to carry on purpose: through an address, a unit, a file of variables and
a playbook. What is in all their spellings is SECRET, so that it can be searched for.
"""

from urllib.parse import quote

NAMES = ("proxy.lab.test", "socks.lab.test")
SECRET = "Geheimnis7"  # noqa: S105 - of a proxy that lives as long as the lab
CREDENTIALS = {"NAME": "lab%user", "PASSWORD": f"q\"u\\o't$e%d-{SECRET}"}
# A quote and a dollar sign may stand in an address as they are.
_USER = "{}:{}".format(*(quote(each, safe="'$") for each in CREDENTIALS.values()))
ADDRESSES = {
    "open": "http://proxy.lab.test:3128",
    "locked": f"http://{_USER}@proxy.lab.test:3129",
    "socks": f"socks5://{_USER}@socks.lab.test:1080",
}
