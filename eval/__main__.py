"""``python -m eval``: the same commands as ``bijsluiter eval``."""

from corpus.errors import as_exit_code
from eval.commands import app

with as_exit_code():
    app(prog_name="python -m eval")
