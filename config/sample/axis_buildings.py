"""Buildings: public buildings and what they consume, energy labels of housing, renovations."""

import math
from datetime import date, datetime

from kit import (
    CENTRE,
    NAMES,
    PEOPLE,
    TOTAL,
    Row,
    by_commune,
    chance,
    figure,
    months,
    places,
    point,
    shares,
    street,
    temperature,
)

KINDS = [  # kind, weight, typical area in m², kWh of final energy a m² and year
    ("École maternelle", 12, 900, 135),
    ("École élémentaire", 16, 1500, 130),
    ("Mairie", 8, 900, 150),
    ("Gymnase", 10, 1800, 120),
    ("Salle polyvalente", 12, 800, 110),
    ("Médiathèque", 6, 1100, 125),
    ("Crèche", 7, 600, 170),
    ("Atelier municipal", 8, 700, 90),
    ("Piscine", 2, 3200, 480),
    ("Maison des associations", 9, 500, 115),
]
HEATING = [("Gaz naturel", 46), ("Électricité", 26), ("Réseau de chaleur", 14), ("Pompe à chaleur", 9), ("Bois", 5)]
LABELS = "ABCDEFG"
LIMITS = (70, 110, 180, 250, 330, 420)  # kWh of primary energy a m² and year, upper limits of A to F
BUILDINGS = 420
NICKNAMES = (
    "du Centre",
    "des Salines",
    "Jean Moulin",
    "Simone Veil",
    "du Port",
    "Marie Curie",
    "des Tamaris",
    "du Stade",
)


def label(use: float) -> str:
    """Give the energy label of a use in kWh of primary energy a m² and year."""
    return next((letter for letter, limit in zip(LABELS, LIMITS, strict=False) if use <= limit), "G")


def public_buildings() -> list[Row]:
    """Place the public buildings of the communes, with area, heating, use and label."""
    rows: list[Row] = []
    for code, count in shares(BUILDINGS, {code: people**0.75 for code, people in PEOPLE.items()}).items():
        rng = chance(f"buildings {code}")
        for x, y in places(code, rng, count, 0.4):
            kind, _, area, use = rng.choices(KINDS, [one[1] for one in KINDS])[0]
            heating = rng.choices([one[0] for one in HEATING], [one[1] for one in HEATING])[0]
            if heating == "Réseau de chaleur" and code != CENTRE:
                heating = "Gaz naturel"
            renovated = rng.randint(2012, 2025) if rng.random() < 0.28 else None
            use = use * rng.uniform(0.7, 1.45) * (0.62 if renovated else 1.0)
            primary = use * (1.9 if heating in ("Électricité", "Pompe à chaleur") else 1.0)
            rows.append(
                {
                    "id_batiment": f"BP{len(rows) + 1:04d}",
                    "nom": f"{kind} {rng.choice(NICKNAMES)}",
                    "type": kind,
                    "code_insee": code,
                    "commune": NAMES[code],
                    "adresse": street(rng),
                    "annee_construction": int(rng.triangular(1880, 2022, 1975)),
                    "annee_renovation": renovated,
                    "surface_m2": int(area * rng.uniform(0.5, 1.8)),
                    "chauffage": heating,
                    "conso_kwhef_m2_an": round(use),
                    "conso_kwhep_m2_an": round(primary),
                    "etiquette_energie": label(primary),
                    "geometry": point(x, y),
                }
            )
    return rows


def monthly_use() -> list[Row]:
    """Model the monthly energy of each public building, 2020 to 2025, in kWh."""
    rng = chance("monthly use")
    cold = {}
    for month in months(date(2020, 1, 1), date(2025, 12, 1)):
        mean = sum(temperature(datetime(month.year, month.month, 15, hour)) for hour in range(0, 24, 3)) / 8
        cold[month] = max(0.0, 17.0 - mean - rng.gauss(0, 0.8))
    mean_cold = sum(cold.values()) / len(cold)
    rows: list[Row] = []
    for building in public_buildings():
        yearly = building["conso_kwhef_m2_an"] * building["surface_m2"]
        for month, degrees in cold.items():
            lowered = 0.8 if (month.year, month.month) in ((2020, 4), (2020, 5), (2020, 11)) else 1.0
            sober = 1.0 if month < date(2022, 10, 1) else 0.9
            season = 0.35 + 0.65 * degrees / mean_cold
            kwh = yearly / 12 * season * lowered * sober * rng.uniform(0.9, 1.1)
            rows.append(
                {
                    "id_batiment": building["id_batiment"],
                    "mois": month,
                    "consommation_kwh": round(kwh, 1),
                    "depense_eur": round(kwh * (0.11 if month < date(2022, 7, 1) else 0.19), 2),
                }
            )
    return rows


