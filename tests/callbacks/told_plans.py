"""Writes the plans of a run to a file, each host's as docker_plan has returned it."""

import json
import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: told_plans
type: aggregate
short_description: Write what docker_plan has returned to a file
description: For the tests of this project. Needs no option; the environment names the file.
"""

PLANS = "DOCKWRIGHT_PLANS"
ACTION = "dockwright.host.docker_plan"


class CallbackModule(CallbackBase):  # type: ignore[misc] # Ansible has no types.
    """Keeps what the module has returned until the run is over."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "told_plans"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)
        self._plans: dict[str, Any] = {}

    def v2_runner_on_ok(self, result: Any) -> None:
        """Called for each host that a task is done on."""
        if result._task.resolved_action == ACTION:
            self._plans[result._host.get_name()] = result._result

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # noqa: ARG002
        """Called for each host that a task has failed on."""
        self.v2_runner_on_ok(result)

    def v2_playbook_on_stats(self, _stats: object) -> None:
        """Called after the last task."""
        if os.environ.get(PLANS):
            Path(os.environ[PLANS]).write_text(json.dumps(self._plans))
