"""A panel as it is used: quick keys, shares in per cent, a pin set and taken off, a refusal that goes."""

import re
import shutil

import pytest
from browser.test_panel_in_lab import CONTROL, FLAGS, KEY, NAME, expected
from browser.test_panel_in_voila import address  # noqa: F401  # a fixture
from playwright.sync_api import sync_playwright

from aiecon.report import asking
from aiecon.widgets.words import figure_words

AT_REST = 3_000  # ms after a move


@pytest.fixture(scope="module")
def page(address):  # noqa: F811  # the fixture
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.goto(address)
        page.wait_for_selector(f"td[data-key='{KEY}']", timeout=240_000)
        yield page
        browser.close()


def control(page, name):
    return page.locator(".aiecon-control", has=page.locator(".widget-label", has_text=re.compile(name))).last


def shown(page, key=KEY):
    return page.locator(f"td[data-key='{key}']").inner_text()


def line(page):
    return page.locator(".aiecon-below code").first.inner_text()


def typed(page, box, words):
    box.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(words) if words else page.keyboard.press("Delete")
    page.keyboard.press("Enter")


def test_five_quick_keys_end_where_slider_line_and_figure_say_the_same(page):
    row = control(page, CONTROL)
    box, handle = row.locator("input[type=number]"), row.locator(".noUi-handle")
    start, step = float(box.input_value()), float(box.get_attribute("step"))
    handle.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(AT_REST)
    place = float(box.input_value())
    assert place == start - 5 * step
    assert handle.get_attribute("aria-valuetext") == f"{place:.0f} requests per month"
    assert line(page) == f"aiecon ask {NAME} --set requests_per_month={place}"
    assert shown(page) == expected(place)


def test_a_share_is_typed_in_per_cent_and_copied_as_a_decimal(page):
    page.get_by_role("button", name="Reset").click()
    row = control(page, "Requests that go in batches")
    typed(page, row.locator("input[type=number]"), "25")
    page.wait_for_timeout(AT_REST)
    assert row.locator(".noUi-handle").get_attribute("aria-valuetext") == "25 %"
    assert line(page) == f"aiecon ask {NAME} --set batch_share=0.25"
    assert '"batch_share" = 0.25' in page.locator(".aiecon-below pre").inner_text()
    answer = asking.ask(NAME, changes={"batch_share": 0.25})
    figure = next(one for one in answer.summary() if one.key == KEY)
    assert shown(page) == figure_words(figure.value, figure.unit)


def test_a_pin_and_its_differences_are_seen_until_it_is_taken_off_by_keyboard(page):
    page.get_by_role("button", name="Reset").click()
    page.wait_for_timeout(AT_REST)
    page.get_by_role("button", name="Pin this").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".aiecon-pinned")
    assert "pinned: the same" in shown(page)
    typed(page, control(page, "Requests that go in batches").locator("input[type=number]"), "60")
    page.wait_for_timeout(AT_REST)
    assert re.search(r"pinned: [\d,]+ USD per month; difference: \+[\d,]+ USD per month", shown(page))
    assert re.search(r"difference: \+[\d.]+ percentage points", shown(page, "saving_share"))
    assert f"Pinned: aiecon ask {NAME}" in page.locator(".aiecon-figures").inner_text()
    page.get_by_role("button", name="Unpin").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".aiecon-pinned", state="detached")
    assert page.get_by_role("button", name="Pin this").count() == 1


def test_a_refusal_goes_with_a_box_that_is_emptied_and_comes_again_with_the_value(page):
    box = control(page, CONTROL).locator("input[type=number]")
    stands = box.input_value()
    for _ in range(2):
        typed(page, box, "-5")
        page.wait_for_selector(".aiecon-told [role=alert]")
        assert "Volume: requests_per_month" in page.locator(".aiecon-told [role=alert]").inner_text()
        typed(page, box, "")
        page.wait_for_selector(".aiecon-told [role=alert]", state="detached")
        assert box.input_value() == stands
