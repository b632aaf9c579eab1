// Search: the index is fetched once, when the box is first used; "/" reaches it from anywhere.
{
  const box = document.querySelector("input[data-index]");
  if (box) {
    const found = box.form.querySelector(".found");
    let index = null;
    let at = -1;
    const words = (text) => text.toLowerCase().match(/[a-z0-9.]+/g) ?? [];
    const parts = (text) => { const w = words(text); return [...w, ...w.slice(1).map((b, i) => w[i] + b)]; };
    const question = new Set("a an and are by did do does for how in is of on the to was what when where which who why".split(" "));
    const load = async () => {
      if (index) return;
      index = [];
      try {
        index = (await (await fetch(box.dataset.index)).json()).map(([title, kind, link, also]) => ({ title, kind, link, words: parts(`${title} ${also}`) }));
      } catch {
        index = null; // the form still leads to the page of what is found
      }
      show();
    };
    const show = () => {
      const all = words(box.value);
      const named = all.filter((w) => !question.has(w));
      const asked = named.length ? named : all;
      const joined = asked.join("");
      at = -1;
      const begins = (e) => e.title.toLowerCase().startsWith(box.value.trim().toLowerCase());
      const score = (e) => (asked.length > 1 && e.words.some((w) => w.startsWith(joined)) ? asked.length : asked.filter((a) => e.words.some((w) => w.startsWith(a))).length);
      const scored = asked.length && index ? index.map((e) => [score(e), e]).filter(([n]) => n) : [];
      const most = Math.max(0, ...scored.map(([n]) => n));
      const hits = scored.filter(([n]) => n === most).map(([, e]) => e);
      hits.sort((a, b) => begins(b) - begins(a) || a.title.length - b.title.length);
      found.replaceChildren(...hits.slice(0, 12).map((e) => {
        const link = document.createElement("a");
        const kind = document.createElement("small");
        link.href = e.link;
        link.setAttribute("role", "option");
        link.tabIndex = -1;
        link.textContent = e.title;
        kind.textContent = e.kind;
        link.append(kind);
        return link;
      }));
      found.hidden = !hits.length;
    };
    box.addEventListener("focus", load);
    box.addEventListener("input", show);
    box.addEventListener("keydown", (event) => {
      const links = [...found.children];
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") { found.hidden = true; box.blur(); }
      if (event.key === "Enter" && links[Math.max(at, 0)] && !found.hidden) { event.preventDefault(); location.href = links[Math.max(at, 0)].href; }
      if (!step || !links.length) return;
      event.preventDefault();
      at = (at + step + links.length) % links.length;
      links.forEach((l, i) => l.setAttribute("aria-selected", String(i === at)));
      links[at].scrollIntoView({ block: "nearest" });
    });
    document.addEventListener("click", (event) => { if (!box.form.contains(event.target)) found.hidden = true; });
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && !event.target.closest("input, textarea, select")) { event.preventDefault(); box.focus(); }
    });
  }
  for (const drop of document.querySelectorAll("details.drop, details.menu")) { // one is open at a time, and a click elsewhere closes it
    document.addEventListener("click", (event) => { if (!drop.contains(event.target)) drop.open = false; });
    drop.addEventListener("keydown", (event) => { if (event.key === "Escape") { drop.open = false; drop.querySelector("summary").focus(); } });
  }
}
