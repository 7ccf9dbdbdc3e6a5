"""``python -m deliverygate``: the same as the command."""

import os
import sys

# Python puts the current folder first of the places where modules are looked for: it may be the checkout of a change
# that brings a `yaml.py` of its own. The command is started from the folder of its program, and knows no such place.
if not sys.flags.safe_path and sys.path[0] in ("", os.getcwd()):  # noqa: PTH109  as Python itself wrote it
    del sys.path[0]

from deliverygate.isolation import demand_isolation

demand_isolation()

from deliverygate.cli import main

main()
