"""Mobility: charging, cycling, buses, car-pooling, parking, electric cars."""

import math
from datetime import date, datetime, timedelta

from kit import (
    CENTRE,
    LAST_DAY,
    NAMES,
    PEOPLE,
    TOTAL,
    Row,
    chance,
    figure,
    months,
    places,
    point,
    shares,
    street,
)


def charging_points() -> list[Row]:
    """Place public charging points, in columns of the national schema."""
    total = round(figure("avere-bornes")["points"] * TOTAL / (figure("insee-france") * 1_000_000))
    rows: list[Row] = []
    for code, count in shares(total, {code: people**0.95 for code, people in PEOPLE.items()}).items():
        rng = chance(f"charging {code}")
        station = 0
        while count > 0:
            station += 1
            here = min(count, rng.choice([2, 2, 4, 6]))
            count -= here
            ((x, y),) = places(code, rng, 1, 0.5)
            power = rng.choices([7.4, 22.0, 50.0, 150.0], [18, 58, 14, 10])[0]
            opened = date(rng.randint(2017, 2025), rng.randint(1, 12), rng.randint(1, 28))
            address = street(rng)
            for plug in range(1, here + 1):
                rows.append(
                    {
                        "id_pdc_itinerance": f"FRXEXE{code}{station:03d}{plug:02d}",
                        "nom_station": f"{NAMES[code]} - station {station}",
                        "implantation_station": rng.choice(
                            ["Voirie", "Parking public", "Parking privé à usage public"]
                        ),
                        "adresse_station": f"{address} {NAMES[code]}",
                        "code_insee_commune": code,
                        "coordonneesXY": f"[{x:.5f}, {y:.5f}]",
                        "consolidated_longitude": x,
                        "consolidated_latitude": y,
                        "nbre_pdc": here,
                        "puissance_nominale": power,
                        "prise_type_2": power < 50,
                        "prise_type_combo_ccs": power >= 50,
                        "gratuit": rng.random() < 0.06,
                        "paiement_cb": power >= 50,
                        "accessibilite_pmr": rng.choice(
                            ["Réservé PMR", "Accessible mais non réservé PMR", "Accessibilité inconnue"]
                        ),
                        "date_mise_en_service": opened,
                    }
                )
    return rows


LINES = [
    (f"Ligne {n}", w)
    for n, w in (
        (1, 24),
        (2, 12),
        (3, 17),
        (4, 13),
        (6, 5),
        (7, 4),
        (8, 3),
        (10, 4),
        (11, 2),
        (13, 3),
        (14, 2),
        (15, 2),
        (16, 2),
        (17, 1.5),
        (18, 1.2),
        (19, 1),
        (20, 1),
        (21, 0.8),
    )
]


def bus_trips() -> list[Row]:
    """Model the monthly trips of each bus line from the yearly total, 2018 to September 2026."""
    rng = chance("bus")
    last = figure("lrtzc-bilan")["bus_trips"]
    yearly = {
        2018: last * 0.9,
        2019: last * 0.93,
        2020: last * 0.6,
        2021: last * 0.72,
        2022: last * 0.86,
        2023: last / 1.06,
        2024: last,
        2025: last * 1.04,
        2026: last * 1.06,
    }
    season = [1.08, 1.0, 1.1, 1.0, 0.98, 0.98, 0.86, 0.72, 1.12, 1.12, 1.04, 1.0]
    rows: list[Row] = []
    for month in months(date(2018, 1, 1), date(2026, 9, 1)):
        whole = yearly[month.year] * season[month.month - 1] / sum(season)
        if (month.year, month.month) in ((2020, 4), (2020, 5)):
            whole *= 0.25
        for line, weight in LINES:
            trips = whole * weight / sum(one[1] for one in LINES) * rng.uniform(0.95, 1.05)
            rows.append(
                {"mois": month, "ligne": line, "voyages": round(trips), "km_commerciaux": round(weight * 5200 + 9000)}
            )
    return rows


def bus_stops() -> list[Row]:
    """Place the bus stops."""
    rows: list[Row] = []
    for code, count in shares(780, {code: people**0.7 for code, people in PEOPLE.items()}).items():
        rng = chance(f"stops {code}")
        for x, y in places(code, rng, count, 0.6):
            rows.append(
                {
                    "stop_id": f"A{len(rows) + 1:04d}",
                    "nom": street(rng).split(" ", 1)[1].capitalize(),
                    "code_insee": code,
                    "commune": NAMES[code],
                    "lignes": ", ".join(
                        sorted(
                            {
                                line.split()[1]
                                for line, _ in rng.choices(LINES, [one[1] for one in LINES], k=rng.randint(1, 3))
                            },
                            key=int,
                        )
                    ),
                    "accessible_pmr": rng.random() < 0.56,
                    "abri": rng.random() < 0.42,
                    "voyageurs_jour": round(rng.lognormvariate(3.4, 1.0)),
                    "geometry": point(x, y),
                }
            )
    return rows


