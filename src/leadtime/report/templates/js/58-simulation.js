// The simulation of sets of rules without a server: the equations of scenario/step.py over the same draws (docs/methods/scenario.md).
const WHAT_IF = {}; // what the next two files use of it
{
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

function simulation(d) {
  const LOOKBACK = 36, PASSES = 5, n = d.n, P = {}, gone = new Map();
  const bytes = Uint8Array.from(atob(d.draws), (c) => c.charCodeAt(0));
  const words = new DataView(bytes.buffer);
  d.names.forEach((name, j) => {
    const span = d.high[j] - d.low[j], out = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const v = d.low[j] + span * words.getUint16(2 * (j * n + i), true) / 65535;
      out[i] = d.log[j] ? Math.exp(v) : v;
    }
    P[name] = out;
  });
  const waited = Array.from({ length: LOOKBACK + 1 }, (_, k) => P["follower-time"].map((t) => 1 - Math.exp(-3 * k / t)));
  const growth = P["growth-before-2022"].map((g, i) => (Math.log(g) + Math.log(P["algorithmic-growth"][i])) / 4);
  const odds = P["demand-share"].map((s) => s / (1 - s));
  const STOCKS = ["usa", "usa_as_is", "rest", "legal", "diverted", "domestic", "unmet"];
  const blank = () => new Float64Array(n);
  const clip = (v, a, b) => v < a ? a : v > b ? b : v;

  function start() {
    const s = { t: 0, past: [] };
    for (const k of [...STOCKS, ...STOCKS.map((x) => `flow_${x}`), "outside", "logic", "hbm", "denied", "first", "back"]) s[k] = blank();
    for (let i = 0; i < n; i++) {
      const china = P["stock-2021"][i] * P["china-share-2021"][i], others = P["stock-2021"][i] - china, usa = others * P["us-share"][i];
      s.usa[i] = s.usa_as_is[i] = usa;
      s.rest[i] = others - usa;
      s.legal[i] = china;
      s.outside[i] = P["world-scale"][i] * 50000;
      s.logic[i] = P["logic-2026"][i] / 4;
      s.hbm[i] = P["hbm-2026"][i] / 4;
      s.first[i] = Math.log(usa / china);
      s.back[i] = Math.log(usa);
    }
    return s;
  }
  const copied = (s) => Object.fromEntries(Object.entries(s).map(([k, v]) => [k, v instanceof Float64Array ? v.slice() : k === "past" ? [...v] : v]));
  const best = (r, i) => Math.max(r[0], r[1] * P["approval-approval"][i], r[2] * P["approval-case"][i], r[3] * P["approval-unstated"][i],
    r[4] * P["approval-denial"][i]);

  // One quarter: changes the state, and returns the gap in months, the chips, and what was bought.
  function quarter(s, base, set) {
    const t = s.t, c = d.common, x = (k) => c[k][t], own = d.bases[base], lever = (k, otherwise) => set[k] ?? otherwise;
    const counted = x("counted") > 0, year = x("year"), slide = clip((year - 2026) / 4, 0, 1), merchant = x("merchant");
    const sales = ["open_ratio", "uptake", "quota_h100e"].some((k) => set[k] !== undefined), departed = sales || own.departed[t] > 0;
    const letIn = set.uptake ?? own.uptake[t] ?? undefined, opened = set.open_ratio, quota = lever("quota_h100e", Infinity) / 4;
    const ratios = own.ratios[t], ratiosAsIs = c.ratios_as_is[t], away = x("turned_away") > 0, ruled = own.own_rules[t] > 0;
    const [cut, transit, building, supply] = [1 - lever("diversion_cut", 0), 1 + lever("transit_cost", 0), 1 + lever("build_cost", 0), lever("us_investment", 1)];
    const [tools, memory, output, abroad] = [0.25 * (1 - lever("tools_cut", 0)), 1 - lever("hbm_cut", 0), lever("china_investment", 1), 1 - lever("offshore_cut", 0)];
    const [defense, security, displaced] = [lever("distillation_defense", 0), lever("weight_security", 0), set.displacement];
    const grows = year >= 2027, effective = blank(), pasts = [...s.past].reverse();
    const out = { lag: blank(), used: blank(), sold: blank(), legal: blank(), domestic: blank(), rented: blank(), diverted: blank() };
    const stocks = STOCKS.map((k) => s[k]), flows = STOCKS.map((k) => s[`flow_${k}`]), flow = new Float64Array(STOCKS.length);
    const assumed = (name) => {
      const z = P[`assumed-${name}`], [middle, up, down] = [c[`${name}_assumed`][t], c[`${name}_up`][t], c[`${name}_down`][t]];
      return middle ? z.map((v) => middle * Math.exp(v * (v > 0 ? up : down))) : z.map(() => 0);
    };
    const [moreOutside, moreLegal, moreDomestic] = counted ? [assumed("outside"), assumed("legal"), assumed("domestic")] : [];
    const [pUptake, pSetup, pPressure, pDiversion, pTransit, pBuild, pUs] = ["uptake-after-2025-08", "evasion-setup", "pressure", "diversion-share",
      "transit-elasticity", "build-elasticity", "us-share"].map((k) => P[k]);
    const [pLogic, pHbm, pDenial, pLife, pAbroad, pUse, pAlgorithms, pRun, pConcentration, pGain, pCopied, pStolen, pTaken] = ["logic-growth", "hbm-growth",
      "denial-response", "chip-life", "offshore-share", "domestic-use", "algorithmic-growth", "run-elasticity", "concentration", "follower-gain",
      "distillation-part", "theft-part", "displacement"].map((k) => P[k]);
    for (let i = 0; i < n; i++) {
      const outside = counted ? P["world-scale"][i] * x("outside") + moreOutside[i] - x("inside") * moreLegal[i]
        : s.outside[i] * Math.exp(((1 - slide) * Math.log(P["growth-2026"][i]) + slide * Math.log(P["growth-2030"][i])) / 4);
      const asIs = best(ratiosAsIs, i), open = opened ?? best(ratios, i), gate = away ? pUptake[i] : 1, uptake = letIn ?? (ruled ? gate : 1);
      const recorded = counted ? P["legal-scale"][i] * x("legal") + moreLegal[i] : 0;
      const setup = clip((year - 2022.75) * 4 / pSetup[i], 0, 1), pressure = pPressure[i], routesOpen = pDiversion[i] * outside * setup;
      let divertedAsIs = 0, demand = 0, legalAsIs = 0, pressedAsIs = 0;
      for (let k = 0; k < PASSES; k++) {
        demand = odds[i] * Math.max(merchant * outside - divertedAsIs, 0.05 * outside);
        legalAsIs = counted ? recorded : demand * asIs * gate;
        pressedAsIs = clip(1 - legalAsIs / demand, 1e-6, 1);
        divertedAsIs = Math.min(routesOpen * pressedAsIs ** pressure, Math.max(demand - legalAsIs, 0));
      }
      const legal = departed ? Math.min(demand * open * uptake, quota) : legalAsIs, pressed = clip(1 - legal / demand, 1e-6, 1);
      const routes = cut * (transit === 1 ? 1 : transit ** -pTransit[i]);
      const diverted = Math.min(routesOpen * pressed ** pressure * routes, Math.max(demand - legal, 0));
      const build = (building === 1 ? 1 : building ** -pBuild[i]) * supply, more = legal - legalAsIs + diverted - divertedAsIs;
      const sold = Math.max(outside * build - (displaced ?? pTaken[i]) * more, 0.05 * outside);
      const usa = Math.min(sold * pUs[i], Math.max(sold - divertedAsIs, 0));
      const logic = grows ? s.logic[i] * pLogic[i] ** tools : s.logic[i], hbm = grows ? s.hbm[i] * pHbm[i] ** 0.25 : s.hbm[i];
      const made = counted ? P["domestic-scale"][i] * x("domestic") + moreDomestic[i] : Math.min(logic, hbm * memory);
      const keep = 1 - 0.25 / pLife[i];
      flow[0] = usa;
      flow[1] = Math.min(outside * pUs[i], outside - divertedAsIs);
      flow[2] = Math.max(sold - divertedAsIs, 0) - usa;
      flow[3] = legal;
      flow[4] = diverted;
      flow[5] = made * Math.exp(pDenial[i] * (pressed - pressedAsIs)) * output;
      flow[6] = setup > 0 ? Math.max(demand - legal - diverted, 0) : 0;
      for (let j = 0; j < flow.length; j++) {
        stocks[j][i] = stocks[j][i] * keep + 0.5 * (flow[j] + flows[j][i]);
        flows[j][i] = flow[j];
      }
      const unmet = s.unmet[i], short = clip(unmet / (unmet + s.legal[i] + s.diverted[i]), 1e-6, 1);
      const rented = Math.min(pAbroad[i] * s.rest[i] * setup * short ** pressure * abroad, unmet);
      const used = s.legal[i] + s.diverted[i] + pUse[i] * s.domestic[i] + rented, course = Math.log(s.usa_as_is[i]), elasticity = pRun[i];
      const now = course + elasticity * (Math.log(s.usa[i]) - course) + Math.log(pAlgorithms[i]) * (year - 2022 + 0.25);
      const gap = Math.log(pConcentration[i]) + s.first[i] + elasticity * (Math.log(s.usa[i] / used) - s.first[i]);
      const follow = pGain[i] * (1 - pCopied[i] * defense - pStolen[i] * security);
      let before = 0, passed = 0, first = 1e-6;
      for (let k = 1; k <= LOOKBACK; k++) {
        const back = k <= t ? pasts[k - 1][i] : s.back[i] - (k - t - 1) * growth[i];
        const side = now - back + follow * waited[k][i], rise = Math.max(side - before, 1e-6);
        if (k === 1) first = rise;
        passed += clip((gap - before) / rise, 0, 1);
        before = side;
      }
      effective[i] = now;
      out.lag[i] = 3 * passed + 3 * Math.min(gap, 0) / first;
      out.used[i] = used;
      out.sold[i] = legal * P["price-2025"][i] * P["price-decline"][i] ** (2025 - year);
      out.legal[i] = s.legal[i];
      out.diverted[i] = s.diverted[i];
      out.domestic[i] = s.domestic[i];
      out.rented[i] = rented;
      s.outside[i] = outside;
      s.logic[i] = logic;
      s.hbm[i] = hbm;
    }
    s.past.push(effective);
    s.t += 1;
    return out;
  }

  // From the first quarter to the last; what comes before the levers is computed once for each base.
  function run(set, base, from, last) {
    const key = `${base} ${from}`;
    if (!gone.has(key)) {
      const s = start(), reports = [];
      while (s.t < from) reports.push(quarter(s, base, {}));
      gone.set(key, { s, reports });
    }
    const { s, reports } = gone.get(key), state = copied(s), found = [...reports];
    while (state.t <= last) found.push(quarter(state, base, set));
    return found;
  }

  const known = new WeakMap();
  function ends(values, name = "") {
    if (!known.has(values)) {
      const v = values.slice().sort();
      known.set(values, [0.05, 0.5, 0.95].map((q) => { const h = q * (n - 1), k = Math.floor(h); return v[k] + (h - k) * ((v[k + 1] ?? v[k]) - v[k]); }));
    }
    const [low, median, high] = known.get(values);
    return { [`${name}low`]: low, [`${name}median`]: median, [`${name}high`]: high };
  }

  const kept = new Map();
  function ran(set, base, from, last) {
    const key = JSON.stringify([set, base, from, last]);
    if (!kept.has(key)) {
      if (kept.size > 40) kept.clear();
      kept.set(key, run(set, base, from, last));
    }
    return kept.get(key);
  }

  // What the question `scenario compare` answers: the same rows.
  return function compare(sets, { start: begin, by, alone }) {
    const [y, m] = begin.split("-").map(Number), from = d.quarters.indexOf(`${y}Q${Math.ceil(m / 3)}`), last = d.quarters.indexOf(by);
    const every = [{ title: "Today's rules", levers: {}, base: "as-is" }, ...sets.filter((s) => Object.keys(s.levers).length || s.base !== "as-is")];
    const base = ran({}, "as-is", from, last), answer = { rows: [], quarters: [], alone: [] };
    const told = (s) => Object.entries(s.levers).map(([k, v]) => clause(d, k, v));
    for (const s of every) {
      const found = ran(s.levers, s.base, from, last), now = found[last], change = now.lag.map((v, i) => v - base[last].lag[i]);
      const usd = blank();
      for (let t = from; t <= last; t++) found[t].sold.forEach((v, i) => { usd[i] += v; });
      const row = {
        title: s.title, ...ends(now.lag, "lag_"), ...ends(change, "change_"), p_wider: change.filter((v) => v > 0.005).length / n,
        ...ends(now.used, "used_h100e_"), ...ends(usd, "sales_usd_"),
        ...Object.fromEntries(d.channels.map((c) => [`${c}_h100e`, ends(now[c]).median])),
      };
      row.sentence = told_sentence(row, told(s), begin, by, s.base !== "as-is");
      answer.rows.push(row);
      row.detail = told_detail(row, answer.rows[0]);
      for (let t = d.quarters.indexOf(d.shown_from); t <= last; t++) answer.quarters.push({ title: s.title, quarter: d.quarters[t], ...ends(found[t].lag) });
      for (const lever of alone && s.base === "as-is" ? Object.keys(s.levers) : []) {
        const one = ran({ [lever]: s.levers[lever] }, "as-is", from, last)[last].lag;
        answer.alone.push({ title: s.title, lever, words: clause(d, lever, s.levers[lever]), ...ends(one.map((v, i) => v - base[last].lag[i])) });
      }
    }
    answer.sentence = answer.rows[Math.min(1, answer.rows.length - 1)].sentence;
    return answer;
  };
}

