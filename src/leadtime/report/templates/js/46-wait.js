// While an answer is computed: how far it is, and the answer in place when it is there.
{
  const box = document.querySelector("[data-wait]");
  if (box) {
    const key = box.dataset.wait;
    const events = new EventSource(`/waiting/${key}/events`);
    const stop = box.querySelector("[data-cancel]");
    events.addEventListener("told", (event) => {
      const { words, done } = JSON.parse(event.data);
      if (words) box.querySelector(".step").textContent = `${words[0].toUpperCase()}${words.slice(1)}.`;
      if (done) box.querySelector("progress").value = done;
    });
    events.addEventListener("done", () => { events.close(); location.reload(); });
    stop.hidden = false;
    stop.addEventListener("click", async () => {
      events.close();
      await fetch(`/waiting/${key}/cancel`, { method: "POST" });
      box.textContent = "Canceled.";
      document.querySelector("main").classList.remove("waits");
    });
  }
}
