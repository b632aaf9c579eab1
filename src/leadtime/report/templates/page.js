const report = JSON.parse(document.getElementById("report").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const options = { actions: false, ast: true, renderer: "svg" };

async function draw() {
  const config = dark.matches ? report.dark : report.light;
  for (const element of document.querySelectorAll(".chart")) {
    element.vega?.finalize();
    const tooltip = { theme: dark.matches ? "dark" : "light" };
    element.vega = await vegaEmbed(element, report.figures[element.dataset.figure].page, { ...options, config, tooltip });
    element.querySelector("svg").setAttribute("aria-hidden", "true"); // the element around it is the image, and has the words
  }
  document.body.dataset.drawn = "yes";
}

function hand(address, name) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}

async function save(button) {
  const name = button.dataset.figure;
  if (button.dataset.kind === "json") {
    const address = URL.createObjectURL(new Blob([JSON.stringify(report.figures[name].file, null, 1)], { type: "application/json" }));
    hand(address, `${name}.vl.json`);
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    return;
  }
  const box = document.createElement("div");
  const drawn = await vegaEmbed(box, report.figures[name].file, options);
  const address = await drawn.view.toImageURL(button.dataset.kind, button.dataset.kind === "png" ? 2 : 1);
  drawn.finalize();
  hand(address, `${name}.${button.dataset.kind}`);
}

const UNITS = { k: 1e3, M: 1e6, B: 1e9, T: 1e12 };

function worth(cell) { // the first number of a cell, or its text
  const text = cell.textContent.trim().replaceAll("−", "-");
  const found = text.match(/^[^0-9a-zA-Z-]*(-?[0-9][0-9,]*\.?[0-9]*(?:e[+-]?[0-9]+)?)\s?([kMBT])?(?![0-9-])/);
  return found && !/^\d{4}-\d\d/.test(text) ? Number(found[1].replaceAll(",", "")) * (UNITS[found[2]] ?? 1) : text;
}

function sort(button) {
  const head = button.closest("th");
  const body = head.closest("table").tBodies[0];
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const keyed = [...body.rows].map((row) => [worth(row.cells[head.cellIndex]), row]);
  keyed.sort(([a], [b]) => (typeof a === typeof b ? (typeof a === "number" ? a - b : a.localeCompare(b)) : typeof a === "number" ? -1 : 1));
  body.append(...(down ? keyed.reverse() : keyed).map(([, row]) => row));
}

for (const head of document.querySelectorAll("thead th")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "sort";
  button.append(...head.childNodes);
  button.addEventListener("click", () => sort(button));
  head.append(button);
}

for (const button of document.querySelectorAll("button[data-kind]")) {
  button.hidden = false;
  button.addEventListener("click", () => save(button));
}

async function embed(button) { // a figure that needs nothing but itself: picture, words, where it is from
  const name = button.dataset.embed;
  const box = document.createElement("div");
  const drawn = await vegaEmbed(box, report.figures[name].file, options);
  const picture = await drawn.view.toSVG();
  drawn.finalize();
  const chart = document.querySelector(`.chart[data-figure="${name}"]`);
  const figure = document.createElement("figure");
  figure.innerHTML = picture;
  figure.firstChild.setAttribute("role", "img");
  figure.firstChild.setAttribute("aria-label", chart.getAttribute("aria-label"));
  figure.firstChild.style.cssText = "max-width: 100%; height: auto";
  const words = document.createElement("figcaption");
  const link = document.createElement("a");
  link.href = `${location.href.split("#")[0]}#${name}`;
  link.textContent = "leadtime";
  words.append(link);
  figure.append(words);
  copy(figure.outerHTML, button);
}
for (const button of document.querySelectorAll("button[data-embed]")) {
  button.hidden = false;
  button.addEventListener("click", () => embed(button));
}

const AMOUNT = "\\$?([+-]?[\\d.,]+(?:e[+-]?\\d+)?)([kMBT]| thousand| million| billion| trillion)?";
const RANGE = new RegExp(`^${AMOUNT}(?: ?%)? (?:\\[${AMOUNT}, ${AMOUNT}\\]|\\(${AMOUNT}%? to ${AMOUNT}%?\\))(?!.*(?:\\[|\\([-+$\\d]))`); // of two ranges in a cell neither may be lost
const WORDS = { thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12 };

function cells(row, widths) { // a cell such as 6.4 [5.9, 7.2] or 6.4 (5.9 to 7.2) is three: median, low, high
  return [...row.cells].flatMap((cell, i) => {
    const text = cell.textContent.trim().replaceAll("−", "-").replace(/\s+/g, " ");
    if (!widths[i]) return [text];
    const found = text.match(RANGE);
    if (!found) return [text, "", ""];
    const [, middle, unit, a, au, b, bu, c, cu, d, du] = found;
    const shared = c && !cu && !du ? unit : undefined; // $232 billion (79 to 966)
    const value = (number, size) => String(Number(number.replaceAll(",", "")) * (UNITS[size] ?? WORDS[size?.trim()] ?? 1));
    return [value(middle, unit), value(a ?? c, au ?? cu ?? shared), value(b ?? d, bu ?? du ?? shared)];
  });
}

