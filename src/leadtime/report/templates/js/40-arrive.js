// An address that names something inside what is closed opens it.
function arrive() {
  const id = decodeURI(location.hash.slice(1)).split("?")[0];
  const target = id && document.getElementById(id);
  if (!target) return;
  target.hidden = false;
  target.classList.remove("later");
  const closed = target.closest("details");
  if (closed) { closed.hidden = false; closed.open = true; }
  target.scrollIntoView();
}
addEventListener("hashchange", arrive);
arrive();
