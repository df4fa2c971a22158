"""`anonymize` on a table: what is written, that an independent library agrees, and what is refused."""

from __future__ import annotations

import csv
import json
from collections import Counter

import pytest
import typer
from psycopg import sql
from typer.testing import CliRunner

from privacy_governance.cli import anonymize as command
from privacy_governance.errors import AnonymizationError, WarehouseError
from privacy_governance.generalization import anonymizing, tables
from privacy_governance.generalization.privacy_models import Privacy
from privacy_governance.generalization.tables import Relation, relation
from privacy_governance.settings import Settings

QUASI = ("age", "city", "sex")


@pytest.mark.parametrize("recoding", ["global", "local"])
@pytest.mark.parametrize("policy", [(2, None, None), (5, 3, None), (5, 2, 0.3), (10, None, 0.2)], ids=str)
def test_pycanon_finds_the_k_l_and_t_that_were_asked_for(publish, judge, recoding, policy):
    k, diversity, t = policy
    done, rows = publish(k=k, l=diversity, t=t, recoding=recoding, suppression_limit=0.1)
    found_k, found_l, found_t = judge(rows, QUASI, ["disease"])
    assert found_k >= k
    assert found_l >= (diversity or 1)
    assert found_t <= (1 if t is None else t) + 1e-9
    assert found_k == done.measures.smallest_class
    if diversity or t:
        assert found_l == done.measures.smallest_diversity
        assert found_t == pytest.approx(done.measures.largest_distance)


@pytest.mark.parametrize("recoding", ["global", "local"])
def test_pycanon_finds_the_ordered_distance_of_numbers(publish, judge, recoding):
    done, rows = publish(k=4, t=0.15, recoding=recoding, sensitive=("salary",), suppression_limit=0.2)
    found = judge(rows, QUASI, ["salary"])[2]
    assert found <= 0.15 + 1e-9
    assert found == pytest.approx(done.measures.largest_distance)


def test_two_sensitive_columns_are_protected_each(publish, judge):
    _, rows = publish(k=4, l=3, recoding="local", sensitive=("disease", "salary"))
    assert judge(rows, QUASI, ["disease"])[1] >= 3
    assert judge(rows, QUASI, ["salary"])[1] >= 3


def test_local_recoding_publishes_every_row_with_its_own_sensitive_value(publish, people):
    _, rows = publish(k=5, recoding="local")
    assert Counter(row["disease"] for row in rows) == Counter(person[4] for person in people)


def test_global_recoding_shows_one_level_a_column_and_says_why_it_is_the_best(publish):
    done, rows = publish(k=5)
    assert done.proof.bound == pytest.approx(done.measures.granularity_loss)
    assert {len(row["age"].split("-")) for row in rows} == {1 if done.levels["age"] in (0, 4) else 2}
    assert len(rows) == done.measures.published_rows >= 0.95 * done.measures.source_rows


def know_values(patients, *, are_known):
    """Give the warehouse its statistics: with them, a table is written from counts; without, from rows."""
    with patients.connect("analyze", autocommit=True) as connection:
        if are_known:
            connection.execute("analyze patients")
        assert tables.have_few_values(connection, Relation("public", "patients"), ["disease", "salary"]) == are_known


@pytest.mark.parametrize("recoding", ["global", "local"])
def test_a_table_is_the_same_from_counts_and_from_rows(patients, publish, recoding):
    _, from_rows = publish(k=5, recoding=recoding, kept=("salary",))
    know_values(patients, are_known=True)
    done, rows = publish(k=5, recoding=recoding, kept=("salary",), replace=True)
    assert Counter(map(json.dumps, rows)) == Counter(map(json.dumps, from_rows))
    assert len(rows) == done.measures.published_rows


@pytest.mark.parametrize("is_counted", [True, False], ids=["from the counts", "from the rows"])
def test_a_row_s_place_tells_nothing_of_its_place_in_the_source(patients, publish, people, is_counted):
    """Who knows the order of the source (by time, by name) would else find anybody by counting rows."""
    with patients.connect("publish naively") as connection:
        connection.execute("create table naive as select disease from patients")
        naive = connection.execute("select disease from naive").fetchall()
    assert [disease for (disease,) in naive] == [person[4] for person in people]
    know_values(patients, are_known=is_counted)
    _, rows = publish(k=5, recoding="local", kept=("salary",))
    assert sum(row["salary"] == person[5] for row, person in zip(rows, people, strict=True)) < len(people) / 5


def test_values_that_are_equal_and_look_different_are_published_as_they_are(patients, publish):
    with patients.connect("weigh", autocommit=True) as connection:
        connection.execute("alter table patients add weight numeric")
        connection.execute("update patients set weight = case when age % 2 = 0 then 80.0 else 80.00 end")
        connection.execute("analyze patients")
        weights = connection.execute("select weight::text from patients").fetchall()
    _, rows = publish(k=5, recoding="local", kept=("weight",))
    assert Counter(str(row["weight"]) for row in rows) == Counter(weight for (weight,) in weights)


