"""Circular economy: household waste, collection points, recycling centres, exchanges between companies."""

import math
from datetime import date, timedelta

from kit import CENTRE, NAMES, PEOPLE, TOTAL, Row, by_commune, chance, figure, places, point, shares

STREAMS = {  # kg by inhabitant and year in 2019, trend a year, recovered as material
    "Ordures ménagères résiduelles": (236.0, -0.022, False),
    "Emballages et papiers": (59.0, 0.006, True),
    "Verre": (38.0, 0.004, True),
    "Biodéchets": (2.0, 0.0, True),
    "Déchets verts": (112.0, -0.012, True),
    "Gravats": (78.0, -0.004, True),
    "Tout-venant": (63.0, -0.02, False),
    "Bois, métaux et autres": (34.0, 0.012, True),
}


def published_total(year: int) -> float:
    """Give the weight of all streams by inhabitant: published for 2019 and 2022, prolonged on both sides."""
    known = figure("dechets-agglo")
    slope = (known[2022] - known[2019]) / 3
    return known[2019] + (slope * (year - 2019) if year >= 2019 else 2.0 * (2019 - year))


def kilograms(stream: str, year: int) -> float:
    """Give the mean weight of a stream by inhabitant; the streams add up to the total of the year."""
    base, trend, _ = STREAMS[stream]
    food = 2.0 if year < 2024 else 2.0 + 6.5 * (year - 2023)
    if stream == "Biodéchets":
        return food
    others = sum(one[0] * (1 + one[1]) ** (year - 2019) for name, one in STREAMS.items() if name != "Biodéchets")
    return base * (1 + trend) ** (year - 2019) * (published_total(year) - food) / others


def household_waste() -> list[Row]:
    """Model the tonnes of waste by commune, stream and year."""
    rng = chance("waste")
    habits = {code: rng.uniform(0.94, 1.06) for code in NAMES}
    whole = sum(habits[code] * people for code, people in PEOPLE.items()) / TOTAL
    rows: list[Row] = []
    for year in range(2014, 2026):
        for code, name in by_commune():
            for stream, (_, _, material) in STREAMS.items():
                tonnes = kilograms(stream, year) * PEOPLE[code] / 1000 * habits[code] / whole
                rows.append(
                    {
                        "annee": year,
                        "code_insee": code,
                        "commune": name,
                        "flux": stream,
                        "tonnes": round(tonnes, 2),
                        "kg_par_habitant": round(tonnes * 1000 / PEOPLE[code], 1),
                        "valorisation_matiere": "oui" if material else "non",
                    }
                )
    return rows


def collection_points() -> list[Row]:
    """Place the containers where people bring glass, paper, textiles and food waste."""
    rows: list[Row] = []
    for code, count in shares(1150, {code: people**0.9 for code, people in PEOPLE.items()}).items():
        rng = chance(f"containers {code}")
        for x, y in places(code, rng, count, 0.6):
            stream = rng.choices(["Verre", "Emballages et papiers", "Textiles", "Biodéchets"], [52, 22, 10, 16])[0]
            rows.append(
                {
                    "id_conteneur": f"PAV{len(rows) + 1:04d}",
                    "flux": stream,
                    "type": rng.choices(["Aérien", "Semi-enterré", "Enterré"], [68, 20, 12])[0],
                    "volume_m3": rng.choice([2.0, 3.0, 4.0, 5.0]),
                    "code_insee": code,
                    "commune": NAMES[code],
                    "date_pose": date(rng.randint(2008, 2025), rng.randint(1, 12), rng.randint(1, 28)),
                    "remplissage_moyen_pct": round(min(97, max(12, rng.gauss(58, 16)))),
                    "geometry": point(x, y),
                }
            )
    return rows


CENTRES = [
    "Lagord",
    "Périgny",
    "Aytré",
    "Châtelaillon-Plage",
    "Dompierre-sur-Mer",
    "La Jarrie",
    "Sainte-Soulle",
    "Saint-Xandre",
    "Salles-sur-Mer",
    "Thairé",
    "Port-Neuf",
]


def recycling_visits() -> list[Row]:
    """Model the weekly visits to the recycling centres since 2021."""
    rng = chance("visits")
    rows: list[Row] = []
    for rank, name in enumerate(CENTRES):
        week = date(2021, 1, 4)
        while week <= date(2026, 10, 26):
            season = 1 + 0.35 * math.cos(2 * math.pi * (week.timetuple().tm_yday - 130) / 365)
            visits = (1500 - 95 * rank) * season * rng.uniform(0.85, 1.15) * 0.985 ** (week.year - 2021)
            rows.append(
                {
                    "semaine": week,
                    "decheterie": name,
                    "visites": round(visits),
                    "attente_moyenne_min": round(max(1, visits / 190 + rng.gauss(0, 1.2)), 1),
                }
            )
            week += timedelta(days=7)
    return rows


