"""The report in a real browser: no request leaves it, no error is logged, charts are drawn and can be pointed at."""

import shutil

import pytest
from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium():
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "make test-browser needs chromium on PATH"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, sample_run):
    page = chromium.new_page(viewport={"width": 1000, "height": 900})
    page.requested, page.complaints = [], []
    page.on("request", lambda request: page.requested.append(request.url))
    page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(f"file://{sample_run}/report.html")
    page.wait_for_selector(".vega-embed svg")
    yield page
    page.close()


def test_no_request_leaves_the_page_and_nothing_goes_wrong(page, sample_run):
    asked = [url for url in page.requested if not url.startswith(("data:", f"file://{sample_run}"))]
    assert asked == []
    assert page.complaints == []


def test_every_chart_is_drawn_and_the_first_answers_to_the_mouse(page):
    drawn = page.locator("script.spec").count()
    assert drawn > 8
    assert page.locator(".vega-embed svg").count() == drawn
    bars = page.locator("#page-1 .vega-embed").first.locator("path[aria-roledescription='bar']")
    bars.last.hover()
    page.wait_for_selector("#vg-tooltip-element.visible")
    assert "Expected" in page.locator("#vg-tooltip-element").inner_text()


@pytest.mark.parametrize("width", [390, 1000])
def test_the_page_never_scrolls_sideways(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_scripts_the_pictures_are_still_there(chromium, sample_run):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{sample_run}/report.html")
    assert page.locator(".vega svg").count() == page.locator("script.spec").count() > 8
    context.close()
