"""Shared data: populations, contours, steering indicators, the platform's own footprint and use."""

import json
from datetime import date

from kit import FOLDER, NAMES, PEOPLE, Row, by_commune, chance, contours, hectares, months
from shapely.geometry import mapping


def populations() -> list[Row]:
    """Give the municipal population of each commune, 2018 to 2023 (INSEE's, unchanged)."""
    table = json.loads((FOLDER / "populations.json").read_text("utf-8"))
    return [
        {"annee": int(year), "code_insee": code, "commune": NAMES[code], "population_municipale": people}
        for year, rows in table.items()
        for code, people in rows.items()
    ]


def outlines() -> list[Row]:
    """Give the contours of the communes."""
    return [
        {
            "code_insee": code,
            "commune": name,
            "population_2023": PEOPLE[code],
            "surface_ha": round(hectares()[code]),
            "densite_hab_km2": round(PEOPLE[code] / hectares()[code] * 100),
            "geometry": mapping(contours()[code]),
        }
        for code, name in by_commune()
    ]


INDICATORS = [  # code, axis, name, unit, 2019, 2025, target of 2030
    ("NAT-A", "Carbone et littoral", "Bilan du carbone bleu", "tCO2e", -82000, -86000, -100000),
    ("NAT-B", "Carbone et littoral", "Bilan du carbone vert", "tCO2e", -21000, -22500, -30000),
    ("NAT-C", "Carbone et littoral", "Bilan du carbone brun", "tCO2e", 9000, 7200, 0),
    ("NAT-D", "Carbone et littoral", "Impact net de l'aménagement", "tCO2e", 14000, 9800, 4000),
    ("NAT-E", "Carbone et littoral", "Arbres plantés depuis 2019", "arbres", 0, 61000, 100000),
    ("BAT-A", "Bâtiments", "Énergie primaire des bâtiments publics", "kWhEP/m²/an", 212, 178, 130),
    ("BAT-B", "Bâtiments", "Carbone des bâtiments publics", "kgCO2e/m²/an", 31, 24, 14),
    ("BAT-C", "Bâtiments", "Carbone des matériaux des chantiers", "kgCO2e/m²", 840, 735, 560),
    ("BAT-D", "Bâtiments", "Bilan du bâti", "tCO2e", 320000, 271000, 170000),
    ("BAT-E", "Bâtiments", "Surface rénovée dans l'année", "m²", 38000, 81000, 120000),
    ("ENR-A", "Énergie", "Carbone évité par les renouvelables", "tCO2e", 11000, 19500, 42000),
    ("ENR-B", "Énergie", "Production moins consommation", "GWh", -3350, -3010, -2100),
    ("ENR-C", "Énergie", "Prix moyen de l'énergie produite", "€/GWh", 96000, 88000, 75000),
    ("ENR-D", "Énergie", "Taux d'autoconsommation", "%", 4, 13, 30),
    ("ENR-E", "Énergie", "Hydrogène produit", "t/an", 0, 12, 400),
    ("MOB-A", "Mobilité", "Carbone des déplacements quotidiens", "tCO2e", 412000, 356000, 205000),
    ("MOB-B", "Mobilité", "Report modal depuis 2019", "points", 0, 6.5, 15),
    ("MOB-C", "Mobilité", "Part des véhicules propres", "%", 1.2, 7.9, 35),
    ("MOB-D", "Mobilité", "Aménagements cyclables", "km", 327, 552, 700),
    ("MOB-E", "Mobilité", "Voyages en bus", "millions", 10.2, 11.4, 14),
    ("ECI-A", "Économie circulaire", "Carbone évité par les synergies", "tCO2e", 900, 3100, 9000),
    ("ECI-B", "Économie circulaire", "Intrants évités", "t", 1800, 6400, 15000),
    ("ECI-C", "Économie circulaire", "Déchets recyclés", "t", 47500, 51200, 62000),
    ("ECI-D", "Économie circulaire", "Déchets enfouis", "t", 11800, 8300, 3000),
    ("ECI-F", "Économie circulaire", "Acteurs engagés", "structures", 45, 214, 500),
    ("ACC-A", "Participation citoyenne", "Projets aidés par le fonds", "projets", 0, 78, 200),
    ("ACC-B", "Participation citoyenne", "Élèves sensibilisés dans l'année", "élèves", 1200, 5400, 9000),
    ("ACC-C", "Participation citoyenne", "Participants aux ateliers dans l'année", "personnes", 400, 1650, 3000),
    ("ACC-D", "Participation citoyenne", "Visites du site dans l'année", "visites", 0, 96000, 200000),
    ("ACC-G", "Participation citoyenne", "Ateliers dans l'année", "ateliers", 14, 62, 100),
    ("DAT-A", "Données partagées", "Jeux de données ouverts", "jeux", 180, 372, 600),
    ("DAT-B", "Données partagées", "Organisations qui publient", "organisations", 6, 23, 60),
    ("DAT-C", "Données partagées", "Réutilisations recensées", "réutilisations", 8, 41, 120),
    ("DAT-D", "Données partagées", "Carbone de la plateforme", "kgCO2e", 0, 640, 500),
    ("DAT-E", "Données partagées", "Jeux tenus à jour", "%", 58, 83, 95),
]


