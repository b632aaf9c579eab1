// The charts of What if?, redrawn from new numbers: the same marks, places and colors as those drawn by figures/gaps.py, rows.py and stacks.py.
{
const { MONTHS, monthOf } = WHAT_IF;
const svgText = (x, y, words, { anchor = "start", size = 13, fill = "--soft", weight = 400 } = {}) =>
  `<text x="${x.toFixed(1)}" y="${(y + size * 0.35).toFixed(1)}" text-anchor="${anchor}" font-size="${size}" font-weight="${weight}" fill="var(${fill})">${words}</text>`;
const svgLine = (x, y, x2, y2, stroke, width = 1, more = "") =>
  `<path d="M${x.toFixed(1)} ${y.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}" stroke="var(${stroke})" stroke-width="${width}" fill="none" ${more}/>`;
const svgOf = (width, height, inner) => `<svg class="marks" aria-hidden="true" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${inner}</svg>`;
const escaped = (words) => words.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const dayOf = (quarter) => Date.UTC(Number(quarter.slice(0, 4)), 3 * (Number(quarter[5]) - 1) + 1, 15);
const quarterWords = (q) => { const i = Number(q[5]) - 1; return `${["Early", "Spring", "Summer", "Late"][i]} ${q.slice(0, 4)} (${["Jan–Mar", "Apr–Jun", "Jul–Sep", "Oct–Dec"][i]})`; };

function pushedApart(wanted, gap, low, high) {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]), groups = [];
  const start = (g) => g[0] - gap * (g[1].length - 1) / 2;
  for (const i of order) {
    groups.push([wanted[i], [i]]);
    while (groups.length > 1 && start(groups.at(-1)) < start(groups.at(-2)) + gap * groups.at(-2)[1].length) {
      const [, members] = groups.pop(), every = [...groups.at(-1)[1], ...members];
      groups[groups.length - 1] = [every.reduce((a, k) => a + wanted[k], 0) / every.length, every];
    }
  }
  const found = [];
  for (const g of groups) {
    const first = Math.min(Math.max(start(g), low), Math.max(low, high - gap * (g[1].length - 1)));
    g[1].forEach((i, k) => { found[i] = first + gap * k; });
  }
  return found;
}

