"""Tamperings with who may use Docker: the group, its members, and the socket."""

from tests.contract.tampering import Tampering

GID = 2375
# A user of every distribution, who does nothing.
GROUP = {"docker_group_members": ["games"], "docker_group_gid": GID}
SOCKET = "/run/docker.sock"
FOLDER = "/etc/systemd/system/docker.socket.d"
MEMBER = ("group.member", "games")
OF_SOCKET = ("group.socket", SOCKET)

GROUP_ROWS = (
    Tampering(
        "a member was taken out of the group",
        "gpasswd --delete games docker",
        "gpasswd --add games docker",
        (MEMBER,),
    ),
    Tampering(
        "somebody was put into the group, whose name is nearly a member's",
        "useradd games-ci; gpasswd --add games-ci docker",
        "userdel games-ci",
        (("group.member", "games-ci"),),
    ),
    Tampering(
        "somebody has got it as primary group",
        "usermod --gid docker mail",
        "usermod --gid mail mail",
        (("group.member", "mail"),),
    ),
    Tampering(
        "somebody is in another group with its GID",
        f"groupadd --non-unique --gid {GID} theirs; gpasswd --add mail theirs",
        "groupdel theirs",
        (("group.member", "mail"),),
    ),
    Tampering(
        "the group has another GID",
        "groupmod --gid 4243 docker",
        f"groupmod --gid {GID} docker",
        # The socket has kept the old one, which is no group's any more.
        (("group.group", "docker"), OF_SOCKET),
    ),
    Tampering(
        "the group is gone",
        "groupdel docker",
        f"groupadd --system --gid {GID} docker; gpasswd --add games docker",
        (("group.group", "docker"), MEMBER, OF_SOCKET),
    ),
    Tampering(
        "the socket is for anybody to use",
        f"chmod 666 {SOCKET}",
        f"chmod 660 {SOCKET}",
        (OF_SOCKET,),
    ),
    Tampering(
        "the socket is another group's",
        f"chgrp users {SOCKET}",
        f"chgrp docker {SOCKET}",
        (OF_SOCKET,),
    ),
    Tampering(
        "somebody has the socket made for anybody",
        f"mkdir -p {FOLDER}; printf '[Socket]\\nSocketMode=0666\\n' > {FOLDER}/theirs.conf",
        f"rm -r {FOLDER}; systemctl daemon-reload",
        (OF_SOCKET,),
        refused=f"SocketMode=0666 ({FOLDER}/theirs.conf:2)",
    ),
)
