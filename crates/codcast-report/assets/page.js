// Slider, switches, hovering, downloads. Every number was formatted when the page was made: this
// script looks up and moves, it does not calculate scores.
"use strict";
(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const one = (selector, root = document) => root.querySelector(selector);
  const parsed = (element) => (element ? JSON.parse(element.textContent) : null);
  const SVG = "http://www.w3.org/2000/svg";

  // --- slider ---------------------------------------------------------------------------------
  const steps = parsed(one("#steps-json"));
  const slider = one("#step");

  function go(step) {
    slider.value = step;
    slider.setAttribute("aria-valuetext", steps.labels[step]);
    one("#where").textContent = steps.labels[step];
    for (const button of all(".steps button")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.step) === step));
    }
    steps.tasks.forEach((task, t) => {
      const at = task.steps[step];
      at.cells.forEach((text, column) => {
        const cell = one(`#answer-table td[data-key="${t}:${column}"]`);
        if (cell) cell.textContent = text;
      });
      const group = one(`#curve-${t} svg g[data-key="target"]`);
      if (!group) return;
      group.setAttribute("display", at.marks ? "inline" : "none");
      if (!at.marks) return;
      const [x, y, lower, upper] = at.marks;
      const [line, bar, dot] = all("path", group);
      line.setAttribute("d", `M${x} ${task.top}L${x} ${task.bottom}`);
      bar.setAttribute("d", `M${x} ${lower}L${x} ${upper}`);
      dot.setAttribute("d", `M${x} ${y}h0`);
    });
  }

  if (steps && slider) {
    slider.addEventListener("input", () => go(Number(slider.value)));
    for (const button of all(".steps button")) {
      button.addEventListener("click", () => go(Number(button.dataset.step)));
    }
    go(Number(slider.value));
  }

  // --- switches -------------------------------------------------------------------------------
  const off = new Set();
  for (const box of all("input[data-switch]")) {
    const key = box.dataset.switch;
    const groups = () => all(`figure svg g[data-key="${key}"]`);
    const apply = () => {
      for (const group of groups()) group.setAttribute("display", box.checked ? "inline" : "none");
      if (box.checked) off.delete(key); else off.add(key);
    };
    box.checked = groups().some((group) => group.getAttribute("display") !== "none");
    apply();
    box.addEventListener("change", apply);
  }

  // --- hovering -------------------------------------------------------------------------------
  const tip = one("#tip");

  function hoverable(figure) {
    const chart = one(".chart", figure);
    const svg = one("svg", chart);
    const spots = parsed(one("script.spots", figure)) || [];
    if (!svg || spots.length === 0) return;
    const ring = document.createElementNS(SVG, "circle");
    ring.setAttribute("r", "7");
    ring.setAttribute("class", "s-text hover-ring");
    ring.setAttribute("fill", "none");
    ring.setAttribute("stroke", "#1b1f24");
    ring.setAttribute("stroke-width", "1.5");
    ring.setAttribute("display", "none");
    svg.appendChild(ring);
    const heard = () => spots.filter((spot) => spot[3] === undefined || !off.has(spot[3]));
    const box = svg.viewBox.baseVal;
    let current = null;

    function show(spot) {
      current = spot;
      ring.setAttribute("cx", spot[0]);
      ring.setAttribute("cy", spot[1]);
      ring.setAttribute("display", "inline");
      tip.textContent = spot[2];
      tip.hidden = false;
      const frame = svg.getBoundingClientRect();
      const scale = Math.min(frame.width / box.width, frame.height / box.height);
      const x = frame.left + (frame.width - scale * box.width) / 2 + spot[0] * scale;
      const y = frame.top + (frame.height - scale * box.height) / 2 + spot[1] * scale;
      const left = Math.min(Math.max(4, x + 12), window.innerWidth - tip.offsetWidth - 4);
      const above = y - tip.offsetHeight - 12;
      tip.style.left = `${Math.max(4, left)}px`;
      tip.style.top = `${above > 4 ? above : y + 14}px`;
    }

    function hide() {
      current = null;
      tip.hidden = true;
      ring.setAttribute("display", "none");
    }

    function nearest(event) {
      const frame = svg.getBoundingClientRect();
      const scale = Math.min(frame.width / box.width, frame.height / box.height);
      const x = (event.clientX - frame.left - (frame.width - scale * box.width) / 2) / scale;
      const y = (event.clientY - frame.top - (frame.height - scale * box.height) / 2) / scale;
      let best = null;
      let least = 28 * 28;
      for (const spot of heard()) {
        const distance = (spot[0] - x) ** 2 + (spot[1] - y) ** 2;
        if (distance < least) [best, least] = [spot, distance];
      }
      return best;
    }

    const point = (event) => {
      const spot = nearest(event);
      if (spot) show(spot); else hide();
    };
    chart.addEventListener("pointermove", point);
    chart.addEventListener("pointerdown", point);
    chart.addEventListener("pointerleave", hide);
    chart.addEventListener("blur", hide);
    chart.addEventListener("keydown", (event) => {
      const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") hide();
      if (!move) return;
      const order = heard().sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      const at = current ? order.indexOf(current) : (move > 0 ? -1 : order.length);
      const next = order[Math.min(Math.max(at + move, 0), order.length - 1)];
      if (next) show(next);
      event.preventDefault();
    });
  }

  // --- tables and downloads -------------------------------------------------------------------
  function save(name, blob) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  const value = (cell) => (cell.dataset.v !== undefined ? cell.dataset.v : cell.textContent);

  function content(table) {
    const heads = all("thead th", table).map((cell) => cell.textContent);
    const numeric = all("thead th", table).map((cell) => cell.classList.contains("n"));
    const rows = all("tbody tr", table).map((row) => all("td", row).map((cell, i) => {
      const text = value(cell);
      return numeric[i] && text === "\u2013" ? "" : text;
    }));
    return { heads, rows, numeric };
  }

  function csv(table) {
    const { heads, rows } = content(table);
    // A spreadsheet would run a name that begins like a formula.
    const safe = (text) => (/^[=+@\t\r]|^-(?![\d.])/.test(text) && !/^[+-]?[\d.]+$/.test(text) ? `'${text}` : text);
    const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
    return [heads, ...rows].map((row) => row.map((text) => quoted(safe(text))).join(",")).join("\r\n") + "\r\n";
  }

  function json(table) {
    const { heads, rows, numeric } = content(table);
    const typed = (text, i) => {
      if (!numeric[i]) return text;
      return text === "" ? null : (Number.isFinite(Number(text)) ? Number(text) : text);
    };
    const objects = rows.map((row) => Object.fromEntries(row.map((text, i) => [heads[i], typed(text, i)])));
    return JSON.stringify(objects, null, 1);
  }

  function button(label, name, action) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    made.setAttribute("aria-label", `${label}: ${name}`);
    made.addEventListener("click", action);
    return made;
  }

  function offer(tools, table, name) {
    tools.append(
      button("CSV", name, () => save(`${name}.csv`, new Blob([csv(table)], { type: "text/csv" }))),
      button("JSON", name, () => save(`${name}.json`, new Blob([json(table)], { type: "application/json" }))),
    );
  }

  // The figure as a file of its own: what is hidden or only for hovering stays out.
  function standalone(svg) {
    const copy = svg.cloneNode(true);
    const box = svg.viewBox.baseVal;
    copy.setAttribute("xmlns", SVG);
    copy.setAttribute("width", box.width);
    copy.setAttribute("height", box.height);
    copy.setAttribute("font-family", "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', Arial, sans-serif");
    for (const gone of all('[display="none"], .hover-ring', copy)) gone.remove();
    // Axes that are written once in the page are written out.
    for (const shared of all("use", copy)) shared.replaceWith(one(shared.getAttribute("href")).cloneNode(true));
    const paper = document.createElementNS(SVG, "rect");
    paper.setAttribute("width", "100%");
    paper.setAttribute("height", "100%");
    paper.setAttribute("fill", "#ffffff");
    copy.insertBefore(paper, copy.querySelector("desc").nextSibling);
    return new XMLSerializer().serializeToString(copy);
  }

  function png(svg, name) {
    const box = svg.viewBox.baseVal;
    const scale = 4;
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = box.width * scale;
      canvas.height = box.height * scale;
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => blob && save(`${name}.png`, blob), "image/png");
    };
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standalone(svg))}`;
  }

  // A figure without a table of its own gets one of what it says, when it is opened.
  function filled(figure) {
    const holder = one(".numbers .scroll", figure);
    if (one("table", holder)) return;
    const spots = parsed(one("script.spots", figure)) || [];
    const table = document.createElement("table");
    table.id = `${figure.id}-table`;
    const head = table.createTHead().insertRow();
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = "values";
    head.append(cell);
    const body = table.createTBody();
    for (const spot of spots) body.insertRow().insertCell().textContent = spot[2];
    holder.append(table);
  }

  for (const tools of all(".tools[data-table]")) {
    offer(tools, document.getElementById(tools.dataset.table), tools.dataset.table);
  }
  for (const figure of all("figure")) {
    hoverable(figure);
    const tools = one(".tools", figure);
    const svg = one(".chart svg", figure);
    tools.append(
      button("SVG", figure.id, () => save(`${figure.id}.svg`, new Blob([standalone(svg)], { type: "image/svg+xml" }))),
      button("PNG", figure.id, () => png(svg, figure.id)),
    );
    const numbers = one(".numbers", figure);
    numbers.addEventListener("toggle", () => {
      if (!numbers.open || one(".tools", numbers)) return;
      filled(figure);
      const own = document.createElement("p");
      own.className = "tools";
      numbers.append(own);
      offer(own, one("table", numbers), `${figure.id}-table`);
    });
  }
  for (const file of all("script[data-file]")) {
    const name = file.dataset.file;
    one("#files").append(button(name, "the result", () => save(name, new Blob([file.textContent], { type: "application/json" }))));
  }

  // What is folded is printed too.
  const opened = [];
  window.addEventListener("beforeprint", () => {
    for (const details of all("details.folded:not([open])")) {
      details.open = true;
      opened.push(details);
    }
  });
  window.addEventListener("afterprint", () => {
    while (opened.length) opened.pop().open = false;
  });
})();
