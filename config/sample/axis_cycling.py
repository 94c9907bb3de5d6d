"""Mobility: cycling (counters, lanes, shared bicycles)."""

import math
from datetime import date, datetime

from kit import CENTRE, NAMES, PEOPLE, Row, chance, contours, days, figure, places, point, shares, temperature
from shapely.geometry import LineString

HOLIDAYS = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
COUNTERS = [  # name, commune, passages a day in 2019, summer swing
    ("Vieux Port", CENTRE, 3900, 0.55),
    ("Gare", CENTRE, 2600, 0.15),
    ("Université - Les Minimes", CENTRE, 2900, -0.2),
    ("Mireuil", CENTRE, 900, 0.05),
    ("Casino - Front de mer", CENTRE, 1700, 0.8),
    ("La Pallice", CENTRE, 700, 0.1),
    ("Aytré - Route de La Rochelle", "17028", 820, 0.1),
    ("Périgny - Rompsay", "17274", 1100, 0.15),
    ("Lagord - Atlantech", "17200", 560, 0.0),
    ("Puilboreau - Beaulieu", "17291", 430, 0.05),
    ("Angoulins - Vélodyssée", "17010", 640, 1.1),
    ("Châtelaillon - Front de mer", "17094", 980, 1.2),
    ("Dompierre - Canal de Marans", "17142", 380, 0.5),
    ("Nieul - Chemin des douaniers", "17264", 350, 0.9),
]


def counters() -> list[Row]:
    """Place the bicycle counters."""
    rows: list[Row] = []
    for number, (name, code, _, _) in enumerate(COUNTERS, 1):
        ((x, y),) = places(code, chance(f"counter {name}"), 1, 0.35)
        rows.append(
            {
                "id_compteur": f"C{number:02d}",
                "nom": name,
                "code_insee": code,
                "commune": NAMES[code],
                "date_pose": date(2018, 9, 1) if number < 9 else date(2018, 12, 15),
                "geometry": point(x, y),
            }
        )
    return rows


def bicycles_by_day() -> list[Row]:
    """Model the bicycles counted each day since 2019: growth, season, weekday, rain, lockdowns, failures."""
    rng = chance("bicycles")
    weather, rain = {}, 0.0
    for day in days(date(2019, 1, 1)):
        rain = 0.4 * rain + rng.random()
        weather[day] = 0.55 if rain > 1.25 else 0.8 if rain > 1.0 else 1.0
    rows: list[Row] = []
    for number, (name, _, base, summer) in enumerate(COUNTERS, 1):
        failing = 0
        for day, sky in weather.items():
            failing = failing - 1 if failing else rng.choice([3, 6, 11]) if rng.random() < 0.0012 else 0
            growth = 1.055 ** ((day - date(2019, 1, 1)).days / 365.25)
            season = 1 + 0.28 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 190) / 365)
            holiday = math.exp(-(((day.timetuple().tm_yday - 213) / 24) ** 2)) * summer
            rest = day.weekday() >= 5 or (day.month, day.day) in HOLIDAYS
            week = (1.25 if summer > 0.4 else 0.62) if rest else 1.0
            locked = (
                0.14
                if date(2020, 3, 17) <= day <= date(2020, 5, 10)
                else 0.6
                if date(2020, 10, 30) <= day <= date(2020, 12, 14)
                else 1.0
            )
            passages = base * growth * season * (1 + holiday) * week * sky * locked * rng.uniform(0.86, 1.14)
            rows.append(
                {
                    "date": day,
                    "id_compteur": f"C{number:02d}",
                    "compteur": name,
                    "passages": None if failing else round(passages),
                    "etat": "panne" if failing else "mesuré",
                }
            )
    return rows


KINDS = {
    "Piste cyclable": 34,
    "Bande cyclable": 22,
    "Voie verte": 20,
    "Double sens cyclable": 14,
    "Vélorue": 6,
    "Couloir bus et vélo": 4,
}


def cycle_lanes() -> list[Row]:
    """Draw cycle lanes whose lengths add up to the published total: an example, not the real layout."""
    metres = figure("lrtzc-bilan")["cycle_km"] * 1000
    recent = figure("lrtzc-bilan")["cycle_km_since_2019"] / figure("lrtzc-bilan")["cycle_km"]
    rows: list[Row] = []
    for code, length in shares(metres, {code: people**0.62 for code, people in PEOPLE.items()}).items():
        rng = chance(f"lanes {code}")
        turn, around = rng.uniform(0, math.pi / 2), contours()[code].buffer(0.004)
        while length > 0:
            ((x, y),) = places(code, rng, 1, 0.7)
            line, wanted = [[x, y]], min(length, rng.randint(350, 1900))
            heading, step = turn + rng.choice([0, 0.5, 1, 1.5]) * math.pi, wanted / 4
            for _ in range(4):
                heading += rng.gauss(0, 0.16)
                x += step * math.cos(heading) / 77_200
                y += step * math.sin(heading) / 111_000
                line.append([round(x, 5), round(y, 5)])
            if not around.covers(LineString(line)):
                continue
            length -= wanted
            rows.append(
                {
                    "id_troncon": f"V{len(rows) + 1:04d}",
                    "type_amenagement": rng.choices(list(KINDS), list(KINDS.values()))[0],
                    "code_insee": code,
                    "commune": NAMES[code],
                    "longueur_m": wanted,
                    "revetement": rng.choices(["Enrobé", "Stabilisé", "Béton"], [80, 16, 4])[0],
                    "annee_ouverture": rng.randint(2020, 2025) if rng.random() < recent else rng.randint(1995, 2019),
                    "sens": rng.choice(["Unidirectionnel", "Bidirectionnel"]),
                    "geometry": {"type": "LineString", "coordinates": line},
                }
            )
    return rows


def shared_bicycles() -> list[Row]:
    """Model the daily hires of shared bicycles since 2021."""
    rng = chance("shared bicycles")
    base = figure("yelo-velos")[2021]
    rows: list[Row] = []
    for day in days(date(2021, 1, 1)):
        warm = temperature(datetime(day.year, day.month, day.day, 14))
        hires = base * 1.03 ** (day.year - 2021) * (0.55 + warm / 45) * (0.85 if day.weekday() >= 5 else 1.05)
        hires *= rng.choice([0.55, 0.85, 1.0, 1.0, 1.0, 1.08])
        rows.append(
            {
                "date": day,
                "locations": round(hires),
                "velos_en_service": 600 + 30 * (day.year - 2021) - rng.randint(0, 40),
                "part_electrique_pct": round(min(70, 23 + 8 * (day.year - 2021) + rng.gauss(0, 1.5)), 1),
            }
        )
    return rows


FILES = {
    "compteurs-velo.geojson": counters,
    "comptages-velo-journaliers.csv": bicycles_by_day,
    "amenagements-cyclables.geojson": cycle_lanes,
    "velos-libre-service.csv": shared_bicycles,
}
