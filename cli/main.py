"""The one entry point, ``bijsluiter``: every command is a file beside this one."""

from __future__ import annotations

import os
import sys

import typer

from corpus.errors import BijsluiterError

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
        app()
    except BijsluiterError as error:
        print(f"bijsluiter: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:  # the reader of our output (head, less) has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
