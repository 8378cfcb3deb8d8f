"""Opens pages in a real browser and uses them. See `python check.py --help`.

Checks that no page has a console error or reaches for anything, that every figure is drawn, that
slider, switches, hovering by pointer and keys, and downloads work, that hostile names stay text, that
nothing runs out of a phone's screen, and that it prints. Screenshots are for the eye.
"""

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
import studies  # noqa: E402
from chromium import Chromium  # noqa: E402

DRAWN = """[...document.querySelectorAll('figure svg, .legend svg')].filter(svg => {
  const box = svg.getBoundingClientRect();
  const marks = svg.querySelectorAll('path').length;
  const broken = [...svg.querySelectorAll('*')].some(e => [...e.attributes].some(a => /NaN|Infinity|undefined/.test(a.value)));
  return box.width < 20 || box.height < 10 || marks === 0 || broken;
}).map(svg => svg.outerHTML.slice(0, 200))"""

# Titles that are cut by the edge of their figure, or touch another text of it.
TITLES = """[...document.querySelectorAll('figure svg')].filter(svg => {
  const frame = svg.getBoundingClientRect(), texts = [...svg.querySelectorAll('text')];
  const title = texts.find(text => text.getAttribute('y') === '15');
  if (!title || frame.width === 0) return false;
  const box = title.getBoundingClientRect();
  return box.right > frame.right + 1 || texts.some(text => {
    const other = text.getBoundingClientRect();
    return text !== title && other.left < box.right && other.right > box.left
      && other.top < box.bottom && other.bottom > box.top;
  });
}).map(svg => svg.parentNode.parentNode.id)"""

# On a phone: entries of legends that run out of the screen, and rows of the main table that are taller
# than a name, three lines of small numbers and two of words.
NARROW = """(() => {
  const wide = [...document.querySelectorAll('.legend li')].filter(e => e.getBoundingClientRect().right > innerWidth);
  const tall = [...document.querySelectorAll('#answer-table tbody tr')].filter(e => {
    const name = e.cells[0].getBoundingClientRect().height;
    return e.getBoundingClientRect().height - name > 190;
  });
  return [wide.map(e => e.textContent), tall.map(e => e.textContent.slice(0, 80))];
})()"""

PANEL = """(() => {
  const chart = document.querySelector('#%s .chart');
  chart.scrollIntoView({block: 'center'});
  const svg = chart.querySelector('svg'), frame = svg.getBoundingClientRect(), box = svg.viewBox.baseVal;
  const spots = JSON.parse(document.querySelector('#%s script.spots').textContent).filter(s => s.length === 3);
  const scale = Math.min(frame.width / box.width, frame.height / box.height);
  const place = s => [frame.left + (frame.width - scale * box.width) / 2 + s[0] * scale,
                      frame.top + (frame.height - scale * box.height) / 2 + s[1] * scale];
  return spots.map(s => [...place(s), s[2]]);
})()"""


