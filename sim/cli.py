"""The command line: parse, call, print, exit code; no logic but that of Ctrl-C."""

import json
import math
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click

EXIT_CODES = """\b
Exit codes:
  0    done, and every promise asked about holds
  1    a bug of this program
  2    bad input or usage
  3    a promise breaks, or a scenario regressed
  4    undecided at this many replications
  130  interrupted; what was finished is kept
"""
DONE, BAD_INPUT, BREAKS, UNDECIDED, INTERRUPTED = 0, 2, 3, 4, 130
SEED_MOST = 2**63 - 1
REPLICATIONS, REPLICATIONS_MOST = 200, 20_000
PRECISION_LEAST = 0.0001
SURGE_MOST = 100
JOBS_MOST = 256
WIDTH, WIDTH_LEAST = 160, 80


class Finite(click.FloatRange):
    """A number in a range, which NaN is not although no comparison says so."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


class Precision(click.ParamType[float]):
    """A share above 0 %, with its unit."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        from sim.units import UnitError, share

        try:
            number = share(str(value))
        except UnitError as error:
            self.fail(f"{error}: {error.help}", param, ctx)
        if number < PRECISION_LEAST:
            self.fail(f"{value!r} is finer than {100 * PRECISION_LEAST:g} %, the least", param, ctx)
        return number


class Sim(click.Group):
    """The commands; Ctrl-C ends any of them with a code of its own."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            sys.exit(INTERRUPTED)


@click.group(cls=Sim, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}, epilog=EXIT_CODES)
@click.version_option(package_name="surgesim", prog_name="sim")
def main() -> None:
    """Does this staffing plan keep its promise in a crisis, how sure is that, and where does it break first?"""


change_option = click.option(
    "-c", "--change", "changes", multiple=True, metavar="PATH=VALUE", help="Another value, such as teams.hub.people=30."
)


out_option = click.option(
    "--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True, help="Folder for what studies leave."
)


json_option = click.option("--json", "as_json", is_flag=True, help="Print for machines, and nothing else, on stdout.")


engine_option = click.option(
    "--engine",
    type=click.Choice(["compiled", "simpy"]),
    default="compiled",
    show_default=True,
    help="What runs the events: the same results, one is fast and one is plain.",
)
jobs_option = click.option(
    "--jobs", type=click.IntRange(1, JOBS_MOST), help="Events played at once; the results are the same.  [default: all cores]"
)
out_option = click.option(
    "--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True, help="Folder for results."
)


def scenario_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """FILE, -v and -c; the command gets the reading of the scenario, or the user gets every problem in it."""

    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("-v", "--variant", "variants", metavar="NAME", multiple=True, help="A variant named in the file.")
    @change_option
    @wraps(command)
    def wrapped(file: Path, variants: tuple[str, ...], changes: tuple[str, ...], **rest: Any) -> None:
        if len(variants) > 1:
            raise click.UsageError(f"one variant at a time, not {' and '.join(variants)}")
        command(read_or_fail(file, variants[0] if variants else None, changes), **rest)

    return wrapped


def plans_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """FILE…, -v and -c; the command gets the names of the plans and their readings, or the user gets every problem in them."""

    @click.argument("files", metavar="FILE...", type=click.Path(path_type=Path), nargs=-1, required=True)
    @click.option(
        "-v", "--variant", "variants", metavar="NAME", multiple=True,
        help="A plan named in the file; again for the next; base is the file as it is written.",
    )  # fmt: skip
    @change_option
    @wraps(command)
    def wrapped(files: tuple[Path, ...], variants: tuple[str, ...], changes: tuple[str, ...], **rest: Any) -> None:
        from sim.scenario.coherence import BASE

        if len(files) == 1 and len(variants) == 1 and BASE not in variants:
            variants = (BASE, *variants)
        chosen = [(file, variant) for file in files for variant in variants or (BASE,)]
        if len(chosen) < 2:
            raise click.UsageError("one plan alone is no comparison: name another file, or variants with -v a -v b")
        readings = [read_or_fail(file, None if variant == BASE else variant, changes) for file, variant in chosen]
        several = len(files) > 1
        names = [
            ":".join([*([reading.scenario.name] if several else []), *([variant] if variants else [])])
            for (_, variant), reading in zip(chosen, readings, strict=True)
        ]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise click.UsageError(f"two plans are called {twice}: name each once")
        command(names, readings, **rest)

    return wrapped


def read_or_fail(file: Path, variant: str | None, changes: tuple[str, ...]) -> Any:
    """The reading of a scenario; ends with every problem in it."""
    return readings_or_fail(file, variant, [changes])[0]


def readings_or_fail(file: Path, variant: str | None, asked: Sequence[tuple[str, ...]]) -> list[Any]:
    """The readings of a scenario with each of these changes in turn."""
    from sim.scenario.problems import ScenarioError
    from sim.scenario.read import read_each

    try:
        return list(read_each(file, variant, asked))
    except ScenarioError as error:
        fail(str(error))


def world_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--seed, --surge and --engine."""
    for option in (
        engine_option,
        click.option("--surge", type=Finite(0, SURGE_MOST), default=1.0, show_default=True, help="Multiple of the demand."),
        click.option(
            "--seed", type=click.IntRange(0, SEED_MOST), default=1, show_default=True, help="Another seed, other dice."
        ),
    ):
        command = option(command)
    return command


