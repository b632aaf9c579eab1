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
dark.addEventListener("change", draw);
draw();
