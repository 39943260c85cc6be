"""The time zones of large Russian cities, for a site that 1C names and nobody has set up yet.

Zones of the IANA tz database (zone1970.tab); a site that exists keeps its own.
"""

from __future__ import annotations

_CITIES = {
    "Europe/Kaliningrad": ("калининград",),
    "Europe/Moscow": (
        "москва",
        "санкт-петербург",
        "нижний новгород",
        "казань",
        "воронеж",
        "ростов-на-дону",
        "краснодар",
        "ярославль",
        "тверь",
        "тула",
        "рязань",
        "пенза",
        "иваново",
        "владимир",
        "калуга",
        "смоленск",
        "брянск",
        "курск",
        "белгород",
        "липецк",
        "тамбов",
        "орёл",
        "орел",
        "мурманск",
        "архангельск",
        "вологда",
        "петрозаводск",
        "псков",
        "великий новгород",
        "сочи",
        "ставрополь",
        "чебоксары",
        "саранск",
        "йошкар-ола",
    ),
    "Europe/Kirov": ("киров",),
    "Europe/Volgograd": ("волгоград",),
    "Europe/Saratov": ("саратов",),
    "Europe/Astrakhan": ("астрахань",),
    "Europe/Ulyanovsk": ("ульяновск",),
    "Europe/Samara": ("самара", "тольятти", "ижевск"),
    "Asia/Yekaterinburg": (
        "екатеринбург",
        "челябинск",
        "уфа",
        "пермь",
        "тюмень",
        "оренбург",
        "курган",
        "магнитогорск",
    ),
    "Asia/Omsk": ("омск",),
    "Asia/Novosibirsk": ("новосибирск",),
    "Asia/Barnaul": ("барнаул",),
    "Asia/Tomsk": ("томск",),
    "Asia/Novokuznetsk": ("кемерово", "новокузнецк"),
    "Asia/Krasnoyarsk": ("красноярск", "абакан"),
    "Asia/Irkutsk": ("иркутск", "улан-удэ"),
    "Asia/Chita": ("чита",),
    "Asia/Yakutsk": ("якутск", "благовещенск"),
    "Asia/Vladivostok": ("владивосток", "хабаровск"),
    "Asia/Magadan": ("магадан",),
    "Asia/Sakhalin": ("южно-сахалинск",),
    "Asia/Kamchatka": ("петропавловск-камчатский",),
}
_ZONES = {city: zone for zone, cities in _CITIES.items() for city in cities}


def zone_of_city(name: str) -> str:
    """Give the zone of a city by its Russian name, also of `г. Москва`; empty for one that is not known."""
    plain = name.strip().casefold().removeprefix("г.").removeprefix("город ").strip()
    return _ZONES.get(plain, "")
