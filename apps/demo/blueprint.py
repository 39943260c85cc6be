"""What the demo's contact centre is made of: sites, queues, contracts and their shares."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from apps.schedules.types import TemplateSpec

DATA = Path(__file__).resolve().parent / "data"
CALENDAR = "ru"
ZONE = "Europe/Moscow"
SEED = 20261120
HOUR = 60
CALL_FILE = "anonymous_bank_1999_08_calls.csv.gz"


@dataclass(frozen=True)
class SitePlan:
    code: str
    name: str
    zone: str
    latitude: str
    longitude: str
    share: float


SITES = (
    SitePlan("msk", "Москва", "Europe/Moscow", "55.75580", "37.61730", 0.34),
    SitePlan("ekb", "Екатеринбург", "Asia/Yekaterinburg", "56.83890", "60.60570", 0.28),
    SitePlan("kgd", "Калининград", "Europe/Kaliningrad", "54.71040", "20.45220", 0.20),
    SitePlan("nsk", "Новосибирск", "Asia/Novosibirsk", "55.03020", "82.92040", 0.18),
)


@dataclass(frozen=True)
class RulePlan:
    """A work rule: `templates` in minutes of the person's own clock, `rotation` as `WorkRule` spells it."""

    code: str
    name: str
    templates: tuple[TemplateSpec, ...]
    rotation: str = ""
    max_days_a_week: int = 5
    follows_calendar: bool = False


@dataclass(frozen=True)
class Contract:
    """A kind of contract; `share` of the people of its queue have it."""

    share: float
    weekly_minutes: int
    rule: str
    cycle_days: int = 0


def _day(name: str, start: tuple[int, int], paid: tuple[int, int], step: int = 60) -> TemplateSpec:
    return TemplateSpec(name, start[0] * HOUR, start[1] * HOUR, paid[0] * HOUR, paid[1] * HOUR, 30, step)


RULES = (
    RulePlan("week-flexible", "Гибкая неделя, смены 7–10 ч", (_day("День", (6, 17), (7, 10)),)),
    RulePlan(
        "week-office",
        "Пятидневка, 8 ч",
        (_day("День", (7, 14), (8, 8)),),
        rotation="DDDDD--",
        follows_calendar=True,
    ),
    RulePlan("week-long", "Длинные смены 9–11 ч", (_day("День", (6, 15), (9, 11)),)),
    RulePlan("part-30", "Неполная неделя 30 ч", (_day("День", (6, 18), (5, 7)),)),
    RulePlan("part-20", "Неполная неделя 20 ч", (_day("День", (6, 20), (4, 5)),)),
    RulePlan(
        "cycle-2-2",
        "2/2, день и ночь по 12 ч",
        (
            TemplateSpec("День", 7 * HOUR, 10 * HOUR, 10 * HOUR, 11 * HOUR, 60, 30),
            TemplateSpec("Ночь", 19 * HOUR, 21 * HOUR, 10 * HOUR, 11 * HOUR, 60, 30),
        ),
        rotation="DD--",
        max_days_a_week=7,
    ),
    RulePlan("round-flexible", "Гибкая неделя 24/7", (_day("Смена", (6, 15), (7, 10)),)),
    RulePlan("round-part", "Неполная неделя 24/7, 30 ч", (_day("Смена", (6, 18), (5, 7)),)),
)


@dataclass(frozen=True)
class QueuePlan:
    """A queue with the history that feeds it and the people that serve it."""

    key: str
    code: str
    name: str
    service: str
    service_name: str
    department: str
    department_name: str
    file: str
    source: str
    country: str
    step_minutes: int
    opening: tuple[int, int]
    open_days: range
    closed_on_holidays: bool
    minimum_agents: int
    model: str
    slack: float
    time_limit_s: int
    contracts: tuple[Contract, ...]
    skills: tuple[str, ...]
    has_limits: bool


LARGE = QueuePlan(
    key="large",
    code="retail-cards",
    name="Карты и счета",
    service="retail",
    service_name="Розничный банк",
    department="retail",
    department_name="Управление розничного обслуживания",
    file="bank_calls_2003_5min.csv.gz",
    source="Weinberg, Brown, Stroud, JASA 102 (2007): bank_calls, North American bank, 2003",
    country="US",
    step_minutes=15,
    opening=(7 * HOUR, 21 * HOUR + 15),
    open_days=range(5),
    closed_on_holidays=True,
    minimum_agents=0,
    model="erlang_c",
    slack=1.08,
    time_limit_s=120,
    contracts=(
        Contract(0.52, 2400, "week-flexible"),
        Contract(0.12, 2400, "week-office"),
        Contract(0.14, 2400, "week-long"),
        Contract(0.11, 1800, "part-30"),
        Contract(0.11, 1200, "part-20"),
    ),
    skills=("cards", "accounts"),
    has_limits=True,
)
SMALL = QueuePlan(
    key="small",
    code="round-support",
    name="Поддержка 24/7",
    service="support",
    service_name="Круглосуточная поддержка",
    department="round",
    department_name="Управление круглосуточной поддержки",
    file="anonymous_bank_1999_30min.csv.gz",
    source="Technion SEELab, Anonymous Bank, Mandelbaum, Sakov, Zeltyn (2000): small Israeli bank, 1999",
    country="IL",
    step_minutes=30,
    opening=(0, 24 * HOUR),  # said in full: without hours a queue is open where calls are expected
    open_days=range(7),
    closed_on_holidays=False,
    minimum_agents=2,
    model="erlang_a",
    slack=1.15,
    time_limit_s=110,
    contracts=(
        Contract(0.60, 2400, "cycle-2-2", cycle_days=4),
        Contract(0.28, 2400, "round-flexible"),
        Contract(0.12, 1800, "round-part"),
    ),
    skills=("internet-bank", "security"),
    has_limits=False,
)
QUEUES = (LARGE, SMALL)
SKILLS = {
    "cards": "Банковские карты",
    "accounts": "Счета и переводы",
    "internet-bank": "Интернет-банк",
    "security": "Безопасность и блокировка карт",
    "english": "Английский язык",
}
AGENT = "Специалист контактного центра"
SENIOR = "Старший специалист контактного центра"
LEADS = {
    "team": "Руководитель группы",
    "site": "Начальник отдела",
    "queue": "Начальник управления",
    "root": "Директор контактного центра",
}
TEAM_SIZE = 18
