"""The seeds regenerate the published chart: what the notice prints, cell by cell, is what the seeds say."""

from __future__ import annotations

import re
from datetime import date

import pytest

from privacy_governance.categories import Aspect, load_taxonomy
from privacy_governance.notice import CATEGORY_HEADING, HEADINGS, published_chart
from privacy_governance.settings import CHECKOUT

NOTICE = CHECKOUT.parent / "shared" / "seed" / "segment_privacy_policy_2020.txt"


@pytest.fixture(scope="module")
def notice():
    if not NOTICE.is_file():
        pytest.skip("the notice (../shared/seed) is not beside this checkout")
    return NOTICE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def taxonomy():
    return load_taxonomy(CHECKOUT / "dbt_project", on=date(2020, 1, 1))


def printed_table(notice):
    """Rows of the notice's chart as lists of cells, each a list of entries; the header first."""
    start = notice.index("Statutory category of personal information (PI) |")
    # a row runs over several lines, each but its last ending in two or more spaces and a line break
    lines = re.sub(r" {3,}\n", "\n", notice[start:]).split("\n  \n")[0]
    text = re.sub(r"\n(?=\\?-\s?[A-Z])", "\0", lines)
    rows = [row for row in text.splitlines() if not row.startswith("---")]
    table = [[cell.split("\0") for cell in re.split(r"(?<!\\) \| ", row)] for row in rows]
    return [[[re.sub(r"^\\?-\s*", "", entry).strip() for entry in cell] for cell in row] for row in table]


def plain(text):
    """The words of a heading, without its link."""
    return re.sub(r"\s*\(\[click for details\].*$", "", text)


def test_the_notice_is_parsed_into_eight_rows_of_five_cells(notice):
    _, *rows = printed_table(notice)
    assert [len(row) for row in rows] == [5] * 8
    assert rows[2] == [
        ["Financial Information"],
        ["Transaction information"],
        ["Our Customers"],
        ["Service delivery", "Compliance & Protection"],
        ["Payment processors", "Service providers"],
    ]


def test_the_seeds_regenerate_the_notices_chart_cell_by_cell(notice, taxonomy):
    _, *printed = printed_table(notice)
    regenerated = [
        [[row.label], *([entry.label for entry in row.cells[aspect]] for aspect in Aspect)]
        for row in published_chart(taxonomy).rows
    ]
    assert regenerated == printed


def test_the_headings_are_the_notices(notice):
    header, *_ = printed_table(notice)
    assert [plain(cell[0]) for cell in header] == [CATEGORY_HEADING, *HEADINGS.values()]


def test_the_parties_of_every_category_are_those_of_the_sentence_under_the_chart(notice, taxonomy):
    sentence = notice[notice.index("We may further disclose each category") :].split("\n")[0]
    named = {
        "affiliates": "to our affiliates",
        "professional_advisors": "to our professional advisors",
        "compliance_and_protection": "in connection with our compliance and protection activities",
        "business_transfers": "in connection with business transfers",
    }
    assert all(words in sentence for words in named.values())
    parties = published_chart(taxonomy).parties_of_every_category
    assert [party.member for party in parties] == list(named)


def test_every_description_of_a_kind_is_the_notices_own(notice, taxonomy):
    words = re.sub(r"\s+", " ", notice)
    assert [kind.name for kind in taxonomy.kinds if kind.notice_words not in words] == []
    assert [kind.name for kind in taxonomy.kinds if kind.notice_section not in words] == []


def test_every_party_and_purpose_has_a_heading_in_the_notice(notice, taxonomy):
    headings = notice.replace("&", "and").lower()
    terms = [*taxonomy.parties, *taxonomy.purposes]
    assert [term.name for term in terms if term.label.replace("&", "and").lower() not in headings] == []


def test_what_the_notice_asks_not_to_be_shared_is_quoted_from_it(notice, taxonomy):
    sentence = notice[notice.index("We ask that you not share with us") :].split("\n")[0]
    quoted = {kind.notice_words for kind in taxonomy.sensitive_kinds if kind.is_not_asked_for}
    listed = re.search(r"\(e\.g\., (.*?)\)", sentence).group(1)
    for words in sorted(quoted, key=len, reverse=True):
        assert words in listed
        listed = listed.replace(words, "")
    assert re.sub(r"information related to|\bor\b|[, ]", "", listed) == ""


def test_labels_differ_from_the_printed_words_only_in_capitals(taxonomy):
    terms = {(aspect, name): term for aspect in Aspect for name, term in taxonomy.terms(aspect).items()}
    for disclosure in taxonomy.disclosures:
        label = terms[disclosure.aspect, disclosure.member].label
        assert label.lower() == disclosure.printed_as.lower()