SITES = [  # kind of company, weight, matter that leaves, matter that enters
    ("Conserverie", 3, "Coproduits organiques", "Eau chaude"),
    ("Chantier naval", 6, "Composites", "Acier réemployé"),
    ("Cimenterie portuaire", 2, "Poussières minérales", "Combustible de récupération"),
    ("Menuiserie", 6, "Chutes de bois", "Palettes"),
    ("Imprimerie", 3, "Papier", "Palettes"),
    ("Centre de données", 2, "Chaleur fatale", "Eau"),
    ("Brasserie", 3, "Drêches", "Chaleur fatale"),
    ("Ostréiculture", 7, "Coquilles", "Palettes"),
    ("Recyclerie", 4, "Mobilier réemployé", "Chutes de bois"),
    ("Blanchisserie", 3, "Eau chaude", "Eau"),
    ("Travaux publics", 5, "Terres excavées", "Granulats recyclés"),
    ("Serre maraîchère", 4, "Déchets verts", "Chaleur fatale"),
]


NICKNAMES = ("de l’Estran", "du Pertuis", "des Deux Tours", "de l’Aunis", "du Large", "des Salines")


def companies() -> list[Row]:
    """Place made-up companies on the areas of activity."""
    rows: list[Row] = []
    spread = {
        CENTRE: 18,
        "17274": 11,
        "17028": 7,
        "17291": 6,
        "17407": 4,
        "17200": 5,
        "17142": 3,
        "17094": 3,
        "17414": 3,
    }
    for code, count in spread.items():
        rng = chance(f"companies {code}")
        for x, y in places(code, rng, count, 0.6):
            kind, _, leaves, enters = rng.choices(SITES, [one[1] for one in SITES])[0]
            rows.append(
                {
                    "id_site": f"S{len(rows) + 1:03d}",
                    "nom": f"{kind} {rng.choice(NICKNAMES)} (exemple)",
                    "activite": kind,
                    "code_insee": code,
                    "commune": NAMES[code],
                    "salaries": round(rng.lognormvariate(3.1, 0.9)),
                    "flux_sortant": leaves,
                    "flux_entrant": enters,
                    "engage_depuis": rng.randint(2016, 2025),
                    "geometry": point(x, y),
                }
            )
    return rows


FACTORS = {
    "Coproduits organiques": 0.12,
    "Composites": 1.4,
    "Poussières minérales": 0.3,
    "Chutes de bois": 0.25,
    "Papier": 0.5,
    "Chaleur fatale": 0.2,
    "Drêches": 0.15,
    "Coquilles": 0.08,
    "Mobilier réemployé": 1.1,
    "Eau chaude": 0.1,
    "Terres excavées": 0.006,
    "Déchets verts": 0.05,
}


def synergies() -> list[Row]:
    """Make up exchanges of matter between the companies, by year, with the carbon they save."""
    rng = chance("synergies")
    sites = companies()
    rows: list[Row] = []
    for number in range(1, 97):
        start, end = rng.sample(sites, 2)
        volume, since = rng.lognormvariate(3.6, 1.1), rng.randint(2018, 2024)
        state = rng.choices(["En place", "À l'étude", "Arrêtée"], [70, 20, 10])[0]
        for year in range(since, 2026):
            tonnes = (
                round(volume * (1 + 0.08 * (year - since)) * rng.uniform(0.85, 1.15), 1)
                if state != "À l'étude"
                else None
            )
            rows.append(
                {
                    "id_synergie": f"SY{number:03d}",
                    "annee": year,
                    "site_origine": start["id_site"],
                    "site_destination": end["id_site"],
                    "matiere": start["flux_sortant"],
                    "etat": state,
                    "tonnes": tonnes,
                    "carbone_evite_tco2e": None
                    if tonnes is None
                    else round(tonnes * FACTORS[start["flux_sortant"]], 2),
                }
            )
    return rows


FILES = {
    "dechets-menagers.xlsx": household_waste,
    "points-apport-volontaire.geojson": collection_points,
    "decheteries-frequentation.json": recycling_visits,
    "synergies-sites.geojson": companies,
    "synergies-industrielles.csv": synergies,
}
