// Effect: a cell of the grid says what it multiplies; two boxes say what a row and a column come to together.
{
  const said = document.querySelector(".effect .picked");
  for (const cell of document.querySelectorAll(".effect td[data-words]")) {
    cell.tabIndex = -1;
    cell.addEventListener("click", () => pick(cell));
    cell.addEventListener("keydown", (event) => {
      const row = cell.parentElement, at = [...row.children].indexOf(cell);
      const next = { ArrowRight: cell.nextElementSibling, ArrowLeft: cell.previousElementSibling, ArrowDown: row.nextElementSibling?.children[at], ArrowUp: row.previousElementSibling?.children[at] }[event.key];
      if (next?.dataset.words) { event.preventDefault(); pick(next); }
    });
  }
  const first = document.querySelector(".effect td[data-words]");
  if (first) first.tabIndex = 0;
  function pick(cell) {
    for (const other of document.querySelectorAll(".effect td[data-words]")) { other.classList.toggle("chosen", other === cell); other.tabIndex = other === cell ? 0 : -1; }
    cell.focus();
    said.hidden = false;
    said.textContent = cell.dataset.words;
  }
  const pair = document.querySelector("form.pair");
  if (pair) {
    const pairs = JSON.parse(pair.dataset.pairs);
    const tell = () => { pair.querySelector("output").textContent = pairs[`${pair.elements.world.value} ${pair.elements.reading.value}`] ?? ""; };
    pair.hidden = false;
    pair.addEventListener("submit", (event) => event.preventDefault());
    pair.addEventListener("change", tell);
    tell();
  }
}
