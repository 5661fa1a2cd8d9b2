"""Numbers as a planner reads them: with a unit, with their interval, at the precision the interval
deserves.
"""

import math
from collections.abc import Mapping
from typing import Any

from sim.clock import date_words
from sim.measure.pooled.shortfall import Shortfall
from sim.measure.stats.verdicts import Ruling, Verdict
from sim.plan import Lens, Promise
from sim.study.findings import Findings
from sim.units import DAY, HOUR, MINUTE, SECOND, duration_text, percent_text

ALONE = 0.9  # of what is missing: the kind to name alone
FLAWLESS = 0.9995  # a share from here on is not worth a line of its own
SHARE_IN_TIME = "share of cases in time"
TOGETHER = "all promises together"
_CLOCKS = {"first_reply": "first reply", "solved": "solved", "answered": "answered"}


def decimals(mean: float, lower: float, upper: float, most: int = 2) -> int:
    """Decimals (negative: tens, hundreds …) that an estimate deserves: the last digit is at most half the
    interval's width.

    But two digits of the mean are always told, and of what is certain one decimal where it is no whole
    number.
    """
    half = (upper - lower) / 2
    if not 0 < half < math.inf:
        return 0 if half == 0 and mean == round(mean) else min(most, 1)
    told = 1 - math.floor(math.log10(abs(mean))) if mean and math.isfinite(mean) else 0
    return min(most, max(math.ceil(-math.log10(half)), told))


def counted(count: int, noun: str) -> str:
    """So many of what the noun says, in its plural if they are not one."""
    return f"{count} {noun}" + "s" * (count != 1)


def number(value: float, digits: int) -> str:
    """A number with thousands separated and so many decimals; "–" for none, "never" for a time that does not
    come.
    """
    if math.isnan(value):
        return "–"
    return "never" if math.isinf(value) else f"{round(value, digits) + 0.0:,.{max(digits, 0)}f}"


def estimate(mean: float, lower: float, upper: float, most: int = 2) -> tuple[str, str]:
    """A mean and its interval, both at the precision that the interval deserves: ("71", "(69–73)").

    Without a mean ("–", ""); of a single simulation, which has no interval, ("71", "(?)").
    """
    if math.isnan(mean):
        return "–", ""
    lower = max(lower, 0.0) if mean >= 0 else lower  # nothing that is measured can be negative
    digits = decimals(mean, lower, upper, most)
    return number(mean, digits), "(?)" if math.isnan(
        lower
    ) else f"({number(lower, digits)}–{number(upper, digits)})"


def percent(mean: float, lower: float, upper: float, asked: float = math.nan) -> tuple[str, str]:
    """A share and its interval in percent, without the sign: ("71", "(69–73)"); never rounded to tens or onto
    what is asked.
    """
    if math.isnan(mean):
        return "–", ""
    lower, upper = max(lower, 0.0), min(upper, 1.0)  # a plain interval of the mean of shares may reach beyond
    return share(mean, percent_decimals(lower, upper)), "(?)" if math.isnan(
        lower
    ) else f"({_percents(lower, upper, asked)})"


def percent_decimals(lower: float, upper: float) -> int:
    """Decimals that the interval of a share deserves in percent: more than one only close to 100 %, where
    they decide.
    """
    most = 3 if lower > 0.999 else 2 if lower > 0.99 else 1
    return max(0, decimals(0, 100 * lower, 100 * upper, most))


def percent_range(lower: float, upper: float, asked: float = math.nan) -> str:
    """An interval of a share: "62–75 %"; a bound that only rounding would make what is asked has more
    decimals, up to three.
    """
    return f"{_percents(lower, upper, asked)} %"


def share(value: float, digits: int) -> str:
    """A share in percent, without the sign: "71", "100"; what only rounding would make 100 has more decimals,
    up to three.
    """
    if value in (0, 1) or math.isnan(value):
        return number(100 * value, 0)
    texts = (number(100 * value, more) for more in range(digits, max(digits, 3) + 1))
    return next((text for text in texts if not text.startswith("100")), ">99.999")


