# Copyright (c) Dockwright contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The registry of roles: what each declares, looks at, asks, plans and stages.

The plan of a host, docker_plan, site.yml, the pages and the tests use it. A new role is a row here,
a field of ``Declaration``, and rooms of its own.
"""

import contextlib
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..words import resources
from ..words.declarations import host
from ..words.declarations.host import Declaration, Given
from ..words.declarations.proxy import secrets_of as secrets_of_proxy
from ..words.difference import Plan, join
from ..words.observations.host import Look, Observation, Question, StagedFile, StagedSet
from ..words.paths import DAEMON_JSON
from ..words.tables.supported_systems import SupportedSystem
from .activation.other_daemons import plan_other_daemons
from .activation.plan import look_at_activation, plan_activation
from .activation.without_docker import activates, plan_without_docker
from .daemon import desired as desired_daemon
from .daemon.document import NotADocument, declared_secrets, keys_of
from .daemon.plan import ask_daemon, look_at_daemon, plan_daemon
from .engine.plan import ask_engine, look_at_engine, plan_engine
from .engine.unfinished import plan_half_engine
from .group.plan import look_at_group, plan_group
from .kernel.plan import look_at_kernel, plan_kernel
from .proxy import plan as proxy
from .storage import plan as storage
from .upgrade.engine import plan_coming_engine
from .upgrade.engine_versions import Versions

Files = Mapping[str, StagedFile]
Arguments = Mapping[str, Any]


class Situation(NamedTuple):
    """What the plan of a role needs to know.

    ``pending`` is what will be staged once ``roles`` have run, ``versions`` are those of the engine
    that will read it, and ``planned`` holds the plans of the roles before this one.
    """

    declaration: Declaration
    system: SupportedSystem
    observed: Observation
    roles: Tuple[str, ...]
    pending: StagedSet
    versions: Versions
    planned: Mapping[str, Plan]


class Concern(NamedTuple):
    """One role.

    ``declare`` reads the arguments of all roles; ``secrets`` gives what nobody may see of its own
    arguments. What it ``look``s at is looked at for every role, unless ``looks_for_itself``. One that
    ``needs_systemd`` is of no use on a host without it: packages, drop-ins, mounts, the daemon.
    ``ask`` gives the questions to the package manager or dockerd. ``stage`` gives the files that it
    leaves for the activation to commit, and ``stages`` tells whether a staged file is one of them.
    """

    role: str
    declare: Callable[[Given], Any]
    look: Callable[[Declaration, SupportedSystem], Look]
    plan: Callable[[Situation], Plan]
    looks_for_itself: bool = False
    needs_systemd: bool = True
    secrets: Callable[[Arguments], Sequence[str]] = lambda _arguments: ()
    ask: Callable[[Situation], Dict[str, Question]] = lambda _situation: {}
    stage: Optional[Callable[[Declaration, Observation], Files]] = None
    stages: Callable[[str], bool] = lambda _path: False

    @property
    def field(self) -> str:
        """Its field's name in a :class:`Declaration`."""
        return self.role[len("docker_") :]


def declare_together(given: Given) -> Declaration:
    """Read the arguments of all roles.

    :raises DeclarationError: for a value without meaning.
    """
    return Declaration(**{each.field: each.declare(given) for each in CONCERNS})


def concerns_of(roles: Sequence[str]) -> List[Concern]:
    """Give the rows of these roles, in the order in which they run."""
    return [each for each in CONCERNS if each.role in roles]


def _plan_kernel(situation: Situation) -> Plan:
    return plan_kernel(situation.declaration, situation.system, situation.observed)


def _plan_proxy(situation: Situation) -> Plan:
    return proxy.plan_proxy(situation.declaration, situation.observed, situation.pending)


def _stage_proxy(declaration: Declaration, observed: Observation) -> Files:
    return proxy.stage_proxy(declaration.proxy, observed).staged.files


def _plan_group(situation: Situation) -> Plan:
    return plan_group(situation.declaration, situation.observed)


def _plan_storage(situation: Situation) -> Plan:
    declaration, observed = situation.declaration, situation.observed
    return storage.plan_storage(declaration, situation.system, observed, situation.pending)


def _stage_storage(declaration: Declaration, observed: Observation) -> Files:
    return storage.stage_storage(declaration.storage, observed).files


def _ask_engine(situation: Situation) -> Dict[str, Question]:
    return ask_engine(situation.declaration, situation.system, situation.observed)