def test_values_that_are_equal_and_look_different_are_one_combination(patients, publish, folder, tmp_path):
    for file in folder.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "weight.csv").write_text("80.0;*\n80.00;*\n")
    with patients.connect("weigh", autocommit=True) as connection:
        connection.execute("alter table patients add weight numeric")
        connection.execute("update patients set weight = case when disease < 'd' then 80.0 else 80.00 end")
        connection.execute("analyze patients")
    done, _ = publish(k=400, recoding="local", quasi=("weight",), hierarchies=tmp_path)
    assert done.combinations == 1


def test_a_column_that_nobody_named_is_not_published(publish):
    assert list(publish(k=5)[1][0]) == ["age", "city", "sex", "disease"]
    assert list(publish(k=5, kept=("salary",), replace=True)[1][0]) == ["age", "city", "sex", "disease", "salary"]


def test_null_is_published_as_the_hierarchy_says(patients, publish, folder, tmp_path, judge):
    for file in folder.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "sex.csv").write_text("F;known;*\nM;known;*\n;unknown;*\n")
    with patients.connect("forget some") as connection:
        connection.execute("update patients set sex = null where name like '%1'")
        connection.execute("update patients set sex = '' where name like '%2'")
    _, rows = publish(k=3, l=2, recoding="local", hierarchies=tmp_path)
    assert len(rows) == 400
    assert judge(rows, QUASI, ["disease"])[0] >= 3


def test_a_dry_run_measures_the_same_and_writes_nothing(patients, publish):
    dry, _ = publish(k=5, dry_run=True)
    with patients.connect("look") as connection:
        assert connection.execute("select to_regclass('released')").fetchone() == (None,)
    assert publish(k=5)[0].measures == dry.measures


def test_replacing_a_table_keeps_its_grants(patients, publish):
    publish(k=5)
    with patients.connect("grant") as connection:
        connection.execute("do $$ begin create role reader; exception when duplicate_object then null; end $$")
        connection.execute("grant select on released to reader")
    publish(k=10, replace=True)
    with patients.connect("look") as connection:
        assert connection.execute("select has_table_privilege('reader', 'released', 'select')").fetchone() == (True,)
        connection.execute("drop owned by reader")


def test_a_replacement_that_fails_leaves_the_former_table(patients, publish):
    _, before = publish(k=5)
    with pytest.raises(AnonymizationError):
        publish(k=1000, replace=True)
    with patients.connect("count") as connection:
        assert connection.execute("select count(*) from released").fetchone() == (len(before),)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"k": 401}, r"k=401 is more than the 400 rows"),
        ({"k": 2, "l": 5}, r"patients\.disease has 4 distinct values, l=5 asks for more"),
        ({"k": 2, "l": 2, "sensitive": ()}, r"l and t are about a sensitive column"),
        ({"k": 2, "quasi": ("age", "zip")}, r"patients has no hierarchy|column zip has no hierarchy"),
        ({"k": 2, "quasi": ()}, r"no quasi-identifier is named"),
        ({"k": 2, "sensitive": ("weight",)}, r"patients has no column weight. Its columns are name, age"),
        ({"k": 2, "sensitive": ("age",)}, r"age: named twice"),
        ({"k": 2, "source": Relation("public", "nobody")}, r"there is no table public\.nobody"),
        ({"k": 2, "into": Relation("nowhere", "released")}, r"there is no schema nowhere"),
        ({"k": 2, "into": Relation("public", "patients")}, r"is the source itself"),
        ({"k": 2, "suppression_limit": 1.0}, r"from 0 to below 1"),
    ],
    ids=[
        "k",
        "l",
        "nothing sensitive",
        "no hierarchy",
        "no quasi",
        "no column",
        "twice",
        "table",
        "schema",
        "self",
        "limit",
    ],
)
def test_an_order_that_cannot_be_met_is_refused_with_its_reason(patients, folder, changed, said):
    options = {"source": Relation("public", "patients"), "into": Relation("public", "released"), "quasi": QUASI}
    rest = {name: value for name, value in changed.items() if name not in ("k", "l")}
    policy = Privacy(changed["k"], changed.get("l"))
    order = anonymizing.Order(hierarchies=folder, privacy=policy, **{"sensitive": ("disease",)} | options | rest)
    with pytest.raises(AnonymizationError, match=said):
        anonymizing.anonymize(patients, order)


def test_a_table_that_exists_is_not_overwritten_unasked(publish):
    publish(k=5)
    with pytest.raises(AnonymizationError, match=r"public\.released exists.*--replace"):
        publish(k=5)