def check(browser, path, expect, shots=None, limit=5_000_000):
    """`expect`: ids of figures that must be there; sizes in bytes."""
    name = os.path.splitext(os.path.basename(path))[0]
    size = os.path.getsize(path)
    assert size <= limit, f"{name}: {size} bytes, more than {limit}"
    browser.screen(1280, 900)
    browser.open(path)
    browser.run("document.querySelectorAll('details.folded').forEach(d => d.open = true)")
    for wanted in expect:
        assert browser.run(f"!!document.querySelector('figure#{wanted} svg')"), f"{name}: no figure {wanted}"
    assert browser.run(DRAWN) == [], f"{name}: figures not drawn: {browser.run(DRAWN)}"
    assert browser.run(TITLES) == [], f"{name}: titles cut or touched: {browser.run(TITLES)}"
    assert browser.run("window.pwned === undefined"), f"{name}: a name ran as a script"
    assert browser.run("document.images.length") == 0, f"{name}: a name became an image"
    assert browser.run("document.querySelectorAll('td b, td script, li img').length") == 0
    # What cannot be told by ids must be unique.
    twice = browser.run("(() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);"
                        "return ids.filter((id, i) => ids.indexOf(id) !== i); })()")
    assert twice == [], f"{name}: ids used twice: {twice}"
    slider(browser, name)
    switches(browser, name)
    hover(browser, name)
    downloads(browser, name)
    layout(browser, name, shots)
    printed = base64.b64decode(browser.call("Page.printToPDF", printBackground=True)["data"])
    assert printed[:5] == b"%PDF-" and len(printed) > 10_000, f"{name}: does not print"
    if shots:
        with open(f"{shots}/{name}.pdf", "wb") as file:
            file.write(printed)
    outside = [url for url in browser.requests
               if url != browser.url and not url.startswith(("data:", "blob:", "about:"))]
    assert outside == [], f"{name}: reached for {outside}"
    assert browser.faults == [], f"{name}: {browser.faults}"
    print(f"{name}: {size} bytes, {browser.run('document.querySelectorAll(`figure`).length')} figures: good")


def slider(browser, name):
    if not browser.run("!!document.querySelector('#step')"):
        return
    before = browser.run("document.querySelector('#answer-table').innerText")
    wrong = browser.run("""(() => {
      const data = JSON.parse(document.querySelector('#steps-json').textContent);
      const slider = document.querySelector('#step'), wrong = [];
      for (let step = 0; step < data.labels.length; step++) {
        slider.value = step;
        slider.dispatchEvent(new Event('input'));
        if (document.querySelector('#where').textContent !== data.labels[step]) wrong.push(['label', step]);
        data.tasks.forEach((task, t) => {
          task.steps[step].cells.forEach((text, c) => {
            const cell = document.querySelector(`#answer-table td[data-key="${t}:${c}"]`);
            if (!cell || cell.textContent !== text) wrong.push([step, t, c]);
          });
          const marks = task.steps[step].marks;
          const dot = document.querySelectorAll(`#curve-${t} g[data-key="target"] path`)[2];
          if (marks && dot.getAttribute('d') !== `M${marks[0]} ${marks[1]}h0`) wrong.push([step, t, 'dot']);
        });
      }
      return wrong;
    })()""")
    assert wrong == [], f"{name}: slider: {wrong[:5]}"
    assert browser.run("document.querySelector('#answer-table').innerText") != before, f"{name}: nothing moved"
    # The keyboard moves it, and a button brings it back to the target.
    browser.run("document.querySelector('#step').focus()")
    at = browser.run("document.querySelector('#step').value")
    press(browser, "ArrowLeft", 37)
    assert browser.run("document.querySelector('#step').value") != at, f"{name}: keys do not move the slider"
    browser.run("[...document.querySelectorAll('.steps button')].pop().click()")
    assert browser.run("document.querySelector('#answer-table').innerText") == before, f"{name}: button"


def switches(browser, name):
    for key in browser.run("[...document.querySelectorAll('input[data-switch]')].map(e => e.dataset.switch)"):
        shown = f"""[...document.querySelectorAll('figure svg g[data-key="{key}"]')].map(g => getComputedStyle(g).display)"""
        groups = browser.run(shown)
        if not groups:
            continue
        browser.run(f"document.querySelector('input[data-switch=\"{key}\"]').click()")
        turned = browser.run(shown)
        assert len(set(turned)) == 1 and turned[0] != groups[0], f"{name}: switch {key}: {groups} {turned}"
        browser.run(f"document.querySelector('input[data-switch=\"{key}\"]').click()")
        assert browser.run(shown) == groups, f"{name}: switch {key} does not turn back"


