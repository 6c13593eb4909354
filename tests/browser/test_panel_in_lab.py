"""The panel in JupyterLab, in a real browser: moved by keyboard, it says what the command line says, offline."""

import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

import pytest
from playwright.sync_api import sync_playwright

from aiecon.report import asking, serving
from aiecon.widgets.words import figure_words

TOKEN = "panel"
NAME, CONTROL, KEY = "tiering", "Volume", "saving_per_month"
PLACES = (100_000, 250_000, 400_000, 550_000, 700_000, 850_000, 1_000_000, 1_150_000, 1_300_000, 1_450_000)
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("lab"), free_port()
    (folder / "panel.ipynb").write_text(json.dumps(serving.notebook(NAME)))
    options = [f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}", "--ServerApp.ip=127.0.0.1"]
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        str(folder),
        "--no-browser",
        "--allow-root",
        *options,
        *serving.OFFLINE,
    ]
    own = {f"JUPYTERLAB_{kind}_DIR": str(tmp_path_factory.mktemp(kind)) for kind in ("WORKSPACES", "SETTINGS")}
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, env={**serving.environment(), **own}, **silent)  # as who opens it first
    address = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}/api?token={TOKEN}", timeout=1)
            break
        except OSError:
            time.sleep(0.25)
    yield address
    server.terminate()
    server.wait(60)


@pytest.fixture(scope="module")
def page(lab):
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "make test-browser needs chromium on PATH"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.requested, page.complaints = [], []
        page.on("request", lambda request: page.requested.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
        page.goto(f"{lab}/lab/tree/panel.ipynb?token={TOKEN}")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=180_000)
        page.wait_for_selector("text=Kernel status: Idle", state="attached", timeout=180_000)
        for _ in range(20):  # a laboratory still busy with itself loses what is pressed
            page.locator(".jp-CodeCell .cm-content").first.click()
            page.keyboard.press("Shift+Enter")
            page.wait_for_timeout(1_000)
            if page.locator(".jp-CodeCell .jp-InputPrompt").first.inner_text().strip() != "[ ]:":
                break
        page.wait_for_selector(f"td[data-key='{KEY}']", timeout=240_000)
        yield page
        browser.close()


def shown(page):
    return page.locator(f"td[data-key='{KEY}']").inner_text()


def expected(place):
    answer = asking.ask(NAME, changes={"requests_per_month": float(place)})
    metric = next(one for one in answer.summary() if one.key == KEY)
    return figure_words(metric.value, metric.unit)


def test_ten_places_typed_by_keyboard_say_what_the_command_line_says(page):
    """The box beside the slider is typed into; the figures and the line to copy follow."""
    row = page.locator(".widget-hbox", has=page.locator(".widget-label", has_text=re.compile(CONTROL))).last
    box = row.locator("input[type=number]")
    box.focus()
    waits = []
    for place in PLACES:
        wanted = expected(place)
        page.keyboard.press("Control+A")
        page.keyboard.type(str(place))
        started = time.perf_counter()
        page.keyboard.press("Enter")
        page.wait_for_function(
            "([key, text]) => document.querySelector(`td[data-key='${key}']`).innerText === text", arg=[KEY, wanted]
        )
        waits.append(time.perf_counter() - started)
        page.wait_for_timeout(1000)
        assert shown(page) == wanted
        assert f"requests_per_month={float(place)}" in page.locator("code").last.inner_text()
    print(f"\nredraw after a move: median {statistics.median(waits) * 1000:.0f} ms of {len(waits)}")  # noqa: T201 (the figure asked for)


def test_a_figure_typed_beyond_the_slider_stays_and_a_key_moves_on_from_it(page):
    row = page.locator(".widget-hbox", has=page.locator(".widget-label", has_text=re.compile(CONTROL))).last
    box, handle = row.locator("input[type=number]"), row.locator(".noUi-handle")
    step = float(box.get_attribute("step"))
    for place in (2e7, 2e5, 3e7):
        box.focus()
        page.keyboard.press("Control+A")
        page.keyboard.type(f"{place:.0f}")
        page.keyboard.press("Enter")
        page.wait_for_timeout(2_500)
        assert float(box.input_value()) == place
        assert handle.get_attribute("aria-valuetext") == f"{place:.0f} requests per month"
        assert shown(page) == expected(place)
    assert "stands at 30,000,000 requests per month, beyond the" in page.locator(".aiecon-remarks").inner_text()
    handle.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(2_500)
    assert 0 < place - float(box.input_value()) < 1.5 * step
    assert shown(page) == expected(box.input_value())
    assert f"requests_per_month={float(box.input_value())}" in page.locator("code").last.inner_text()
    box.focus()


def test_a_value_that_cannot_be_is_told_in_the_panel(page):
    before = shown(page)
    page.keyboard.press("Control+A")
    page.keyboard.type("-5")
    page.keyboard.press("Enter")
    page.wait_for_selector("p[role=alert]")
    assert "requests_per_month" in page.locator("p[role=alert]").inner_text()
    assert shown(page) == before


def test_nothing_is_asked_of_another_machine_and_nothing_goes_wrong(page, lab):
    assert page.locator("text=Jupyter news").count() == 0  # nor whether it may be
    host = lab.removeprefix("http://")
    abroad = [url for url in page.requested if host not in url and not url.startswith(("data:", "blob:"))]
    assert abroad == []
    assert [text for text in page.complaints if "Traceback" in text or "widget" in text.lower()] == []


def test_after_a_restart_from_the_menu_the_panel_says_what_to_do(page):
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Kernel$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Restart Kernel…$")).click()
    page.locator(".jp-Dialog button.jp-mod-warn, .jp-Dialog button.jp-mod-accept").last.click()
    page.wait_for_selector(".aiecon-restart.jupyter-widgets-disconnected", timeout=40_000)
    assert "run its cell again" in page.locator(".aiecon-restart").inner_text()
    assert page.locator(".aiecon-remarks").evaluate("one => getComputedStyle(one).display") == "none"
    page.wait_for_selector("text=Kernel status: Idle", state="attached", timeout=60_000)  # or its server ends late
