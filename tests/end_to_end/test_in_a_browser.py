"""What an auditor sees, in a real browser: the report, Data Docs, and the Governance page of Airflow's UI."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect, sync_playwright

from lib.airflow_servers import ask, serving
from lib.nights import ON, govern_night
from privacy_governance.errors import PublishingBlockedError
from privacy_governance.orchestration import Orchestration

WIDTHS = (1280, 400)
PLANTED = "raw.users.favorite_team has no ccpa_category"
COOKIE = "_token"
# generous: a machine that runs other tests beside is slow, and a page that never comes fails all the same
PAGE_SECONDS = 120
# nothing of the browser's own may look like a request of a page
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium of this machine."""
    named = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    chromium = os.environ.get("CHROMIUM") or next(filter(None, named), None)
    if chromium is None:
        missing = "no Chromium on this machine: install one, or say where it is in CHROMIUM"
        # what nobody looked at must not pass for seen
        (pytest.fail if os.environ.get("CI", "false") not in {"", "0", "false"} else pytest.skip)(missing)
    expect.set_options(timeout=PAGE_SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def refused(project):
    """The checkout after its first night, which the planted column kept from publishing."""
    assert isinstance(govern_night(project), PublishingBlockedError)
    return project


@pytest.fixture(scope="module")
def airflow(refused, tmp_path_factory):
    """Address of an Airflow API server, which serves the UI, on that checkout, and the cookie of its admin."""
    orchestration = Orchestration(refused.settings, refused.warehouse, refused.key)
    orchestration.prepare()
    with serving(orchestration, tmp_path_factory.mktemp("airflow") / "api-server.log") as served:
        yield served


@contextmanager
def opened(browser, width, *, own="file:", cookie=None, offline=False):
    """Yield a page that may ask only for addresses that begin with `own`, and in which nothing may go wrong."""
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=offline)
    if cookie:
        context.add_cookies([{"name": COOKIE, "value": cookie, "url": own}])
    context.set_default_timeout(PAGE_SECONDS * 1000)
    page = context.new_page()
    wrong = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    assert [url for url in asked if not url.startswith((own, "data:", "blob:"))] == []
    assert wrong == []


def assert_fits(page):
    """The page itself never scrolls sideways, and says what it is and in which language."""
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= seen
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("h1").count() == 1


def site(project):
    return project.settings.expectations / "uncommitted" / "data_docs" / "local_site"


@pytest.mark.parametrize("width", WIDTHS)
def test_the_report_shows_the_planted_column_and_what_to_do_about_it(browser, refused, width):
    with opened(browser, width) as page:
        page.goto((refused.settings.nights / str(ON) / "report.html").as_uri())
        expect(page.locator("h1")).to_contain_text("Refused")
        assert_fits(page)
        page.get_by_role("navigation").get_by_role("link", name="Violations").click()
        finding = page.locator("#violations ~ article").get_by_text(PLANTED)
        expect(finding).to_be_in_viewport()
        expect(finding).to_contain_text("_segment__sources.yml")


@pytest.mark.parametrize("width", WIDTHS)
def test_data_docs_list_every_suite_without_a_network_and_lead_to_what_did_not_hold(browser, refused, width):
    suites = list((refused.settings.expectations / "validation_definitions").glob("*.json"))
    with opened(browser, width, offline=True) as page:
        page.goto((site(refused) / "index.html").as_uri())
        assert_fits(page)
        expect(page.locator("tbody tr")).to_have_count(len(suites))
        first = page.locator("tbody tr").first
        expect(first).to_contain_text("did not hold")
        first.get_by_role("link", name="audit.violation_undeclared_column").click()
        expect(page.locator("h1")).to_contain_text("audit.violation_undeclared_column")
        expect(page.get_by_role("cell", name="Must have exactly 0 rows.")).to_be_visible()
        assert_fits(page)
        page.get_by_role("link", name="Data Docs").click()
        expect(page.locator("h1")).to_have_text("Data Docs")


def test_every_link_of_data_docs_leads_to_a_page_and_no_page_names_another_host(refused):
    pages = list(site(refused).rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        text = page.read_text()
        assert "://" not in text, page
        for link in re.findall(r'href="([^"#:]+)"', text):
            assert (page.parent / link).is_file(), (page, link)


@pytest.mark.parametrize("width", WIDTHS)
def test_airflow_s_page_leads_from_the_night_to_the_planted_column_and_to_data_docs(browser, airflow, width):
    address, cookie = airflow
    with opened(browser, width, own=address, cookie=cookie) as page:
        page.goto(address)
        page.get_by_role("link", name="Governance").click()
        frame = page.frame_locator("iframe")
        night = frame.get_by_role("article", name=str(ON))
        expect(night).to_contain_text("Refused")
        night.get_by_role("link", name=f"Violations of {ON}").click()
        expect(frame.get_by_text(PLANTED).first).to_be_visible()
        page.goto(f"{address}/governance/")
        assert_fits(page)
        page.get_by_role("link", name="Data Docs").click()
        page.get_by_role("link", name="audit.violation_undeclared_column").click()
        expect(page.locator("h1")).to_contain_text("audit.violation_undeclared_column")


@pytest.mark.parametrize(
    "path", ["/", f"/nights/{ON}/report.html", f"/nights/{ON}/report.json", "/data-docs/index.html"]
)
def test_without_a_login_the_page_shows_nothing(airflow, path):
    port = airflow[0].rpartition(":")[2]
    for headers, refusal in (({}, 401), ({"Cookie": f"{COOKIE}=made.up.token"}, 403)):
        answer = ask(port, f"/governance{path}", headers)
        assert answer.status == refusal
        assert "favorite_team" not in answer.body


def test_with_a_login_only_reports_and_data_docs_are_served(airflow, refused):
    address, cookie = airflow
    port, login = address.rpartition(":")[2], {"Cookie": f"{COOKIE}={cookie}"}
    assert ask(port, f"/governance/nights/{ON}/report.json", login).status == 200
    (refused.settings.nights / str(ON) / "progress.jsonl").touch()
    for path in (
        f"/nights/{ON}/progress.jsonl",
        "/nights/../airflow/airflow.cfg",
        f"/nights/{ON}/..%2f..%2fairflow%2fairflow.cfg",
        "/data-docs/../../../great_expectations.yml",
        "/data-docs/..%2f..%2f..%2fgreat_expectations.yml",
        f"/data-docs/..%2f..%2f..%2f..%2f.govern%2fnights%2f{ON}%2freport.html",
        "/openapi.json",
        "/docs",
    ):
        assert ask(port, f"/governance{path}", login).status == 404, path