function csv(table) {
  const rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells];
  const widths = heads.map((_, i) => rows.some((row) => RANGE.test((row.cells[i]?.textContent ?? "").trim().replaceAll("−", "-"))));
  const names = heads.flatMap((head, i) => { const name = head.textContent.trim(); return widths[i] ? [name, `${name} (low)`, `${name} (high)`] : [name]; });
  const inert = (text) => (/^[=+\-@\t\r]/.test(text) && !/^-[\d.,]+(?:e[+-]?\d+)?$/i.test(text) ? `'${text}` : text); // a spreadsheet would run it as a formula
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [names, ...rows.map((row) => cells(row, widths))].map((row) => row.map(inert).map(quoted).join(",")).join("\n") + "\n";
}

for (const table of document.querySelectorAll("main .scroll > table")) {
  if (!table.tHead || !table.tBodies.length) continue;
  const button = document.createElement("button");
  const label = table.parentElement.getAttribute("aria-label").replace(/, table$/, "");
  button.type = "button";
  button.className = "download";
  button.textContent = "Table as CSV";
  button.setAttribute("aria-label", `Table as CSV: ${label}`);
  button.addEventListener("click", () => {
    const address = URL.createObjectURL(new Blob([csv(table)], { type: "text/csv" }));
    hand(address, `${label.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "")}.csv`);
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  });
  table.parentElement.after(button);
}

const filter = document.getElementById("filter");
const claims = [...document.querySelectorAll("details.claim")];

function choose() {
  const { verdict, who, text } = Object.fromEntries(new FormData(filter));
  const words = text.trim().toLowerCase();
  for (const claim of claims) {
    claim.hidden = (verdict && !claim.dataset.verdicts.split("|").includes(verdict)) || (who && claim.dataset.who !== who) ||
      (words && !claim.textContent.toLowerCase().includes(words));
  }
  filter.querySelector("output").textContent = `${claims.filter((c) => !c.hidden).length} of ${claims.length} claims`;
}

async function copy(text, button) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    prompt("Copy this:", text); // a file has no clipboard in some browsers
  }
  setTimeout(() => { button.textContent = label; }, 1500);
}

function arrive() { // #claims?verdict=refuted&text=cost selects; an id inside details opens them
  const [id, asked] = decodeURI(location.hash.slice(1)).split("?");
  if (asked !== undefined && filter) {
    for (const [key, value] of new URLSearchParams(asked)) {
      if (filter.elements[key]) filter.elements[key].value = value;
    }
    choose();
  }
  const target = id && document.getElementById(id);
  if (!target) return;
  const closed = target.closest("details");
  if (closed) { closed.hidden = false; closed.open = true; }
  target.scrollIntoView();
}

if (filter) {
  filter.hidden = false;
  filter.addEventListener("input", choose);
  filter.addEventListener("submit", (event) => event.preventDefault());
  filter.elements.share.addEventListener("click", (event) => {
    const asked = new URLSearchParams([...new FormData(filter)].filter(([, value]) => value));
    history.replaceState(null, "", `#claims?${asked}`);
    copy(location.href, event.currentTarget);
  });
  choose();
}
for (const button of document.querySelectorAll("button[data-cite]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(`${button.dataset.cite} ${location.href.split("#")[0]}#${button.closest("details, figure").id}`, button));
}
for (const form of document.querySelectorAll("form.ask[method=get]")) { // an address holds what was chosen, and nothing else
  form.addEventListener("submit", () => {
    for (const field of form.elements) {
      const day = field.name?.startsWith("from.") && !form.elements[field.name.replace("from.", "lever.")].value;
      if (field.name && (field.value === "" || day)) field.disabled = true;
    }
  });
}
addEventListener("pageshow", () => { for (const field of document.querySelectorAll("form.ask :disabled")) field.disabled = false; });
for (const field of document.querySelectorAll("input[data-into]")) { // a file is read here, and sent as text
  field.closest("label").hidden = false;
  field.addEventListener("change", async () => { document.getElementById(field.dataset.into).value = await field.files[0].text(); });
}
const job = document.querySelector("[data-job]");
if (job) {
  const events = new EventSource(`/api/v1/jobs/${job.dataset.job}/events`);
  const tell = (event) => {
    const { done, status, words } = JSON.parse(event.data);
    job.querySelector("progress").value = done;
    job.querySelector("output").textContent = `${status}: ${words}`;
    if (!["queued", "running"].includes(status)) { events.close(); location.reload(); }
  };
  for (const name of ["queued", "running", "done", "failed", "cancelled"]) events.addEventListener(name, tell);
}
addEventListener("hashchange", arrive);
arrive();
dark.addEventListener("change", draw);
draw();