def test_an_empty_table_is_refused(patients, publish):
    with patients.connect("empty") as connection:
        connection.execute("truncate patients")
    with pytest.raises(AnonymizationError, match=r"public\.patients has no rows"):
        publish(k=2)


def test_values_without_a_hierarchy_are_counted_and_not_named(patients, publish):
    with patients.connect("move") as connection:
        connection.execute("update patients set city = 'Atlantis' where name in ('name 1', 'name 2')")
        connection.execute("update patients set city = null where name = 'name 3'")
    with pytest.raises(AnonymizationError, match=r"patients\.city: 1 values and null of 3 rows are not") as refusal:
        publish(k=2)
    assert "Atlantis" not in str(refusal.value)


def test_a_column_whose_values_have_no_hash_is_refused(patients, publish):
    with patients.connect("retype") as connection:
        connection.execute("alter table patients alter column city type json using to_json(city)")
    with pytest.raises(AnonymizationError, match=r"public\.patients.*json or money.*Cast it to text in a view"):
        publish(k=2)


def test_combinations_that_share_a_key_are_refused_and_not_taken_for_one(publish, monkeypatch):
    key_of = tables.key_of
    monkeypatch.setattr(
        tables, "key_of", lambda columns, seed: sql.SQL("1::int8") if seed >= 0 else key_of(columns, seed)
    )
    with pytest.raises(AnonymizationError, match=r"two combinations have the same key.*Run it again"):
        publish(k=2)


def test_nothing_but_the_table_is_left_of_a_run(patients, publish):
    query = "select count(*) from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
    with patients.connect("count tables") as connection:
        before = connection.execute(query).fetchone()[0]
    publish(k=2)
    with patients.connect("count tables") as connection:
        assert connection.execute(query).fetchone() == (before + 1,)


def test_a_view_that_reads_the_table_keeps_it_from_being_replaced(patients, publish):
    publish(k=5)
    with patients.connect("depend") as connection:
        connection.execute("create view readers as select * from released")
    with pytest.raises(WarehouseError, match="DependentObjectsStillExist"):
        publish(k=6, replace=True)


@pytest.mark.parametrize("text", ["patients", "a.b.c", ".patients"])
def test_a_table_is_named_with_its_schema(text):
    with pytest.raises(AnonymizationError, match=r"is not SCHEMA\.TABLE"):
        relation(text)


def test_the_command_prints_the_measures_as_json(patients, folder, monkeypatch):
    monkeypatch.setattr(command, "settings", lambda: Settings(warehouse_url=patients.url))
    app = typer.Typer()
    command.add_to(app)
    arguments = ["public.patients", "--quasi", "age,city,sex", "--sensitive", "disease", "--hierarchies", str(folder)]
    result = CliRunner().invoke(app, [*arguments, "--k", "5", "--into", "public.released", "--format", "json"])
    assert result.exit_code == 0, result.output
    printed = json.loads(result.output)
    assert printed["written"]
    assert printed["measures"]["smallest_class"] >= 5
    table = CliRunner().invoke(app, [*arguments, "--k", "5", "--into", "public.released", "--dry-run", "--replace"])
    assert "granularity loss" in table.output
    assert "optimum" in table.output


@pytest.mark.shared
def test_adult_is_recoded_at_its_proven_optimum_and_locally_below_arx(warehouse, shared_data, judge):
    quasi = ("age", "education", "marital-status", "occupation", "race", "sex", "native-country", "workclass")
    with (shared_data / "adult" / "adult.csv").open(newline="") as file, warehouse.connect("load") as connection:
        header, *people = list(csv.reader(file, delimiter=";"))
        columns = ", ".join(f'"{name}" text' for name in header)
        connection.execute(f"create table adult ({columns})")
        with connection.cursor().copy("copy adult from stdin") as copy:
            for person in people:
                copy.write_row(person)
    options = {
        "source": Relation("public", "adult"), "into": Relation("public", "released"), "quasi": quasi,
        "sensitive": ("salary-class",), "hierarchies": shared_data / "adult", "replace": True,
    }  # fmt: skip
    done = anonymizing.anonymize(warehouse, anonymizing.Order(privacy=Privacy(5), **options))
    assert done.measures.granularity_loss == pytest.approx(0.2961, abs=0.00005)
    assert done.measures.suppressed_share == pytest.approx(0.0414, abs=0.00005)
    for ranges, loss in ((False, 0.0550), (True, 0.0475)):
        local = anonymizing.Order(privacy=Privacy(5), recoding="local", ranges=ranges, **options)
        done = anonymizing.anonymize(warehouse, local)
        assert done.measures.granularity_loss < loss
        assert done.measures.published_rows == 30_162
