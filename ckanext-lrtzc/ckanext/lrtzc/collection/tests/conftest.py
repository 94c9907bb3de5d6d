"""What tests of collections share."""

import io
import zipfile

import pytest
from PIL import Image

EXIF_GPS = 0x8825


def photo(shade=0, *, located=False, size=(80, 60)):
    """Give a small JPEG, another for each of 70 shades, which says where it was taken if `located`."""
    exif = Image.Exif()
    exif[0x0132] = f"2024:0{1 + shade % 9}:11 10:00:00"
    if located:
        exif.get_ifd(EXIF_GPS).update({1: "N", 2: (46.0, 9.0, 36.0), 3: "W", 4: (1.0, 9.0, 0.0)})
    out = io.BytesIO()
    picture = Image.new("RGB", size, (20, 90, 160))
    left, top = 8 * (shade % 10), 8 * (shade // 10 % 7)
    picture.paste((250, 250, 200), (left, top, left + 8, top + 8))
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in files:
            made.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def make(rooms_db):
    """Make a dataset that is a collection; gives it, with its editor's name."""
    from ckan.tests import factories
    from ckan.tests.helpers import call_action

    def make(kind="photo", **options):
        user = factories.User()
        organisation = factories.Organization(users=[{"name": user["name"], "capacity": "editor"}])
        dataset = factories.Dataset(owner_org=organisation["id"], license_id="etalab-2.0")
        call_action("lrtzc_collection_create", id=dataset["id"], kind=kind, **options)
        return dataset | {"editor": user["name"]}

    return make


@pytest.fixture
def send():
    """Send files (name, bytes) to a collection and integrate them at once; gives the batch."""
    from ckan.tests.helpers import call_action
    from werkzeug.datastructures import FileStorage

    def send(dataset, *files, **more):
        uploads = [FileStorage(io.BytesIO(content), filename=name) for name, content in files]
        context = {"user": dataset["editor"], "lrtzc_now": True}
        return call_action("lrtzc_collection_submit", context, id=dataset["id"], upload=uploads, **more)

    return send
