"""The data of the pictures of a comparison, computed once: the sheet and the page draw it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.measure.stats.verdicts import Ruling, overall
from sim.show.content.compare import price_title
from sim.show.content.run_figures import Level, promised
from sim.show.content.tables import pick
from sim.show.content.words import leading_words
from sim.study.compare import Comparison
from sim.study.findings import Estimates

PLANS_MOST = 4  # drawn: so many columns fit on a sheet, and with so many lines a page stays below 3 MB


@dataclass(frozen=True)
class Spot:
    """Where a plan lies between cost and promise."""

    plan: str
    ruling: Ruling
    price: Estimates  # one row
    service_level: Estimates  # one row
    front: bool

    @property
    def name(self) -> str:
        """The plan, with a * if no other is cheaper and better."""
        return f"{self.plan}{' *' if self.front else ''}"


@dataclass(frozen=True)
class Overview:
    """What each plan costs against its service level."""

    title: ClassVar[str] = "Cost against promise"
    promise: str  # in words
    price_title: str
    spots: Sequence[Spot]  # of the plans with cases, as the comparison lists them
    front: Sequence[tuple[float, float]]  # price and service level of those with a *, the cheapest first
    level: Level | None  # None if nothing is promised


def overview(found: Comparison) -> Overview:
    """The spots of all plans; a plan has none without a case to keep a promise in."""
    spots = [
        Spot(
            name, overall(each.verdicts), pick(each.estimates, found.priced_in, "all"),
            pick(each.estimates, "service_level", "all", found.leading), priced.front,
        )
        for name, each, priced in zip(found.names, found.findings, found.priced, strict=True)
    ]  # fmt: skip
    return Overview(
        leading_words(found.lens, found.leading),
        price_title(found),
        [spot for spot in spots if np.isfinite(spot.service_level.mean).any()],
        sorted((priced.price, priced.service_level) for priced in found.priced if priced.front),
        leading_level(found),
    )


def leading_level(found: Comparison) -> Level | None:
    """The share that the leading promise promises."""
    targets = {promise.name: promise.share for promise in found.lens.promises}
    return promised(targets[found.leading]) if found.leading in targets else None


def drawn(found: Comparison) -> list[int]:
    """The plans that there is room for: all, or the first, the best, and those named first."""
    chosen = list(dict.fromkeys((0, found.choice.plan, *range(len(found.names)))))
    return sorted(chosen[:PLANS_MOST])