def _percents(lower: float, upper: float, asked: float) -> str:
    digits = percent_decimals(lower, upper)
    while digits < 3 and any(
        bound != asked and round(100 * (bound - asked), digits) == 0 for bound in (lower, upper)
    ):
        digits += 1
    low, high = (share(bound, digits) for bound in (lower, upper))
    return f"{low}–{'<100' if high.startswith('>') else high}"


def duration(mean: float, lower: float, upper: float) -> tuple[str, str]:
    """A time in ms and its interval in one unit: ("42 min", "(38–46)"); ("never", "(9 h–never)") if it may
    not come.
    """
    if math.isnan(mean):
        return "–", ""
    name, unit = _unit_of(next((bound for bound in (mean, lower) if math.isfinite(bound)), 0.0))
    value, interval = estimate(mean / unit, lower / unit, upper / unit, most=1)
    if math.isfinite(mean):
        return f"{value} {name}", interval
    return value, interval.replace("–", f" {name}–", 1) if math.isfinite(lower) else interval


def _unit_of(size: float) -> tuple[str, int]:
    """The unit that a time of so many ms is told in."""
    return next(
        (pair for pair in (("d", DAY), ("h", HOUR), ("min", MINUTE)) if size >= 2 * pair[1]), ("s", SECOND)
    )


def change(unit: str, mean: float, lower: float, upper: float) -> tuple[str, str]:
    """A difference and its interval, with signs, a share in points: ("+4.7", "(+2.6 to +6.8)"), ("−12 min",
    "(−15 to −9)").
    """
    if math.isnan(mean):
        return "–", ""
    name, size = {"share": ("", 0.01), "ms": _unit_of(abs(mean))}.get(unit, ("", 1.0))
    low, middle, high = (bound / size for bound in (lower, mean, upper))
    digits = decimals(middle, low, high, most=1)
    interval = "(?)" if math.isnan(low) else f"({signed(low, digits)} to {signed(high, digits)})"
    return f"{signed(middle, digits)}{name and ' '}{name}", interval


def signed(value: float, digits: int) -> str:
    """A number with its sign, the minus a minus; what rounds to nothing has none."""
    text = number(abs(value), digits)
    return text if math.isnan(value) or not text.strip("0.,") else f"{'−' if value < 0 else '+'}{text}"


def factor(value: float) -> str:
    """How many times: "1.9", "12", "over 1,000"."""
    return number(value, 1 if value < 9.95 else 0) if value <= 1_000 else "over 1,000"


def promise_columns(lens: Lens) -> dict[str, tuple[str, str]]:
    """Two-line column titles for the service level, by promise."""
    parts = {name: words.rpartition(" within ") for name, words in promise_names(lens).items()}
    return {
        name: (what, f"within {limit}, %") if what else (limit, "%")
        for name, (what, _, limit) in parts.items()
        if name != "all"
    }


def moment(lens: Lens, time: float) -> str:
    """A local moment: "Fri 16 Apr 09:15"; "never" for one that does not come (-1, infinite)."""
    return lens.clock.words(int(time)) if 0 <= time < math.inf else "never"


def span(start: int, end: int, lens: Lens) -> str:
    """From when to when: "Fri 16 Apr 09:00–13:00"."""
    first, last = lens.clock.words(start), lens.clock.words(end)
    return f"{first}–{last[-5:]}" if lens.clock.date(start) == lens.clock.date(end) else f"{first} – {last}"


def promise_words(promise: Promise) -> str:
    """What is promised: "first reply within 1 h", with the promise's name before it if that says more than
    its clock.
    """
    clock = _CLOCKS[promise.clock]
    what = f"{clock} within {duration_text(promise.within)}" if promise.within >= 0 else f"{clock} by the end"
    return what if promise.name == promise.clock else f"{promise.name.replace('_', ' ')}: {what}"


def promise_names(lens: Lens) -> Mapping[str, str]:
    """What every promise promises, by its name; "all" stands for all of them in the same simulation."""
    return {promise.name: promise_words(promise) for promise in lens.promises} | {"all": TOGETHER}


