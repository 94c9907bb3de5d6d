"""Energy: electricity, gas, photovoltaics, district heating, solar production, street lighting."""

import math
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from kit import (
    CENTRE,
    NAMES,
    PEOPLE,
    TOTAL,
    Row,
    by_commune,
    chance,
    contours,
    figure,
    months,
    places,
    shares,
    temperature,
)

SECTORS = {"Résidentiel": 2.45, "Tertiaire": 2.25, "Industrie": 1.25, "Agriculture": 0.12, "Éclairage et eau": 0.16}
COLD = {
    2011: -6,
    2012: 1,
    2013: 6,
    2014: -7,
    2015: -2,
    2016: 1,
    2017: 0,
    2018: -2,
    2019: -1,
    2020: -6,
    2021: 2,
    2022: -7,
    2023: -8,
    2024: -6,
}
BIG_SITES = {CENTRE: 1.25, "17274": 1.9, "17028": 1.4, "17291": 1.5, "17407": 1.3}  # activity above that of inhabitants


def electricity() -> list[Row]:
    """Model the yearly electricity by commune and sector, in MWh, and the points of delivery."""
    rng = chance("electricity")
    rows: list[Row] = []
    for year in range(2011, 2025):
        climate = 1 + COLD[year] / 100 * 0.4
        for code, name in by_commune():
            for sector, mwh in SECTORS.items():
                active = BIG_SITES.get(code, 0.75) if sector in ("Tertiaire", "Industrie") else 1.0
                virus = 0.93 if year == 2020 and sector in ("Tertiaire", "Industrie") else 1.0
                thrift = 0.996 ** (year - 2011) * (0.96 if year >= 2023 else 1.0)
                weather = climate if sector == "Résidentiel" else 1.0
                use = PEOPLE[code] * mwh * active * virus * thrift * weather * rng.uniform(0.97, 1.03)
                rows.append(
                    {
                        "annee": year,
                        "code_insee": code,
                        "commune": name,
                        "secteur": sector,
                        "points_livraison": round(PEOPLE[code] * (0.52 if sector == "Résidentiel" else 0.03)),
                        "consommation_mwh": round(use, 3),
                    }
                )
    return rows


GAS_TOWNS = [CENTRE, "17028", "17274", "17200", "17291", "17094", "17142", "17264", "17414", "17010", "17190", "17222"]


def gas() -> list[Row]:
    """Model the yearly gas of the communes that a network serves, by sector, in MWh."""
    rng = chance("gas")
    rows: list[Row] = []
    for year in range(2014, 2025):
        climate = 1 + COLD[year] / 100
        for code, name in by_commune(GAS_TOWNS):
            for sector, mwh in {"Résidentiel": 2.7, "Tertiaire": 1.5, "Industrie": 0.9}.items():
                thrift = 0.99 ** (year - 2014) * (0.88 if year >= 2022 else 1.0)
                use = PEOPLE[code] * mwh * climate * thrift * rng.uniform(0.95, 1.05)
                rows.append(
                    {
                        "annee": year,
                        "code_insee": code,
                        "commune": name,
                        "secteur": sector,
                        "consommation_mwh": round(use, 1),
                    }
                )
    return rows


CLASSES = {
    "0 à 9 kW": (4.2, 0.24),
    "9 à 36 kW": (22.0, 0.16),
    "36 à 250 kW": (110.0, 0.33),
    "Plus de 250 kW": (900.0, 0.27),
}


def national_photovoltaics(when: float) -> float:
    """Give the power connected in France at a time (in years, 2024.0 being the end of 2023), in MW."""
    known = figure("sdes-photovoltaique")
    times = {2024.75 if year == 2024 else year + 1.0: power for year, power in known.items()}
    ordered = sorted(times)
    if when >= ordered[-1]:
        return times[ordered[-1]] * 1.16 ** (when - ordered[-1])
    for left, right in pairwise(ordered):
        if when <= right:
            part = (when - left) / (right - left)
            return times[left] ** (1 - part) * times[right] ** part
    raise ValueError(when)


def photovoltaics() -> list[Row]:
    """Model the installations and power connected by commune, class and quarter."""
    rng = chance("photovoltaics")
    sunny = 0.9 * TOTAL / (figure("insee-france") * 1_000_000)
    weights = {code: people**0.8 * rng.uniform(0.7, 1.4) for code, people in PEOPLE.items()}
    whole = sum(weights.values())
    rows: list[Row] = []
    for year in range(2014, 2026):
        for quarter in range(1, 5):
            power = national_photovoltaics(year + quarter / 4) * 1000 * sunny  # kW
            for code, name in by_commune():
                for kind, (typical, share) in CLASSES.items():
                    kw = power * share * weights[code] / whole
                    count = math.floor(kw / typical)
                    if kind == "Plus de 250 kW" and PEOPLE[code] < 2500:
                        count = 0
                    rows.append(
                        {
                            "trimestre": f"{year}-T{quarter}",
                            "date_fin": date(year, quarter * 3, 30 if quarter in (2, 3) else 31),
                            "code_insee": code,
                            "commune": name,
                            "classe_puissance": kind,
                            "installations": count,
                            "puissance_kw": round(count * typical, 1),
                        }
                    )
    return rows


