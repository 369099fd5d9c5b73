"""The command line: arguments to calls.

Everything is imported where it is used, so that a wrong word is answered at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from emgdetect._version import __version__

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Finds fasciculations in surface EMG. A research tool; it makes no diagnosis.",
)
data_app = typer.Typer(no_args_is_help=True, help="The open reference datasets.")
app.add_typer(data_app, name="data")

Inputs = Annotated[list[str], typer.Argument(help="Files, folders, patterns or BIDS roots.")]
Sites = Annotated[Path | None, typer.Option(help="Site table: a BIDS channels.tsv.")]
Unit = Annotated[str | None, typer.Option(help="Unit of channels that name none: uV, mV or V.")]
Results = Annotated[Path, typer.Argument(help="The output folder of a run.")]
ConfigFile = Annotated[Path | None, typer.Option(help="Configuration (see `emgdetect config`).")]
Mains = Annotated[str | None, typer.Option(help="Mains frequency: auto, 50, 60 or none.")]
Jobs = Annotated[int, typer.Option(min=0, help="Recordings at a time; 0 for one per core.")]
Timeout = Annotated[float | None, typer.Option(help="Longest time for one recording, in s.")]


def main() -> None:
    """Entry point of the command `emgdetect`; a wrong call ends with one sentence and status 2."""
    try:
        app()
    except (ValueError, OSError) as error:
        from emgdetect.batch.progress import say
        from emgdetect.writers.cells import safe_text

        say(f"emgdetect: {safe_text(_sentence(error))}")
        sys.exit(2)


def _sentence(error: Exception) -> str:
    """What an error says to a person; one of the system its file and its reason, no number."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    return str(error)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"emgdetect {__version__}")
        raise typer.Exit


def _flag(name: str, text: str) -> object:
    return typer.Option(name, help=text)


@app.command()
def run(
    inputs: Inputs,
    out: Annotated[str, typer.Option(metavar="PATH", help="Folder for the results.")],
    config: ConfigFile = None,
    sites: Sites = None,
    mains: Mains = None,
    assume_unit: Unit = None,
    jobs: Jobs = 0,
    scheduler: Annotated[str, typer.Option(help="A Dask scheduler, tcp://HOST:PORT.")] = "",
    shard: Annotated[str, typer.Option(help="Part I of N of an array job: I/N.")] = "",
    timeout: Timeout = None,
    overwrite: Annotated[bool, _flag("--overwrite", "Compute again what is done.")] = False,
    no_report: Annotated[bool, _flag("--no-report", "Write no report.html.")] = False,
    no_recovery: Annotated[
        bool, _flag("--no-recovery", "Skip the injection-and-recovery test.")
    ] = False,
    keep_identity: Annotated[bool, _flag("--keep-identity", "Keep patient fields.")] = False,
    anonymous_names: Annotated[
        bool, _flag("--anonymous-names", "Names by a hash; status.tsv still has the paths.")
    ] = False,
) -> None:
    """Detect fasciculations and summarise them per muscle site."""
    from emgdetect.batch import call, reporting, run_batch, stoppable

    settings = call.make_settings(
        call.make_config(config, mains=mains),
        sites=sites,
        assume_unit=assume_unit,
        recovery=not no_recovery,
        report=not no_report,
        keep_identity=keep_identity,
    )
    options = call.make_options(
        settings,
        out=out,
        jobs=jobs,
        timeout_s=timeout,
        overwrite=overwrite,
        anonymous_names=anonymous_names,
        shard=shard,
        scheduler=scheduler,
    )
    with stoppable() as stop, reporting() as progress:
        tally = run_batch(inputs, options, stop=stop, progress=progress)
    raise typer.Exit(tally.exit_status)


@app.command()
def check(
    inputs: Inputs,
    sites: Sites = None,
    assume_unit: Unit = None,
    json: Annotated[bool, _flag("--json", "Print JSON.")] = False,
    write_sites: Annotated[Path | None, typer.Option(help="Write a site table to fill in.")] = None,
) -> None:
    """Describe these files without analysing them.

    Also what breaks the EDF rules, which muscle sites would be analysed, and why others would not.
    """
    from emgdetect.batch.look import check_inputs

    refused = check_inputs(
        inputs, sites=sites, assume_unit=assume_unit, as_json=json, write_sites=write_sites
    )
    raise typer.Exit(1 if refused else 0)


@app.command()
def summary(folder: Results) -> None:
    """Rebuild the joint tables of a folder from the recordings in it."""
    from emgdetect.batch import PageError, join

    try:
        n_joined = join(folder)
    except PageError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{n_joined} recording{'' if n_joined == 1 else 's'} joined.", err=True)


