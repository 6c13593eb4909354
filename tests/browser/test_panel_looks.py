"""The panel at two window sizes, light and dark: nothing runs out of the window, and everything can be read."""

import base64
import shutil

import numpy as np
import pytest
from browser.test_panel_in_lab import FLAGS, KEY
from browser.test_panel_in_voila import address  # noqa: F401  # a fixture
from playwright.sync_api import sync_playwright

FIRST = "saving_share"  # the first figure
LEAST_CONTRAST = 4.5  # of text, WCAG 2.2 AA
CONTRAST = """
() => {
  const parts = colour => {
    const found = colour.match(/[\\d.]+/g).map(Number);
    return found.length > 3 ? found : [...found, 1];
  };
  const light = ([r, g, b]) => {
    const linear = v => v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4;
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const behind = element => {
    const paper = element.closest('svg')?.querySelector(':scope > rect');  // a chart brings its own, or lets it through
    if (paper && getComputedStyle(paper).fillOpacity !== '0') return parts(getComputedStyle(paper).fill);
    for (let at = element; at; at = at.parentElement) {
      const found = parts(getComputedStyle(at).backgroundColor);
      if (found[3] > 0.5) return found;
    }
    return [255, 255, 255, 1];
  };
  const ratio = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const told = [];
  const read = 'td, th, .widget-label, .widget-readout, svg text, button, input, select';
  for (const element of document.querySelectorAll(read)) {
    const box = element.getBoundingClientRect();
    const text = element.innerText || element.textContent || element.value || '';
    if (!text.trim() || box.width === 0 || box.height === 0) continue;
    const style = getComputedStyle(element);
    const chart = element.closest('svg');
    const drawn = parts(chart ? style.fill : style.color);
    const isTurned = chart && getComputedStyle(chart).filter.includes('invert');
    const colour = isTurned ? drawn.map((part, at) => at < 3 ? 255 - part : part) : drawn;
    told.push([text.trim().slice(0, 40), ratio(colour, behind(element))]);
  }
  return told;
}
"""
SHADES = """
async (address) => {
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  const paper = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
  paper.drawImage(picture, 0, 0);
  const parts = paper.getImageData(0, 0, picture.width, picture.height).data;
  return Array.from({ length: parts.length / 4 }, (_, at) => parts[4 * at + 1]);  // green, the most of light
}
"""


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def shown(browser, address):  # noqa: F811  # the fixture
    """The panel of a theme in a window of a size."""
    pages = []

    def page_of(width, height, theme="light"):
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)
        pages.append(page)
        page.goto(f"{address}&theme={theme}")
        page.wait_for_selector(f"td[data-key='{KEY}']", timeout=240_000)
        page.wait_for_selector(".aiecon-figures[aria-live]", timeout=60_000)
        return page

    yield page_of
    for page in pages:
        page.close()


def box(page, part):
    """Where a part stands; it is gone for a moment while figures are drawn anew."""
    for _ in range(100):
        if found := page.locator(part).first.bounding_box():
            return found
        page.wait_for_timeout(50)
    raise AssertionError(f"{part} is not in sight")


CONTROLS = ("slider", "spinbutton", "combobox", "checkbox", "textbox")


def test_every_control_has_a_name_with_its_unit_and_figures_are_read_as_they_change(shown):
    page = shown(1280, 800)
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    every = [(node.get("role", {}).get("value"), node.get("name", {}).get("value", "")) for node in tree]
    found = [(role, name) for role, name in every if role in CONTROLS]
    assert [role for role, name in found if not name.strip()] == []
    for role in ("slider", "spinbutton"):
        assert (role, "Volume, requests per month") in found
        assert (role, "Acceptance the best mix must reach, %") in found
    (figures,) = (node for node, (_, name) in zip(tree, every, strict=True) if name == "Figures")
    assert {"polite"} == {one["value"]["value"] for one in figures["properties"] if one["name"] == "live"}


def test_a_handle_says_where_it_stands_as_it_is_seen_with_its_unit(shown):
    page = shown(1280, 800)
    row = page.locator(".aiecon-control", has=page.get_by_text("Acceptance the best mix must reach")).last
    handle = row.locator(".noUi-handle")
    handle.focus()
    said = [handle.get_attribute("aria-valuetext")]
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(50)
        said.append(handle.get_attribute("aria-valuetext"))
    assert said == ["78 %", "79 %", "80 %", "81 %"]


@pytest.mark.parametrize(("system", "asked", "is_light"), [("dark", "", "false"), ("dark", "&theme=light", "true")])
def test_a_page_follows_the_system_unless_its_address_names_a_theme(browser, address, system, asked, is_light):  # noqa: F811
    page = browser.new_page(color_scheme=system)
    page.goto(f"{address}{asked}")
    page.wait_for_selector("body[data-jp-theme-light]", timeout=60_000)
    page.wait_for_selector(f"td[data-key='{KEY}']", timeout=240_000)
    assert page.evaluate("document.body.dataset.jpThemeLight") == is_light
    paper = page.evaluate("getComputedStyle(document.body).getPropertyValue('--jp-layout-color0')").strip()
    assert (paper.lower() in ("#fff", "white", "#ffffff")) == (is_light == "true")
    page.close()


def test_figures_stand_beside_the_chart_and_stay_in_sight_in_a_small_window(shown):
    page = shown(1280, 800)
    figures, chart = box(page, ".aiecon-figures"), box(page, ".aiecon-chart svg")
    assert figures["x"] >= chart["x"] + chart["width"]
    assert figures["y"] < chart["y"] + chart["height"]
    page.set_viewport_size({"width": 800, "height": 600})
    handles = page.locator(".aiecon-controls .noUi-handle")
    for place in (0, -1):
        handles.nth(place).focus()
        page.keyboard.press("ArrowRight")
        assert -1 <= box(page, f"td[data-key='{FIRST}']")["y"] < 600
    handle = handles.last.bounding_box()
    figures = box(page, ".aiecon-figures")
    assert handle["y"] >= figures["y"] + figures["height"]


def test_a_chart_in_a_dark_page_is_dark(shown):
    page = shown(1280, 800, theme="dark")
    page.wait_for_selector(".aiecon-chart svg")
    shot = page.screenshot(clip=box(page, ".aiecon-chart svg"))
    shade = np.array(page.evaluate(SHADES, f"data:image/png;base64,{base64.b64encode(shot).decode()}"))
    assert np.quantile(shade, 0.9) < 80  # nearly all of it is the page
    assert shade.max() > 180  # what is drawn is light
    assert "%23e0e0e0" in page.evaluate("getComputedStyle(document.querySelector('select')).backgroundImage")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 900), (820, 1100)], ids=["wide", "narrow"])
def test_it_fits_the_window_and_can_be_read(browser, address, theme, size):  # noqa: F811  # the fixture
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=theme)
    page.goto(f"{address}&theme={theme}")
    page.wait_for_selector(f"td[data-key='{KEY}']", timeout=240_000)
    page.wait_for_selector("svg text", timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0] + 1
    right = page.evaluate(
        "Math.max(...[...document.querySelectorAll('svg, table')].map(e => e.getBoundingClientRect().right))"
    )
    assert right <= size[0] + 1
    told = page.evaluate(CONTRAST)
    assert len(told) > 20
    assert [(text, round(ratio, 1)) for text, ratio in told if ratio < LEAST_CONTRAST] == []
    page.close()