def heat_network() -> list[Row]:
    """Draw the sections of the district heating network of the centre: an example, not the real layout."""
    rng = chance("heat")
    middle = contours()[CENTRE].representative_point()
    x, y = middle.x - 0.035, middle.y
    rows: list[Row] = []
    for number in range(1, 41):
        main = number <= 14
        dx, dy = (
            (0.0032, rng.uniform(-0.0008, 0.0008))
            if main
            else rng.choice([(0, 0.0022), (0, -0.0022), (0.0018, 0.0006)])
        )
        if not main:
            start = rows[rng.randrange(14)]["geometry"]["coordinates"][1]
            x, y = start
        end = [round(x + dx, 5), round(y + dy, 5)]
        length = math.hypot((end[0] - x) * 77_200, (end[1] - y) * 111_000)
        rows.append(
            {
                "id_troncon": f"RC{number:03d}",
                "nature": "Transport" if main else "Distribution",
                "diametre_mm": rng.choice([250, 300]) if main else rng.choice([80, 100, 125, 150]),
                "longueur_m": round(length),
                "annee_pose": 1988 if number <= 9 else rng.randint(2005, 2024),
                "temperature_c": 105 if main else 90,
                "geometry": {"type": "LineString", "coordinates": [[round(x, 5), round(y, 5)], end]},
            }
        )
        x, y = end
    return rows


def heat_production() -> list[Row]:
    """Model the monthly heat delivered by the network and the share of recovered heat."""
    rng = chance("heat production")
    yearly = figure("uve-chaleur")["mwh"]
    rows: list[Row] = []
    for month in months(date(2018, 1, 1), date(2025, 12, 1)):
        mean = sum(temperature(datetime(month.year, month.month, 15, hour)) for hour in range(0, 24, 3)) / 8
        season = 0.25 + max(0.0, 17 - mean) / 5.2
        heat = yearly / 12 * season * rng.uniform(0.93, 1.07)
        recovered = min(0.99, 0.97 - 0.12 * max(0.0, season - 1.6) + rng.gauss(0, 0.01))
        rows.append(
            {
                "mois": month,
                "chaleur_livree_mwh": round(heat, 1),
                "chaleur_recuperee_mwh": round(heat * recovered, 1),
                "appoint_gaz_mwh": round(heat * (1 - recovered), 1),
                "taux_recuperation_pct": round(recovered * 100, 1),
            }
        )
    return rows


def solar_hourly() -> list[Row]:
    """Model the hourly production of a roof of 100 kW at latitude 46.2° north, 2024 and 2025, in kWh."""
    rng = chance("solar")
    rows, sky = [], 0.6
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    while moment < datetime(2026, 1, 1, tzinfo=UTC):
        if moment.hour == 0:
            sky = min(1.0, max(0.12, 0.5 * sky + 0.5 * rng.betavariate(2.4, 1.5)))
        day = moment.timetuple().tm_yday
        declination = math.radians(-23.44 * math.cos(2 * math.pi * (day + 10) / 365.25))
        angle = math.radians(15 * (moment.hour + 0.5 - 12.0 - 0.08))
        high = math.sin(math.radians(46.2)) * math.sin(declination)
        high += math.cos(math.radians(46.2)) * math.cos(declination) * math.cos(angle)
        power = 100 * max(0.0, high) ** 1.15 * (0.22 + 0.72 * sky) * rng.uniform(0.92, 1.04) if high > 0 else 0.0
        rows.append({"date_heure": moment, "production_kwh": round(power, 2), "ensoleillement_indice": round(sky, 2)})
        moment += timedelta(hours=1)
    return rows


def street_lighting() -> list[Row]:
    """Place points of light of the communes, with lamp, power and hours off."""
    rows: list[Row] = []
    rng = chance("lighting")
    off = {code: rng.random() < figure("eclairage-extinction") for code in NAMES}
    for code, count in shares(4200, {code: people**0.85 for code, people in PEOPLE.items()}).items():
        for x, y in places(code, rng, count, 0.5):
            led = rng.random() < 0.58
            rows.append(
                {
                    "id_point": f"PL{len(rows) + 1:05d}",
                    "code_insee": code,
                    "commune": NAMES[code],
                    "latitude": y,
                    "longitude": x,
                    "type_lampe": "LED" if led else rng.choice(["Sodium haute pression", "Iodures métalliques"]),
                    "puissance_w": rng.choice([27, 36, 45, 60]) if led else rng.choice([70, 100, 150]),
                    "hauteur_m": rng.choice([4.0, 5.5, 7.0, 8.5]),
                    "date_pose": date(
                        rng.randint(2014, 2025) if led else rng.randint(1992, 2013),
                        rng.randint(1, 12),
                        rng.randint(1, 28),
                    ),
                    "extinction_nocturne": off[code],
                    "heure_extinction": "00:00" if off[code] else None,
                    "heure_rallumage": "06:00" if off[code] else None,
                }
            )
    return rows


FILES = {
    "consommation-electricite.csv": electricity,
    "consommation-gaz.ods": gas,
    "photovoltaique-raccorde.csv": photovoltaics,
    "reseau-chaleur-troncons.geojson": heat_network,
    "reseau-chaleur-production.json": heat_production,
    "production-solaire-horaire.parquet": solar_hourly,
    "eclairage-public.csv": street_lighting,
}
