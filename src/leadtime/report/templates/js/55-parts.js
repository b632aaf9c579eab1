// A page in parts: on a phone they begin closed, and a link to a place opens what holds it.
{
  const parts = () => document.querySelectorAll("details.part");
  const target = () => { try { return document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { return null; } };
  const show = () => {
    const at = target();
    if (!at) return;
    for (let e = at; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    at.scrollIntoView();
  };
  if (matchMedia("(max-width: 735px)").matches) for (const part of parts()) part.open = false;
  addEventListener("hashchange", show);
  if (parts().length) show();
}
