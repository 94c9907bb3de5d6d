"""What tests of forms share."""

import base64
import io
import uuid

import pytest
from lxml import etree
from PIL import Image

from ckanext.lrtzc.forms.domain.workbook import Sheet, Workbook, write

SURVEY = [
    (
        "type",
        "name",
        "label::Français (fr)",
        "label::English (en)",
        "relevant",
        "constraint",
        "required",
        "calculation",
    ),
    ("text", "street", "Rue", "Street", "", "", "yes", ""),
    ("select_one state", "state", "État", "State", "", "", "", ""),
    ("text", "why", "Pourquoi ?", "Why?", "${state} = 'bad'", "", "yes", ""),
    ("integer", "height", "Hauteur (m)", "Height (m)", "", ". > 0 and . < 60", "", ""),
    ("decimal", "double", "", "", "", "", "", "${height} * 2"),
    ("geopoint", "place", "Où ?", "Where?", "", "", "yes", ""),
]
CHOICES = [
    ("list_name", "name", "label::Français (fr)", "label::English (en)"),
    ("state", "good", "Bon", "Good"),
    ("state", "bad", "Mauvais", "Bad"),
]


def sheets(survey=SURVEY, choices=CHOICES, title="Arbres"):
    """Give the sheets of a form, from rows of cells."""

    def sheet(name, rows):
        return Sheet(name, list(rows[0]), [list(row) for row in rows[1:]])

    return Workbook(
        [sheet("survey", survey), sheet("choices", choices), sheet("settings", [("form_title",), (title,)])]
    )


def upload(*args, **kwargs):
    """Give a workbook as it is sent."""
    from werkzeug.datastructures import FileStorage

    return FileStorage(io.BytesIO(write(sheets(*args, **kwargs))), filename="form.xlsx")


@pytest.fixture
def make_form(rooms_db):
    """Make a form of a new dataset, open unless told otherwise; gives `form`, `dataset`, `editor`."""
    from types import SimpleNamespace

    from ckan.tests import factories
    from ckan.tests.helpers import call_action

    def make(survey=SURVEY, *, opened=True, **settings):
        editor = factories.User()
        organisation = factories.Organization(users=[{"name": editor["name"], "capacity": "editor"}])
        dataset = factories.Dataset(owner_org=organisation["id"], license_id="etalab-2.0")
        context = {"user": editor["name"]}
        form = call_action("lrtzc_form_create", dict(context), id=dataset["id"], upload=upload(survey))
        if settings:
            call_action("lrtzc_form_update", dict(context), form=form["id"], **settings)
        if opened:
            call_action("lrtzc_form_open", dict(context), form=form["id"])
        return SimpleNamespace(form=form, dataset=dataset, editor=editor)

    return make


@pytest.fixture
def answer():
    """Answer a form by program, by a page of its own unless a token is given; gives the end of the private link."""
    import ckan.plugins.toolkit as tk

    from ckanext.lrtzc.forms.tokens import page_token

    def answer(made, token=None, user="", invitation="", **fields):
        given = {"street": "Rue des Ormes", "place": "46.16, -1.15"} | fields
        more = {"invitation": invitation} if invitation else {}
        asked = {"form": made.form["id"], "token": token or page_token(made.form["id"]), "fields": given, **more}
        return tk.get_action("lrtzc_form_answer")({"user": user}, asked)["answer"]

    return answer


@pytest.fixture
def rows():
    """Give the rows of a form's table once what waits is integrated."""
    from ckanext.lrtzc.batches.stored import rows_in, stored
    from ckanext.lrtzc.batches.together import integrate_waiting

    def rows(made, *, wait=True):
        resource_id = made.form["resource_id"]
        if wait:
            integrate_waiting(resource_id)
        table = stored(resource_id)
        found = [frame.to_dicts() for frame in rows_in(resource_id, table.types, placed=table.placed)]
        return [row for part in found for row in part]

    return rows


@pytest.fixture
def call_as():
    """Call an action as an account, with its right asked."""
    import ckan.plugins.toolkit as tk

    return lambda account, action, **data: tk.get_action(action)({"user": account["name"]}, data)


def picture(*, located=True):
    """Give a photo that says where it was taken."""
    exif = Image.Exif()
    exif[0x0110] = "Camera 7"
    if located:
        exif.get_ifd(0x8825).update({1: "N", 2: (46.0, 9.0, 36.0), 3: "W", 4: (1.0, 9.0, 0.0)})
    out = io.BytesIO()
    Image.new("RGB", (60, 40), (20, 120, 60)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def instance(made, number="", version="1", replaces="", **answers):
    """Give an instance as ODK Collect writes it."""
    told = {"street": "Rue des Ormes", "state": "good", "place": "46.16 -1.15 3.0 4.5"} | answers
    fields = "".join(f"<{name}>{text}</{name}>" for name, text in told.items())
    old = f"<deprecatedID>{replaces}</deprecatedID>" if replaces else ""
    meta = f"<meta>{old}<instanceID>{number or f'uuid:{uuid.uuid4()}'}</instanceID></meta>"
    return f'<data id="{made.form["id"]}" version="{version}">{fields}{meta}</data>'


def basic(account):
    """Give what a telephone says of the account that it is used by."""
    from ckan.tests import factories

    told = f"{account['name']}:{factories.APIToken(user=account['name'])['token']}"
    return {"Authorization": "Basic " + base64.b64encode(told.encode()).decode()}


@pytest.fixture
def send(app):
    """Send an instance; gives status and what the telephone shows."""

    def send(xml, root="/openrosa", headers=None, parts=False, **files):
        content = xml if isinstance(xml, bytes) else xml.encode()
        data = {"xml_submission_file": (io.BytesIO(content), "submission.xml")}
        data |= {
            name.replace("_jpg", ".jpg"): (io.BytesIO(body), name.replace("_jpg", ".jpg"))
            for name, body in files.items()
        }
        data |= {"*isIncomplete*": "yes"} if parts else {}
        done = app.post(f"{root}/submission", data=data, headers=headers or {}, expect_errors=True)
        return done.status_code, etree.fromstring(done.data)[0].text

    return send