// The words of answers/changed.py.
const short = (v) => v && Math.abs(v) < 10 ? String(Number(v.toPrecision(2))) : v.toFixed(0);
const tenth = (v) => { const text = v.toFixed(1); return /[1-9]/.test(text) ? text : text.replace("-", ""); };
const logOdds = (share) => { const p = Math.min(Math.max(share, 1e-4), 1 - 1e-4); return Math.log(p / (1 - p)); };
const shownOf = (c, lever) => c.shown === "millions" ? lever / 1e6
  : c.shown === "capital" ? 100 / (1 + Math.exp(-(logOdds(c.today_median / 100) + lever))) : lever * 100;
const leverOf = (c, shown) => c.shown === "millions" ? (shown > c.high ? Infinity : shown * 1e6)
  : c.shown === "capital" ? logOdds(shown / 100) - logOdds(c.today_median / 100) : shown / 100;

function valueWords(c, shown) {
  if (c.shown === "millions") return shown > c.high ? "no limit" : shown ? `${short(shown)} million` : "no";
  return c.shown === "hundred" ? short(shown) : `${short(shown)}%`;
}

function clause(d, lever, value) {
  const c = d.controls.find((x) => x.lever === lever), shown = shownOf(c, value);
  if (lever === "open_ratio") {
    if (shown < 1.5) return "the US sells China next to no AI chips";
    const near = d.stops.find((s) => Math.abs(s.shown - shown) < 0.5);
    if (near) return `the US sells China chips up to the class of the ${near.name}`;
  }
  if (c.shown === "millions" && !shown) return "no chips are sold to China";
  if (c.shown === "millions" && shown > c.high) return "sales to China have no limit in number";
  const word = c.shown === "share" && lever !== "open_ratio" ? { 0: "none", 50: "half", 100: "all" }[Number(shown.toFixed(6))] : undefined;
  return c.clause.replace("{v}", word ?? valueWords(c, shown));
}