def study_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--replications, --precision, --jobs, --json and --out."""
    for option in (
        out_option,
        json_option,
        jobs_option,
        click.option(
            "--precision", type=Precision(), help="Play until the mean share kept is known to within ± this, such as 0.5%."
        ),
        click.option(
            "-n",
            "--replications",
            type=click.IntRange(1, REPLICATIONS_MOST),
            help=f"Events to play; with an open end the most of them.  [default: {REPLICATIONS}; then {REPLICATIONS_MOST}]",
        ),
    ):
        command = option(command)
    return command


def say(text: str, nl: bool = True) -> None:
    """Prints a result."""
    try:
        click.echo(text, nl=nl)
    except BrokenPipeError:  # whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        fail(f"cannot write to standard output: {error.strerror}")


def fail(message: str) -> NoReturn:
    """Ends with what the user must mend."""
    click.echo(message, err=True)
    sys.exit(BAD_INPUT)


@main.command(epilog=EXIT_CODES)
@scenario_options
@world_options
@study_options
@click.option("--decide", is_flag=True, help="Play until every verdict is HOLDS or BREAKS.")
@click.option("--keep", type=click.Choice(["contacts"]), help="Leave every contact of every event too: contacts/*.parquet.")
def run(
    reading: Any,
    seed: int,
    surge: float,
    engine: str,
    replications: int | None,
    precision: float | None,
    decide: bool,
    jobs: int | None,
    keep: str | None,
    as_json: bool,
    out: Path,
) -> None:
    """Does the promise hold?

    Prints verdicts, where they break and what is missing; leaves a report, plots, tables and a record under results/.
    """
    from sim.measure.events import Events
    from sim.show import text
    from sim.show.run_page import run_page
    from sim.study import record
    from sim.study.run import answer
    from sim.study.stopping import play

    if precision is not None and decide:
        raise click.UsageError("--precision or --decide, not both")
    plan = lowered(reading)
    how = asked(seed, replications, surge, engine, precision, decide)
    events = Events(plan.lens)

    def place(how: Any) -> Path:
        return record.destination(out, reading, how)

    def finish(how: Any) -> Any:
        return answer(plan, events, record.provenance(reading, how, sys.argv[1:]), how.bounds)

    def playing(contacts: Path | None) -> Any:
        return play(plan, how, events, jobs, contacts)

    how, folder, findings = carried_out(
        how, plan.lens.name, lambda: [events], playing, place, finish,
        out=out, total=None if decide else how.most, keep=keep is not None, page=run_page,
    )  # fmt: skip
    say(findings.json() if as_json else text.report(findings, width(), folder), nl=not as_json)
    sys.exit(INTERRUPTED if how.partial else exit_code(findings))


@main.command(epilog=EXIT_CODES)
@plans_options
@world_options
@study_options
def compare(
    names: list[str],
    readings: list[Any],
    seed: int,
    surge: float,
    engine: str,
    replications: int | None,
    precision: float | None,
    jobs: int | None,
    as_json: bool,
    out: Path,
) -> None:
    """Which plan is better, by how much?

    Variants of a file, or several files: every plan meets the same customers.  The best is the cheapest that holds, else the
    one that keeps the most.  Exits with 0 if it is surely found, with 4 if not.
    """
    from sim.measure.events import Events
    from sim.show import comparison
    from sim.show.compare_page import compare_page
    from sim.study import record
    from sim.study.compare import MOST, Incomparable, comparable
    from sim.study.compare import compare as answer
    from sim.study.stopping import play_together

    if len(names) > MOST:
        fail(f"{len(names)} plans are too many to compare: name at most {MOST}")
    plans = [lowered(reading) for reading in readings]
    try:
        comparable(names, plans)
    except Incomparable as error:
        fail(str(error))
    how = asked(seed, replications, surge, engine, precision)
    events = [Events(plan.lens) for plan in plans]

    def place(how: Any) -> Path:
        return record.destination_of(out, "compare", ",".join(names), readings[0], how)

    def finish(how: Any) -> Any:
        records = [record.provenance(reading, how, sys.argv[1:]) for reading in readings]
        return answer(names, plans, events, records, record.provenance_of_several(names, readings[0], how, sys.argv[1:]))

    def playing(_: Path | None) -> Any:
        return play_together(plans, how, events, jobs)

    how, folder, found = carried_out(
        how, plans[0].lens.name, lambda: events, playing, place, finish, out=out, page=compare_page, total=how.most
    )
    say(found.json() if as_json else comparison.report(found, width(), folder), nl=not as_json)
    sys.exit(INTERRUPTED if how.partial else DONE if found.choice.found else UNDECIDED)


@main.command(epilog=EXIT_CODES)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("settings", metavar="PATH=VALUES...", nargs=-1, required=True)
@click.option("-v", "--variant", metavar="NAME", help="A variant named in the file.")
@change_option
@world_options
@study_options
def sweep(
    file: Path,
    settings: tuple[str, ...],
    variant: str | None,
    changes: tuple[str, ...],
    seed: int,
    surge: float,
    engine: str,
    replications: int | None,
    precision: float | None,
    jobs: int | None,
    as_json: bool,
    out: Path,
) -> None:
    """What does each value of a setting do; how many are enough?

    VALUES are a list, 100,150,180, or a range with its step, 80..240/20; two settings make a grid.  Where more keeps more, the
    least that holds is searched for between the values listed.  Exits with 0 if all promises hold at some value, with 3 if
    one breaks at every value.
    """
    from sim.measure.verdicts import Ruling
    from sim.scenario.ranges import setting
    from sim.show import sweeping
    from sim.show.sweep_page import sweep_page
    from sim.study import record
    from sim.study import sweep as study
    from sim.units import UnitError

    if len(settings) > 2:
        raise click.UsageError("one or two settings, not more")
    try:
        swept = [setting(text) for text in settings]
    except UnitError as error:
        raise click.UsageError(f"{error}: {error.help}") from None
    if len(points := study.grid(swept)) > study.MOST:
        raise click.UsageError(f"{len(points)} points are too many: write at most {study.MOST}, with larger steps")

    def of(point: tuple[str, ...]) -> tuple[str, ...]:
        return (*changes, *(f"{each.path}={value}" for each, value in zip(swept, point, strict=True)))

    base, *readings = readings_or_fail(file, variant, [changes, *map(of, points)])
    plans = dict(zip(points, map(lowered, readings), strict=True))
    how = asked(seed, replications, surge, engine, precision)
    events: dict[Any, Any] = {}
    name = ",".join([variant or "base", *(each.path for each in swept)])

    def plan_of(point: tuple[str, ...]) -> Any:
        return plans[point] if point in plans else lowered(*readings_or_fail(file, variant, [of(point)]))

    def place(how: Any) -> Path:
        return record.destination_of(out, "sweep", name, base, how, settings)

    def finish(how: Any) -> Any:
        whole = record.provenance(base, how, sys.argv[1:]) | {"settings": list(settings)}
        return study.sweep(swept, events, whole, lowered(base).assumptions)

    def playing(_: Path | None) -> Any:
        return study.play(swept, plan_of, how, events, jobs)

    how, folder, found = carried_out(
        how, base.scenario.name, lambda: study.whole(events), playing, place, finish, out=out, page=sweep_page, total=None
    )
    say(found.json() if as_json else sweeping.report(found, width(), folder), nl=not as_json)
    if how.partial:
        sys.exit(INTERRUPTED)
    sys.exit(DONE if found.held else BREAKS if set(found.rulings) == {Ruling.BREAKS} else UNDECIDED)


@main.command(epilog=EXIT_CODES)
@click.argument("paths", metavar="PATH...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("-v", "--variant", metavar="NAME", help="A variant named in the files; it has baselines of its own.")
@change_option
@click.option("--seed", type=click.IntRange(0, SEED_MOST), help="Other dice than the baseline's.  [default: the same; 1]")
@engine_option
@click.option("-n", "--replications", type=click.IntRange(1, REPLICATIONS_MOST), help="Events at most to decide expectations.")
@jobs_option
@json_option
@out_option
@click.option("--update", is_flag=True, help="Write baselines anew, and say what moved.")
@click.option("--junit", metavar="FILE", type=click.Path(path_type=Path), help="Write JUnit XML too.")
def check(
    paths: tuple[Path, ...],
    variant: str | None,
    changes: tuple[str, ...],
    seed: int | None,
    engine: str,
    replications: int | None,
    jobs: int | None,
    as_json: bool,
    out: Path,
    update: bool,
    junit: Path | None,
) -> None:
    """Did a scenario regress, and is each as it expects?

    Every scenario in PATH (files, or folders of them) against its `expect:` and its baseline under results/baselines/.  Exits
    with 3 if one is worse or not as expected, with 4 if one is undecided.
    """
    from sim.show import checking
    from sim.show.progress import progress
    from sim.study import check as study

    suite = [_asked_of_check(file, variant, changes, seed, out) for file in _scenario_files(paths)]
    twice = {asked.name for asked in suite if sum(other.name == asked.name for other in suite) > 1}
    if twice:
        fail(f"two scenarios are called {min(twice)}: their baselines would be one, so give them names of their own")
    with progress(len(suite), "check") as advance:
        each = []
        for checked in study.check(suite, replications or study.MOST, engine, jobs):
            each.append(checked)
            advance()
    found = study.alarms(each)
    if update:
        for asked, baseline, before in zip(suite, study.renew(suite, engine, jobs), found, strict=True):
            path = _baseline_path(out, asked.name)
            written(path, baseline.save)
            say(checking.renewed(asked.name, baseline, before, path))
        return
    if junit is not None:
        written(junit, lambda path: path.write_bytes(checking.junit(found)))
    say(checking.document(found) if as_json else checking.report(found, width()))
    if os.environ.get("GITHUB_ACTIONS") == "true" and not as_json:
        for line in checking.annotations(found):
            say(line)
    sys.exit({study.Outcome.PASS: DONE, study.Outcome.FAIL: BREAKS}.get(study.overall(found), UNDECIDED))


def _scenario_files(paths: tuple[Path, ...]) -> list[Path]:
    """The files, and the scenarios in folders, by name."""
    found = [file for path in paths for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]
    empty = next((path for path in paths if path.is_dir() and not any(path.glob("*.yaml"))), None)
    if empty is not None:
        fail(f"{empty}: there is no *.yaml in this folder")
    return list(dict.fromkeys(found))


def _asked_of_check(file: Path, variant: str | None, changes: tuple[str, ...], seed: int | None, out: Path) -> Any:
    """A scenario to check, with its baseline."""
    from sim.study.baseline import BadBaseline, load
    from sim.study.check import Asked
    from sim.study.record import origin

    reading = read_or_fail(file, variant, changes)
    name = reading.scenario.name if variant is None else f"{reading.scenario.name}+{variant}"
    try:
        baseline = load(_baseline_path(out, name))
    except BadBaseline as error:
        fail(str(error))
    dice = seed if seed is not None else 1 if baseline is None else int(baseline.origin["seed"])
    return Asked(name, file, reading.expected_at, lowered(reading), origin(reading), baseline, dice)


def _baseline_path(out: Path, name: str) -> Path:
    return out / "baselines" / f"{name}.json"


def written(path: Path, write: Callable[[Path], object]) -> None:
    """Writes a file, or ends with why it cannot be written."""
    try:
        write(path)
    except OSError as error:
        unwritable(path, error)


@main.command(epilog=EXIT_CODES)
@scenario_options
@json_option
def validate(reading: Any, as_json: bool) -> None:
    """Is it well formed, and what do the numbers say before any dice?

    Offered load against people on duty, hours nobody answers, and the highest share that any staffing could reach.
    """
    from sim.scenario.advise import advise
    from sim.show import advice

    plan = lowered(reading)
    found = advise(plan)
    if as_json:
        say(json.dumps(advice.advice_document(found, plan.lens), sort_keys=True))
    else:
        say(f"{plan.lens.title}: well formed\n\n{advice.advice_text(found, plan.lens)}")


@main.command(epilog=EXIT_CODES)
@scenario_options
@world_options
@click.option("--replication", type=click.IntRange(0, REPLICATIONS_MOST), default=0, show_default=True, help="Which event.")
@click.option("--case", type=click.IntRange(0), help="One customer's story, a sentence a contact.")
@json_option
def trace(reading: Any, seed: int, surge: float, engine: str, replication: int, case: int | None, as_json: bool) -> None:
    """One replication, one line a contact: the eye's debugger."""
    from sim.draw.world import draw
    from sim.engine import run as play
    from sim.show import trace as show

    plan = lowered(reading)
    world = draw(plan, seed, replication, surge)
    outcome = play(world, engine)
    if as_json:
        rows = show.contacts(world, outcome, plan.lens)
        say(json.dumps([row for row in rows if case in (None, row["case"])]))
        return
    told = show.lines(world, outcome, plan.lens) if case is None else show.story(world, outcome, plan.lens, case)
    if not (told := list(told)):
        fail(f"no contact of case {case} came in replication {replication}: `sim trace` without --case lists those that did")
    for line in told:
        say(line)


