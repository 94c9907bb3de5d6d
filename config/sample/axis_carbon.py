"""Carbon and coast: emissions, stocks, trajectory, air temperature, sea level, trees."""

import math
from datetime import UTC, date, datetime, timedelta

from kit import CENTRE, NAMES, PEOPLE, TOTAL, Row, by_commune, chance, figure, hectares, places, point, temperature

YEARS = range(2010, 2024)
# Emissions by inhabitant against the national mean: a mild climate, little heavy industry, farming around a town.
LOCAL = {
    "transports": 1.0,
    "bâtiments": 0.85,
    "industrie": 0.6,
    "agriculture": 0.5,
    "énergie": 0.15,
    "déchets": 1.0,
}
LABELS = {
    "transports": "Transports",
    "bâtiments": "Bâtiments (résidentiel et tertiaire)",
    "industrie": "Industrie et construction",
    "agriculture": "Agriculture",
    "énergie": "Production d'énergie",
    "déchets": "Déchets",
}


def national_total() -> dict[int, float]:
    """Give the national emissions of each year in Mt CO₂e, from that of 2023 and the yearly changes."""
    change = figure("citepa-variations")
    totals = {2023: sum(figure("secten-2023").values())}
    for year in range(2023, 2010, -1):
        rate = -5.8 if year == 2023 else change.get(year, -1.6)
        totals[year - 1] = totals[year] / (1 + rate / 100)
    return totals


def emissions_by_sector() -> list[Row]:
    """Model the emissions of each commune, by sector and year, in t CO₂e."""
    first, last, totals = figure("secten-1990"), figure("secten-2023"), national_total()
    area = hectares()
    all_hectares = sum(area.values())
    rows: list[Row] = []
    for year in YEARS:
        part = (year - 1990) / 33
        weights = {sector: first[sector] * (1 - part) + last[sector] * part for sector in LOCAL}
        for code, name in by_commune():
            for sector, local in LOCAL.items():
                national = totals[year] * weights[sector] / sum(weights.values())  # Mt
                whole = national / figure("insee-france") * TOTAL * local  # t, for the territory
                by_people, by_land = PEOPLE[code] / TOTAL, area[code] / all_hectares
                share = by_land if sector == "agriculture" else by_people
                if sector in ("industrie", "énergie"):
                    share = 0.7 * by_people**1.1 / sum((p / TOTAL) ** 1.1 for p in PEOPLE.values()) + 0.3 * by_people
                rows.append(
                    {
                        "code_insee": code,
                        "commune": name,
                        "annee": year,
                        "secteur": LABELS[sector],
                        "emissions_tco2e": round(whole * share, 1),
                    }
                )
    return rows


STOCKS = {  # t C a hectare (0–30 cm), yearly flux in t CO₂ a hectare
    "Grandes cultures": ("brun", figure("inrae-sols")["cultures"], 0.2),
    "Prairies": ("vert", figure("inrae-sols")["prairies"], -1.0),
    "Boisements et haies": ("vert", figure("inrae-sols")["boisements"], -4.8),
    "Marais et prés salés": ("bleu", 125.0, -3.7),
    "Vasières": ("bleu", 90.0, -1.6),
    "Herbiers marins": ("bleu", 140.0, -5.5),
    "Parcs et jardins": ("vert", 75.0, -1.1),
    "Sols artificialisés": ("gris", 30.0, 0.0),
}
COAST = {"17300", "17028", "17010", "17094", "17483", "17190", "17264", "17222", "17153", "17200"}


def stocks_by_ecosystem() -> list[Row]:
    """Model the carbon stored by each kind of land in each commune."""
    rng = chance("stocks")
    rows: list[Row] = []
    for code, name in by_commune():
        urban = min(0.75, 0.08 + PEOPLE[code] / hectares()[code] / 40)
        coast = code in COAST
        parts = {
            "Sols artificialisés": urban,
            "Parcs et jardins": urban * 0.18,
            "Marais et prés salés": rng.uniform(0.06, 0.16) if coast else rng.uniform(0.0, 0.04),
            "Vasières": rng.uniform(0.02, 0.06) if coast else 0.0,
            "Herbiers marins": rng.uniform(0.005, 0.02) if coast else 0.0,
            "Prairies": rng.uniform(0.06, 0.12),
            "Boisements et haies": rng.uniform(0.02, 0.06),
        }
        parts["Grandes cultures"] = max(0.0, 1 - sum(parts.values()))
        for kind, (colour, stock, flux) in STOCKS.items():
            area = round(hectares()[code] * parts[kind], 1)
            rows.append(
                {
                    "code_insee": code,
                    "commune": name,
                    "milieu": kind,
                    "carbone": colour,
                    "surface_ha": area,
                    "stock_tc": round(area * stock, 1),
                    "flux_annuel_tco2": round(area * flux, 1),
                }
            )
    return rows


def trajectory() -> list[Row]:
    """Give the path from 2019 to 2040 by kind of activity, with what was reached when it is known."""
    footprint = figure("lrtzc-empreinte")
    rows: list[Row] = []
    for year in range(2019, 2041):
        half = 1 - 0.5 * (year - 2019) / 11 if year <= 2030 else 0.5 - 0.3 * (year - 2030) / 10
        for kind in ("Mobilité", "Consommation", "Activités", "Habitat"):
            base = footprint["total"] * footprint[kind] / 100
            reached = base * (1 - 0.15 * (year - 2019) / 5) if year <= 2024 else None
            rows.append(
                {
                    "annee": year,
                    "poste": kind,
                    "cible_tco2e": round(base * half),
                    "estime_tco2e": None if reached is None else round(reached),
                }
            )
    return rows