function gapChart(width, answer, d, start) {
  const phone = width < 560, height = phone ? 320 : 400, size = phone ? 13 : 14, [left, right, top, bottom] = [40, phone ? 118 : 190, 8, 30];
  const titles = answer.rows.map((r) => r.title), lines = titles.map((t, i) => ({ title: t, hue: i ? `--${d.hues[(i - 1) % d.hues.length]}` : "--ink", band: i < 2, points: answer.quarters.filter((q) => q.title === t) }));
  const values = lines.flatMap((l) => l.points.map((p) => (l.band ? p.high : p.median))).concat(d.measured.map((m) => m[3])), most = Math.max(...values);
  const lows = lines.flatMap((l) => l.points.map((p) => (l.band ? p.low : p.median))), stepOf = (v) => [1, 2, 3, 5, 10].find((s) => v / s <= 6.5) ?? 20;
  const step = stepOf(most), peak = step * Math.ceil(most / step), floor = step * Math.floor(Math.min(0, ...lows) / step), ceiling = peak * 1.15;
  const first = Date.UTC(Number(lines[0].points[0].quarter.slice(0, 4)), 0, 1), last = dayOf(lines[0].points.at(-1).quarter), [w, h] = [width - left - right, height - top - bottom];
  const x = (day) => left + (day - first) / (last - first) * w, y = (v) => top + (1 - (v - floor) / (ceiling - floor)) * h;
  const begins = x(Date.parse(start)), end = x(last), parts = [];
  parts.push(`<rect x="${begins.toFixed(1)}" y="${top}" width="${(end - begins).toFixed(1)}" height="${h}" fill="var(--yours)" opacity=".1"/>`);
  for (let v = 0; v <= peak; v += stepOf(ceiling)) {
    parts.push(svgLine(left, y(v), left + w, y(v), v ? "--line" : "--soft"));
    const crown = v + stepOf(ceiling) > peak;
    parts.push(crown ? svgText(2, y(v) - 8, `${v} months`, { size: size - 1 }) : svgText(left - 8, y(v), v, { anchor: "end", size: size - 1 }));
  }
  for (let year = new Date(first).getUTCFullYear(); Date.UTC(year, 0, 1) <= last; year += phone ? 2 : 1) {
    const at = x(Date.UTC(year, 0, 1));
    parts.push(svgLine(at, top + h, at, top + h + 5, "--soft"), svgText(at, top + h + 15, year, { anchor: at - left > 16 ? "middle" : "start", size: size - 1 }));
  }
  const kept = [];
  for (const [day, label, weight] of [...d.events].sort((a, b) => b[2] - a[2])) {
    const at = x(Date.parse(day));
    if (at < left || at > begins - 90 || kept.length >= (phone ? 2 : 3) || kept.some((k) => Math.abs(k.at - at) <= 7 * Math.max(label.length, 8) + 10)) continue;
    kept.push({ at, label, day, weight });
  }
  for (const { at, label, day } of kept) {
    parts.push(svgLine(at, top, at, top + h, "--soft", 1, 'stroke-dasharray="1 3"'), svgText(at + 4, top + 7, escaped(label), { size: size - 1 }),
      svgText(at + 4, top + 22, `${MONTHS[Number(day.slice(5, 7)) - 1].slice(0, 3)} ${day.slice(0, 4)}`, { size: size - 1 }));
  }
  const room = end - begins > 96, anchor = room ? "start" : "end", at = room ? begins + 6 : end - 2, own = titles.length > 1;
  parts.push(svgText(at, top + 7, own ? "Rules change" : "Simulated", { anchor, fill: "--yours", weight: 600, size: size - 1 }),
    svgText(at, top + 22, own ? `${monthOf(start).slice(0, 3)} ${start.slice(0, 4)}` : "what would follow", { anchor, fill: "--yours", size: size - 1 }));
  for (const l of [...lines].reverse()) {
    const up = l.points.map((p) => `${x(dayOf(p.quarter)).toFixed(1)} ${y(p.high).toFixed(1)}`), down = l.points.map((p) => `${x(dayOf(p.quarter)).toFixed(1)} ${y(p.low).toFixed(1)}`).reverse();
    if (l.band) parts.push(`<path d="M${[...up, ...down].join("L")}Z" fill="var(${l.hue})" opacity=".16"/>`);
    parts.push(`<path d="M${l.points.map((p) => `${x(dayOf(p.quarter)).toFixed(1)} ${y(p.median).toFixed(1)}`).join("L")}" fill="none" stroke="var(${l.hue})" stroke-width="2.5"/>`);
  }
  const seen = Object.fromEntries(d.measured.map((m) => [m[1], m]));
  const byHeight = [...d.measured].sort((a, b) => b[3] - a[3]), roomy = ([, q, , median]) => d.measured.every(([, o, low, , high]) => {
    const gap = x(dayOf(o)) - x(dayOf(q)) - 10;
    return gap < -4 || gap > 66 || y(median) + 9 < y(high) || y(median) - 9 > y(low);
  }), tallest = byHeight.find(roomy) ?? byHeight[0];
  for (const [, q, low, median, high] of d.measured) {
    const px = x(dayOf(q));
    parts.push(svgLine(px, y(Math.max(low, floor)), px, y(Math.min(high, peak)), "--china", 1.2, 'opacity=".65"'), `<circle cx="${px.toFixed(1)}" cy="${y(median).toFixed(1)}" r="3.7" fill="var(--china)"/>`);
  }
  if (tallest) parts.push(svgText(x(dayOf(tallest[1])) + 10, y(tallest[3]), "Measured", { fill: "--china", weight: 600, size: size - 1 }));
  const ends = lines.map((l) => l.points.at(-1)), places = pushedApart(ends.map((p) => y(p.median)), 37, top + 8, top + h - 8);
  lines.forEach((l, i) => {
    const p = ends[i], range = `(${p.low.toFixed(1)} to ${p.high.toFixed(1)})`;
    parts.push(svgText(left + w + 10, places[i] - 8, escaped(l.title), { fill: l.hue, weight: 600, size }), svgText(left + w + 10, places[i] + 9, `${p.median.toFixed(1)} ${phone ? "" : "months "}${range}`, { size: size - 1 }));
  });
  const points = lines[0].points.map((p, i) => {
    const told = lines.map((l) => `${l.title}: ${l.points[i].median.toFixed(1)} (${l.points[i].low.toFixed(1)} to ${l.points[i].high.toFixed(1)})`), m = seen[p.quarter];
    if (m) told.unshift(`Measured: ${m[3].toFixed(1)} (${m[2].toFixed(1)} to ${m[4].toFixed(1)})`);
    return [Math.round(x(dayOf(p.quarter)) * 10) / 10, Math.round(y(p.median) * 10) / 10, [`${quarterWords(p.quarter)}, months behind`, ...told].join("\n")];
  });
  return { svg: svgOf(width, height, parts.join("")), points };
}

