"""A seed that is wrong is refused by file and line, whatever is wrong with it."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from privacy_governance.categories import load_taxonomy
from privacy_governance.errors import DeclarationError
from privacy_governance.settings import CHECKOUT


@pytest.fixture
def project(tmp_path):
    """A copy of the seeds, to spoil."""
    shutil.copytree(CHECKOUT / "dbt_project" / "seeds", tmp_path / "seeds")
    return tmp_path


def refusal(project):
    with pytest.raises(DeclarationError) as caught:
        load_taxonomy(project, on=date(2026, 11, 23))
    return str(caught.value)


def lines(project, seed):
    return (project / "seeds" / f"{seed}.csv").read_text().splitlines()


def write(project, seed, new):
    (project / "seeds" / f"{seed}.csv").write_text("\n".join(new) + "\n")


def change(project, seed, old, new):
    path = project / "seeds" / f"{seed}.csv"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize("seed", sorted(p.stem for p in (CHECKOUT / "dbt_project/seeds").glob("*_kinds.csv")))
def test_a_row_given_twice_is_refused_in(project, seed):
    found = lines(project, seed)
    write(project, seed, [*found, found[3]])
    assert refusal(project) == (f"{seed}.csv, line {len(found) + 1}: repeats line 4. Remove one of the two.")


def test_a_row_of_the_chart_given_twice_is_refused(project):
    found = lines(project, "notice_disclosures")
    write(project, "notice_disclosures", [*found, found[7]])
    assert "notice_disclosures.csv, line 68: repeats line 8." in refusal(project)


def test_periods_that_overlap_are_refused(project):
    change(
        project,
        "sources",
        "us,Us,5,",
        "you,You,1,Information you give us,Something else,2024-01-01,\nus,Us,5,",
    )
    assert refusal(project) == (
        'sources.csv, line 6: source "you" is in force on days that line 2 has already. '
        "End the earlier row (valid_to) on the day the later one begins."
    )


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_period_that_follows_another_without_a_gap_is_taken(project, newest_first):
    change(project, "sources", "the Service or otherwise,2020-01-01,", "the Service,2020-01-01,2024-01-01")
    header, *rows = lines(project, "sources")
    new = ["you,You yourself,1,Information you give us,New words,2024-01-01,"]
    write(project, "sources", [header, *(new + rows if newest_first else rows + new)])
    disclosures = [
        f"{line}2024-01-01" if ",source,you," in line else line for line in lines(project, "notice_disclosures")
    ]
    disclosures += [
        line.replace("2020-01-01,2024-01-01", "2024-01-01,") for line in disclosures if ",source,you," in line
    ]
    write(project, "notice_disclosures", disclosures)
    labels = {d: load_taxonomy(project, on=d).sources[0].label for d in (date(2023, 12, 31), date(2024, 1, 1))}
    assert labels == {date(2023, 12, 31): "You", date(2024, 1, 1): "You yourself"}


@pytest.mark.parametrize(
    ("seed", "old", "new", "said"),
    [
        ("notice_categories", "label,", "name,", "notice_categories.csv, line 1: no column label."),
        ("notice_categories", "label,", "label,label,", "line 1: column label stands twice."),
        (
            "pi_kinds",
            "Device data,7",
            "Device data,seven",
            'pi_kinds.csv, line 8: position is "seven"',
        ),
        ("pi_kinds", "Device data,7", ",7", "pi_kinds.csv, line 8: label is empty"),
        (
            "pi_kinds",
            "Device data,7",
            " Device data,7",
            'label " Device data" begins or ends with a space',
        ),
        ("parties", "4,false", "4,perhaps", 'parties.csv, line 5: is_for_every_category is "perhaps"'),
        ("sources", "2020-01-01", "2020-13-01", 'sources.csv, line 2: valid_from "2020-13-01" is not a day.'),
        ("sources", "2020-01-01", "20200101", 'valid_from "20200101" is not a day.'),
        ("sources", "2020-01-01", "", 'sources.csv, line 2: valid_from "" is not a day.'),
        (
            "sources",
            "2020-01-01,",
            "2020-01-01,2019-01-01",
            "line 2: valid_to 2019-01-01 is not after",
        ),
        (
            "sources",
            "2020-01-01,",
            "2020-01-01,2020-01-01",
            "line 2: valid_to 2020-01-01 is not after",
        ),
        ("sources", "us,Us,5,", "us,Us,5,,", "sources.csv, line 6: 8 cells, 7 in the header."),
        (
            "purposes",
            "contract,",
            "habit,",
            'purposes.csv, line 2: legal_basis "habit" is not one of',
        ),
        ("ccpa_categories", "),B,", "),Z,", 'ccpa_categories.csv, line 3: letter "Z" is not one of A, B'),
        (
            "ccpa_categories",
            "),B,",
            "),A,",
            'line 3: letter "A" is in force on days that line 2',
        ),
        (
            "notice_disclosures",
            "source,you",
            "sauce,you",
            'line 4: aspect "sauce" is not one of party,',
        ),
        (
            "notice_disclosures",
            "source,you",
            "source,yuo",
            'notice_disclosures.csv, line 4: member "yuo" is not in sources.csv. Did you mean you?',
        ),
        (
            "notice_disclosures",
            "inferences,source",
            "inference,source",
            'notice_category "inference" is not in notice_categories.csv. Did you mean inferences?',
        ),
        (
            "notice_category_letters",
            "(v)(1)(K)",
            "(v)(1)(M)",
            'notice_category_letters.csv, line 17: statute_section "1798.140(v)(1)(M)" is not in',
        ),
        (
            "notice_category_letters",
            "(o)(1)(A),2020-01-01,2023-01-01",
            "(o)(1)(A),2020-01-01,",
            'line 2: statute_section "1798.140(o)(1)(A)" is not in force on all of the row\'s days',
        ),
        (
            "notice_disclosures",
            "inferences,source,us,Us,1,2020-01-01,",
            "inferences,source,us,Us,1,2020-01-01,2021-01-01",
            "notice_disclosures.csv has no source for inferences on 2026-11-23",
        ),
        (
            "notice_category_letters",
            "inferences,1798.140(v)(1)(K),2023-01-01,",
            "inferences,1798.140(v)(1)(K),2023-01-01,2024-01-01",
            "notice_category_letters.csv has no letter for inferences on 2026-11-23",
        ),
        ("sources", "What we derive", '"What" we derive', "not CSV"),
    ],
)
def test_a_spoiled_cell_is_refused_by_file_and_line(project, seed, old, new, said):
    change(project, seed, old, new)
    assert said in refusal(project)


def test_a_missing_seed_is_refused(project):
    (project / "seeds" / "parties.csv").unlink()
    assert "parties.csv is missing" in refusal(project)


def test_a_seed_without_rows_is_refused(project):
    write(project, "parties", lines(project, "parties")[:1])
    assert refusal(project).startswith("parties.csv has no rows.")


def test_an_empty_seed_is_refused(project):
    (project / "seeds" / "parties.csv").write_text("")
    assert refusal(project).startswith("parties.csv, line 1: no column party")


def test_a_seed_in_another_encoding_is_refused_by_line(project):
    path = project / "seeds" / "parties.csv"
    path.write_bytes(path.read_bytes().replace(b"Payment processors,2", b"Payment process\xf6rs,2"))
    assert refusal(project).startswith("parties.csv, line 3: not UTF-8.")