@main.command("list")
@click.argument("scenario", required=False)
@json_option
@out_option
def list_(scenario: str | None, as_json: bool, out: Path) -> None:
    """What is kept under results/, the newest first: of SCENARIO, or of all."""
    from sim.show import listing
    from sim.study.catalogue import entries

    every = entries(out)
    found = [entry for entry in every if scenario in (None, entry.scenario)]
    if as_json:
        say(json.dumps(listing.document(found)))
    else:
        say(listing.listing(found, width()) if found else listing.nothing(out, scenario, (entry.scenario for entry in every)))


@main.command()
@click.argument("name")
def new(name: str) -> None:
    """A commented scenario to start from: writes NAME.yaml here, which runs as it is."""
    from sim.scenario.start import write
    from sim.units import UnitError

    file = f"{name}.yaml"
    try:
        write(name, Path())
    except UnitError as error:
        fail(f"{error}: {error.help}")
    except FileExistsError:
        fail(f"{file} is there already, and stays as it is: write another name, such as sim new {name}-2")
    except OSError as error:
        fail(f"cannot write {file}: {error.strerror or error}")
    say(f"{file} is written: a scenario to start from, which runs as it is. Next:\n")
    say(f"  sim validate {file}\n  sim run {file} -n 20")


@main.command()
def schema() -> None:
    """The JSON Schema of the scenario language, for editors."""
    from sim.scenario.read import schema as describe

    say(json.dumps(describe(), indent=2, ensure_ascii=False))


