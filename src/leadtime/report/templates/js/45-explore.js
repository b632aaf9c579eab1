// Pages that are explored: a control or a link asks for the page anew, and only its main part is put in place.
// The old answer stays while the new one is worked out; the address holds the state.
{
  document.documentElement.classList.add("scripted");
  const live = location.protocol.startsWith("http");
  let asked = null;

  const address = (form) => { // what was chosen, without what is usual
    const usual = new Map([...form.elements].filter((e) => e.dataset.default !== undefined).map((e) => [e.name, e.dataset.default]));
    const several = new Set([...form.elements].filter((e) => e.dataset.several !== undefined || e.closest(".chip")).map((e) => e.name));
    const boxes = [...form.elements].filter((e) => e.type === "checkbox" && e.dataset.several !== undefined);
    const whole = new Set(boxes.map((e) => e.name).filter((n) => boxes.every((e) => e.name !== n || e.checked))); // all of them is the usual
    const found = [], last = new Map();
    for (const [name, value] of new FormData(form)) {
      if (whole.has(name)) continue;
      if (several.has(name)) found.push([name, value]);
      else last.set(name, value);
    }
    for (const [name, value] of last) if (value !== "" && value !== usual.get(name)) found.push([name, value]);
    const query = new URLSearchParams(found).toString();
    return `${new URL(form.action).pathname}${query ? `?${query}` : ""}`;
  };

  const waiting = (main, words, cancel) => {
    const box = document.createElement("div");
    box.className = "waiting";
    box.setAttribute("role", "status");
    const said = document.createElement("span");
    said.textContent = words;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = "Cancel";
    button.addEventListener("click", cancel);
    box.append(said, button);
    main.prepend(box);
    return box;
  };

  const pause = (seconds, signal, early) => new Promise((done, stop) => {
    const timer = setTimeout(done, 1000 * seconds);
    early?.then(() => { clearTimeout(timer); done(); });
    signal.addEventListener("abort", () => { clearTimeout(timer); stop(new DOMException("", "AbortError")); });
  });

  async function read(to, signal, tell) { // a server that is not ready says when to ask again, and how far it is meanwhile
    for (;;) {
      const answer = await fetch(to, { signal, headers: { Accept: "text/html" } });
      const body = await answer.text();
      const again = Number(answer.headers.get("Retry-After"));
      if (!again && answer.status !== 503) return body;
      const key = body.match(/data-wait="([0-9a-f]+)"/)?.[1];
      const events = key && new EventSource(`/waiting/${key}/events`);
      const done = key && new Promise((ready) => {
        events.addEventListener("told", (e) => tell(JSON.parse(e.data).words));
        events.addEventListener("done", ready);
      });
      try { await pause(key ? 60 : again || 3, signal, done || undefined); } finally { events?.close?.(); }
    }
  }

  async function explore(to, focus) {
    asked?.abort();
    const mine = asked = new AbortController();
    const main = document.querySelector("main");
    let box = null;
    const end = () => { box?.remove(); if (asked === mine) { main.classList.remove("waits"); main.removeAttribute("aria-busy"); } };
    const timer = setTimeout(() => {
      main.classList.add("waits");
      main.setAttribute("aria-busy", "true");
      box = waiting(main, "Working it out. The old answer stays until then.", () => mine.abort());
    }, 400);
    try {
      const page = new DOMParser().parseFromString(await read(to, mine.signal, (words) => { if (box && words) box.firstChild.textContent = `${words[0].toUpperCase()}${words.slice(1)}.`; }), "text/html");
      const fresh = page.querySelector("main");
      if (!fresh || asked !== mine) return;
      main.replaceChildren(...fresh.childNodes);
      document.title = page.title;
      history.replaceState(null, "", to);
      wake(main);
      const again = focus && main.querySelector(focus);
      if (again) again.focus({ preventScroll: true });
      told.textContent = main.querySelector("h1")?.textContent ?? "";
    } catch (error) {
      if (error.name !== "AbortError") location.assign(to);
    } finally {
      clearTimeout(timer);
      end();
    }
  }

  const told = document.createElement("p"); // the new answer is said to those who do not see it
  told.className = "hidden";
  told.setAttribute("role", "status");
  document.body.append(told);

  const place = (element) => element.name && `[name="${CSS.escape(element.name)}"]${element.type === "hidden" || !element.value || element.type !== "checkbox" ? "" : `[type=${element.type}]`}`;

  function wake(main) { // what other parts of the script do for a page that is new
    for (const pic of main.querySelectorAll(".pic[data-points]")) chart(pic);
    take(main);
    pictures(main);
    sortable(document);
    downloads(document);
    spans(main);
    document.dispatchEvent(new CustomEvent("explored", { detail: main }));
  }

  function spans(root) { // two handles over a range of months, beside the days that can be typed
    for (const span of root.querySelectorAll("fieldset.span")) {
      const [from, to] = span.querySelectorAll("input[type=date]");
      const month = (day) => { const [y, m] = day.split("-").map(Number); return 12 * y + m - 1; };
      const [low, high] = [month(span.dataset.first), month(span.dataset.last)];
      const hands = document.createElement("div");
      hands.className = "hands";
      const line = document.createElement("i");
      hands.append(line);
      const made = [[from, "From"], [to, "To"]].map(([field, words]) => {
        const hand = document.createElement("input");
        Object.assign(hand, { type: "range", min: low, max: high, step: 1, value: month(field.value || span.dataset.first) });
        hand.setAttribute("aria-label", words);
        hands.append(hand);
        return hand;
      });
      const day = (n, edge) => (n === month(edge) ? edge : `${Math.floor(n / 12)}-${String((n % 12) + 1).padStart(2, "0")}-01`);
      const shown = () => {
        const [a, b] = made.map((h) => Number(h.value));
        line.style.left = `${(100 * (a - low)) / (high - low || 1)}%`;
        line.style.width = `${(100 * (b - a)) / (high - low || 1)}%`;
        made[0].setAttribute("aria-valuetext", from.value);
        made[1].setAttribute("aria-valuetext", to.value);
      };
      made.forEach((hand, i) => {
        hand.addEventListener("input", () => {
          const [a, b] = made.map((h) => Number(h.value));
          if (b - a < 2) hand.value = i ? a + 2 : b - 2;
          (i ? to : from).value = day(Number(hand.value), i ? span.dataset.last : span.dataset.first);
          shown();
        });
        hand.addEventListener("change", () => (i ? to : from).dispatchEvent(new Event("change", { bubbles: true })));
      });
      shown();
      span.querySelector("legend").after(hands);
    }
  }

  const formOf = (element) => element.form?.matches("form.explore") && element.form;
  if (live) {
    document.addEventListener("change", (event) => {
      const form = formOf(event.target);
      if (form && event.target.name && event.target.dataset.several === undefined) explore(address(form), place(event.target));
    });
    document.addEventListener("submit", (event) => {
      if (!event.target.matches("form.explore")) return;
      event.preventDefault();
      const at = document.activeElement;
      explore(address(event.target), at && place(at));
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-explore]");
      if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      const at = link.closest(".tabs") ? ".tabs [aria-current]" : 'form.explore input[name="add"]';
      explore(link.getAttribute("href"), at);
    });
  }
  spans(document);
}
