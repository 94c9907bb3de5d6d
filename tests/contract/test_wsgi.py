"""The web server answers nobody before the rules of all rooms are there."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Given to Python after the application is made: what CKAN has gathered by then, without asking for anything.
SAID = """
import wsgi
from ckan import authz, logic
for kept, name in (
    (authz._AuthFunctions._functions, "lrtzc_reward_board"),
    (logic._actions, "lrtzc_reward_board"),
    (logic._validators_cache, "datasets_with_no_organization_cannot_be_private"),
):
    assert name in kept, (name, len(kept))
"""


def test_rules_actions_and_validators_are_gathered_before_the_first_question(request):
    environment = os.environ | {"CKAN_INI": str(Path(request.config.option.ckan_ini).resolve())}
    done = subprocess.run(
        [sys.executable, "-c", SAID], cwd=ROOT / "config", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