@main.command()
@json_option
def bench(as_json: bool) -> None:
    """How fast is it on this machine, against a hand-written loop and against plain SimPy?

    Ratios, each measured in one run, beside what is due and what is aimed at.  Takes some minutes; two rows need g++.
    """
    from sim.bench.rows import figures
    from sim.show import bench as show

    if as_json:
        say(json.dumps([show.document(found) for found in figures()]))
        return
    say(show.heading())
    for found in figures():
        for line in show.lines(found, width()):
            say(line)


def lowered(reading: Any) -> Any:
    """The plan of a reading."""
    from sim.scenario.lower import lower

    return lower(reading.scenario, reading.resolved, reading.changed)


def asked(
    seed: int, replications: int | None, surge: float, engine: str, precision: float | None = None, decide: bool = False
) -> Any:
    """How a study is to be played."""
    from sim.study.record import Run

    open_end = decide or precision is not None
    return Run(seed, replications or (REPLICATIONS_MOST if open_end else REPLICATIONS), surge, engine, precision, decide)


def carried_out(
    how: Any, name: str, played: Callable[[], Sequence[Any]], playing: Callable[[Path | None], Iterable[Any]],
    place: Callable[[Any], Path], finish: Callable[[Any], Any], *, out: Path, page: Callable[[Any], Any], total: int | None,
    keep: bool = False,
) -> tuple[Any, Path, Any]:  # fmt: skip
    """Plays a study, finishes it and saves what is found, with how it went and where it lies; Ctrl-C keeps what is finished.

    played: the events so far, of each plan, to which `playing` adds, with the folder for contacts if they are to be kept;
    total: how many, if anybody knows; place, finish: the folder, below `out`, and the findings of the study by how it went;
    page: of the findings, for the report.
    """
    from sim.show.painter import painter
    from sim.show.progress import progress
    from sim.study.kept import Unwritten, contacts_folder
    from sim.study.stopping import stopped

    check_place(place(how))
    with painter() as paint, contacts_folder(place(how)) if keep else nullcontext() as contacts:
        try:
            with progress(total if how.precision is None else None, name) as advance:
                for _ in playing(contacts):
                    advance()
        except KeyboardInterrupt:
            if not played() or not played()[0].size:
                raise
            how = replace(how, partial=True)
        except Unwritten as error:
            unwritable(place(how), error)
        with undisturbed():
            events = played()
            how = replace(how, finished=events[0].size, stopped=stopped(how, *events))
            folder = place(how)
            found = finish(how)
            save(found, folder, paint, contacts, page)
            catalogued(out, folder)
    return how, folder, found