def air_temperature() -> list[Row]:
    """Model the hourly air temperature and humidity of the urban station, 2022 to 2025."""
    rng = chance("air")
    rows, drift = [], 0.0
    moment, end = datetime(2022, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    while moment < end:
        drift = 0.985 * drift + rng.gauss(0, 0.45)
        value = temperature(moment, drift)
        humidity = min(100, max(22, 82 - 1.4 * (value - 12) + rng.gauss(0, 6)))
        rows.append({"date_heure": moment, "temperature_c": round(value, 1), "humidite_pct": round(humidity)})
        moment += timedelta(hours=1)
    return rows


SPEEDS = {
    "M2": 28.9841042,
    "S2": 30.0,
    "N2": 28.4397295,
    "K2": 30.0821373,
    "O1": 13.9430356,
    "K1": 15.0410686,
    "M4": 57.9682084,
}
PHASES = {"M2": 107, "S2": 140, "N2": 88, "K2": 138, "O1": 327, "K1": 71, "M4": 345}


def sea_level() -> list[Row]:
    """Model the sea level at the port every 30 minutes, 2024 and 2025, in metres above chart datum."""
    tide, rng = figure("shom-maree"), chance("sea")
    origin = datetime(2000, 1, 1)
    rows, surge = [], 0.0
    moment = datetime(2024, 1, 1)
    while moment < datetime(2026, 1, 1):
        hours = (moment - origin).total_seconds() / 3600
        height = tide["mean"] + sum(
            tide[wave] * math.cos(math.radians(speed * hours - PHASES[wave])) for wave, speed in SPEEDS.items()
        )
        surge = 0.995 * surge + rng.gauss(0, 0.012)
        rows.append(
            {
                "date_heure_tu": moment,
                "maree_m": round(height, 2),
                "surcote_m": round(surge, 2),
                "hauteur_m": round(height + surge, 2),
            }
        )
        moment += timedelta(minutes=30)
    return rows


TREES = [  # species, French name, weight, height of an old tree in m, kg of carbon a year
    ("Quercus ilex", "Chêne vert", 14, 15, 9.0),
    ("Platanus x hispanica", "Platane commun", 13, 25, 16.0),
    ("Tamarix gallica", "Tamaris", 11, 6, 3.0),
    ("Pinus pinea", "Pin parasol", 10, 18, 11.0),
    ("Acer pseudoplatanus", "Érable sycomore", 9, 20, 12.0),
    ("Tilia cordata", "Tilleul à petites feuilles", 9, 20, 12.0),
    ("Fraxinus excelsior", "Frêne commun", 7, 22, 13.0),
    ("Arbutus unedo", "Arbousier", 6, 8, 4.0),
    ("Celtis australis", "Micocoulier", 6, 18, 10.0),
    ("Prunus avium", "Merisier", 5, 14, 8.0),
    ("Ulmus minor", "Orme champêtre", 4, 20, 11.0),
    ("Ginkgo biloba", "Ginkgo", 3, 20, 8.0),
]


def public_trees() -> list[Row]:
    """Place the trees of three communes, with species, height and carbon."""
    rows: list[Row] = []
    for code, count in ((CENTRE, 3600), ("17028", 700), ("17200", 500)):
        rng = chance(f"trees {code}")
        for x, y in places(code, rng, count):
            species, name, _, tall, kilos = rng.choices(TREES, [tree[2] for tree in TREES])[0]
            planted = int(min(2025, rng.triangular(1935, 2026, 1998)))
            age = 2026 - planted
            rows.append(
                {
                    "id_arbre": f"{code}-{len(rows) + 1:05d}",
                    "code_insee": code,
                    "commune": NAMES[code],
                    "espece": species,
                    "nom_francais": name,
                    "annee_plantation": planted,
                    "hauteur_m": round(tall * (1 - math.exp(-age / 22)) * rng.uniform(0.8, 1.15), 1),
                    "carbone_stocke_kg": round(kilos * age * rng.uniform(0.6, 1.1)),
                    "remarquable": age > 75 and rng.random() < 0.3,
                    "geometry": point(x, y),
                }
            )
    return rows


BEACHES = {"Plage du Platin": 0.9, "Plage de Roux": 1.0, "Grande plage": 1.2}


def bathing_water() -> list[Row]:
    """Make up the checks of bathing water, every other week from June to September since 2018."""
    rng = chance("bathing")
    rows: list[Row] = []
    for year in range(2018, 2027):
        day = date(year, 6, 4)
        while day <= date(year, 9, 20):
            for beach, burden in BEACHES.items():
                coli = round(min(2400, 15 + rng.lognormvariate(2.6, 1.1) * burden))
                cocci = round(min(900, 15 + rng.lognormvariate(2.0, 1.1) * burden))
                good = coli <= 100 and cocci <= 100
                rows.append(
                    {
                        "date": day,
                        "plage": beach,
                        "escherichia_coli": coli,
                        "enterocoques": cocci,
                        "temperature_eau_c": round(
                            18 + 3.2 * math.sin(math.pi * (day.timetuple().tm_yday - 150) / 120) + rng.gauss(0, 0.5), 1
                        ),
                        "qualification": "bon" if good else "moyen" if coli <= 1000 and cocci <= 370 else "mauvais",
                    }
                )
            day += timedelta(days=14)
    return rows


FILES = {
    "emissions-ges-secteurs.xlsx": emissions_by_sector,
    "stocks-carbone-milieux.csv": stocks_by_ecosystem,
    "trajectoire-carbone.csv": trajectory,
    "temperature-air-horaire.parquet": air_temperature,
    "niveau-mer.zip": sea_level,
    "arbres-publics.geojson": public_trees,
    "eaux-baignade.csv": bathing_water,
}
