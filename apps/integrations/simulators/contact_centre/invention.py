"""A centre out of nothing but a seed: two services, six groups of all channels, people with shifts."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from apps.algorithms.intervals import DAY_S, FloatArray
from apps.algorithms.simulation import WORK, Arrivals, Duty, GroupPlan, Handling, Patience
from apps.integrations.simulators.contact_centre.plan import CHANNELS, CentrePlan, Group, Person

STEP_S = 900
HOUR_S = 3600
Parts = tuple[tuple[int, int, str], ...]
DAY_SHIFT: Parts = ((0, 120, WORK), (120, 135, "break"), (135, 240, WORK), (240, 285, "lunch"))
DAY_SHIFT += ((285, 420, WORK), (420, 435, "break"), (435, 540, WORK))  # minutes from the start
NIGHT_SHIFT: Parts = ((0, 180, WORK), (180, 195, "break"), (195, 360, WORK), (360, 405, "lunch"))
NIGHT_SHIFT += ((405, 600, WORK), (600, 615, "break"), (615, 720, WORK))
DAY_STARTS_H = (8, 9, 10, 11, 12)
NIGHT_STARTS_H = (8, 20)
BUSY_SHARE = 0.5
SURNAMES = ("Белых", "Вольских", "Гончарук", "Дурново", "Ефимчук", "Живаго", "Зозуля", "Ильенко", "Коваль")
NAMES = (
    ("Артём", "Олегович"),
    ("Вера", "Павловна"),
    ("Глеб", "Юрьевич"),
    ("Дина", "Маратовна"),
    ("Егор", "Ильич"),
    ("Жанна", "Борисовна"),
    ("Захар", "Львович"),
)


class Sketch(NamedTuple):
    """A group before it is filled: `share` of the people serve it."""

    key: str
    name: str
    service: tuple[str, str]
    channel: str
    share: float
    handling: Handling
    patience: Patience
    concurrency: int = 1
    by_night: bool = False


RETAIL, SUPPORT = ("1", "Розничный банк"), ("2", "Поддержка")
SKETCHES = (
    Sketch("101", "Карты", RETAIL, "INCOMING_CALLS", 0.3, Handling(150, 25, 4, 0.2, 30), Patience(240)),
    Sketch("102", "Счета", RETAIL, "INCOMING_CALLS", 0.2, Handling(190, 30, 4, 0.1, 40), Patience(240)),
    Sketch("103", "Чат", RETAIL, "CHATS", 0.15, Handling(420, 20, 2), Patience(300, 0.7), concurrency=3),
    Sketch(
        "201", "Поддержка 24/7", SUPPORT, "INCOMING_CALLS", 0.25, Handling(240, 40, 5), Patience(400), 1, True
    ),
    Sketch("202", "Письма", SUPPORT, "MAILS", 0.1, Handling(500, 60), Patience()),
)


def invent_centre(seed: int, *, people: int, first: dt.date, days: int, zone: str) -> CentrePlan:
    """Invent a centre that works on `days` days from `first` in `zone`; weekends are as other days."""
    midnights = [
        int(dt.datetime.combine(first + dt.timedelta(days=day), dt.time(), ZoneInfo(zone)).timestamp())
        for day in range(days + 1)
    ]
    rng = np.random.default_rng([seed, people])
    groups = [_group(number, sketch, people, midnights) for number, sketch in enumerate(SKETCHES)]
    closed = Handling(60), Patience()
    nothing = Arrivals(midnights[0], STEP_S, np.zeros(0))
    idle = GroupPlan("203", CHANNELS["OUTGOING_CALLS"], nothing, *closed)
    groups.append(Group("Обзвон", *SUPPORT, "OUTGOING_CALLS", idle, is_active=False))
    staff = [_person(number, people, midnights, rng) for number in range(people)]
    staff.append(_named(people, rng, (), ()))  # in no group: the personnel method leaves them out
    return CentrePlan(zone, tuple(groups), tuple(staff))


def _group(number: int, sketch: Sketch, people: int, midnights: list[int]) -> Group:
    handle_s = sketch.handling.talk_s + sketch.handling.wrap_up_s
    paid_s = people * sketch.share * 7 * HOUR_S * sketch.concurrency
    profile = _day_profile(sketch.by_night)
    expected = np.tile(profile * BUSY_SHARE * paid_s / handle_s, len(midnights) - 1)
    can_be_handed_on = sketch.service == RETAIL and sketch.channel == "INCOMING_CALLS"
    plan = GroupPlan(
        sketch.key,
        CHANNELS[sketch.channel],
        Arrivals(midnights[0] // STEP_S * STEP_S, STEP_S, expected),
        sketch.handling,
        sketch.patience,
        concurrency=sketch.concurrency,
        customers=max(int(8 * expected[: DAY_S // STEP_S].sum()), 1),
        transfer_share=0.05 if can_be_handed_on else 0.0,
        transfers=((number + 1) % 2,) if can_be_handed_on else (),
        bot_share=0.15 if sketch.channel == "CHATS" else 0.0,
    )
    return Group(sketch.name, *sketch.service, sketch.channel, plan)


def _day_profile(by_night: bool) -> FloatArray:  # noqa: FBT001 - of the table of groups
    """Return the shares of a day's contacts by interval."""
    hours = np.arange(0, 24, STEP_S / HOUR_S)
    bells = np.exp(-(((hours - 11) / 2.5) ** 2)) + 0.8 * np.exp(-(((hours - 16.5) / 2.5) ** 2))
    shape = bells + 0.25 if by_night else np.where((hours >= 8) & (hours < 21), bells + 0.05, 0)  # noqa: PLR2004
    shares: FloatArray = shape / shape.sum()
    return shares


def _person(number: int, people: int, midnights: list[int], rng: np.random.Generator) -> Person:
    place = (number + 0.5) / people
    shares = np.cumsum([sketch.share for sketch in SKETCHES])
    main = int(np.searchsorted(shares, place * shares[-1]))
    sketch = SKETCHES[main]
    groups = [sketch.key]
    if sketch.service == RETAIL and rng.random() < 0.4:  # noqa: PLR2004 - two in five know more
        groups.append(SKETCHES[(main + 1) % 3].key)
    duties: list[Duty] = []
    if sketch.by_night:
        start_h, rest = NIGHT_STARTS_H[number % 2], number % 4
        for day, midnight in enumerate(midnights[:-1]):
            if (day + rest) % 4 < 2:  # noqa: PLR2004 - two on, two off
                duties += _shift(midnight + start_h * HOUR_S, NIGHT_SHIFT)
    else:
        start_h, rest = DAY_STARTS_H[number % len(DAY_STARTS_H)], int(rng.integers(7))
        for day, midnight in enumerate(midnights[:-1]):
            if (day + rest) % 7 < 5:  # noqa: PLR2004 - five on, two off
                duties += _shift(midnight + start_h * HOUR_S, DAY_SHIFT)
    return _named(number, rng, tuple(groups), tuple(duties))


def _shift(start_s: int, parts: Parts) -> list[Duty]:
    return [Duty(start_s + 60 * begins, start_s + 60 * ends, kind) for begins, ends, kind in parts]


def _named(
    number: int, rng: np.random.Generator, groups: tuple[str, ...], duties: tuple[Duty, ...]
) -> Person:
    name, second_name = NAMES[int(rng.integers(len(NAMES)))]
    surname = SURNAMES[number % len(SURNAMES)]
    return Person(
        key=str(1001 + number),
        name=name,
        surname=surname,
        second_name=second_name,
        number=f"{number + 1:06}",
        login=f"agent{1001 + number}",
        groups=groups,
        duties=duties,
    )
