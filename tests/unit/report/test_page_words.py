"""Small things the page says, each in one way."""

from __future__ import annotations

from privacy_governance.report.page import broken, changing


def test_a_path_leaves_out_what_only_passes_a_column_on():
    path = ("raw.users.email", "email", "staging.stg_users.email", "lower(email)", "research.users.email")
    assert changing(path) == ("raw.users.email", "staging.stg_users.email", "lower(email)", "research.users.email")


def test_a_long_name_may_break_after_its_dots_and_underscores_and_stays_text():
    assert broken("raw.users.<script>_x") == "raw.<wbr>users.<wbr>&lt;script&gt;_<wbr>x"
    assert broken("") == ""
