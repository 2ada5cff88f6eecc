//! The page in a real browser: it keeps to itself, filters, takes the keyboard, fits a phone.
//!
//! Skipped, with a word, where there is no Chromium. `REPORT_PICTURES=DIR` has pictures taken.

use crate::common::browser::Browser;
use conformance::report::html::html;
use std::path::Path;

/// How many rows of a list are to be seen.
fn shown(list: &str) -> String {
    format!(
        "document.querySelectorAll('[data-list={list}] > [data-verdict]:not([hidden]), [data-list={list}] > tbody > [data-verdict]:not([hidden])').length"
    )
}

/// Chooses in one of the filters.
fn choose(browser: &mut Browser, id: &str, value: &str) {
    let event = if id == "f-text" { "input" } else { "change" };
    browser.run(&format!(
        "(() => {{ const box = document.getElementById('{id}'); box.value = '{value}'; \
         box.dispatchEvent(new Event('{event}', {{bubbles: true}})); \
         return new Promise(done => setTimeout(done, 300)); }})()"
    ));
}

#[test]
fn the_page_works_in_a_browser() {
    let Some(mut browser) = Browser::start() else {
        println!("skipped: there is no chromium (apt-get install chromium, or set CHROMIUM)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    std::fs::write(&file, html(&crate::common::sample::whole())).unwrap();
    let url = format!("file://{}", file.display());
    browser.become_a(1280, 900, "light");
    browser.open(&url);

    // The first stop leads past the navigation.
    browser.press("Tab");
    browser.check("document.activeElement.className", "skip");
    browser.check(
        "document.activeElement.getBoundingClientRect().left >= 0",
        true,
    );

    filters(&mut browser);
    links(&mut browser);
    keyboard(&mut browser);
    structure(&mut browser);
    for (width, scheme) in [
        (360, "light"),
        (360, "dark"),
        (1280, "dark"),
        (1280, "light"),
    ] {
        browser.become_a(width, 900, scheme);
        browser.run("for (const fold of document.querySelectorAll('details')) fold.open = true");
        browser.check("document.documentElement.scrollWidth <= innerWidth", true);
        assert_eq!(
            browser.run(LOW_CONTRAST).as_str(),
            Some(""),
            "{width} {scheme}"
        );
    }
    keeps_to_itself(&mut browser, &url);

    // Without its script, everything is there.
    let off = serde_json::json!({"value": true});
    browser.ask("Emulation.setScriptExecutionDisabled", off);
    browser.open(&url);
    browser.check(&shown("programs"), 8);
    browser.check(
        "getComputedStyle(document.querySelector('.filters')).display",
        "none",
    );
}

fn filters(browser: &mut Browser) {
    // What wants a look is shown first.
    browser.check(&shown("programs"), 5);
    browser.check(
        "document.getElementById('programs-count').textContent",
        "5 of 8 programs shown",
    );
    browser.check(&shown("clauses"), 2);
    choose(browser, "f-verdict", "agrees");
    browser.check(&shown("programs"), 1);
    choose(browser, "f-verdict", "");
    browser.check(&shown("programs"), 8);
    choose(browser, "f-topic", "mmm/printn");
    browser.check(&shown("programs"), 2);
    choose(browser, "f-text", "FLOOD printn");
    browser.check(&shown("programs"), 1);
    // What programs print is searched, too.
    choose(browser, "f-topic", "");
    choose(browser, "f-text", "onerror=");
    browser.check(&format!("{} > 1", shown("programs")), true);
    choose(browser, "f-text", "nothing has this");
    browser.check(&shown("programs"), 0);
    browser.run("document.getElementById('f-reset').click()");
    browser.check(&shown("programs"), 8);
    browser.run("document.querySelector('[data-choose=\"mmm/ret\"]').click()");
    browser.check(&shown("programs"), 4);
    browser.run("document.getElementById('f-reset').click()");
}

/// A link shows what it leads to, even if that is filtered out and folded up.
fn links(browser: &mut Browser) {
    choose(browser, "f-verdict", "agrees");
    let follow =
        "new Promise(done => { location.hash = '#mmm/ret/crash'; setTimeout(done, 200); })";
    browser.run(follow);
    browser.check("document.getElementById('mmm/ret/crash').hidden", false);
    browser.check(
        "document.querySelector('[id=\"mmm/ret/crash\"] details').open",
        true,
    );
    browser.check("document.activeElement.closest('li').id", "mmm/ret/crash");
    let lost = "Array.from(document.querySelectorAll('a[href^=\"#\"]'))\
        .map(link => decodeURIComponent(link.hash.slice(1)))\
        .filter(id => !document.getElementById(id)).join(' ')";
    browser.check(lost, "");
}

fn keyboard(browser: &mut Browser) {
    browser.run("location.hash = ''; document.activeElement.blur(); document.querySelectorAll('details').forEach(fold => fold.open = false)");
    browser.press("/");
    browser.check("document.activeElement.id", "f-text");
    browser.press("z");
    browser.check("document.activeElement.value", "z");
    browser.press("Escape");
    browser.check("document.activeElement.value", "");
    // Verdict, topic, the button, the first program.
    for expected in ["SELECT", "SELECT", "BUTTON", "SUMMARY"] {
        browser.press("Tab");
        browser.check("document.activeElement.tagName", expected);
        browser.check(
            "getComputedStyle(document.activeElement).outlineStyle !== 'none' && parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2",
            true,
        );
    }
    browser.press("Enter");
    browser.check("document.activeElement.parentElement.open", true);
    browser.check(
        "document.querySelectorAll('[tabindex]:not([tabindex=\"-1\"]):not(pre):not([role=region])').length",
        0,
    );
}

/// What somebody who hears the page needs.
fn structure(browser: &mut Browser) {
    browser.check("document.documentElement.lang", "en");
    for (selector, count) in [
        ("h1", 1),
        ("main", 1),
        ("header", 1),
        ("footer", 1),
        ("nav[aria-label]", 1),
    ] {
        browser.check(
            &format!("document.querySelectorAll('{selector}').length"),
            count,
        );
    }
    for stray in [
        "th:not([scope])",
        "svg:not([role=img][aria-label]):not([aria-hidden=true])",
        "img",
        "[style]",
        "main > :not(section)",
    ] {
        browser.check(&format!("document.querySelectorAll('{stray}').length"), 0);
    }
    let unlabelled = "Array.from(document.querySelectorAll('input, select, button')).filter(box => !(box.labels?.length || box.textContent.trim())).length";
    browser.check(unlabelled, 0);
    let twice = "(() => { const ids = Array.from(document.querySelectorAll('[id]'), e => e.id); return ids.filter((id, at) => ids.indexOf(id) !== at).join(' '); })()";
    browser.check(twice, "");
}

/// Texts that stand out from their ground by less than 4.5 to 1.
const LOW_CONTRAST: &str = "(() => {
  const parse = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const light = ([r, g, b]) => [r, g, b].map((c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; })
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (element) => { for (let at = element; at; at = at.parentElement) {
    const colour = parse(getComputedStyle(at).backgroundColor); if (colour[3] > 0) return colour; } return [255, 255, 255]; };
  const low = new Set();
  for (const element of document.querySelectorAll('body *')) {
    const own = Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest('svg, script')) continue;
    const pair = [light(parse(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) low.add(element.tagName + '.' + element.className + ' ' + ratio.toFixed(2));
  }
  return Array.from(low).join(', ');
})()";

/// Nothing went wrong, nothing was fetched, and nothing that a VM printed came to life.
fn keeps_to_itself(browser: &mut Browser, url: &str) {
    browser.check(
        "document.title.startsWith('Conformance and campaigns: theirs <1>')",
        true,
    );
    browser.check("document.querySelectorAll('script').length", 1);
    for event in &browser.events {
        let method = event["method"].as_str().unwrap_or("");
        assert_ne!(method, "Runtime.exceptionThrown", "{event}");
        assert_ne!(method, "Runtime.consoleAPICalled", "{event}");
        assert_ne!(method, "Log.entryAdded", "{event}");
        if method == "Network.requestWillBeSent" {
            let asked = event["params"]["request"]["url"].as_str().unwrap_or("");
            assert!(asked == url || asked.starts_with("data:"), "{asked}");
        }
    }
}

#[test]
fn pictures_for_a_person_to_look_at() {
    let Ok(folder) = std::env::var("REPORT_PICTURES") else {
        return;
    };
    let page = std::env::var("REPORT_PAGE").unwrap_or_else(|_| {
        let file = Path::new(&folder).join("report.html");
        std::fs::write(&file, html(&crate::common::sample::whole())).unwrap();
        file.display().to_string()
    });
    let mut browser = Browser::start().expect("a browser");
    let places = std::env::var("REPORT_PLACES").unwrap_or_default();
    for (width, height, scheme) in [
        (1280, 1600, "light"),
        (1280, 1600, "dark"),
        (360, 1500, "light"),
        (360, 1500, "dark"),
    ] {
        browser.become_a(width, height, scheme);
        for (at, place) in places.split_whitespace().chain([""]).enumerate() {
            browser.open("about:blank");
            browser.open(&format!("file://{page}#{place}"));
            let name = format!("{width}-{scheme}-{at}.png");
            browser.picture(&Path::new(&folder).join(name));
        }
    }
}
