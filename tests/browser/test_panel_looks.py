"""The panel at two window sizes, light and dark: nothing runs out of the window, and everything can be read."""

import shutil

import pytest
from browser.test_panel_in_lab import FLAGS, KEY
from browser.test_panel_in_voila import address  # noqa: F401  # a fixture
from playwright.sync_api import sync_playwright

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
    const paper = element.closest('svg')?.querySelector(':scope > rect');  // a chart brings its own
    if (paper) return parts(getComputedStyle(paper).fill);
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
    const colour = parts(element.closest('svg') ? style.fill : style.color);
    told.push([text.trim().slice(0, 40), ratio(colour, behind(element))]);
  }
  return told;
}
"""


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield opened
        opened.close()


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
