"""One thought a picture: both media draw the data of `content`, and no constant stands in both."""

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import sim.show
from sim.show.content import compare_figures, run_figures, sweep_figures
from sim.show.report import compare_charts, overview_chart, run_charts, sweep_charts
from sim.show.sheet import compare as compare_sheet
from sim.show.sheet import run as run_sheet
from sim.show.sheet import sweep as sweep_sheet
from tests.findings import findings
from tests.studies import comparison, sweep

ROOM = Path(sim.show.__file__).parent
PLAIN = (0, 1, 2, 3, 4)  # numbers that say nothing


def constants(medium: str) -> Iterator[tuple[str, object]]:
    """The constants of a medium's modules: their names, and the strings and numbers that stand in them."""
    for path in (ROOM / medium).glob("*.py"):
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                parts = [node for target in targets for node in ast.walk(target)]
                names = [node.id for node in parts if isinstance(node, ast.Name)]
                for node in ast.walk(statement.value):
                    if isinstance(node, ast.Constant) and node.value not in PLAIN:
                        yield from ((name, node.value) for name in names)


def sentences(medium: str) -> set[str]:
    """The words of a medium: strings with a space in them that are no docstrings, and colours."""
    found = set()
    for path in (ROOM / medium).glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                words = node.value.strip(" :;,.()")
                if " " in words or words.startswith("#"):
                    found.add(words.lower())
    return found


def test_no_constant_stands_in_both_media() -> None:
    assert set(constants("sheet")) & set(constants("report")) == set()


def test_no_sentence_and_no_colour_stands_in_both_media() -> None:
    assert sentences("sheet") & sentences("report") == set()


def axes() -> Axes:
    return Figure(figsize=(16, 4)).add_subplot()


def test_both_media_draw_the_lines_of_the_service_level() -> None:
    figure, picture, chart = (
        run_figures.service_level(findings()),
        axes(),
        run_charts.service_level(findings()),
    )
    run_sheet.service_level(findings(), picture)
    drawn = {line.get_label(): line for line in picture.get_lines()}
    traces = {trace.get("name"): trace for trace in chart.data}
    assert len(figure.lines) == 3
    for line in figure.lines:
        assert np.array_equal(drawn[line.name].get_ydata(), line.rows.mean)
        assert drawn[line.name].get_linestyle() == run_sheet.DASHES[line.dash]
        assert drawn[line.name].get_color() == traces[line.name]["line"]["color"] == line.colour
        assert traces[line.name]["line"]["dash"] == line.dash
        means = line.rows.mean[~np.isnan(line.rows.mean)]
        np.testing.assert_allclose(np.array(traces[line.name]["y"], float), means, rtol=1e-3)


def test_both_media_are_as_high_as_the_staffing_and_have_its_title() -> None:
    figure, picture, chart = run_figures.staffing(findings()), axes(), run_charts.staffing(findings())
    run_sheet.staffing(findings(), picture)
    assert picture.get_ylim()[1] == figure.top == pytest.approx(chart.layout["yaxis"]["range"][1], abs=0.05)
    assert picture.get_title().startswith(figure.title)
    assert chart.title == figure.title


def test_both_media_show_the_spots_of_the_overview_and_their_names() -> None:
    figure, picture = compare_figures.overview(comparison()), axes()
    chart = overview_chart.overview(comparison())
    assert chart is not None
    compare_sheet.overview(comparison(), picture)
    names = sorted(spot.name for spot in figure.spots)
    assert sorted(chart.data[1]["text"]) == names
    assert {text.get_text() for text in picture.texts} >= set(names)


def test_both_media_draw_the_curves_of_a_sweep_and_name_the_same_values() -> None:
    figure, picture, chart = sweep_figures.probability(sweep()), axes(), sweep_charts.probability(sweep())
    sweep_sheet.probability(sweep(), picture)
    drawn = {line.get_label(): line for line in picture.get_lines()}
    traces = {trace.get("name"): trace for trace in chart.data}
    for curve in figure.curves:
        assert np.array_equal(drawn[curve.name].get_ydata(), curve.middle)
        np.testing.assert_allclose(traces[curve.name]["y"], curve.middle, rtol=1e-3)
    assert [label.get_text() for label in picture.get_xticklabels()] == chart.layout["xaxis"]["ticktext"]


def test_both_media_show_the_same_plans() -> None:
    found = comparison()
    names = [found.names[plan] for plan in compare_figures.drawn(found)]
    assert [panel.title for panel in compare_charts.staffing(found).charts] == names
