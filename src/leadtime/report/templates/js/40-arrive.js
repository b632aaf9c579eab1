// Claims are filtered; an address brings a selection back, and opens what it names.
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
addEventListener("hashchange", arrive);
arrive();
