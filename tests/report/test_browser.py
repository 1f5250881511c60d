"""The page in a real browser: silent, self-contained, readable in both languages at any width."""

import shutil

import pytest

from svcquality.report.build import write_report
from tests.plots import fabricated
from tests.report import made_up

pytestmark = pytest.mark.browser

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium here")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    result = made_up.result(fabricated.forest(), fabricated.series(), made_up.hostile())
    out = write_report(result, tmp_path_factory.mktemp("browser") / "report")
    return (out / "report.html").as_uri()


def opened(browser, address, width=1100):
    """A page with what it asked for and complained of; the report itself is not counted."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_default_timeout(10_000)
    heard = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    page.on(
        "request",
        lambda r: None if r.url == address or r.url.startswith("data:") else heard.append(r.url),
    )
    page.goto(address)
    return page, heard


def test_it_is_silent_and_asks_for_nothing(browser, address):
    page, heard = opened(browser, address)
    page.wait_for_load_state("networkidle")
    assert heard == []
    page.close()


def test_every_picture_is_shown(browser, address):
    page, _ = opened(browser, address)
    widths = page.eval_on_selector_all("img", "all => all.map(i => i.naturalWidth)")
    assert len(widths) == 6 and min(widths) > 100
    page.close()


def test_languages_change_by_click_and_by_keyboard(browser, address):
    page, _ = opened(browser, address)
    title = page.locator("h1")
    assert title.inner_text() == "客户不满情绪：原因与结果"
    page.get_by_text("English", exact=True).click()
    assert title.inner_text() == "Customer dissatisfaction: causes and outcomes"
    assert "未能回答的问题" not in page.locator("body").inner_text()
    page.locator("#choose-en").press("ArrowLeft")
    assert title.inner_text() == "客户不满情绪：原因与结果"
    assert "Questions without" not in page.locator("body").inner_text()
    page.close()


def test_links_lead_to_findings(browser, address):
    page, _ = opened(browser, address)
    page.locator("a.card").first.click()
    assert page.url.endswith("#q.satisfaction")
    page.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_phone_shows_the_page_without_scrolling_sideways(browser, address, language):
    page, _ = opened(browser, address, width=360)
    page.locator(f"label[for=choose-{language}]").click()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360
    page.close()


CONTRAST = """() => {
  const light = c => { const v = c / 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
  const parse = s => s.match(/[\\d.]+/g).map(Number);
  const shine = ([r, g, b]) => .2126 * light(r) + .7152 * light(g) + .0722 * light(b);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('body *')]
    .filter(e => e.offsetParent && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => {
      const a = shine(parse(getComputedStyle(e).color)), b = shine(ground(e));
      return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), e.className + ' ' + e.textContent.slice(0, 30)];
    });
}"""


def test_all_text_stands_out_from_its_ground(browser, address):
    page, _ = opened(browser, address)
    ratios = page.evaluate(CONTRAST)
    assert len(ratios) > 50
    assert [r for r in ratios if r[0] < 4.5] == []
    page.close()


def test_print_shows_one_language_and_no_switch(browser, address):
    page, _ = opened(browser, address)
    page.emulate_media(media="print")
    assert not page.locator(".switch").is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.close()