def hover(browser, name):
    figures = browser.run("[...document.querySelectorAll('figure')].map(f => f.id)")
    kinds = {}
    for figure in figures:
        kinds.setdefault(figure.rstrip("0123456789-"), figure)
    for figure in kinds.values():
        spots = browser.run(PANEL % (figure, figure))
        if not spots:
            continue
        x, y, text = spots[len(spots) // 2]
        browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        tip = "(t => t.hidden ? null : t.textContent)(document.querySelector('#tip'))"
        said = browser.run(tip)
        assert said in [s[2] for s in spots], f"{name} {figure}: hover says {said!r}, expected {text!r}"
        browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=2, y=2)
        assert browser.run(tip) is None, f"{name} {figure}: the tip stays"
        browser.run(f"document.querySelector('#{figure} .chart').focus({{preventScroll: true}})")
        press(browser, "ArrowRight", 39)
        first = browser.run(tip)
        press(browser, "ArrowRight", 39)
        assert first and browser.run(tip), f"{name} {figure}: keys read nothing"
        press(browser, "Escape", 27)
        assert browser.run(tip) is None, f"{name} {figure}: Escape leaves the tip"


def press(browser, key, code):
    for kind in ["keyDown", "keyUp"]:
        browser.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)


def downloads(browser, name):
    def click(selector, label):
        browser.run(f"[...document.querySelectorAll(`{selector} button`)].find(b => b.textContent === '{label}').click()")
        return browser.downloaded()

    table = browser.run("document.querySelector('.tools[data-table]').dataset.table")
    rows = browser.run(f"document.querySelectorAll('#{table} tbody tr').length")
    file, content = click(f".tools[data-table={table}]", "JSON")
    assert len(json.loads(content)) == rows, f"{name}: {file}"
    import csv
    file, content = click(f".tools[data-table={table}]", "CSV")
    read = list(csv.reader(content.decode().splitlines(keepends=True)))
    assert len(read) == rows + 1, f"{name}: {file}"
    assert not any(cell.startswith(("=", "@")) for row in read for cell in row), f"{name}: a formula in {file}"
    figure = browser.run("document.querySelector('figure').id")
    file, content = click(f"#{figure} > .tools", "SVG")
    assert content.startswith(b"<svg") and b"display=\"none\"" not in content, f"{name}: {file}"
    last = browser.run("[...document.querySelectorAll('figure')].pop().id")
    _, other = click(f"#{last} > .tools", "SVG")
    for drawn in [content, other]:
        # Axes that the page writes once are in every file.
        assert b"<use" not in drawn and drawn.count(b"</text>") > 3, f"{name}: a figure without its axes"
    file, content = click(f"#{figure} > .tools", "PNG")
    assert content.startswith(b"\x89PNG") and len(content) > 5000, f"{name}: {file}"
    if browser.run("!!document.querySelector('#files button')"):
        label = browser.run("document.querySelector('#files button').textContent")
        _, content = click("#files", label)
        assert json.loads(content)["schema"] == f"codcast.{label.removesuffix('.json')}/1"
    # Numbers without a table of their own are listed when asked for.
    browser.run("document.querySelectorAll('details.numbers').forEach(d => d.open = true)")
    browser.run("new Promise(done => setTimeout(done, 300))")
    empty = browser.run("[...document.querySelectorAll('figure')].filter(f => !f.querySelector('.numbers tbody tr')).map(f => f.id)")
    assert empty == [], f"{name}: no numbers behind {empty}"
    browser.run("document.querySelectorAll('details.numbers').forEach(d => d.open = false)")