def _plan_engine(situation: Situation) -> Plan:
    declaration, system, observed, roles, pending, versions, _planned = situation
    packages = plan_engine(declaration, system, observed)
    plans = [packages]
    if "docker_activation" not in roles and packages.of_resource(resources.ENGINE_PACKAGE):
        # What the activation may stop, the engine's role by itself may not; that is refused.
        others = plan_other_daemons(declaration, observed, "docker_engine")
        plans.append(others._replace(differences=others.refused))
    alone = "docker_daemon" not in roles
    plans.append(plan_coming_engine(declaration, system, observed, versions, pending, alone))
    return join(plans)


def _ask_daemon(situation: Situation) -> Dict[str, Question]:
    declaration, system, observed = situation.declaration, situation.system, situation.observed
    return ask_daemon(declaration, system, observed, situation.versions)


def _plan_daemon(situation: Situation) -> Plan:
    declaration, system, observed = situation.declaration, situation.system, situation.observed
    return plan_daemon(declaration, system, observed, situation.versions, situation.pending)


def _stage_daemon(declaration: Declaration, observed: Observation) -> Files:
    with contextlib.suppress(NotADocument):
        return desired_daemon.stage_daemon(declaration.daemon, observed).files
    return {}


def _secrets_of_daemon(arguments: Arguments) -> Sequence[str]:
    mirrors = {"registry-mirrors": arguments.get("registry_mirrors", [])}
    return declared_secrets([arguments.get("config", {}), mirrors])


def _plan_activation(situation: Situation) -> Plan:
    declaration, _system, observed, roles, pending, _versions, planned = situation
    if not activates(declaration, observed, roles):
        return plan_without_docker(sorted(pending.files), roles)
    others = plan_other_daemons(declaration, observed, "docker_activation")
    document = planned.get("docker_daemon", Plan()).of_resource(resources.DAEMON_JSON)
    activation = plan_activation(
        declaration,
        observed,
        pending=pending if any(each.stage for each in concerns_of(roles)) else None,
        planned_keys=[keys_of(each.path)[0] for each in document if each.path != DAEMON_JSON],
        planned_drop_ins=(proxy.PROXY_DROP_IN,) if "docker_proxy" in roles else (),
        restaged=[path for path in observed.staged.files if is_staged_anew(path, roles)],
        is_planned_by_the_daemon="docker_daemon" in roles,
    )
    half = Plan() if "docker_engine" in roles else plan_half_engine(observed, activation)
    return join([others, activation, half])


def is_staged_anew(path: str, roles: Sequence[str]) -> bool:
    """Whether one of these roles answers for a staged file."""
    return any(each.stages(path) for each in concerns_of(roles))


# In the order in which site.yml applies them; the activation commits what the others have staged.
CONCERNS: Tuple[Concern, ...] = (
    Concern(
        role="docker_kernel",
        declare=host.kernel,
        look=lambda declaration, system: look_at_kernel(declaration.kernel, system),
        looks_for_itself=True,
        needs_systemd=False,
        plan=_plan_kernel,
    ),
    Concern(
        role="docker_proxy",
        declare=host.proxy,
        secrets=secrets_of_proxy,
        look=lambda _declaration, _system: proxy.look_at_proxy(),
        plan=_plan_proxy,
        stage=_stage_proxy,
        stages=proxy.is_answered_for,
    ),
    Concern(
        role="docker_group",
        declare=host.group,
        look=lambda declaration, _system: look_at_group(declaration.group),
        looks_for_itself=True,
        needs_systemd=False,
        plan=_plan_group,
    ),
    Concern(
        role="docker_storage",
        declare=host.storage,
        look=lambda declaration, _system: storage.look_at_storage(declaration.storage),
        plan=_plan_storage,
        stage=_stage_storage,
        stages=storage.is_answered_for,
    ),
    Concern(
        role="docker_engine",
        declare=host.engine,
        look=lambda _declaration, system: look_at_engine(system),
        ask=_ask_engine,
        plan=_plan_engine,
    ),
    Concern(
        role="docker_daemon",
        declare=host.daemon,
        secrets=_secrets_of_daemon,
        look=lambda declaration, _system: look_at_daemon(declaration.daemon),
        ask=_ask_daemon,
        plan=_plan_daemon,
        stage=_stage_daemon,
        stages=desired_daemon.is_answered_for,
    ),
    Concern(
        role="docker_activation",
        declare=host.activation,
        look=lambda _declaration, _system: look_at_activation(),
        plan=_plan_activation,
    ),
)
ROLES = tuple(each.role for each in CONCERNS)
