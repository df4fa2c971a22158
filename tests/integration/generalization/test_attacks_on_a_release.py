"""The adversary's part: each attack finds somebody in a naive release and nobody in ours.

The adversary knows everybody's age, city and sex by name, reads the published table and the hierarchies, and nothing
else. What a label may mean is worked out here from the hierarchy's rows, not by the code under test.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from jinja2 import Environment

from lib.patients import CITIES, PEOPLE, rows_of
from privacy_governance.keys import Keys
from privacy_governance.settings import CHECKOUT

K = 5


def could_be(row, age, city, sex):
    """Whether a published row may be about a person with these values."""
    low, high = meaning_of_age(row["age"])
    places = {city, dict(CITIES)[city], "Europe", "*"}
    return low <= age <= high and row["city"] in places and row["sex"] in (sex, "*")


def meaning_of_age(label):
    if label == "*":
        return 0, 200
    ends = [int(end) for end in label.replace("..", "-").split("-")]
    return ends[0], ends[-1]


def candidates(rows, people):
    """The rows that may be about each person, by name."""
    return {name: [row for row in rows if could_be(row, age, city, sex)] for name, age, city, sex, _, _ in people}


def naive(patients, select):
    """What somebody without this project would have published."""
    with patients.connect("publish naively") as connection:
        connection.execute(f"create table naive as {select}")
    return rows_of(patients, "naive")


HASHED = "select md5(name) as name, age::text, city, sex, disease from patients"


@pytest.mark.parametrize("recoding", ["global", "local"])
def test_linkage_by_unique_quasi_identifiers(patients, publish, people, recoding):
    linked = candidates(naive(patients, HASHED), people)
    assert sum(len(rows) == 1 for rows in linked.values()) > PEOPLE / 10

    linked = candidates(publish(k=K, recoding=recoding)[1], people)
    assert not [name for name, rows in linked.items() if 0 < len(rows) < K]


@pytest.mark.parametrize("recoding", ["global", "local"])
def test_linkage_of_two_rows_of_one_class_names_nobody_better_than_one_in_k(publish, people, recoding):
    done, rows = publish(k=K, recoding=recoding)
    classes = Counter((row["age"], row["city"], row["sex"]) for row in rows)
    guessed_rightly = len(classes) / len(rows)  # the adversary's best: one guess in each class
    assert guessed_rightly == pytest.approx(done.measures.marketer_risk)
    assert guessed_rightly <= 1 / K


@pytest.mark.parametrize("recoding", ["global", "local"])
def test_homogeneity(publish, people, recoding):
    only_k = publish(k=2, recoding=recoding)[1]
    assert certain(only_k, people), "k alone must be open to this attack, or the test shows nothing"
    diverse = publish(k=2, l=2, recoding=recoding, replace=True)[1]
    assert not certain(diverse, people)


def certain(rows, people):
    """People of whom every candidate row has the same disease."""
    found = candidates(rows, people)
    return [name for name, rows in found.items() if rows and len({row["disease"] for row in rows}) == 1]


@pytest.mark.parametrize("recoding", ["global", "local"])
def test_skewness(publish, recoding):
    diverse = publish(k=K, l=2, recoding=recoding)[1]
    assert largest_gain(diverse) > 0.4, "l alone must be open to this attack, or the test shows nothing"
    close = publish(k=K, l=2, t=0.25, recoding=recoding, suppression_limit=0.2, replace=True)[1]
    assert largest_gain(close) <= 0.25 + 1e-9


def largest_gain(rows):
    """How much more likely a disease is in a class than in the whole release, at most."""
    everybody = Counter(row["disease"] for row in rows)
    classes = defaultdict(Counter)
    for row in rows:
        classes[row["age"], row["city"], row["sex"]][row["disease"]] += 1
    return max(
        counts[disease] / counts.total() - everybody[disease] / everybody.total()
        for counts in classes.values()
        for disease in counts
    )


def test_inference_about_rows_left_out(patients, publish, people):
    """Naively, rows of small classes stay with stars: who has no class of their own must be among those few."""
    starred = naive(
        patients,
        "with sized as (select *, count(*) over (partition by age / 20, city) as size from patients)"
        f" select case when size < {K} then '*' else (age / 20 * 20)::text || '-' || (age / 20 * 20 + 19) end as age,"
        f" case when size < {K} then '*' else city end as city, '*' as sex, disease from sized",
    )
    stars = [row for row in starred if row["age"] == "*"]
    assert len(stars) > 0
    outliers = [
        person for person in people if not any(could_be(row, *person[1:4]) for row in starred if row["age"] != "*")
    ]
    assert outliers
    assert len(stars) < len(people) / 10, "the adversary's choice is a handful, with their diseases beside them"

    done, rows = publish(k=K)
    assert done.measures.suppressed_share > 0
    left_out = [name for name, found in candidates(rows, people).items() if not found]
    assert left_out
    assert not [row for row in rows if {row["age"], row["city"], row["sex"]} == {"*"}]


# what a reader of the project's code may try without its key
WITHOUT_KEY = {
    "md5": "md5({email})",
    "sha256": "encode(sha256({email}::bytea), 'hex')",
    "sha256 with a salt that is known": "encode(sha256(('privacy-governance/research' || {email})::bytea), 'hex')",
}


def test_dictionary_of_addresses_against_tokens(patients):
    """The adversary holds a list with everybody's e-mail address, the project's code, and the published tokens."""
    macros = Environment().from_string((CHECKOUT / "dbt_project/macros/anonymization/keyed_token.sql").read_text())  # noqa: S701 -- SQL, not HTML
    keyed = macros.module.keyed_token("email", "research")
    keys = Keys.derive("the key of the release's owner", salt="the salt of its token period")
    with patients.connect("publish", session=keys.session()) as connection:
        connection.execute("create table addresses as select name || '@example.org' as email from patients")
        for number, hashed in enumerate(WITHOUT_KEY.values()):
            connection.execute(
                f"create table naive_{number} as select {hashed.format(email='email')} as token from addresses"
            )
        connection.execute(f"create table ours as select {keyed} as token from addresses")

    for number in range(len(WITHOUT_KEY)):
        assert found_by_dictionary(patients, f"naive_{number}") == PEOPLE
    assert found_by_dictionary(patients, "ours") == 0
    for wrong in (
        Keys.derive("another key, guessed by somebody", salt="the salt of its token period"),
        Keys.derive("the key of the release's owner", salt="the salt of another period"),
    ):
        assert found_by_dictionary(patients, "ours", keyed, wrong) == 0
    assert found_by_dictionary(patients, "ours", keyed, keys) == PEOPLE, "only who holds the key finds them"


def found_by_dictionary(patients, published, keyed=None, keys=None):
    """How many published tokens one of the adversary's hashes of a listed address equals."""
    hashes = [hashed.format(email="email") for hashed in WITHOUT_KEY.values()] if keyed is None else [keyed]
    with patients.connect("attack", session={} if keys is None else keys.session()) as connection:
        return connection.execute(
            f"select count(distinct token) from {published} where token in ("
            + " union all ".join(f"select {each} from addresses" for each in hashes)
            + ")"
        ).fetchone()[0]