def width() -> int:
    """How wide to print: as the terminal is; where there is none, as wide as the line that decides."""
    return min(max(shutil.get_terminal_size((WIDTH, 24)).columns, WIDTH_LEAST), WIDTH)


@contextmanager
def undisturbed() -> Iterator[None]:
    """What is finished is kept, however often Ctrl-C is pressed meanwhile."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def check_place(folder: Path) -> None:
    """Ends at once, rather than after all the work, if results cannot be put there."""
    from sim.study import stored

    try:
        stored.check_place(folder)
    except OSError as error:
        unwritable(folder, error)


def save(findings: Any, folder: Path, paint: Callable[..., Any], contacts: Path | None, page: Callable[[Any], Any]) -> None:
    """Record, tables, plots and report, and contacts where they were kept: whole or not at all."""
    from sim.show.report import save as save_report
    from sim.study.kept import move_contacts
    from sim.study.stored import staged

    try:
        with staged(folder) as fresh:
            painted = paint(findings, fresh)
            findings.save(fresh)
            save_report(page(findings), fresh)
            painted()
            if contacts is not None:
                move_contacts(contacts, fresh, findings.record["replications"])
    except OSError as error:
        unwritable(folder, error)


def catalogued(out: Path, folder: Path) -> None:
    """Has `sim list` know what was kept; where it cannot, that is said, and nothing is lost."""
    from sim.study import catalogue

    try:
        catalogue.add(out, folder)
    except OSError as error:
        click.echo(f"cannot write {out / catalogue.FILE}: {error.strerror or error}; {folder} is kept all the same", err=True)


def unwritable(folder: Path, error: OSError) -> NoReturn:
    """Ends with why results cannot be put there."""
    fail(f"cannot write {folder}: {error.strerror or error}")


def exit_code(findings: Any) -> int:
    """What the verdicts mean for the shell."""
    from sim.measure.verdicts import Ruling, overall

    return {Ruling.HOLDS: DONE, Ruling.BREAKS: BREAKS, Ruling.UNDECIDED: UNDECIDED}[overall(findings.verdicts)]


def program() -> NoReturn:
    """`sim` as its users start it: who is asked to end, ends as by Ctrl-C.

    It ends at once, for to take down all that was loaded takes a fifth of a second.
    """
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup has it ignored
            signal.signal(number, signal.default_int_handler)
    try:
        main()
    except SystemExit as end:
        code = end.code
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # a shell can close them
            stream.flush()
    assert isinstance(code, int)
    os._exit(code)
