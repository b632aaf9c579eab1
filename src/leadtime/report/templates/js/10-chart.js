// Charts: a pointer, a tap or the arrow keys find the nearest point, and its words are shown.
for (const pic of document.querySelectorAll(".pic[data-points]")) chart(pic);

function chart(pic) {
  const points = () => JSON.parse(pic.dataset.points);
  const tip = document.createElement("div");
  const dot = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status");
  dot.className = "mark-dot";
  let at = -1;
  const show = (i) => {
    const all = points();
    if (!all.length) return;
    at = (i + all.length) % all.length;
    const [x, y, words] = all[at];
    const svg = pic.querySelector("svg");
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    tip.textContent = words;
    pic.append(tip, dot);
    dot.style.left = `${x * scale}px`;
    dot.style.top = `${y * scale}px`;
    const room = pic.clientWidth - tip.offsetWidth;
    tip.style.left = `${Math.max(0, Math.min(room, x * scale + 12))}px`;
    tip.style.top = `${Math.max(0, y * scale - tip.offsetHeight - 12)}px`;
  };
  const hide = () => { tip.remove(); dot.remove(); at = -1; };
  const nearest = (event) => {
    const svg = pic.querySelector("svg").getBoundingClientRect();
    const scale = svg.width / pic.querySelector("svg").viewBox.baseVal.width;
    const [px, py] = [(event.clientX - svg.left) / scale, (event.clientY - svg.top) / scale];
    let best = 0, least = Infinity;
    points().forEach(([x, y], i) => { const d = (x - px) ** 2 + ((y - py) / 3) ** 2; if (d < least) [best, least] = [i, d]; });
    return best;
  };
  pic.addEventListener("pointermove", (e) => { if (e.pointerType !== "touch") show(nearest(e)); });
  pic.addEventListener("pointerleave", (e) => { if (e.pointerType !== "touch") hide(); });
  pic.addEventListener("click", (e) => show(nearest(e)));
  pic.addEventListener("blur", hide);
  pic.addEventListener("keydown", (e) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
    if (step) { e.preventDefault(); show(at < 0 && step < 0 ? -1 : at + step); }
    if (e.key === "Escape") hide();
  });
}