def homes() -> dict[str, int]:
    """Estimate the main residences of each commune: 2.0 persons a home in the centre, 2.3 around."""
    return {code: round(people / (1.85 if code == CENTRE else 2.25)) for code, people in PEOPLE.items()}


def housing_labels() -> list[Row]:
    """Model the main residences by energy label, commune and year."""
    earlier, later = figure("onre-2022"), figure("onre-2023")
    rng = chance("labels")
    tilt = {code: rng.uniform(-0.08, 0.08) for code in NAMES}
    rows: list[Row] = []
    for year in range(2022, 2027):
        for code, name in by_commune():
            weights = {}
            for rank, letter in enumerate(LABELS):
                trend = later[letter] + (later[letter] - earlier[letter]) * 0.8 * (year - 2023)
                weights[letter] = max(0.3, trend) * (1 + tilt[code] * (rank - 3))
            for letter, count in shares(homes()[code], weights).items():
                rows.append(
                    {
                        "annee": year,
                        "code_insee": code,
                        "commune": name,
                        "etiquette_dpe": letter,
                        "logements": count,
                        "part_pct": round(100 * count / homes()[code], 1),
                    }
                )
    return rows


WORKS = {
    "Isolation des murs": 24,
    "Isolation de la toiture": 26,
    "Fenêtres": 14,
    "Pompe à chaleur": 18,
    "Chauffage au bois": 6,
    "Rénovation globale": 12,
}
COST = {
    "Isolation des murs": 14500,
    "Isolation de la toiture": 7800,
    "Fenêtres": 9200,
    "Pompe à chaleur": 15500,
    "Chauffage au bois": 8900,
    "Rénovation globale": 52000,
}
GAIN = {
    "Isolation des murs": 3.2,
    "Isolation de la toiture": 2.8,
    "Fenêtres": 1.1,
    "Pompe à chaleur": 6.4,
    "Chauffage au bois": 4.8,
    "Rénovation globale": 12.5,
}


def helped_renovations() -> list[Row]:
    """Share the renovations that the local platform helped with, by commune, year and kind of works."""
    total = figure("lrtzc-bilan")["renovations"]
    by_year = shares(total, {2021: 8, 2022: 22, 2023: 30, 2024: 40})
    rows: list[Row] = []
    rng = chance("renovations")
    for year, count in by_year.items():
        towns = shares(count, {code: people**0.95 for code, people in PEOPLE.items()})
        for code, name in by_commune():
            for works, number in shares(
                towns[code], {kind: w * rng.uniform(0.7, 1.3) for kind, w in WORKS.items()}
            ).items():
                cost = number * COST[works] * rng.uniform(0.9, 1.15)
                rows.append(
                    {
                        "annee": year,
                        "code_insee": code,
                        "commune": name,
                        "travaux": works,
                        "chantiers": number,
                        "cout_eur": round(cost),
                        "aides_eur": round(cost * rng.uniform(0.3, 0.55)),
                        "gain_mwh_an": round(number * GAIN[works], 1),
                    }
                )
    return rows


PERIODS = {
    "Avant 1919": 13,
    "1919 à 1945": 8,
    "1946 à 1970": 20,
    "1971 à 1990": 26,
    "1991 à 2005": 17,
    "2006 à 2025": 16,
}


def housing_stock() -> list[Row]:
    """Model the main residences by period of construction and kind."""
    rows: list[Row] = []
    for code, name in by_commune():
        rng = chance(f"stock {code}")
        houses = 0.36 if code == CENTRE else 0.86 - 0.12 * math.sqrt(PEOPLE[code] / TOTAL)
        for period, count in shares(
            homes()[code], {one: w * rng.uniform(0.6, 1.5) for one, w in PERIODS.items()}
        ).items():
            alone = round(count * min(0.97, houses * rng.uniform(0.9, 1.1)))
            rows.append(
                {
                    "code_insee": code,
                    "commune": name,
                    "periode_construction": period,
                    "maisons": alone,
                    "appartements": count - alone,
                    "ensemble": count,
                }
            )
    return rows


FILES = {
    "batiments-publics.geojson": public_buildings,
    "consommations-batiments-publics.csv": monthly_use,
    "logements-etiquettes-dpe.csv": housing_labels,
    "renovations-accompagnees.xlsx": helped_renovations,
    "logements-periode-construction.ods": housing_stock,
}