function told_changes(clauses) {
  const told = clauses.slice(0, clauses.length === 5 ? 5 : 4);
  if (clauses.length > 5) told.push(`${clauses.length - 4} other things change`);
  return told.length === 1 ? told[0] : `${told.slice(0, -1).join(", ")} and ${told.at(-1)}`;
}

function apart(months) {
  const size = Math.abs(months).toFixed(0);
  return size === "0" ? "about level with America's" : `about ${size} month${size === "1" ? "" : "s"} ${months > 0 ? "behind" : "ahead"}`;
}

const endOf = (by) => `at the end of ${{ 1: "March ", 2: "June ", 3: "September ", 4: "" }[by.at(-1)]}${by.slice(0, 4)}`;
const monthOf = (start) => `${MONTHS[Number(start.slice(5, 7)) - 1]} ${start.slice(0, 4)}`;
const same = (row) => Math.max(Math.abs(row.change_low), Math.abs(row.change_high)) < 0.05;

function told_sentence(row, clauses, start, by, free) {
  if (row.title === "Today's rules") return `If today's rules stay, China's models would be ${apart(row.lag_median)} ${endOf(by)}.`;
  let begin = free ? "If there had been no rules since 2022" : "";
  if (clauses.length) begin += `${begin ? " and " : "If "}from ${monthOf(start)} ${told_changes(clauses)}`;
  return `${begin}, China's models would be ${apart(row.lag_median)} ${endOf(by)}: ${comparison(row)}.`;
}

