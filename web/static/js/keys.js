// Keys, and the palette that searches everything.
const palette = find("#palette");
const openPalette = (text) => {
  if (!palette || palette.open) return;
  closeMenus();
  palette.showModal();
  const input = find("input", palette);
  const results = find("#palette-results");
  if (!find(".hit", results)) results.prepend(...all(".rail nav > a").map((link) => {
    const hit = link.cloneNode(true);
    hit.className = "hit";
    return hit;
  }));
  input.value = text || "";
  input.focus();
  if (text) input.dispatchEvent(new Event("input", { bubbles: true }));
};
on("click", "a[data-palette], [data-palette] input", (event, from) => {
  event.preventDefault();
  openPalette(from.value);
});
on("input", "[data-palette] input", (_, input) => {
  openPalette(input.value);
  input.value = "";
});
// Enter takes the first result, if it is one of what was typed last; otherwise the
// form leads to the page of results.
on("keydown", "#palette", (event) => {
  const hits = all(".hit", palette);
  const at = hits.indexOf(document.activeElement);
  const input = find("input", palette);
  if (event.key === "ArrowDown" && hits.length) hits[Math.min(at + 1, hits.length - 1)].focus();
  else if (event.key === "ArrowUp") (hits[at - 1] || input).focus();
  else if (event.key === "Enter" && event.target === input && hits.length && input.value && input.value === found) hits[0].click();
  else return;
  event.preventDefault();
});

// The list that j and k walk: the rows of a table, or links.
const rowLinks = () =>
  all("table[data-rows] tbody tr").map((row) => find("a[href]", row)).filter(Boolean);
const walk = (step) => {
  const links = rowLinks();
  if (!links.length) return;
  const current = find("tr.cursor");
  const at = links.findIndex((link) => link.closest("tr") === current);
  const link = links[Math.max(0, Math.min(links.length - 1, at < 0 ? 0 : at + step))];
  current?.classList.remove("cursor");
  link.closest("tr").classList.add("cursor");
  link.focus({ preventScroll: true });
  link.scrollIntoView({ block: "nearest" });
};

const single = {
  "/": () => (find("main [data-search]") ? find("main [data-search]").select() : openPalette()),
  "?": () => find("#keys")?.showModal(),
  j: () => walk(1),
  k: () => walk(-1),
  x: () => find("tr.cursor [data-select-row]")?.click(),
};
const choice = find("[data-single-keys]");
if (choice) choice.checked = !localStorage.keysOff;
on("change", "[data-single-keys]", () => (localStorage.keysOff = choice.checked ? "" : "1"));

let wentAt = 0;
listen("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    return openPalette();
  }
  const typing = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, canvas, [contenteditable]");
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing || find("dialog[open]") || localStorage.keysOff) return;
  const going = event.timeStamp - wentAt < 1200 && find(`[data-go="${CSS.escape(event.key)}"]`);
  wentAt = 0;
  if (going) going.click();
  else if (event.key === "g") return (wentAt = event.timeStamp);
  else if (single[event.key]) single[event.key]();
  else return;
  event.preventDefault();
});