def indicators() -> list[Row]:
    """Make up the values of the steering indicators, with the path to the target of 2030."""
    rng = chance("indicators")
    rows: list[Row] = []
    for code, axis, name, unit, first, last, target in INDICATORS:
        for year in range(2019, 2031):
            path = first + (target - first) * (year - 2019) / 11
            value = None
            if year <= 2025:
                noise = rng.uniform(-0.04, 0.04) * (last - first) if 2019 < year < 2025 else 0
                value = round(first + (last - first) * (year - 2019) / 6 + noise, 1)
            rows.append(
                {
                    "code": code,
                    "axe": axis,
                    "indicateur": name,
                    "unite": unit,
                    "annee": year,
                    "valeur": value,
                    "trajectoire": round(path, 1),
                    "cible_2030": target,
                }
            )
    return rows


POSTS = {"Serveurs": 118.0, "Stockage": 26.0, "Réseau": 14.0, "Terminaux des visiteurs": 41.0}


def platform_footprint() -> list[Row]:
    """Model the monthly electricity and carbon of the platform, by part."""
    rng = chance("footprint")
    rows: list[Row] = []
    for month in months(date(2023, 1, 1)):
        visits = 5200 * 1.018 ** ((month.year - 2023) * 12 + month.month)
        for post, kwh in POSTS.items():
            use = kwh * (
                visits / 5200 if post in ("Réseau", "Terminaux des visiteurs") else 0.99 ** (month.year - 2023)
            )
            use *= rng.uniform(0.94, 1.06)
            rows.append(
                {
                    "mois": month,
                    "poste": post,
                    "electricite_kwh": round(use, 1),
                    "carbone_kgco2e": round(use * 0.052 + (3.1 if post == "Serveurs" else 0.4), 2),
                    "visites": round(visits),
                }
            )
    return rows


def catalogue_use() -> list[Row]:
    """Make up the monthly use of the catalogue by axis."""
    rng = chance("catalogue")
    axes = {
        "Carbone et littoral": 1.0,
        "Bâtiments": 0.8,
        "Énergie": 1.1,
        "Mobilité": 1.7,
        "Économie circulaire": 0.6,
        "Participation citoyenne": 0.5,
        "Données partagées": 0.9,
    }
    rows: list[Row] = []
    for month in months(date(2023, 1, 1)):
        age = (month.year - 2023) * 12 + month.month
        for axis, weight in axes.items():
            views = 900 * weight * 1.016**age * rng.uniform(0.85, 1.15)
            rows.append(
                {
                    "mois": month,
                    "axe": axis,
                    "jeux_publies": round(12 * weight + age * 0.35 * weight),
                    "consultations": round(views),
                    "telechargements": round(views * rng.uniform(0.16, 0.24)),
                    "appels_api": round(views * rng.uniform(2.0, 3.4)),
                }
            )
    return rows


FILES = {
    "population-communes.csv": populations,
    "contours-communes.geojson": outlines,
    "indicateurs-pilotage.csv": indicators,
    "empreinte-plateforme.csv": platform_footprint,
    "usage-catalogue.json": catalogue_use,
}
