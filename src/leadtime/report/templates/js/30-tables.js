// Tables: sorted by a column, and taken as CSV.
function hand(address, name) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
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

function sortable(root) { for (const head of root.querySelectorAll("main table:not(.plain) thead th")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "sort";
  button.append(...head.childNodes);
  button.addEventListener("click", () => sort(button));
  head.append(button);
}
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

function downloads(root) { for (const table of root.querySelectorAll("main .scroll > table:not(.plain)")) {
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
}
sortable(document);
downloads(document);
