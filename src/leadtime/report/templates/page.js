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

async function save(button) {
  const name = button.dataset.figure;
  const box = document.createElement("div");
  const drawn = await vegaEmbed(box, report.figures[name].file, options);
  const address = await drawn.view.toImageURL(button.dataset.kind, button.dataset.kind === "png" ? 2 : 1);
  drawn.finalize();
  const link = document.createElement("a");
  link.href = address;
  link.download = `${name}.${button.dataset.kind}`;
  link.click();
}

for (const button of document.querySelectorAll("button[data-kind]")) {
  button.hidden = false;
  button.addEventListener("click", () => save(button));
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
  button.addEventListener("click", () => copy(`${button.dataset.cite} ${location.href.split("#")[0]}#${button.closest("details").id}`, button));
}
addEventListener("hashchange", arrive);
arrive();
dark.addEventListener("change", draw);
draw();
