"""The commands and their options."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.markup import escape

from pronghorn.cli.learn import (
    export_course,
    open_course,
    show_progress,
    start_over,
)
from pronghorn.cli.linear import linear_unit
from pronghorn.cli.nets import open_model
from pronghorn.cli.notes import too_good, unknown_labels, unseen_categories
from pronghorn.cli.options import missing_codes, names, net_options
from pronghorn.cli.output import as_csv, check_predictions, write_predictions
from pronghorn.cli.picture import picture
from pronghorn.cli.report import (
    EpochBar,
    console,
    show_error,
    show_layers,
    show_notices,
    show_prepared,
    show_profile,
    show_result,
    show_schema,
    show_scores,
    show_unit,
)
from pronghorn.cli.reporting import check_report, write_report
from pronghorn.cli.streamed import (
    RowBar,
    check_streamed,
    fit_streamed,
    is_streamed,
    open_streamed,
)
from pronghorn.cli.tuning import check_tune, tune_net
from pronghorn.cli.usage import UsageError, usage_error
from pronghorn.cli.workflow import (
    Options,
    check_out,
    check_target,
    evaluate_rows,
    fit_net,
    prepare,
    profile_net,
)
from pronghorn.errors import PronghornError
from pronghorn.learn.home import course_folder, use_folder
from pronghorn.settings import backend_name
from pronghorn.tabular.plain import read_for
from pronghorn.utils.profiler import require_engine

__all__ = ["app", "run"]

ERROR, INTERRUPTED = 2, 130
DEBUG = "PRONGHORN_DEBUG"

DATA = typer.Argument(metavar="DATA", help="A CSV file (also .csv.gz) or Parquet.")
MISSING = typer.Option(
    [],
    metavar="[COLUMN=]CODE",
    help="A code that means missing, in one column or in all; may be repeated.",
)
OUT_MODEL = typer.Option(
    None, metavar="M.keras", help="The model's file.  [default: DATA's name.keras]"
)
OUT_CSV = typer.Option(
    None,
    "--out",
    "-o",
    metavar="OUT.csv",
    help="Where to: .csv, .csv.gz or .parquet; the terminal if not given.",
)
OUT_SVG = typer.Option(
    None,
    "--draw",
    metavar="OUT.svg",
    help="Also draw it: a linear unit with its weights, or the net.",
)
OUT_HTML = typer.Option(
    None,
    "--report",
    metavar="OUT.html",
    help="Also write a page: warnings, scores, what the model looks at, worst rows.",
)
FOLDER = typer.Option(
    None, help="Of the notebooks and the progress.  [default: ~/.pronghorn/learn]"
)
JUPYTER = typer.Option(
    None, metavar="DIR", help="Write the notebooks for Jupyter into this folder."
)
STREAM = typer.Option(
    None,
    "--stream/--no-stream",
    help="Shuffle the rows on the disk, and read them block by block.  [default: for "
    "several files ('data/*.parquet'), and above 1 GB]",
)
MODEL = typer.Argument(metavar="MODEL", help="A .keras file that `train` wrote.")

app = typer.Typer(
    name="pronghorn",
    help="Deep learning for tables: from a file to a trained net and its predictions.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.callback(invoke_without_command=True)
def _root(
    version: bool = typer.Option(False, "--version", help="Print the version."),
) -> None:
    if version:
        print("pronghorn", sys.modules["pronghorn"].__version__)
        raise typer.Exit


@app.command()
def train(
    data: Path = DATA,
    target: str = typer.Option(..., help="The column to predict."),
    features: str = typer.Option(None, metavar="A,B", help="Use these columns only."),
    drop: str = typer.Option(None, metavar="A,B", help="Leave these columns out."),
    task: str = typer.Option(
        None,
        help="regression or classification; inferred from the target if not given.",
    ),
    preset: str = typer.Option(
        None,
        metavar="NAME",
        help="fast: about a second; default; best: an ensemble, some minutes.",
    ),
    hidden: str = typer.Option(
        None,
        metavar="64,64",
        help="Instead of a preset, a plain net of Keras's layers with hidden layers of "
        'these units; "" is a linear unit.',
    ),
    epochs: int = typer.Option(None, min=1, help="Passes over the rows, at the most."),
    batch_size: int = typer.Option(None, min=1, help="Rows per step."),
    missing: list[str] = MISSING,
    seed: int = typer.Option(0, min=0, max=2**32 - 1, help="Of all that is drawn."),
    holdout: float = typer.Option(0.2, help="Part of the rows to measure on; 0: none."),
    out: Path = OUT_MODEL,
    report: Path = OUT_HTML,
    profile: bool = typer.Option(
        False, "--profile", help="Also print where the time of a step goes."
    ),
    tune: int = typer.Option(
        None, "--tune", metavar="N", min=1, help="Try N configurations, keep the best."
    ),
    stream: bool = STREAM,
) -> None:
    """Train a net on a table, and measure it on rows that it has not seen."""
    with _told():
        options = Options(
            target=target,
            features=names(features),
            drop=names(drop),
            task=task,
            **net_options(preset, hidden),
            epochs=epochs,
            batch_size=batch_size,
            missing=missing_codes(missing),
            seed=seed,
            holdout=holdout,
        )
        if tune is not None:
            check_tune(options)
        if profile:
            require_engine(backend_name())  # before the training, not after it
        path = out or Path(data.name.split(".")[0] + ".keras")
        check_out(path)
        if report is not None:
            check_report(report, options)
        if is_streamed(data, options, stream):
            check_streamed(report, profile, tune)
            _train_streamed(data, options, path)
        else:
            _train(data, options, path, report, profile, tune)


@app.command()
def predict(
    model: Path = MODEL,
    data: Path = DATA,
    out: Path = OUT_CSV,
) -> None:
    """Predict every row of a table: one column, named as the target."""
    with _told():
        if out is not None:
            check_predictions(out, (model, data))
        net = open_model(model)
        schema = net.schema
        table = read_for(schema, data)
        predicted = net.predict(table)
        show_notices(console(stderr=True), unseen_categories(schema, table), "note")
        if out is None:
            sys.stdout.write(as_csv(schema, predicted))
            return
        write_predictions(out, schema, predicted)
        console(stderr=True).print(
            f"{len(predicted):,} predictions written to {out}", markup=False
        )


@app.command()
def evaluate(model: Path = MODEL, data: Path = DATA) -> None:
    """Measure a model on a table that has the target."""
    with _told():
        net = open_model(model)
        schema = net.schema
        table = read_for(schema, data)
        check_target(schema, table)
        warnings = unknown_labels(schema, table)
        scores = evaluate_rows(net, table)
        show_notices(console(stderr=True), unseen_categories(schema, table), "note")
        show_notices(console(stderr=True), warnings)
        out = console()
        out.print(f"[bold]{schema.target.name}[/] of {data.name}")
        left = table.rows - scores.rows
        if left:
            out.print(f"{left:,} of {table.rows:,} rows left out without a target")
        show_scores(out, schema, scores, "all rows" if not left else "with a target")


@app.command()
def show(model: Path = MODEL, draw: Path = OUT_SVG) -> None:
    """Show a model: its layers, its table's schema, a linear unit's weights."""
    with _told():
        opened = open_model(model)
        net, schema = opened.model, opened.schema
        out = console()
        target = schema.target
        out.print(f"[bold]{target.name}[/] ({target.task}), from {model.name}")
        if target.labels:
            out.print("classes: " + ", ".join(target.labels), markup=False)
        show_layers(out, net)
        show_schema(out, schema)
        unit = linear_unit(net, schema)
        if unit:
            show_unit(out, unit)
        if draw is not None:
            picture(net, schema).save(draw)
            out.print(f"drawn in {draw}", markup=False)


@app.command()
def learn(
    lesson: int = typer.Argument(
        None, metavar="[LESSON]", help="Open this lesson, 1 to 8, not the contents."
    ),
    folder: Path = FOLDER,
    port: int = typer.Option(0, min=0, max=65535, help="To serve at; 0: a free one."),
    browser: bool = typer.Option(True, help="Open a browser, or print the address."),
    progress: bool = typer.Option(False, "--progress", help="Show what is solved."),
    reset: bool = typer.Option(
        False, "--reset", help="Forget the progress, put the notebooks back."
    ),
    jupyter: Path = JUPYTER,
) -> None:
    """Learn deep learning in the browser: eight lessons with live nets."""
    with _told():
        place = course_folder() if folder is None else use_folder(folder)
        if progress:
            show_progress(console(), place)
        elif reset:
            start_over(console(), place)
        elif jupyter is not None:
            export_course(console(), jupyter)
        else:
            open_course(console(), place, lesson, port=port, browser=browser)


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the process's exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = app(args=words, prog_name="pronghorn", standalone_mode=False)
    except UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(str(error), err=True)
        else:
            show_error(console(stderr=True), usage_error(error, words))
        return ERROR
    except typer.Abort:
        return INTERRUPTED
    return code if isinstance(code, int) else 0


@contextmanager
def _told() -> Iterator[None]:
    """Every error becomes one message and an exit code."""
    try:
        yield
    except PronghornError as error:
        show_error(console(stderr=True), error)
        raise typer.Exit(ERROR) from None
    except KeyboardInterrupt:
        console(stderr=True).print("interrupted; nothing was written")
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        if os.environ.get(DEBUG):
            traceback.print_exc()
        told = PronghornError(
            f"Pronghorn failed: {type(error).__name__}: {error}",
            remedy=f"this is a bug; {DEBUG}=1 shows where it happened",
        )
        show_error(console(stderr=True), told)
        raise typer.Exit(ERROR) from None


def _train(
    data: Path,
    options: Options,
    path: Path,
    report: Path | None,
    profile: bool,
    tune: int | None,
) -> None:
    out = console()
    prepared = prepare(data, options)
    show_prepared(out, prepared, data)
    if tune is not None:
        result = tune_net(out, prepared, tune)
    else:
        bar = EpochBar(out)
        try:
            result = fit_net(prepared, [bar])
        finally:
            bar.close()
    replaced = path.exists()
    result.net.save(path)
    show_result(out, result, path, data, replaced=replaced)
    show_notices(out, too_good(prepared, result.scores), "note")
    unit = linear_unit(result.net.model, result.net.schema)
    if unit and len(unit.names) <= 20:
        show_unit(out, unit)
    if report is not None:
        write_report(prepared, result.net, report, data, path)
        out.print(f"[bold]report[/]   {escape(str(report))}", soft_wrap=True)
    if profile:
        show_profile(out, profile_net(prepared, result.net))


def _train_streamed(data: Path, options: Options, path: Path) -> None:
    out = console()
    bar = RowBar(out)
    try:
        with open_streamed(data, options, bar) as rows:
            out.print(f"[bold]{escape(data.name)}[/] → [bold]{options.target}[/]")
            show_schema(out, rows.schema)
            result = fit_streamed(rows, options, bar)
            moved = rows.displacement
    finally:
        bar.close()
    if moved is not None:
        out.print(
            f"[bold]shuffle[/]  moved a row by {moved:.1%} of the table on average"
        )
    replaced = path.exists()
    result.net.save(path)
    show_result(out, result, path, data, replaced=replaced)
