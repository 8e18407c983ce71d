"""``python -m eval``: the same commands as ``bijsluiter eval``."""

import sys

from corpus.errors import BijsluiterError
from eval.commands import app


def main() -> None:
    """Run a command; an error of ours is printed as it is and exits with 2."""
    try:
        app(prog_name="python -m eval")
    except BijsluiterError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from None


main()
