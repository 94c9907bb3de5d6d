"""Work is done once a request, and a page costs the same however large the catalogue is."""

from contextlib import contextmanager

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories, helpers

pytestmark = [
    pytest.mark.ckan_config("ckanext.lrtzc.delivery.share_pages", "false"),
    pytest.mark.usefixtures("rooms_db", "clean_index"),
]


@contextmanager
def statements():
    seen = []

    def note(conn, cursor, statement, *rest):
        seen.append(statement)

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", note)


def counts(app, paths):
    result = {}
    for path in paths:
        app.get(path)
        with statements() as seen:
            assert app.get(path).status_code == 200
        result[path] = len(seen)
    return result


@pytest.fixture
def organisation():
    return factories.Organization()


def dataset(organisation, **fields):
    files = [{"url": f"https://example.org/{number}.csv", "format": "CSV"} for number in range(3)]
    return factories.Dataset(owner_org=organisation["id"], resources=files, **fields)


def test_statements_of_a_page_do_not_grow_with_the_catalogue(app, organisation):
    first = dataset(organisation)
    paths = ["/", "/dataset/", f"/dataset/{first['name']}", f"/organization/{organisation['name']}"]
    few = counts(app, paths)
    for _ in range(12):
        dataset(organisation)
    many = counts(app, paths)
    assert many == few
    assert max(many[path] for path in paths[:3]) <= 12, many


def test_statements_of_a_page_do_not_grow_with_the_files_of_a_dataset(app, organisation):
    one = factories.Dataset(owner_org=organisation["id"], resources=[{"url": "https://example.org/a.csv"}])
    many = factories.Dataset(
        owner_org=organisation["id"],
        resources=[{"url": f"https://example.org/{number}.csv"} for number in range(15)],
    )
    found = counts(app, [f"/dataset/{one['name']}", f"/dataset/{many['name']}"])
    assert len(set(found.values())) == 1, found


class TestOnce:
    def test_an_action_is_answered_once_a_request_and_by_copies(self, app, organisation):
        with app.flask_app.test_request_context("/"):
            context = {"user": "", "ignore_auth": True}
            first = tk.get_action("organization_show")(dict(context), {"id": organisation["id"]})
            with statements() as seen:
                second = tk.get_action("organization_show")(dict(context), {"id": organisation["id"]})
            assert not seen
            assert first == second
            second["title"] = "changed by a caller"
            third = tk.get_action("organization_show")(dict(context), {"id": organisation["id"]})
            assert third["title"] == first["title"]

    def test_what_callers_find_in_the_context_is_there_each_time(self, app, organisation):
        name = dataset(organisation)["name"]
        with app.flask_app.test_request_context("/"):
            for _ in range(2):
                context = {"user": "", "ignore_auth": True}
                tk.get_action("package_show")(context, {"id": name})
                assert context["package"].name == name

    def test_other_parameters_are_another_question(self, app, organisation):
        with app.flask_app.test_request_context("/"):
            action = tk.get_action("organization_show")
            short = action({"ignore_auth": True}, {"id": organisation["id"], "include_users": False})
            long = action({"ignore_auth": True}, {"id": organisation["id"], "include_users": True})
            assert short != long

    def test_one_person_is_not_given_what_another_may_see(self, app, organisation):
        owner = factories.User()
        helpers.call_action("organization_member_create", id=organisation["id"], username=owner["name"], role="editor")
        name = dataset(organisation, private=True)["name"]
        with app.flask_app.test_request_context("/"):
            assert tk.get_action("package_show")({"user": owner["name"]}, {"id": name})["name"] == name
            with pytest.raises(tk.NotAuthorized):
                tk.get_action("package_show")({"user": ""}, {"id": name})

    def test_a_write_forgets(self, app, organisation):
        with app.flask_app.test_request_context("/"):
            action = tk.get_action("organization_show")
            action({"ignore_auth": True}, {"id": organisation["id"]})
            group = model.Group.get(organisation["id"])
            group.title = "Après"
            model.Session.commit()
            assert action({"ignore_auth": True}, {"id": organisation["id"]})["title"] == "Après"

    def test_nothing_is_kept_where_something_is_written(self, app, organisation):
        with app.flask_app.test_request_context("/", method="POST"):
            action = tk.get_action("organization_show")
            action({"ignore_auth": True}, {"id": organisation["id"]})
            with statements() as seen:
                action({"ignore_auth": True}, {"id": organisation["id"]})
            assert seen

    def test_a_stranger_follows_nothing(self, app, organisation):
        with app.flask_app.test_request_context("/"), statements() as seen:
            with pytest.raises(tk.NotAuthorized):
                tk.get_action("am_following_dataset")({"user": ""}, {"id": "x"})
            assert not seen

    def test_views_of_files_are_listed_as_ever(self, app, organisation):
        files = dataset(organisation)["resources"]
        with app.flask_app.test_request_context("/"):
            action = tk.get_action("resource_view_list")
            assert [action({"ignore_auth": True}, {"id": file["id"]}) for file in files] == [[], [], []]
            with pytest.raises(tk.ObjectNotFound):
                action({"ignore_auth": True}, {"id": "no-such-file"})


def test_markdown_is_read_once_for_each_language(app):
    with app.flask_app.test_request_context("/"):
        assert "<strong>gras</strong>" in tk.h.render_markdown("du **gras**")
        assert tk.h.markdown_extract("du **gras**") == "du gras"
        assert tk.h.markdown_extract("") == ""
        assert tk.h.markdown_extract("mot " * 100, extract_length=20).endswith("…")
