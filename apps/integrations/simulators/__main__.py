"""`python -m apps.integrations.simulators NAME …`: a simulator without the product around it."""

from __future__ import annotations

import sys

from apps.integrations.simulators.serving.running import make, options_parser, run
from apps.integrations.simulators.table import SIMULATORS, simulator_class


def main(arguments: list[str]) -> int:
    """Run the simulator that the first argument names with the options of the others; 2 for no such name."""
    if not arguments or arguments[0] not in SIMULATORS:
        sys.stderr.write(f"usage: simulators {{{','.join(SIMULATORS)}}} ...\n")
        return 2
    kind = simulator_class(arguments[0])
    options = options_parser(kind).parse_args(arguments[1:])
    run(make(kind, options), options)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