@app.command()
def review(
    folder: Results,
    input_root: Annotated[
        Path | None, typer.Option(help="Where to look for recordings that moved.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for a free one.")] = 0,
    reviewer: Annotated[str | None, typer.Option(help="Name recorded with each decision.")] = None,
    no_browser: Annotated[bool, _flag("--no-browser", "Only print the address.")] = False,
) -> None:
    """Page through the detections in a browser: accept, reject, add."""
    from emgdetect.review.server import serve

    serve(folder, input_root=input_root, port=port, open_browser=not no_browser, reviewer=reviewer)


@app.command()
def compare(
    folder: Results,
    sessions: Annotated[
        Path,
        typer.Option(
            help="Table of sessions, tab-separated: one row per recording, with a column "
            "`recording` (its name as in summary.tsv), or `participant_id` and `session_id` for "
            "BIDS names; and the columns of --by."
        ),
    ],
    by: Annotated[
        list[str],
        typer.Option(
            help="Column of that table to compare by; may be given again. Numbers are compared "
            "per unit, anything else by level."
        ),
    ],
    reference: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=LEVEL",
            help="Level the others are compared with; may be given again. "
            "By default the first alphabetically.",
        ),
    ] = None,
) -> None:
    """Rate ratios between sessions or conditions, with intervals."""
    from emgdetect.batch.comparison import compare_sessions

    typer.echo(compare_sessions(folder, sessions, by, reference=reference or ()))


@app.command()
def bids(
    folder: Results,
    root: Annotated[Path, typer.Argument(help="The BIDS dataset the recordings come from.")],
) -> None:
    """Write the events of a folder as a BIDS derivative.

    As reviewed, where a recording was reviewed.
    """
    from emgdetect.batch.export import export_bids, said_of

    for sentence in said_of(export_bids(folder, root)):
        typer.echo(sentence, err=True)


@app.command()
def config() -> None:
    """Print the default configuration as commented TOML."""
    from emgdetect.writers import config_to_toml

    typer.echo(config_to_toml(), nl=False)


@app.command()
def simulate(
    out: Annotated[Path, typer.Argument(help="EDF file to write; its truth goes beside it.")],
    duration: Annotated[float, typer.Option(min=1, max=86_400, help="Length in s.")] = 180.0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same recording.")] = 1,
    scenario: Annotated[
        str, typer.Option(help="Name of the scenario; an unknown one lists them all.")
    ] = "clean",
    sampling: Annotated[
        float | None, typer.Option(min=400, max=100_000, help="Sampling rate in Hz.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(min=0, max=6000, help="Fasciculations per minute and site.")
    ] = None,
    overwrite: Annotated[bool, _flag("--overwrite", "Replace files of these names.")] = False,
) -> None:
    """Write a recording with known fasciculations.

    Its truth table goes beside it.
    """
    from emgdetect.simulation import SCENARIOS
    from emgdetect.simulation import simulate as make
    from emgdetect.writers import expect_whole_records, truth_beside, write_simulated

    if not out.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {out.parent}")
    if out.suffix.lower() != ".edf":
        raise typer.BadParameter(f"an EDF file is written, so its name must end in .edf, not {out}")
    taken = [path for path in (out, truth_beside(out)) if path.exists()]
    if taken and not overwrite:
        raise ValueError(f"There is a file {taken[0]} already; name another, or give --overwrite.")
    if scenario in SCENARIOS:
        expect_whole_records(duration, sampling or SCENARIOS[scenario].sampling_hz)
    made = make(
        duration_s=duration, seed=seed, scenario=scenario, sampling_hz=sampling, rate_per_min=rate
    )
    try:
        truth = write_simulated(out, made)
    except OSError as error:
        text = f"{error.filename or out} cannot be written: {error.strerror or error}."
        raise ValueError(text) from error
    typer.echo(f"Truth: {truth}", err=True)


@data_app.command("list")
def data_list() -> None:
    """List the reference datasets with licence and home."""
    from emgdetect.datasets import list_datasets

    for dataset in list_datasets():
        typer.echo(f"{dataset.name}\t{dataset.licence}\t{dataset.home}\t{dataset.title}")


@data_app.command("get")
def data_get(name: Annotated[str, typer.Argument(help="As in `emgdetect data list`.")]) -> None:
    """Fetch a reference dataset, check it, and print its folder."""
    from emgdetect.datasets import get

    typer.echo(get(name))
