"""The kinds of identifiers are written where no macro can be asked, too: all of them name the same."""

from __future__ import annotations

import re

import pytest

from privacy_governance import requests
from privacy_governance.requests.vocabulary import IDENTIFIERS
from privacy_governance.scripts import script
from privacy_governance.settings import CHECKOUT

MACROS = CHECKOUT / "dbt_project" / "macros"


def listed_in(macro):
    """The kinds that a macro of the declarations returns."""
    text = (MACROS / "declarations" / "identifiers.sql").read_text()
    return re.findall(r'"(\w+)"', re.search(rf"macro {macro}\(\).*?return\(\[(.*?)\]\)", text, re.DOTALL)[1])


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param((MACROS / "anonymization" / "keyed_token.sql").read_text(), id="macro user_token_text"),
        pytest.param(script(requests.__name__, "stage").decode(), id="stage.sql"),
    ],
)
def test_a_user_id_is_told_from_the_token_text_of_every_kind(sql):
    (kinds,) = re.findall(r"'\^\((\w+(?:\|\w+)+)\):'", sql)
    assert kinds.split("|") == listed_in("identifier_kinds")


def test_a_hold_and_a_request_name_the_same_kinds():
    assert listed_in("held_kinds") == list(IDENTIFIERS)
    assert set(IDENTIFIERS) <= set(listed_in("identifier_kinds"))
