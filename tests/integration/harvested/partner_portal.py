"""A second, stock CKAN that harvests an address and writes what it then holds.

Run as a program of its own, with its own configuration: python partner_portal.py INI ADDRESS TYPE TARGET
"""

import json
import sys
from pathlib import Path

import sqlalchemy as sa


def empty(url: str) -> None:
    """Drop all that the partner's database holds."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()


def main(ini: str, address: str, kind: str, target: str) -> None:
    """Make the portal, harvest once, and write datasets and errors as JSON."""
    from ckan.cli import load_config
    from ckan.config.middleware import make_app

    config = load_config(ini)
    empty(config["sqlalchemy.url"])
    app = make_app(config)
    import ckan.model as model
    import ckan.plugins.toolkit as tk
    from ckan.cli.db import _run_migrations
    from ckan.lib.search import clear_all
    from ckanext.harvest import queue
    from ckanext.harvest.model import HarvestJob
    from ckanext.harvest.tests.lib import run_harvest_job

    flask_app = app._wsgi_app
    with flask_app.test_request_context():
        model.repo.init_db()
        _run_migrations("harvest", forward=True)
        clear_all()
        administrator = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        context = {"user": administrator, "ignore_auth": True}
        organization = tk.get_action("organization_create")(dict(context), {"name": "neighbour", "title": "Neighbour"})
        source = tk.get_action("harvest_source_create")(
            dict(context),
            {
                "name": "territory",
                "title": "Territory",
                "url": address,
                "source_type": kind,
                "owner_org": organization["id"],
            },
        )
        job = tk.get_action("harvest_job_create")(dict(context), {"source_id": source["id"], "run": False})
        results = run_harvest_job(HarvestJob.get(job["id"]), queue.get_harvester(kind))
        errors = [str(error.message) for one in results.values() for error in one["errors"]]
        errors += [str(error.message) for error in HarvestJob.get(job["id"]).gather_errors]
        datasets = [one["dataset"] for one in results.values() if "dataset" in one]
    Path(target).write_text(json.dumps({"datasets": datasets, "errors": errors}), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
