// A list of rows is filtered by words.
{
  for (const tools of document.querySelectorAll("[data-filter]")) {
    const field = tools.querySelector("input"), told = tools.querySelector("output");
    const rows = [...document.getElementById(tools.dataset.filter).querySelectorAll("tbody tr")];
    tools.hidden = false;
    field.addEventListener("input", () => {
      const words = field.value.trim().toLowerCase().split(/\s+/);
      for (const row of rows) row.hidden = !words.every((w) => row.cells[0].textContent.toLowerCase().includes(w));
      told.textContent = `${rows.filter((r) => !r.hidden).length} of ${rows.length}`;
    });
  }
}