function comparison(row) {
  const { change_low: low, change_median: median, change_high: high } = row;
  if (same(row)) return "no different from today's rules";
  if (Math.abs(median) < 0.5 && low < 0 && high > 0) return "much the same as under today's rules";
  const size = Math.abs(median) >= 1.95 ? Math.abs(median).toFixed(0) : tenth(Math.abs(median));
  return `about ${size.replace(/\.0$/, "")} ${size === "1.0" || size === "1" ? "month" : "months"} ${median > 0 ? "more" : "less"} than under today's rules`;
}

function chanceWords(p) { return p < 0.01 ? "under 1 in 100" : p > 0.99 ? "over 99 in 100" : `${(100 * p).toFixed(0)} in 100`; }

function told_detail(row, today) {
  const range = (r) => `(${tenth(r.lag_low)} to ${tenth(r.lag_high)})`;
  if (row.title === "Today's rules") return `In our simulation: ${tenth(row.lag_median)} months ${range(row)}.`;
  const odds = same(row) ? "" : ` Chance that these rules leave a wider gap: ${chanceWords(row.p_wider)}.`;
  return `In our simulation: ${tenth(row.lag_median)} months ${range(row)}, against ${tenth(today.lag_median)} under today's rules ${range(today)}.${odds}`;
}

Object.assign(WHAT_IF, { MONTHS, simulation, short, tenth, shownOf, leverOf, valueWords, endOf, monthOf, chanceWords });
}