def carpool_areas() -> list[Row]:
    """Place the car-pooling areas."""
    rows: list[Row] = []
    for code, count in shares(36, {code: people**0.3 for code, people in PEOPLE.items()}).items():
        rng = chance(f"carpool {code}")
        for x, y in places(code, rng, count, 0.8):
            rows.append(
                {
                    "id_lieu": f"{code}-C-{len(rows) + 1:03d}",
                    "nom": f"Aire de {NAMES[code]} {len(rows) + 1}",
                    "code_insee": code,
                    "commune": NAMES[code],
                    "latitude": y,
                    "longitude": x,
                    "places": rng.choice([8, 12, 20, 30, 45]),
                    "places_pmr": rng.choice([0, 1, 2]),
                    "bornes_recharge": rng.choice([0, 0, 2, 4]),
                    "stationnement_velo": rng.random() < 0.6,
                    "date_ouverture": date(rng.randint(2014, 2025), rng.randint(1, 12), 1),
                }
            )
    return rows


PARKINGS = [
    ("Vieux Port Sud", 480, 0.86),
    ("Verdun", 640, 0.78),
    ("Gare Nord", 420, 0.9),
    ("Encan", 700, 0.62),
    ("Saint-Nicolas", 210, 0.88),
    ("Relais Jean Moulin", 350, 0.5),
    ("Relais Beaulieu", 260, 0.38),
    ("Relais Greffières", 300, 0.34),
]


def car_parks() -> list[Row]:
    """Model the hourly occupancy of the car parks from May to October 2026."""
    rng = chance("car parks")
    rows: list[Row] = []
    moment, end = datetime(2026, 5, 1), datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 23)
    while moment <= end:
        rest = moment.weekday() >= 5
        summer = 1 + 0.22 * math.exp(-(((moment.timetuple().tm_yday - 218) / 26) ** 2))
        for name, size, full in PARKINGS:
            peak, width = (14.5, 5.0) if rest or "Vieux" in name else (11.5, 4.6)
            level = 0.12 + full * math.exp(-(((moment.hour - peak) / width) ** 2))
            level *= (summer if "Relais" not in name else 0.95) * (0.8 if rest and "Relais" in name else 1.0)
            taken = min(size, max(0, round(size * level * rng.uniform(0.93, 1.05))))
            rows.append(
                {"date_heure": moment, "parking": name, "capacite": size, "occupees": taken, "libres": size - taken}
            )
        moment += timedelta(hours=1)
    return rows


def electric_share(year: int) -> float:
    """Give the share of electric cars among new ones, in per cent; years without a figure are interpolated."""
    known = figure("vp-electriques")
    if year in known:
        return known[year]
    left = max((one for one in known if one < year), default=None)
    right = min((one for one in known if one > year), default=None)
    if right is None:
        return known[max(known)] * 1.03 ** (year - max(known))
    return math.sqrt(known[left] * known[right])


def new_cars() -> list[Row]:
    """Model the new cars by commune, year and energy."""
    rows: list[Row] = []
    for year in range(2016, 2026):
        market = round(TOTAL * 0.0245 * (0.78 if year == 2020 else 0.85 if year > 2020 else 1.0))
        for code, count in shares(
            market, {code: people * (0.9 if code == CENTRE else 1.1) for code, people in PEOPLE.items()}
        ).items():
            electric = electric_share(year)
            plug_in = electric * 0.45
            rest = 100 - electric - plug_in
            hybrid = rest * min(0.5, 0.04 + 0.055 * max(0, year - 2016))
            diesel = (rest - hybrid) * max(0.14, 0.55 - 0.055 * (year - 2016))
            weights = {
                "Électrique": electric,
                "Hybride rechargeable": plug_in,
                "Hybride": hybrid,
                "Diesel": diesel,
                "Essence": rest - hybrid - diesel,
            }
            for energy, number in shares(count, weights).items():
                rows.append(
                    {
                        "annee": year,
                        "code_insee": code,
                        "commune": NAMES[code],
                        "energie": energy,
                        "immatriculations": number,
                    }
                )
    return rows


FILES = {
    "bornes-recharge.csv": charging_points,
    "frequentation-bus.csv": bus_trips,
    "arrets-bus.geojson": bus_stops,
    "aires-covoiturage.csv": carpool_areas,
    "occupation-parkings.parquet": car_parks,
    "immatriculations-energie.xml": new_cars,
}
