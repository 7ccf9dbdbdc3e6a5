"""``python -m deliverygate``: the same as the command."""

from deliverygate.cli import main

main()
