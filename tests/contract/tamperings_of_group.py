"""Tamperings with who may use Docker: the group, its members, and the socket."""

from tests.contract.tampering import Tampering

GID = 2375
# A user of every distribution, who does nothing.
GROUP = {"docker_group_members": ["games"], "docker_group_gid": GID}
SOCKET = "/run/docker.sock"
FOLDER = "/etc/systemd/system/docker.socket.d"
MEMBER = ("group.member", "games")
OF_SOCKET = ("group.socket", SOCKET)

# It does what setfacl --modify user:mail:rw does, which not every host has.
LET_IN = (
    f"python3 -c \"import os, struct; os.setxattr('{SOCKET}', 'system.posix_acl_access', "
    "struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *each) for each in [(1, 6, 2**32 - 1), "
    '(2, 6, 8), (4, 6, 2**32 - 1), (16, 6, 2**32 - 1), (32, 0, 2**32 - 1)]))"'
)
SHUT_OUT = f"python3 -c \"import os; os.removexattr('{SOCKET}', 'system.posix_acl_access')\""

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
        "a member's name is no text",
        "LC_ALL=C sed -i 's/^docker:.*/&,al\\xff/' /etc/group",
        "LC_ALL=C sed -i 's/,al\\xff//' /etc/group",
        (("group.member", "al\\xff"),),
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
        # The socket still has the old GID, which belongs to no group any more.
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
        "the socket's access control list lets somebody in",
        LET_IN,
        SHUT_OUT,
        (OF_SOCKET,),
    ),
    Tampering(
        "somebody administers the group",
        "gpasswd --administrators mail docker",
        "gpasswd --administrators '' docker",
        (("group.administrator", "mail"),),
    ),
    Tampering(
        "somebody is in the group by /etc/gshadow alone",
        "gpasswd --add mail docker; sed -i '/^docker:/s/,mail$//' /etc/group",
        "gpasswd --delete mail docker",
        (("group.member", "mail"),),
    ),
    Tampering(
        "the group has a password",
        "sed -i 's/^docker:[^:]*/docker:$6$theirs/' /etc/gshadow",
        "gpasswd --restrict docker",
        (("group.password", "docker"),),
    ),
    Tampering(
        "somebody has the socket made for anybody",
        f"mkdir -p {FOLDER}; printf '[Socket]\\nSocketMode=0666\\n' > {FOLDER}/theirs.conf",
        f"rm -r {FOLDER}; systemctl daemon-reload",
        (OF_SOCKET,),
        refused=f"SocketMode=0666 ({FOLDER}/theirs.conf:2)",
    ),
)
