"""The panel served by Voila, without Jupyter: behind a token, moved by keyboard, offline."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from browser.test_panel_in_lab import CONTROL, FLAGS, KEY, NAME, expected, free_port
from playwright.sync_api import sync_playwright

from aiecon.report import serving

PLACES = (100_000, 700_000, 1_450_000)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where the server says that the panel is, its token included."""
    path = tmp_path_factory.mktemp("voila") / "panel.ipynb"
    path.write_text(json.dumps(serving.notebook(NAME)))
    options = [*serving.ALONE, f"--port={free_port()}", "--no-browser"]
    server = subprocess.Popen(
        [sys.executable, "-m", "voila", str(path), *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=serving.environment(),
        text=True,
    )
    yield next(found[0] for line in server.stderr if (found := re.search(r"http://127\.0\.0\.1\S+token=\S+", line)))
    server.terminate()
    server.wait(20)


@pytest.fixture(scope="module")
def page(address):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.requested, page.complaints = [], []
        page.on("request", lambda request: page.requested.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
        page.goto(address)
        page.wait_for_selector(f"td[data-key='{KEY}']", timeout=240_000)
        yield page
        browser.close()


def test_who_has_no_token_is_not_let_in(address):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        stranger = browser.new_page()
        stranger.goto(address.split("?")[0])
        assert stranger.locator(f"td[data-key='{KEY}']").count() == 0
        assert stranger.locator("input[type=password], input[name=token]").count() > 0 or "403" in stranger.content()
        browser.close()


def test_places_typed_by_keyboard_say_what_the_command_line_says(page):
    row = page.locator(".widget-hbox", has=page.locator(".widget-label", has_text=re.compile(CONTROL))).last
    row.locator("input[type=number]").focus()
    for place in PLACES:
        page.keyboard.press("Control+A")
        page.keyboard.type(str(place))
        page.keyboard.press("Enter")
        page.wait_for_function(
            "([key, text]) => document.querySelector(`td[data-key='${key}']`).innerText === text",
            arg=[KEY, expected(place)],
        )
        assert page.locator(f"td[data-key='{KEY}']").inner_text() == expected(place)


def test_nothing_is_asked_of_another_machine(page):
    abroad = [url for url in page.requested if "127.0.0.1" not in url and not url.startswith(("data:", "blob:"))]
    assert abroad == []
    assert [text for text in page.complaints if "Traceback" in text] == []
