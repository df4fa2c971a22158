"""The gate in a warehouse: what a night writes, which violations follow, and what `govern notice` prints."""

from __future__ import annotations

import json

import pytest

from lib.nights import ON, night_of
from privacy_governance.generation import generate
from privacy_governance.night import STEPS

GATE = ("violation_undisclosed_use", "violation_unbacked_disclosure", "violation_sensitive_pi_collected")
NO_VIOLATIONS = {name: [] for name in GATE}


def compile_and_tag(checkout):
    for step in ("compile", "trace", "tag"):
        STEPS[step](night_of(checkout))


def tag_again(checkout):
    STEPS["tag"](night_of(checkout))


def violations(checkout):
    """Build the gate's models; return what each lists."""
    night_of(checkout).transformations.run("run", *GATE)
    query = "select relation, column_name, offenders, finding from audit.{}"
    return {name: read(checkout, query.format(name)) for name in GATE}


def read(checkout, query):
    with checkout.warehouse.connect("look") as connection:
        return connection.execute(query).fetchall()


def change(checkout, statement):
    with checkout.warehouse.connect("change the warehouse") as connection:
        connection.execute(statement)


def declare(checkout, source, old, new):
    """Replace the only such declaration in the checkout's sources YAML."""
    file = checkout.folder / "dbt_project" / "models" / "staging" / source / f"_{source}__sources.yml"
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


@pytest.fixture
def generated(checkout):
    """A checkout on a made-up raw layer that the test may change."""
    generate(checkout.warehouse, users=50, seed=1, as_of=ON)
    return checkout


def test_before_a_night_there_is_nothing_to_compare(checkout):
    asked = checkout.govern("notice")
    assert asked.returncode == 2
    assert "no night has tagged this warehouse yet. Run govern nightly" in asked.stderr


def test_the_demo_keeps_its_notice_until_a_table_is_not_loaded(generated):
    compile_and_tag(generated)
    assert violations(generated) == NO_VIOLATIONS
    agreeing = generated.govern("notice")
    assert (agreeing.returncode, agreeing.stderr) == (0, "")
    assert "The warehouse agrees with the notice" in agreeing.stdout
    assert "≠" not in agreeing.stdout

    change(generated, "drop table raw.call_recordings cascade")
    tag_again(generated)
    differing = generated.govern("notice", "--format", "json")
    document = json.loads(differing.stdout)
    assert differing.returncode == 1
    assert not document["agrees"]
    (difference,) = document["differences"]
    assert (difference["category"], difference["awaited"]) == ("sensory_information", ["raw.call_recordings"])
    assert {row["category"] for row in document["rows"] if not row["agrees"]} == {"Sensory Information"}
    # a missing table is a violation of its own; the disclosure is right
    assert violations(generated) == NO_VIOLATIONS

    # loaded since, but the night's tags are of before: nothing excuses the disclosure any more
    change(generated, "create table raw.call_recordings (unrelated text)")
    ((relation, disclosure, _, _),) = violations(generated)["violation_unbacked_disclosure"]
    assert (relation, disclosure) == ("governance.notice_disclosures", "sensory_information")

    tag_again(generated)
    ((_, disclosure, _, finding),) = violations(generated)["violation_unbacked_disclosure"]
    assert disclosure == "sensory_information"
    assert "Tag the columns that hold it, or take it out of the notice" in finding


@pytest.fixture
def breaching(generated):
    """A checkout that uses payments for marketing, backs less than is disclosed, and takes a national id."""
    declare(
        generated,
        "business",
        "            purposes: [service_delivery, compliance_and_protection]\n",
        "            purposes: [service_delivery, compliance_and_protection, marketing]\n",
    )
    declare(
        generated,
        "business",
        "            purposes: [marketing, compliance_and_protection]\n",
        "            purposes: [marketing]\n",
    )
    declare(
        generated,
        "business",
        '            description: "Number of the person\'s side."\n            config:\n              meta:\n',
        '            description: "Number of the person\'s side."\n            config:\n              meta:\n'
        "                sensitive_kind: health\n",
    )
    exceptions = generated.folder / "dbt_project" / "seeds" / "governance_exceptions.csv"
    tolerated = "violation_undisclosed_use,raw.payments,amount,A campaign is wound up,counsel,2026-01-01,2026-12-31"
    exceptions.write_text(f"{exceptions.read_text()}{tolerated}\n")
    return generated


def test_breaches_are_listed_with_their_fix_but_for_what_an_exception_names(breaching):
    compile_and_tag(breaching)
    found = violations(breaching)

    financial = read(
        breaching,
        "select distinct relation, column_name from governance.column_uses"
        " where relation = 'raw.payments' and category = 'financial_information'",
    )
    undisclosed = found["violation_undisclosed_use"]
    assert {(relation, column) for relation, column, _, _ in undisclosed} == {
        (relation, column) for relation, column in financial if column != "amount"
    }
    assert {offenders for _, _, offenders, _ in undisclosed} == {1}
    finding = next(finding for _, column, _, finding in undisclosed if column == "card_last4")
    assert 'Financial Information: the notice does not disclose purpose "Marketing"' in finding
    assert "change the notice and notice_disclosures.csv before the use goes on" in finding

    ((relation, disclosure, offenders, finding),) = found["violation_unbacked_disclosure"]
    assert (relation, offenders) == ("governance.notice_disclosures", 1)
    assert disclosure == "sensory_information.purpose.compliance_and_protection"
    assert "take it out of the notice" in finding

    ((relation, column, _, finding),) = found["violation_sensitive_pi_collected"]
    assert (relation, column) == ("raw.call_recordings", "phone_number")
    assert "holds Health, which the notice asks people not to share" in finding

    printed = breaching.govern("notice")
    assert printed.returncode == 1
    assert [line.split()[1] for line in printed.stdout.splitlines() if line.startswith("≠    ")] == ["purposes"] * 2
    assert 'purpose "Marketing", which raw.payments.card_last4 declare' in printed.stdout
    assert "differ:" in printed.stderr