function aloneChart(width, rows, signed) {
  const phone = width < 560, size = phone ? 13 : 14, left = phone ? 8 : 270, right = phone ? 64 : 110, letters = (phone ? width - 16 : left + 4) / 7.6, parts = [], points = [];
  const [low, high] = [Math.min(0, ...rows.map((r) => r.low)), Math.max(0, ...rows.map((r) => r.high))], step = [0.1, 0.2, 0.5, 1, 2, 3, 5].find((s) => (high - low) / s <= 6) ?? 10;
  const [a, b] = [Math.floor(low / step), Math.max(Math.ceil(high / step), Math.floor(low / step) + 1)], x = (v) => left + (v - a * step) / ((b - a) * step) * (width - left - right);
  const heads = rows.map((r) => { const lines = [""]; for (const word of (r.words[0].toUpperCase() + r.words.slice(1)).split(" ")) { if (lines.at(-1) && lines.at(-1).length + 1 + word.length > letters) lines.push(""); lines.push(`${lines.pop()} ${word}`.trim()); } return lines; });
  const highs = heads.map((h) => 19 * h.length + (phone ? 44 : 22)), total = highs.reduce((m, v) => m + v, 0);
  for (let i = a; i <= b; i++) parts.push(svgLine(x(i * step), 10, x(i * step), 10 + total, "--line"), svgText(x(i * step), 24 + total, i ? `${i > 0 ? "+" : ""}${Number((i * step).toPrecision(3))}` : "0", { anchor: "middle", size: size - 1 }));
  parts.push(svgLine(x(0), 10, x(0), 10 + total, "--ink", 1.5));
  let y = 10;
  rows.forEach((r, i) => {
    if (i) parts.push(svgLine(0, y, width, y, "--line"));
    heads[i].forEach((line, k) => parts.push(svgText(4, y + 20 + 19 * k, escaped(line), { fill: "--ink", weight: 600, size })));
    const at = phone ? y + highs[i] - 18 : y + highs[i] / 2, hue = r.all ? "--yours" : "--without";
    parts.push(svgLine(x(r.low), at, Math.max(x(r.high), x(r.low) + 2), at, hue, 11, 'opacity=".4"'), `<circle cx="${x(r.median).toFixed(1)}" cy="${at}" r="5.4" fill="var(${hue})" stroke="var(--paper)" stroke-width="1.5"/>`,
      svgText(Math.max(x(r.high), x(r.median) + 5) + 8, at, signed(r.median), { fill: hue, weight: 600, size }));
    points.push([x(r.median), at, `${r.words}\n${signed(r.median)} (${signed(r.low)} to ${signed(r.high)}) months`]);
    y += highs[i];
  });
  return { svg: svgOf(width, total + 40, parts.join("")), points };
}

