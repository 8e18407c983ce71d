"""The commands of ``bijsluiter eval`` and ``python -m eval``.

Errors rise as BijsluiterError: the entry point prints them and exits with 2. A line that is not
held exits with 1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(name="eval", rich_markup_mode=None, add_completion=False)

Questions = Annotated[
    list[Path] | None,
    typer.Option("--questions", help="Questions file, repeatable (default: those shipped)."),
]
Index = Annotated[Path | None, typer.Option("--index", help="Folder of the index.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of the intervals.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
FailUnder = Annotated[
    list[str] | None,
    typer.Option("--fail-under", help="measure=value that must be held, repeatable; else exit 1."),
]


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    questions: Questions = None,
    index: Index = None,
    model: Annotated[str | None, typer.Option("--model", help="Another encoder.")] = None,
    reader: Annotated[str | None, typer.Option("--reader", help="Another reader.")] = None,
    k: Annotated[int, typer.Option("--k", min=1, max=100, help="Passages to search for.")] = 10,
    slices: Annotated[
        list[str] | None,
        typer.Option("--slice", help="key=value, as in type=table; repeated, all must hold."),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Questions at once.")] = 1,
    seed: Seed = 0,
    save: Annotated[Path | None, typer.Option("--save", help="Write the result here.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run of the same --save.")
    ] = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write an offline page here.")] = None,
    plots: Annotated[
        Path | None, typer.Option("--plots", help="Write the plots of confidence in this folder.")
    ] = None,
    json_: AsJson = False,
    fail_under: FailUnder = None,
) -> None:
    """Measure retrieval, answers, silence and flags on questions with known answers.

    Without a command: runs the questions against an index and reports, with intervals.

    Example: bijsluiter eval --slice lang=nl --save now.json
    """
    if context.invoked_subcommand is not None:
        return
    from eval import session

    settings = session.Settings(
        questions=tuple(questions or ()),
        index=index,
        model=model,
        reader=reader,
        k=k,
        slices=tuple(slices or ()),
        jobs=jobs,
        seed=seed,
        save=save,
        resume=resume,
    )
    missed = session.measure(
        settings, html=html, plots=plots, as_json=json_, fail_under=fail_under or []
    )
    raise typer.Exit(1 if missed else 0)


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(metavar="A.json", help="The earlier result.")],
    after: Annotated[Path, typer.Argument(metavar="B.json", help="The later result.")],
    seed: Seed = 0,
    json_: AsJson = False,
    fail_under: FailUnder = None,
    no_worse_than: Annotated[
        list[str] | None,
        typer.Option(
            "--no-worse-than", help="measure=margin by which B may be worse than A; else exit 1."
        ),
    ] = None,
) -> None:
    """Compare two results question by question: differences, intervals, won and lost.

    Example: bijsluiter eval compare old.json new.json --no-worse-than answer.f1=0.02
    """
    from eval import session

    missed = session.compare_files(
        before, after, seed, json_, fail_under or [], no_worse_than or []
    )
    raise typer.Exit(1 if missed else 0)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="Questions, JSON Lines.")],
    index: Index = None,
    articles: Annotated[
        Path | None, typer.Option("--texts", help="A folder of .txt articles instead of an index.")
    ] = None,
) -> None:
    """Check a questions file and report every problem with its line.

    Example: bijsluiter eval check mine.jsonl
    """
    from eval import questions, shipped, texts
    from index.store import current_version, index_root

    if articles is not None:
        known = texts.from_folder(articles)
    elif index is None and current_version(index_root(None)) is None:
        known = shipped.articles()  # what the first index will be made of
    else:
        known = texts.from_index(index)
    found = questions.load(file, known)
    typer.echo(f"{len(found)} questions, all valid")


@app.command()
def new(
    out: Annotated[Path, typer.Option("--out", help="Questions file to add to.")],
    verdicts: Annotated[
        Path | None,
        typer.Option("--from", help="Verdicts of the chat: annotate those called not good."),
    ] = None,
    index: Index = None,
) -> None:
    """Make questions by talking: you ask, Bijsluiter shows passages, you pick what answers.

    Example: bijsluiter eval new --out mine.jsonl
    """
    from eval import making

    added = making.talk(out, verdicts, index)
    typer.echo(f"{added} questions added to {out}")


@app.command("import")
def import_(
    verdicts: Annotated[Path, typer.Argument(help="The chat's verdicts.jsonl.")],
    out: Annotated[Path, typer.Option("--out", help="Questions file to add to.")],
    index: Index = None,
) -> None:
    """Add what readers called a good answer to a questions file, as candidates to review.

    Example: bijsluiter eval import verdicts.jsonl --out candidates.jsonl
    """
    from eval import making

    added, left = making.import_verdicts(verdicts, out, index)
    typer.echo(f"{added} candidates added to {out}")
    if left:
        typer.echo(
            f"{left} questions were called not good and have no gold yet: "
            f"bijsluiter eval new --from {verdicts} --out {out}"
        )


@app.command()
def embedding(
    sts: Annotated[
        list[Path] | None,
        typer.Option("--sts", help="Sentence pairs with a score: CSV, may be gzipped; repeatable."),
    ] = None,
    parallel: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--parallel", help="Two files of translations, line by line."),
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="Another encoder.")] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=2, help="At most so many translations, spread evenly.")
    ] = 1_000,
    seed: Seed = 0,
    json_: AsJson = False,
) -> None:
    """Check that an encoder means what it should: likeness of sentences, and translations.

    Example: bijsluiter eval embedding --sts stsb-nl-test.csv.gz
    """
    from eval import embedding as checks

    checks.report(sts or [], parallel, model, limit, seed, as_json=json_)
