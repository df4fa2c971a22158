"""A table of made-up people, the hierarchies of its columns, and readers of what is published from it."""

from __future__ import annotations

import pandas as pd
import pytest
from pycanon import anonymity

from lib.patients import CITIES, made_up_people, rows_of
from privacy_governance.generalization.anonymizing import Order, anonymize
from privacy_governance.generalization.privacy_models import Privacy
from privacy_governance.generalization.tables import Relation


@pytest.fixture(scope="module")
def people():
    return made_up_people()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The hierarchies of age, city and sex."""
    folder = tmp_path_factory.mktemp("hierarchies")
    (folder / "hierarchies.yml").write_text("age: {numbers: [20, 89], widths: [5, 10, 20]}\n")
    (folder / "city.csv").write_text("".join(f"{city};{country};Europe\n" for city, country in CITIES))
    (folder / "sex.csv").write_text("F;*\nM;*\n")
    return folder


@pytest.fixture
def patients(warehouse, people):
    """The warehouse with `public.patients`."""
    with warehouse.connect("load") as connection:
        # what is known of its values is up to the tests, not to when autovacuum comes by
        connection.execute(
            "create table patients (name text, age integer, city text, sex text, disease text, salary integer)"
            " with (autovacuum_enabled = false)"
        )
        with connection.cursor().copy("copy patients from stdin") as copy:
            for person in people:
                copy.write_row(person)
    return warehouse


@pytest.fixture
def publish(patients, folder):
    """Anonymize `public.patients`; return what was done and the published rows as dictionaries."""

    def published(*, k, l=None, t=None, dry_run=False, **changed):  # noqa: E741 -- the literature's name
        options = {
            "source": Relation("public", "patients"),
            "into": Relation("public", "released"),
            "quasi": ("age", "city", "sex"),
            "sensitive": ("disease",),
            "hierarchies": folder,
        }
        order = Order(privacy=Privacy(k, l, t), **options | changed)
        done = anonymize(patients, order, dry_run=dry_run)
        return done, [] if dry_run else rows_of(patients, "released")

    return published


@pytest.fixture(scope="session")
def judge():
    """k, l and t of published rows as pycanon finds them."""

    def judged(rows, quasi, sensitive):
        frame = pd.DataFrame(rows)
        return (
            anonymity.k_anonymity(frame, list(quasi)),
            anonymity.l_diversity(frame, list(quasi), list(sensitive)),
            anonymity.t_closeness(frame, list(quasi), list(sensitive)),
        )

    return judged
