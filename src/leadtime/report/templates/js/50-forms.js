// Forms: an address holds what was chosen and nothing else; files are read here; jobs tell how far they are.
for (const form of document.querySelectorAll("form.ask[method=get]")) { // an address holds what was chosen, and nothing else
  form.addEventListener("submit", () => {
    for (const field of form.elements) {
      const day = field.name?.startsWith("from.") && !form.elements[field.name.replace("from.", "lever.")].value;
      if (field.name && (field.value === "" || day)) field.disabled = true;
    }
  });
}
addEventListener("pageshow", () => { for (const field of document.querySelectorAll("form.ask :disabled")) field.disabled = false; });
for (const field of document.querySelectorAll("input[data-into]")) { // a file is read here, and sent as text
  field.closest("label").hidden = false;
  field.addEventListener("change", async () => { 
    document.getElementById(field.dataset.into).value = await field.files[0].text();
    if (field.dataset.name) document.getElementById(field.dataset.name).value = field.files[0].name;
  });
}
const job = document.querySelector("[data-job]");
if (job) {
  const events = new EventSource(`/api/v1/jobs/${job.dataset.job}/events`);
  const tell = (event) => {
    const { done, status, words } = JSON.parse(event.data);
    job.querySelector("progress").value = done;
    job.querySelector("output").textContent = `${status}: ${words}`;
    if (!["queued", "running"].includes(status)) { events.close(); location.reload(); }
  };
  for (const name of ["queued", "running", "done", "failed", "cancelled"]) events.addEventListener(name, tell);
}
