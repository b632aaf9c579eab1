// What is taken away: links, citations, embeds.
async function copy(text, button) {
  const label = button.innerHTML;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    prompt("Copy this:", text); // a file has no clipboard in some browsers
  }
  setTimeout(() => { button.innerHTML = label; }, 1500);
}
const isPublic = location.protocol.startsWith("http") && !["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
const here = () => location.href.split("#")[0];
function take(root) {
  for (const button of root.querySelectorAll("button[data-share]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(`${here()}${button.dataset.share ? `#${button.dataset.share}` : ""}`, button));
  }
  for (const button of root.querySelectorAll("button[data-cite]")) { // an address of this machine is no citation
    button.hidden = false;
    button.addEventListener("click", () => copy(isPublic ? `${button.dataset.cite} ${here()}` : button.dataset.cite, button));
  }
  for (const code of root.querySelectorAll("code[data-here]")) { // what is copied works elsewhere
    code.textContent = new URL(code.textContent, location.href).href;
    code.removeAttribute("data-here");
  }
  for (const button of root.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button.previousElementSibling.textContent, button));
  }
}


function picture(name) { // the chart as it is shown, with its words around it, and nothing that a page would have to explain
  const figure = document.getElementById(name);
  const svg = [...figure.querySelectorAll(".pic")].find((p) => p.offsetParent).querySelector("svg");
  const colors = getComputedStyle(document.documentElement);
  const plain = new XMLSerializer().serializeToString(svg).replace(/var\((--[a-z]+)\)/g, (_, n) => colors.getPropertyValue(n).trim());
  const [w, h] = [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height];
  const lines = [];
  const add = (text, size, weight, family, color) => {
    let line = "";
    for (const word of text.trim().split(/\s+/)) {
      if ((line.length + word.length) * size * 0.48 > w) { lines.push([line, size, weight, family, color]); line = ""; }
      line = `${line} ${word}`.trim();
    }
    lines.push([line, size, weight, family, color]);
  };
  const ink = colors.getPropertyValue("--ink"), soft = colors.getPropertyValue("--soft");
  add(figure.querySelector(".finding").textContent, 21, 600, "Source Serif 4, Georgia, serif", ink);
  add(figure.querySelector(".subtitle").textContent, 15, 400, "Source Sans 3, Arial, sans-serif", soft);
  let y = 16;
  const escape = (t) => t.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const draw = ([t, size, weight, family, color]) => { y += size * 1.25; return `<text x="16" y="${y}" font-family="${family}" font-size="${size}" font-weight="${weight}" fill="${color}">${escape(t)}</text>`; };
  const above = lines.splice(0).map(draw).join("");
  const at = y + 10;
  y = at + h;
  add(figure.querySelector("figcaption details p").textContent, 12, 400, "Source Sans 3, Arial, sans-serif", soft);
  const below = lines.map(draw).join("");
  const inner = plain.replace("<svg ", `<svg x="16" y="${at}" `);
  return `<svg xmlns="http://www.w3.org/2000/svg" font-family="Source Sans 3, Arial, sans-serif" width="${w + 32}" height="${y + 16}"><rect width="100%" height="100%" fill="${colors.getPropertyValue("--paper")}"/>${above}${inner}${below}</svg>`;
}
function pictures(root) {
  for (const button of root.querySelectorAll("button[data-picture]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const address = URL.createObjectURL(new Blob([picture(button.dataset.picture)], { type: "image/svg+xml" }));
      const link = document.createElement("a");
      link.href = address;
      link.download = `${button.dataset.picture}.svg`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    });
  }
}
take(document);
pictures(document);