def layout(browser, name, shots):
    for label, width, height, phone, dark in [
        ("light", 1280, 900, False, False), ("dark", 1280, 900, False, True), ("phone", 390, 844, True, False),
    ]:
        browser.screen(width, height, phone, dark)
        browser.run("window.scrollTo(0, 0)")
        wide = browser.run("document.documentElement.scrollWidth")
        assert wide <= width, f"{name}: {wide} pixels wide on a screen of {width}"
        if phone:
            assert browser.run(NARROW) == [[], []], f"{name}: {browser.run(NARROW)}"
        if shots:
            browser.run("new Promise(done => setTimeout(done, 100))")
            tall = browser.run("document.documentElement.scrollHeight")
            shot = browser.call("Page.captureScreenshot", captureBeyondViewport=True, clip={
                "x": 0, "y": 0, "width": width, "height": min(tall, 9000), "scale": 1})
            with open(f"{shots}/{name}-{label}.png", "wb") as file:
                file.write(base64.b64decode(shot["data"]))
    browser.screen(1280, 900)
    # Nothing moves while the page loads.
    browser.open(browser.url.removeprefix("file://"))
    shift = browser.run("""new Promise(done => {
      let sum = 0;
      new PerformanceObserver(list => { for (const e of list.getEntries()) sum += e.value; })
        .observe({type: 'layout-shift', buffered: true});
      setTimeout(() => done(sum), 300);
    })""")
    assert shift < 0.05, f"{name}: the layout shifts by {shift}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("codcast", help="the program that makes the pages")
    parser.add_argument("--screenshots", metavar="DIR", help="keep screenshots and pages here")
    args = parser.parse_args()
    codcast = os.path.abspath(args.codcast)
    with tempfile.TemporaryDirectory() as folder:
        keep = os.path.abspath(args.screenshots) if args.screenshots else None
        pages = keep or folder
        os.makedirs(pages, exist_ok=True)

        def run(*words, statuses=(0,)):
            done = subprocess.run([codcast, *words, "--quiet"], cwd=folder, stdout=subprocess.DEVNULL)
            assert done.returncode in statuses, f"{words}: exit status {done.returncode}"

        run("demo", "--report", f"{pages}/demo.html")
        inside = ["curve-0", "parts-0", "group-0-0", "map-0", "difficulty-0", "errors", "calibration"]
        jobs = [("demo", inside, 1_000_000)]
        for tasks, hostile in [(1, False), (8, True), (30, False)]:
            study = f"{folder}/study-{tasks}"
            studies.write(study, tasks, hostile=hostile)
            name = "hostile-8" if hostile else f"tasks-{tasks}"
            run("forecast", study, "--report", f"{pages}/{name}.html")
            jobs.append((name, [f"curve-{tasks - 1}", *inside], 5_000_000))
        run("forecast", f"{folder}/study-1", "--engine", "cod", "--report", f"{pages}/cod.html")
        jobs.append(("cod", ["curve-0", "group-0-0", "mapping-0", "map-0"], 5_000_000))
        run("backtest", f"{folder}/study-30", "--engine", "codcast,last", "--no-cache", "--report", f"{pages}/backtest.html")
        jobs.append(("backtest", ["errors", "calibration"], 5_000_000))
        for tasks, hostile in [(1, False), (8, True)]:
            study = f"{folder}/run-{tasks}"
            watched = studies.write_run(study, tasks, hostile=hostile)
            name = "run-hostile" if hostile else "run"
            # An alarm, which the fault should raise, has a status of its own.
            run("monitor", study, f"--run={watched}", "--report", f"{pages}/{name}.html", statuses=(0, 3))
            jobs.append((name, [f"run-{tasks - 1}", "overall"], 5_000_000))
            goals = ["--score", "0.85", "--score", "0.93"]
            name = "plan-hostile" if hostile else "plan"
            budget = [] if hostile else ["--budget", "1e23"]
            run("plan", study, *goals, *budget, "--report", f"{pages}/{name}.html")
            jobs.append((name, ["compute-chart", *(["additions-chart"] if budget else [])], 5_000_000))
        run("plan", f"{folder}/study-8", "--against", f"{folder}/study-8", "--report", f"{pages}/recipes.html")
        jobs.append(("recipes", ["recipes-chart"], 5_000_000))
        with Chromium() as browser:
            for name, expect, limit in jobs:
                check(browser, f"{pages}/{name}.html", expect, keep, limit)


if __name__ == "__main__":
    main()
