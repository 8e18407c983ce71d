"""``bijsluiter eval``: the commands live with the evaluation, so that ``python -m eval`` works."""

from eval.commands import app

__all__ = ["app"]
