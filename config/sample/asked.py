"""Forms that people answer: their sheets as XLSForm has them, and made-up answers."""

import json
from datetime import date, timedelta
from typing import Any

from kit import CENTRE, NAMES, PEOPLE, chance, places, shares

Described = dict[str, Any]

SPECIES = {
    "chene-vert": "Chêne vert",
    "erable": "Érable champêtre",
    "frene": "Frêne",
    "micocoulier": "Micocoulier",
    "murier": "Mûrier platane",
    "pin": "Pin parasol",
    "platane": "Platane",
    "tamaris": "Tamaris",
    "tilleul": "Tilleul",
    "autre": "Autre essence",
}
"""The names of species, which the form reads from a file as telephones do."""
STATES = {
    "ok": "Il va bien",
    "thirsty": "Ses feuilles pendent",
    "dry": "Ses feuilles sèchent",
    "dead": "Il paraît mort",
}
MODES = {
    "walk": "À pied",
    "bike": "À vélo",
    "bus": "En bus ou en car",
    "train": "En train",
    "shared": "En voiture, à plusieurs",
    "car": "En voiture, seul",
}
HURDLES = {
    "safety": "Le trajet me paraît dangereux",
    "distance": "C'est trop loin",
    "weather": "La pluie ou le vent",
    "theft": "La peur du vol",
    "habit": "Je n'y ai pas pensé",
}
PURPOSES = {"work": "Travail", "school": "Études ou école", "shopping": "Courses", "leisure": "Loisirs, visites"}


def _choices(**lists: dict[str, str]) -> Described:
    rows = [[group, name, label] for group, some in lists.items() for name, label in some.items()]
    return {"name": "choices", "header": ["list_name", "name", "label"], "rows": rows}


def _survey(*rows: dict[str, str]) -> Described:
    header = list(dict.fromkeys(column for row in rows for column in row))
    return {"name": "survey", "header": header, "rows": [[row.get(column, "") for column in header] for row in rows]}


def _question(type_: str, name: str, label: str = "", **more: str) -> dict[str, str]:
    return {"type": type_, "name": name, "label": label, **more}


def _point(code: str, rng: Any) -> str:
    ((x, y),) = places(code, rng, 1, 0.4)
    return f"{y} {x}"


def _thirsty() -> Described:
    """Give the form by which trees to water are told, and what was told."""
    rng, answers = chance("forms trees"), []
    codes = [
        code
        for code, count in shares(36, {code: people**0.8 for code, people in PEOPLE.items()}).items()
        for _ in range(count)
    ]
    for number, code in enumerate(codes):
        state = rng.choices(list(STATES), [3, 10, 6, 1])[0]
        values = {
            "state": state,
            "place": _point(code, rng),
            "seen": (date(2026, 7, 1) + timedelta(days=rng.randrange(60))).isoformat(),
        }
        if rng.random() < 0.7:
            values["species"] = rng.choice(list(SPECIES))
        if state != "dead":
            values["help"] = rng.choice(["yes", "no", "no"])
            if values["help"] == "yes":
                values["cans"] = str(rng.choice([1, 2, 2, 3, 4, 6]))
        if rng.random() < 0.3:
            values["note"] = rng.choice(
                [
                    "Planté l'hiver dernier.",
                    "En plein soleil, le sol est craquelé.",
                    "Le tuteur est cassé.",
                    "Devant l'école.",
                ]
            )
        answers.append({"values": values, "files": {"photo": "haie-marsilly.jpg"} if number == 7 else {}})
    survey = _survey(
        _question("select_one state", "state", "Comment va l'arbre ?", required="yes"),
        _question(
            "select_one_from_file essences.csv",
            "species",
            "Quelle est son essence ?",
            hint="Si vous la connaissez.",
        ),
        _question("geopoint", "place", "Où est-il ?", required="yes"),
        _question(
            "date",
            "seen",
            "Quand l'avez-vous vu ?",
            required="yes",
            constraint=". <= today()",
            constraint_message="Cette date n'est pas encore passée.",
        ),
        _question("select_one yes_no", "help", "Pouvez-vous l'arroser cet été ?", relevant="${state} != 'dead'"),
        _question(
            "integer",
            "cans",
            "Combien d'arrosoirs par semaine ?",
            relevant="${help} = 'yes'",
            constraint=". >= 1 and . <= 50",
            constraint_message="Donnez un nombre de 1 à 50.",
        ),
        _question("image", "photo", "Une photo de l'arbre", hint="Sans visage ni plaque : elle sera publiée."),
        _question("text", "note", "Autre chose à dire ?", appearance="multiline"),
    )
    return {
        "title": "Signaler un arbre à arroser (exemple)",
        "dataset": "arbres-a-arroser",
        "intro": "Les jeunes arbres souffrent l'été : dites où il faut de l'eau. Deux minutes suffisent.\n"
        "Formulaire d'exemple : vos réponses entrent dans le jeu de données, personne ne passera arroser.",
        "sheets": [
            survey,
            _choices(state=STATES, yes_no={"yes": "Oui", "no": "Non"}),
            {"name": "settings", "header": ["form_title"], "rows": [["Signaler un arbre à arroser (exemple)"]]},
        ],
        "files": ["essences.csv"],
        "answers": answers,
    }


