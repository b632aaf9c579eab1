// A page in parts: folded on a phone, open on a desk, where the style sheet shows them without a script too; a link to a
// place opens what holds it, and what is there.
{
  const parts = () => document.querySelectorAll("details.part");
  const target = () => { try { return document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { return null; } };
  const show = () => {
    const at = target();
    if (!at) return;
    for (let e = at.querySelector(":scope > details.part") ?? at; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    at.scrollIntoView();
  };
  const unfold = () => { if (!matchMedia("(max-width: 735px)").matches) for (const part of parts()) part.open ||= !part.classList.contains("long"); };
  unfold();
  document.addEventListener("explored", unfold);
  addEventListener("hashchange", show);
  if (parts().length) show();
}
