"use strict";
// Without this script the overview, the chart and the ledger are there all the same; it unpacks a story when
// it is opened, moves the focus to it, finds headlines and turns pages by arrow key.
const unpack = async (section) => {
  const packed = section.querySelector("script[type='application/octet-stream']");
  if (!packed) return;
  const bytes = Uint8Array.from(atob(packed.textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const holder = document.createElement("div");
  holder.innerHTML = await new Response(stream).text();
  packed.replaceWith(...holder.childNodes);
};
const shown = () => document.getElementById(decodeURIComponent(location.hash.slice(1)));
const open = async () => {
  const section = shown();
  if (!section || !section.matches("section.page")) return;
  await unpack(section);
  scrollTo(0, 0);
  const heading = section.querySelector("[tabindex='-1']");
  if (heading) heading.focus({ preventScroll: true });
};
addEventListener("hashchange", open);
addEventListener("load", open);
addEventListener("keydown", (event) => {
  const section = shown();
  if (!section || event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input")) return;
  const name = { ArrowLeft: ".before", ArrowRight: ".next", Escape: ".up" }[event.key];
  const link = name && section.querySelector(name);
  if (link) link.click();
});
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("section.page:target details")) fold.open = true;
});
document.querySelector(".skip").addEventListener("click", (event) => {
  // Its address would leave the story that is open.
  event.preventDefault();
  const place = shown() || document.querySelector(".first");
  place.querySelector("[tabindex='-1']").focus();
});
const find = document.getElementById("find");
if (find) {
  find.closest("[hidden]").hidden = false;
  const items = [...document.querySelectorAll(".stories > li")].map((item) => [item, item.textContent.toLowerCase()]);
  find.addEventListener("input", () => {
    const words = find.value.toLowerCase().split(/\s+/);
    for (const [item, text] of items) item.hidden = !words.every((word) => text.includes(word));
  });
}
