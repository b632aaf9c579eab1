// What if?: controls move the sentence, the chart and the tiles; the server answers, or in the report file the page's own simulation.
{
const { simulation, short, tenth, shownOf, leverOf, valueWords, endOf, chanceWords, gapChart, aloneChart, stackChart, miniChart } = WHAT_IF;
const lab = document.querySelector("[data-what-if]");
const data = lab?.querySelector(".what-if-data");

function whatIf(lab, d) {
  const live = lab.dataset.whatIf === "live", form = lab.querySelector("form.panel"), follows = lab.querySelector(".follows");
  const one = (selector, at = lab) => at.querySelector(selector), all = (selector, at = lab) => [...at.querySelectorAll(selector)];
  const control = Object.fromEntries(d.controls.map((c) => [c.lever, c])), wait = one(".wait");
  const plain = (c) => c.today_median === null ? "no limit" : c.today_median && Math.abs(c.today_median) < 10 ? short(c.today_median) : c.today_median.toFixed(0);
  const compare = live ? null : simulation(d);
  const past = [];
  let base = form.elements.base?.value ?? "", beside = all("input[name=rules]", form).map((x) => x.value), opened = !beside.length, asked = 0, timer = 0;

  // A slider's place and what is shown: equal factors where the control is logarithmic; beyond its end there is no limit.
  const log = (c) => ["factor", "millions"].includes(c.shown), least = (c) => c.shown === "millions" ? 0.05 : c.low;
  const place = (c, shown) => !log(c) ? shown : c.shown === "millions" && shown > c.high ? 100 : c.shown === "millions" && !shown ? 0
    : Math.max(c.shown === "millions" ? 1 : 0, Math.log(shown / least(c)) / Math.log(c.high / least(c)) * (c.shown === "millions" ? 98 : 100) + (c.shown === "millions" ? 1 : 0));
  const shownAt = (c, at) => !log(c) ? at : c.shown === "millions" ? (at >= 100 ? Infinity : at <= 0 ? 0 : Number((least(c) * (c.high / least(c)) ** ((at - 1) / 98)).toPrecision(2)))
    : Math.round(c.low * (c.high / c.low) ** (at / 100));
  const read = (c) => {
    const text = form.elements[c.lever].value.trim().toLowerCase().replace(/%|million/g, "").trim();
    return c.shown === "millions" && text === "no limit" ? Infinity : text === "" ? NaN : Number(text);
  };
  const changed = (c) => form.elements[c.lever].value.trim() !== plain(c);
  const now = (c) => c.today_median === null ? Infinity : c.today_median;
  const own = () => Object.fromEntries(d.controls.filter((c) => changed(c) && !Number.isNaN(read(c))).map((c) => [c.lever, leverOf(c, read(c))]));
  const text = (levers) => Object.entries(levers).map(([k, v]) => `${k}=${v === Infinity ? "inf" : Number(v.toPrecision(9))}`).join(" ");

  for (const row of all(".lever")) {
    const c = control[row.dataset.lever], slider = one("input[type=range]", row), box = form.elements[c.lever];
    one(".slide", row).hidden = false;
    Object.assign(slider, { min: log(c) ? 0 : c.low, max: log(c) ? 100 : c.high, step: log(c) ? 0.5 : 1 });
    slider.addEventListener("input", () => {
      const shown = shownAt(c, Number(slider.value)), near = Math.abs(Number(slider.value) - place(c, now(c))) <= (slider.max - slider.min) / 200;
      box.value = near ? plain(c) : shown === Infinity ? "no limit" : shown && Math.abs(shown) < 10 ? short(shown) : shown.toFixed(0);
      moved();
    });
    slider.addEventListener("pointerdown", keep);
    slider.addEventListener("keydown", keep);
    box.addEventListener("focus", keep);
    box.addEventListener("input", moved);
  }
  one(".key").hidden = false;
  one("[data-show]").hidden = true;
  form.hidden = false;
  all(".preset[hidden]:not(.yours)").forEach((b) => { b.hidden = false; });
  all("[data-keep], .panel > .tools [data-undo]").forEach((b) => { b.hidden = false; });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.elements.from.addEventListener("change", moved);
  form.elements.by.addEventListener("change", moved);

  const state = () => JSON.stringify({ base, beside, opened, values: d.controls.map((c) => form.elements[c.lever].value), from: form.elements.from.value, by: form.elements.by.value });
  function keep() { if (past.at(-1) !== state()) past.push(state()); }
  function restore(text) {
    const s = JSON.parse(text);
    ({ base, beside, opened } = s);
    d.controls.forEach((c, i) => { form.elements[c.lever].value = s.values[i]; });
    form.elements.from.value = s.from;
    form.elements.by.value = s.by;
  }
  for (const b of all("[data-undo]")) b.addEventListener("click", () => { if (past.length) { restore(past.pop()); shown(); ask(0); } });
  all("[data-back]").forEach((b) => b.addEventListener("click", (event) => { event.preventDefault(); keep(); set({}, ""); }));
  for (const b of all("[data-preset]")) {
    b.addEventListener("click", (event) => { event.preventDefault(); keep(); const p = d.presets[b.dataset.preset]; set(p.levers, p.free ? p.scenario : ""); });
  }
  function set(levers, from) {
    base = from;
    opened = !from && !Object.keys(levers).length && !beside.length;
    for (const c of d.controls) {
      const shown = levers[c.lever] === undefined ? null : shownOf(c, levers[c.lever]);
      form.elements[c.lever].value = shown === null ? plain(c) : shown === Infinity ? "no limit" : Math.abs(shown) < 10 && shown ? short(shown) : shown.toFixed(0);
    }
    shown();
    ask(0);
  }

  function moved() { opened = false; base = ""; shown(); ask(20); } // one question is under way at a time, so this need not wait long

  // What the panel itself shows: values, marks, purple fill, groups, presets. It is drawn at once.
  function shown() {
    for (const row of all(".lever")) {
      const c = control[row.dataset.lever], slider = one("input[type=range]", row), value = read(c), differs = changed(c);
      const part = (v) => clamp((place(c, v) - slider.min) / (slider.max - slider.min));
      const [t, v] = [part(now(c)), part(Number.isNaN(value) ? now(c) : value)];
      if (document.activeElement !== slider) slider.value = place(c, Number.isNaN(value) ? now(c) : value);
      for (const [k, x] of [["--t", t], ["--a", differs ? Math.min(t, v) : t], ["--b", differs ? Math.max(t, v) : t], ["--thumb", differs ? "var(--yours)" : "var(--soft)"]]) one(".slide", row).style.setProperty(k, x);
      one(".box", row).classList.toggle("changed", differs);
      one(".box span", row).hidden = value === Infinity;
      slider.setAttribute("aria-valuetext", Number.isNaN(value) ? "" : valueWords(c, value));
      const stop = c.lever === "open_ratio" && d.stops.find((s) => Math.abs(s.shown - value) < 0.5);
      one(".stop", row).textContent = stop ? `Class of the ${stop.name}` : "";
    }
    for (const g of all(".group")) {
      const many = all(".box.changed", g).length;
      one(".state", g).textContent = many ? `${many} changed` : "as today";
      one(`.swipe [data-group="${g.dataset.group}"] span`).textContent = many ? ` · ${many}` : "";
    }
    const levers = own(), count = Object.keys(levers).length, here = d.presets.findIndex((p) => (p.free ? base === p.scenario : !base && same_levers(p.levers, levers)));
    all("[data-preset]").forEach((b, i) => (i === here ? b.setAttribute("aria-current", "true") : b.removeAttribute("aria-current")));
    const yours = one(".preset.yours");
    yours.hidden = here >= 0;
    yours.setAttribute("aria-current", "true");
    one("[data-count]").textContent = count ? `${count} changed` : "as today";
  }
  const clamp = (v) => Math.max(0, Math.min(1, v));
  const same_levers = (a, b) => Object.keys(a).length === Object.keys(b).length &&
    Object.keys(a).every((k) => b[k] !== undefined && Math.abs(shownOf(control[k], a[k]) - shownOf(control[k], b[k])) < 0.51 || a[k] === b[k]);

  // One question is under way at a time; the last one asked is the one that is shown.
  let busy = false, again = false, later = 0;
  function ask(after) { clearTimeout(timer); clearTimeout(later); timer = setTimeout(put, after); }
  async function put(alone = false) {
    if (busy) { again = true; return; }
    busy = true;
    const id = ++asked, begun = performance.now();
    const slow = setTimeout(() => { follows.classList.add("waits"); wait.hidden = false; wait.textContent = "Working it out. The last answer stays until then."; }, 700);
    try {
      const answer = await answered(alone);
      if (answer && id === asked && !again) render(answer, alone);
      lab.dataset.ms = Math.round(performance.now() - begun);
      clearTimeout(slow);
      follows.classList.remove("waits");
      wait.hidden = true;
      if (!alone && !again) later = setTimeout(() => put(true), 600);
    } catch (error) {
      clearTimeout(slow);
      wait.hidden = false;
      wait.textContent = error.message;
      if (error.again) setTimeout(() => put(alone), 1000 * error.again);
    } finally {
      busy = false;
      if (again) { again = false; put(); }
    }
  }
  function wanted() {
    const levers = own(), mine = Object.keys(levers).length || base ? [{ title: "Your rules", levers, base: base || "as-is" }] : [];
    const others = opened ? ["strengthened", "curtailed"] : beside;
    return { mine, others };
  }
  async function answered(alone) {
    const { mine, others } = wanted(), [start, by] = [form.elements.from.value, form.elements.by.value];
    address();
    if (!live) {
      await new Promise(requestAnimationFrame);
      const sets = others.map((x) => { const p = d.presets.find((q) => q.scenario === x); return p ? { title: p.title, levers: p.levers, base: p.free ? p.scenario : "as-is" } : parsed(x); });
      return compare([...mine, ...sets].slice(0, 4), { start, by, alone });
    }
    const query = new URLSearchParams({ start, by, ...(alone ? { alone: "true" } : {}) });
    for (const key of ["as_of", "study"]) { const v = new URLSearchParams(location.search).get(key); if (v) query.set(key, v); }
    for (const s of mine) query.append("rules", `${s.title}: ${[s.base === "as-is" ? "" : s.base, text(s.levers)].join(" ").trim()}`);
    for (const s of others.slice(0, 4 - mine.length)) query.append("rules", s);
    one("[data-same]").href = `/api/v1/scenarios/compare?${query}`;
    const response = await fetch(`/api/v1/scenarios/compare?${query}`);
    if (response.ok) return response.json();
    const wrong = await response.json().catch(() => ({}));
    const retry = [429, 503].includes(response.status) ? Number(response.headers.get("retry-after") ?? 2) : 0;
    throw Object.assign(new Error(retry ? "Still working it out." : `${wrong.title ?? "This could not be worked out"}. ${wrong.fix ?? wrong.detail ?? ""}`), { again: retry });
  }
  const parsed = (x) => {
    const [, title, rest] = x.match(/^(?:([^:]*):)?(.*)$/), words = rest.trim().split(/\s+/).filter(Boolean);
    return { title: title?.trim() || "Your rules", base: words.find((w) => !w.includes("=")) ?? "as-is",
      levers: Object.fromEntries(words.filter((w) => w.includes("=")).map((w) => [w.split("=")[0], w.endsWith("=inf") ? Infinity : Number(w.split("=")[1])])) };
  };
  function address() {
    if (!live) return;
    const query = new URLSearchParams();
    for (const key of ["as_of", "study"]) { const v = new URLSearchParams(location.search).get(key); if (v) query.set(key, v); }
    for (const c of d.controls) if (changed(c)) query.set(c.lever, form.elements[c.lever].value.trim());
    if (form.elements.from.selectedIndex) query.set("from", form.elements.from.value);
    if (form.elements.by.value !== "2028Q4") query.set("by", form.elements.by.value);
    if (base) query.set("base", base);
    for (const b of beside) query.append("rules", b);
    history.replaceState(null, "", `${location.pathname}${query.size ? "?" : ""}${query}`);
  }
  one("[data-keep]").addEventListener("click", () => {
    const levers = own();
    if ((!Object.keys(levers).length && !base) || beside.length >= 3) return;
    keep();
    beside = [...beside, `Set ${beside.length + 1}: ${[base, text(levers)].join(" ").trim()}`];
    set({}, "");
    form.scrollIntoView({ block: "nearest" });
  });

  function render(answer, alone) {
    const rows = answer.rows, row = rows.find((r) => r.title === "Your rules") ?? rows[0], today = rows[0];
    const mark = /about \d+ months? (?:behind|ahead)|about level|\d[\d.]*%|\bhalf\b|\bnone\b|\ball\b|\bno(?:ne)? chips\b|next to no|class of the \w+|[\d.]+ million/g;
    const sentence = one("[data-sentence]"), [head, ...tail] = row.sentence.split(":");
    sentence.replaceChildren();
    let at = 0;
    for (const m of head.matchAll(mark)) {
      const em = document.createElement("em");
      em.textContent = m[0];
      sentence.append(head.slice(at, m.index), em);
      at = m.index + m[0].length;
    }
    sentence.append([head.slice(at), ...tail].join(":"));
    one("[data-detail]").textContent = row.detail;
    const two = (v) => v < 10 ? String(Number(v.toPrecision(2))) : v.toFixed(0), signed = (v) => (v > 0 && tenth(v) !== "0.0" ? "+" : "") + tenth(v), other = row !== today;
    tile("lag", tenth(row.lag_median), `${tenth(row.lag_low)} to ${tenth(row.lag_high)}`, other && tenth(today.lag_median), other && `Change: ${signed(row.change_median)} (${signed(row.change_low)} to ${signed(row.change_high)})`);
    tile("used", two(row.used_h100e_median / 1e6), `${two(row.used_h100e_low / 1e6)} to ${two(row.used_h100e_high / 1e6)}`, other && `${two(today.used_h100e_median / 1e6)} million`);
    tile("sales", `$${two(row.sales_usd_median / 1e9)}`, `$${two(row.sales_usd_low / 1e9)} to $${two(row.sales_usd_high / 1e9)}`, other && `$${two(today.sales_usd_median / 1e9)} billion`);
    const years = [Number(form.elements.from.value.slice(0, 4)), Number(form.elements.by.value.slice(0, 4))];
    one("[data-tile=lag] dt").textContent = `Gap ${endOf(form.elements.by.value)}`;
    one("[data-tile=sales] dt").textContent = `US chip sales to China, ${years[0] === years[1] ? years[0] : years.join(years[1] - years[0] === 1 ? " and " : " to ")}`;
    one(".mini").hidden = false;
    one(".mini").innerHTML = miniChart(row, today);
    picture("#what-if-gap", (width) => gapChart(width, answer, d, form.elements.from.value));
    beneath(rows, signed, two);
    const chips = one("[data-chips]");
    one(".finding", chips).textContent = chipsHeading(rows, d.parts);
    picture("[data-chips] .fig", (width) => stackChart(width, rows, d.parts));
    if (live) stale = true; else inFile(answer);
    one("[data-count]").textContent = form.classList.contains("closed") && Object.keys(own()).length ? `${Object.keys(own()).length} changes · ${tenth(row.lag_median)} months` : one("[data-count]").textContent;
    if (!alone) return;
    const parts = answer.alone.filter((r) => r.title === row.title), box = one("[data-alone]");
    box.hidden = parts.length < 2;
    if (box.hidden) return;
    one(".finding", box).textContent = addedUp(parts.map((r) => r.median), row.change_median);
    picture("[data-alone] .fig", (width) => aloneChart(width, [...parts, { words: "All together", low: row.change_low, median: row.change_median, high: row.change_high, all: true }], signed));
    if (live && !one("figcaption", box)) fresh();
  }

  // What is told of a chart and taken from it is of the rules that are shown: the server is asked once a reader opens it.
  let stale = false;
  async function fresh() {
    stale = false;
    const old = all("figcaption", follows);
    for (const caption of old) caption.inert = true;
    try {
      const page = new DOMParser().parseFromString(await (await fetch(location.href, { headers: { Accept: "text/html" } })).text(), "text/html");
      for (const figure of all(".fig", follows)) {
        const made = page.getElementById(figure.id)?.querySelector("figcaption"), here = one("figcaption", figure);
        if (!made) continue;
        const open = here ? all("details", here).map((x) => x.open) : [];
        all("details", made).forEach((x, i) => { x.open = Boolean(open[i]); });
        here?.remove();
        figure.append(made);
        take(made);
      }
    } catch { stale = true; }
    for (const caption of old) caption.inert = false;
  }
  follows.addEventListener("toggle", (event) => { if (stale && event.target.open && event.target.closest("figcaption")) fresh(); }, true);
  function inFile(answer) { // without a server the page writes the numbers itself, and what it cannot write anew it takes away
    const chips = answer.rows.flatMap((r) => d.parts.map(([k, words]) => ({ rules: r.title, source: words, million_h100e: r[`${k}_h100e`] / 1e6 })));
    for (const [id, rows] of [["what-if-gap", answer.quarters], ["what-if-chips", chips]]) {
      const link = one(`#${id} .takes a[download]`), cell = (v) => `"${String(v ?? "").replaceAll('"', '""')}"`;
      link.href = `data:text/csv;charset=utf-8,${encodeURIComponent([Object.keys(rows[0]), ...rows.map(Object.values)].map((r) => r.map(cell).join(",")).join("\r\n"))}`;
      one(`#${id} .about .scroll`)?.remove();
    }
  }
  function tile(name, value, range, today, more) {
    const t = one(`[data-tile=${name}]`);
    one("b", t).textContent = value;
    one(".range", t).textContent = `Range: ${range}`;
    one(".now", t).textContent = today ? `Today's rules: ${today}` : "";
    one(".more", t).textContent = more || "";
  }
  function beneath(rows, signed, two) {
    one(".beside").hidden = rows.length < 3;
    const body = one(".beside tbody");
    if (!body || rows.length < 3) return;
    const heads = all(".beside thead th").map((h) => h.textContent);
    body.replaceChildren(...rows.map((r) => {
      const tr = document.createElement("tr");
      const cells = [r.title, `${tenth(r.lag_median)} (${tenth(r.lag_low)} to ${tenth(r.lag_high)})`, r === rows[0] ? "" : `${signed(r.change_median)} (${signed(r.change_low)} to ${signed(r.change_high)})`, r === rows[0] ? "" : chanceWords(r.p_wider),
        `${two(r.used_h100e_median / 1e6)} million (${two(r.used_h100e_low / 1e6)} to ${two(r.used_h100e_high / 1e6)})`, `$${two(r.sales_usd_median / 1e9)} billion ($${two(r.sales_usd_low / 1e9)} to $${two(r.sales_usd_high / 1e9)} billion)`];
      tr.append(...cells.map((words, i) => {
        const cell = document.createElement(i ? "td" : "th");
        if (i) { cell.dataset.head = heads[i]; cell.className = "number"; } else cell.scope = "row";
        cell.textContent = words;
        return cell;
      }));
      return tr;
    }));
  }
  function picture(selector, draw) {
    for (const pic of all(`${selector} .pic`)) {
      const { svg, points } = draw(pic.classList.contains("phone") ? 358 : 704);
      const old = pic.querySelector("svg");
      const box = document.createElement("div");
      box.innerHTML = svg;
      if (old) old.replaceWith(box.firstChild); else pic.prepend(box.firstChild);
      pic.dataset.points = JSON.stringify(points);
    }
  }

  // On a phone the panel is a sheet at the bottom; the sentence stays in sight above it.
  const small = matchMedia("(max-width: 640px)"), head = one(".sheet-head");
  function sheet() {
    form.classList.toggle("sheet", small.matches);
    head.hidden = one(".swipe").hidden = !small.matches;
    if (small.matches) { all(".group").forEach((g, i) => { g.open = true; g.classList.toggle("here", i === 0); }); close(true); }
  }
  function close(yes) {
    form.classList.toggle("closed", yes);
    one("[data-done]").textContent = yes ? "Change the rules" : "Done";
    if (!yes) follows.scrollIntoView({ block: "start" });
  }
  one("[data-done]").addEventListener("click", () => close(!form.classList.contains("closed")));
  for (const b of all(".swipe [data-group]")) {
    b.addEventListener("click", () => {
      all(".swipe [data-group]").forEach((x) => x.setAttribute("aria-pressed", String(x === b)));
      all(".group").forEach((g) => g.classList.toggle("here", g.dataset.group === b.dataset.group));
    });
  }
  small.addEventListener("change", sheet);
  sheet();
  shown();
}

const addedUp = (parts, whole) => {
  const up = parts.filter((v) => v > 0).reduce((a, b) => a + b, 0), down = -parts.filter((v) => v < 0).reduce((a, b) => a + b, 0), wider = whole > 0 ? "widen" : "narrow";
  if (Math.max(up, down) < 0.05) return "None of the changes moves the gap";
  if (Math.min(up, down) > 0.1) return Math.abs(whole) < 0.4 * Math.max(up, down) ? "The changes nearly cancel out" : `The changes pull both ways, and ${wider} the gap together`;
  return `The changes ${wider} the gap`;
};

function chipsHeading(rows, parts) {
  const [today, row] = rows, words = { legal: "bought", domestic: "made in China", rented: "rented", diverted: "smuggled" };
  if (!row || (rows.length > 2 && row.title !== "Your rules")) {
    const sizes = parts.map(([k, name]) => [today[`${k}_h100e`], name]).sort((a, b) => b[0] - a[0]);
    return `${2 * sizes[0][0] > sizes.reduce((a, [v]) => a + v, 0) ? "Most" : "The largest part"} of China's chips would be ${sizes[0][1].toLowerCase()} under today's rules`;
  }
  const moved = parts.map(([k]) => [words[k], row[`${k}_h100e`] - today[`${k}_h100e`]]), total = parts.reduce((a, [k]) => a + today[`${k}_h100e`], 0);
  const up = moved.filter(([, v]) => v > 0.02 * total).sort((a, b) => b[1] - a[1]).map(([w]) => w), down = moved.filter(([, v]) => v < -0.02 * total).sort((a, b) => a[1] - b[1]).map(([w]) => w);
  const said = [["more", up], ["fewer", down]].filter(([, some]) => some.length).map(([kind, some]) => `${kind} ${some.slice(0, 2).join(" and ")}`);
  return said.length ? `China's chips: ${said.join(", ")}` : "China's chips would come from the same sources";
}

if (data) whatIf(lab, JSON.parse(data.textContent));
}
