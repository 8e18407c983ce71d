"""The one entry point, ``bijsluiter``: every command is a file beside this one."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import typer

from corpus.errors import as_exit_code

app = typer.Typer(
    name="bijsluiter",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Ask health articles in Dutch or English: exact quotes, their source, and the marketing "
    'in them marked.\n\nExample: bijsluiter ask "Wat doet magnesium met de hersenen?"',
)


def _register() -> None:
    from cli import ask, doctor, flags, search, serve, sources
    from cli import eval as evaluation
    from cli import index as indexing

    app.command("ask")(ask.ask)
    app.command("search")(search.search)
    app.command("flags")(flags.flags)
    app.add_typer(indexing.app, name="index")
    app.command("sources")(sources.sources)
    app.add_typer(evaluation.app, name="eval")
    app.command("serve")(serve.serve)
    app.command("doctor")(doctor.doctor)


_register()


def main() -> None:
    """Run the command line; an error a user can meet is one sentence on stderr and its code."""
    try:
        with as_exit_code():
            app()
    except BrokenPipeError:  # the reader of our output (head, less) has gone
        os._exit(0)
    except SystemExit as ended:
        _leave(ended.code)


def _leave(code: str | int | None) -> NoReturn:
    """End at once. Files are closed and locks let go where they are used, so all that is left to do
    is taking models and tables apart, which takes 0.3 s of a person's time."""
    if isinstance(code, str):
        raise SystemExit(code)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = 0
    os._exit(code or 0)


if __name__ == "__main__":
    main()
