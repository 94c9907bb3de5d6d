"""Citizens: actions on the map, workshops, projects helped."""

from datetime import date, timedelta

from kit import LAST_DAY, NAMES, PEOPLE, Row, chance, places, point, shares

ACTIONS = {
    "Jardin partagé": 16,
    "Nettoyage de plage": 20,
    "Atelier de réparation": 18,
    "Plantation de haies": 12,
    "Pédibus": 9,
    "Compost de quartier": 13,
    "Défi énergie": 8,
    "Repas sans déchet": 7,
    "Prêt de vélos cargos": 5,
}


def actions() -> list[Row]:
    """Place made-up citizen actions, past and to come."""
    rows: list[Row] = []
    for code, count in shares(240, {code: people**0.7 for code, people in PEOPLE.items()}).items():
        rng = chance(f"actions {code}")
        for x, y in places(code, rng, count, 0.5):
            kind = rng.choices(list(ACTIONS), list(ACTIONS.values()))[0]
            start = date(2021, 3, 1) + timedelta(days=int(rng.triangular(0, 2160, 1800)))
            end = start + timedelta(days=rng.choice([0, 0, 1, 90, 365]))
            status = "à venir" if start > LAST_DAY else "terminée" if end < LAST_DAY else "en cours"
            rows.append(
                {
                    "id_action": f"AC{len(rows) + 1:03d}",
                    "titre": f"{kind} de {NAMES[code]}" if NAMES[code][0] not in "AEY" else f"{kind} d'{NAMES[code]}",
                    "type": kind,
                    "porteur": rng.choice(["Association", "Collectif d'habitants", "École", "Commune", "Entreprise"]),
                    "code_insee": code,
                    "commune": NAMES[code],
                    "date_debut": start,
                    "date_fin": end,
                    "statut": status,
                    "participants": 0 if status == "à venir" else round(rng.lognormvariate(3.0, 0.8)),
                    "carbone_evite_kgco2e": 0 if status == "à venir" else round(rng.lognormvariate(5.0, 1.1)),
                    "geometry": point(x, y),
                }
            )
    return rows


TOPICS = [
    "Fresque du climat",
    "Se déplacer autrement",
    "Rénover son logement",
    "Cuisiner local",
    "Comprendre ses factures",
    "Nature en ville",
    "Données et vie privée",
    "Réparer plutôt que jeter",
]


def workshops() -> list[Row]:
    """Make up the workshops since 2021 and how many people came."""
    rng = chance("workshops")
    rows: list[Row] = []
    day = date(2021, 1, 12)
    while day <= LAST_DAY:
        code = rng.choices(list(PEOPLE), [people**0.6 for people in PEOPLE.values()])[0]
        room = rng.choice([15, 20, 25, 40])
        came = min(room, round(room * rng.betavariate(4, 1.6)))
        rows.append(
            {
                "date": day,
                "theme": rng.choice(TOPICS),
                "code_insee": code,
                "commune": NAMES[code],
                "public": rng.choices(["Tout public", "Scolaires", "Entreprises", "Élus et agents"], [50, 28, 14, 8])[
                    0
                ],
                "places": room,
                "participants": came,
                "satisfaction_sur_5": round(min(5, rng.gauss(4.3, 0.4)), 1),
            }
        )
        day += timedelta(days=rng.choice([3, 4, 7, 7, 10]) if day.month not in (7, 8) else 14)
    return rows


def helped_projects() -> list[Row]:
    """Make up the projects of the citizens' fund."""
    rng = chance("fund")
    rows: list[Row] = []
    for year in range(2020, 2027):
        for _ in range(rng.randint(14, 22)):
            code = rng.choices(list(PEOPLE), [people**0.6 for people in PEOPLE.values()])[0]
            asked = rng.choice([800, 1200, 1500, 2500, 3000, 5000])
            kind = rng.choices(list(ACTIONS), list(ACTIONS.values()))[0]
            votes = round(rng.lognormvariate(4.0, 0.7))
            kept = votes > 45
            rows.append(
                {
                    "annee": year,
                    "projet": f"{kind} n° {len(rows) + 1}",
                    "code_insee": code,
                    "commune": NAMES[code],
                    "montant_demande_eur": asked,
                    "montant_accorde_eur": asked if kept else 0,
                    "votes": votes,
                    "retenu": "oui" if kept else "non",
                }
            )
    return rows


FILES = {
    "actions-citoyennes.geojson": actions,
    "ateliers-participation.csv": workshops,
    "fonds-initiatives.ods": helped_projects,
}
