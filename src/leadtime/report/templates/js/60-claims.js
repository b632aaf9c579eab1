// Claims are filtered where they stand; the address holds what was chosen.
{
  const form = document.getElementById("claims-filter");
  const rest = document.querySelector("#claims-cards > .rest"); // folded for those without a script
  rest?.replaceWith(...rest.querySelectorAll(".claim"));
  const cards = [...document.querySelectorAll("#claims-cards > .claim")];
  const FIRST = 6;
  let isLong = false;
  const isServed = location.protocol.startsWith("http");
  const fields = ["verdict", "who", "topic", "rests", "sort", "q"];
  const state = () => Object.fromEntries(fields.map((f) => [f, form.elements[f].value.trim()]));

  const fits = (card, s) =>
    (!s.verdict || card.dataset.verdict === s.verdict) && (!s.who || card.dataset.who === s.who) && (!s.topic || card.dataset.topic === s.topic) &&
    (!s.rests || (s.rests === "measured" ? card.dataset.rests === "measured" : ["simulated", "both"].includes(card.dataset.rests))) &&
    s.q.toLowerCase().split(/\s+/).every((w) => card.textContent.toLowerCase().includes(w));

  const more = document.getElementById("claims-more");
  const choose = (isKept = true) => {
    const s = state();
    const order = { oldest: (a, b) => a.dataset.said.localeCompare(b.dataset.said), readings: (a, b) => b.dataset.readings - a.dataset.readings }[s.sort] ?? ((a, b) => b.dataset.said.localeCompare(a.dataset.said));
    const sorted = [...cards].sort(order), fitting = sorted.filter((c) => fits(c, s)), n = fitting.length;
    for (const card of cards) card.hidden = !fitting.includes(card);
    fitting.forEach((card, i) => card.classList.toggle("later", !isLong && i >= FIRST)); // on paper they all stand
    document.getElementById("claims-cards").append(...sorted);
    more.hidden = isLong || n <= FIRST;
    more.textContent = `Show ${n - FIRST} more`;
    document.getElementById("claims-shown").textContent = `${n} of ${cards.length} ${document.querySelector(".claim-open") && isServed ? "other " : ""}claims fit.`;
    document.getElementById("claims-none").hidden = n > 0;
    for (const link of form.querySelectorAll("[data-verdict]")) {
      if (link.dataset.verdict === s.verdict) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    if (!isKept) return;
    const asked = new URLSearchParams(isServed ? location.search : location.hash.split("?")[1] ?? "");
    for (const f of fields) { if (s[f]) asked.set(f, s[f]); else asked.delete(f); }
    history.replaceState(null, "", isServed ? `${location.pathname}${asked.size ? `?${asked}` : ""}` : `#claims${asked.size ? `?${asked}` : ""}`);
  };

  if (form) {
    more.addEventListener("click", () => {
      const first = cards.length && [...document.querySelectorAll("#claims-cards > .claim:not([hidden], .later)")].at(-1);
      isLong = true;
      choose(false);
      first?.nextElementSibling?.querySelector("a, summary")?.focus();
    });
    form.hidden = false;
    form.querySelector(".selects button").hidden = true;
    form.addEventListener("input", () => choose());
    form.addEventListener("submit", (event) => { event.preventDefault(); choose(); });
    for (const link of form.querySelectorAll("[data-verdict]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        form.elements.verdict.value = form.elements.verdict.value === link.dataset.verdict ? "" : link.dataset.verdict;
        choose();
      });
    }
    document.querySelector("#claims-none [data-all]").addEventListener("click", (event) => {
      event.preventDefault();
      for (const f of fields) form.elements[f].value = "";
      choose();
    });
    const select = () => { // in a file, #claims?verdict=holds chooses
      const [id, asked] = location.hash.slice(1).split("?");
      if (isServed || id !== "claims" || asked === undefined) return;
      for (const [key, value] of new URLSearchParams(asked)) { if (fields.includes(key)) form.elements[key].value = value; }
      choose(false);
    };
    addEventListener("hashchange", select);
    choose(false);
    select();
    arrive(); // a claim that is named is shown, even where it is not among the first
  }
}