def leading_words(lens: Lens, promise: str) -> str:
    """What the promise that a picture shows promises; of "" that there is none."""
    return promise_names(lens).get(promise, "nothing promised")


def row_words(lens: Lens, dimension: str, member: str) -> str:
    """A row as a planner names it: "Fri 16 Apr" for a day, "language es" for a value of a dimension."""
    return date_words(member) if dimension == "day" else f"{dimension} {member}"


def kept_words(verdict: Verdict) -> str:
    """How often a promise was kept: "≥ 90 % in time in 138 of 200 simulations (62–75 %, asked 95 %)"."""
    kept = "all kept" if math.isnan(verdict.target) else f"≥ {percent_text(verdict.target)} in time"
    interval = percent_range(verdict.lower, verdict.upper, verdict.confidence_asked)
    return (
        f"{kept} in {verdict.kept} of {verdict.replications} simulations ({interval}, "
        f"asked {percent_text(verdict.confidence_asked)})"
    )


def verdict_words(verdict: Verdict, findings: Findings) -> tuple[str, str, str, str]:
    """Name, how often kept, ruling, and what stands behind it: the pieces of the line that decides."""
    lens = findings.lens
    name = (
        f"  {row_words(lens, verdict.dimension, verdict.member)}"
        if verdict.dimension
        else promise_names(lens)[verdict.promise]
    )
    if verdict.ruling == Ruling.TOO_FEW:
        mean, interval = percent(verdict.mean, verdict.mean_lower, verdict.mean_upper)
        pooled = f"too few to judge: {verdict.cases:.3g} cases a simulation, mean {mean} % {interval[:-1]} %)"
        return name, pooled if interval else "too few to judge: no cases", verdict.ruling, ""
    behind = []
    if not math.isnan(verdict.mean):
        digits = percent_decimals(verdict.mean_lower, verdict.mean_upper)
        mean, worst = (share(value, digits) for value in (verdict.mean, verdict.worst))
        behind = [f"mean {mean} %", f"worst in ten {worst} %"]
    if verdict.promise == "all":
        behind = [f"the promises together ask {percent_text(verdict.confidence_asked)}"]
    if verdict.ruling == Ruling.UNDECIDED and not findings.record.get(
        "decide"
    ):  # a sequence can't tell when it will
        behind.append(
            "too close to call"
            if verdict.enough is None
            else f"decided at about {verdict.enough:,} simulations"
        )
    return name, kept_words(verdict), verdict.ruling, ", ".join(behind)


def heading(lens: Lens, record: Mapping[str, Any]) -> tuple[str, str]:
    """The title, and a line on what was run: scenario, plans or variant, simulations and seed."""
    words = [lens.name]
    if record.get("plans"):
        words.append(" or ".join(map(str, record["plans"])))
    if record.get("variant"):
        words.append(f"variant {record['variant']}")
    if record.get("changes"):
        words.append(f"with {', '.join(map(str, record['changes']))}")
    if "replications" in record:
        words.append(f"{record['replications']:,} simulation{'s' * (record['replications'] > 1)}")
    if record.get("stopped"):
        words.append(str(record["stopped"]))
    if record.get("surge", 1.0) != 1.0:
        words.append(f"{record['surge']:g} times the demand")
    if "seed" in record:
        words.append(f"seed {record['seed']}")
    start, end = lens.judged
    words.append(f"cases of {lens.clock.words(start)} – {lens.clock.words(end)}")
    return lens.title or lens.name, " · ".join(words)


def shortfall_words(item: Shortfall) -> tuple[str, str]:
    """How many are missing, and of which kinds if several: ("short by 14 agents", "9 nl information, 5 en
    information").
    """
    language, topic, most = item.kinds[0]
    if most >= ALONE * sum(agents for _, _, agents in item.kinds):
        return f"short by {item.agents} {language} {topic} agent{'s' * (item.agents > 1)}", ""
    kinds = ", ".join(
        f"{number(agents, 0 if agents >= 0.95 else 1)} {language} {topic}"
        for language, topic, agents in item.kinds
    )
    return f"short by {item.agents} agent{'s' * (item.agents > 1)}", kinds