function stackChart(width, rows, names) {
  const phone = width < 560, size = phone ? 13 : 14, of = (r) => names.map(([k]) => r[`${k}_h100e`] / 1e6), most = Math.max(...rows.map((r) => of(r).reduce((a, b) => a + b, 0))) || 1, parts = [], points = [];
  const told = (v) => (v < 10 ? v.toFixed(1) : v.toFixed(0));
  rows.forEach((r, i) => {
    let x = 0;
    const y = 62 * i;
    parts.push(svgText(0, y + 12, escaped(r.title), { fill: "--ink", weight: 600, size }));
    of(r).forEach((v, j) => {
      const wide = v / most * (width - 8), hue = names[j][2];
      parts.push(`<rect x="${x.toFixed(1)}" y="${y + 24}" width="${Math.max(wide - 1, 0.5).toFixed(1)}" height="28" fill="var(--${hue})"/>`);
      if (wide > 30) parts.push(`<text x="${(x + wide / 2).toFixed(1)}" y="${y + 42}" text-anchor="middle" font-size="${size - 1}" font-weight="600" fill="${{ bought: "var(--paper)", smuggled: "#FEFEFE" }[hue] ?? "#000000"}">${told(v)}</text>`);
      points.push([x + wide / 2, y + 38, `${r.title}: ${names[j][1].toLowerCase()}\n${told(v)} million H100s`]);
      x += wide;
    });
  });
  names.forEach(([, words, hue], i) => {
    const x = (phone ? i % 2 : i) * (phone ? 170 : 150), y = 62 * rows.length + 16 + 26 * (phone ? Math.floor(i / 2) : 0);
    parts.push(`<rect x="${x}" y="${y - 6}" width="12" height="12" fill="var(--${hue})"/>`, svgText(x + 18, y, words, { fill: "--ink", size: size - 1 }));
  });
  return { svg: svgOf(width, rows.length * 62 + 26 * (phone ? 2 : 1) + 12, parts.join("")), points };
}

function miniChart(row, today) {
  const most = Math.max(15, Math.ceil(Math.max(row.lag_high, today.lag_high) / 5) * 5), least = Math.min(0, Math.floor(Math.min(row.lag_low, today.lag_low) / 5) * 5), x = (v) => 84 + (v - least) / (most - least) * 190, parts = [];
  for (const [r, y, hue] of [[row, 14, "--yours"], [today, 30, "--ink"]]) {
    parts.push(svgLine(x(r.lag_low), y, x(r.lag_high), y, hue, 11, 'opacity=".3" stroke-linecap="round"'), `<circle cx="${x(r.lag_median).toFixed(1)}" cy="${y}" r="6" fill="var(${hue})" stroke="var(--paper)" stroke-width="1.5"/>`);
  }
  parts.push(svgLine(x(least), 42, x(most), 42, "--soft"));
  for (let v = least; v <= most; v += 5) parts.push(svgText(x(v), 54, v, { anchor: "middle", size: 13 }));
  const own = row !== today;
  parts.push(svgText(0, 8, own ? "Your rules" : "", { size: 14 }), svgText(0, 34, own ? row.lag_median.toFixed(1) : "", { size: 24, fill: "--yours", weight: 600 }),
    svgText(358, 8, "Today's", { anchor: "end", size: 14 }), svgText(358, 34, today.lag_median.toFixed(1), { anchor: "end", size: 24, fill: "--ink", weight: 600 }));
  return svgOf(358, 62, parts.join(""));
}

Object.assign(WHAT_IF, { gapChart, aloneChart, stackChart, miniChart });
}