def _travels() -> Described:
    """Give the survey about travels, and its answers."""
    rng, answers = chance("forms travels"), []
    for number in range(48):
        mode = rng.choices(list(MODES), [4, 8, 4, 2, 3, 9])[0]
        distance = round(
            rng.triangular(0.3, {"walk": 2, "bike": 8}.get(mode, 25), {"walk": 0.8, "bike": 3}.get(mode, 7)), 1
        )
        values = {
            "mode": mode,
            "purposes": " ".join(name for name in PURPOSES if rng.random() < 0.45) or "work",
            "distance": str(distance),
            "ease": str(min(10, max(0, round(rng.gauss({"bike": 7, "walk": 8}.get(mode, 5), 2))))),
        }
        if mode in ("car", "shared"):
            values["hurdles"] = " ".join(name for name in HURDLES if rng.random() < 0.4) or "distance"
        if rng.random() < 0.4:
            values["spot"] = _point(rng.choice([CENTRE, CENTRE, *NAMES]), rng)
            values["told"] = rng.choice(
                [
                    "La piste s'arrête d'un coup.",
                    "Le feu est trop court pour traverser.",
                    "Il manque des arceaux.",
                    "Trottoir étroit.",
                ]
            )
        answers.append({"values": values, "files": {"photo": "dune-aytre.jpg"} if number == 3 else {}})
    survey = _survey(
        _question("begin group", "usual", "Votre trajet le plus fréquent"),
        _question("select_one mode", "mode", "Comment le faites-vous ?", required="yes"),
        _question("select_multiple purpose", "purposes", "Pour quoi ?"),
        _question(
            "decimal",
            "distance",
            "Sa longueur, en kilomètres",
            hint="À peu près.",
            constraint=". > 0 and . <= 200",
            constraint_message="Donnez une longueur jusqu'à 200 km.",
        ),
        _question(
            "range",
            "ease",
            "Ce trajet est-il facile ?",
            hint="De 0, très pénible, à 10, très facile.",
            parameters="start=0 end=10 step=1",
        ),
        _question(
            "select_multiple hurdle",
            "hurdles",
            "Qu'est-ce qui vous retient de le faire à vélo ?",
            relevant="${mode} = 'car' or ${mode} = 'shared'",
        ),
        _question("end group", "", ""),
        _question("begin group", "difficult", "Un passage difficile"),
        _question("geopoint", "spot", "Où est-ce ?"),
        _question("text", "told", "Que s'y passe-t-il ?", relevant="${spot} != ''"),
        _question("image", "photo", "Une photo de ce passage", hint="Sans visage ni plaque : elle sera publiée."),
        _question("end group", "", ""),
    )
    where = {"mode": "usual", "purposes": "usual", "distance": "usual", "ease": "usual", "hurdles": "usual"}
    for one in answers:
        for part in ("values", "files"):
            one[part] = {f"{where.get(name, 'difficult')}/{name}": value for name, value in one[part].items()}
    return {
        "title": "Vos déplacements de tous les jours (exemple)",
        "dataset": "enquete-deplacements",
        "intro": "Cinq minutes pour dire comment vous vous déplacez, et ce qui vous gêne. Aucun nom n'est demandé.\n"
        "Enquête d'exemple : les réponses entrent dans le jeu de données, elles ne servent à aucune décision.",
        "sheets": [
            survey,
            _choices(mode=MODES, purpose=PURPOSES, hurdle=HURDLES),
            {"name": "settings", "header": ["form_title"], "rows": [["Vos déplacements de tous les jours (exemple)"]]},
        ],
        "files": [],
        "answers": answers,
    }


def _species() -> bytes:
    rows = [f"{name},{label}" for name, label in SPECIES.items()]
    return "\n".join(["name,label", *rows, ""]).encode()


FILES = {"essences.csv": _species}
"""The files that questions name."""


def forms(datasets: set[str]) -> list[Described]:
    """Give the forms, each with its answers.

    :raises SystemExit: if one feeds a dataset that isn't there.
    """
    found = [_thirsty(), _travels()]
    for one in found:
        if one["dataset"] not in datasets:
            raise SystemExit(f"asked.py, {one['title']}: nothing is named {one['dataset']}")
    return json.loads(json.dumps(found))
