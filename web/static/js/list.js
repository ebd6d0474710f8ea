// Lists: selecting rows, menus, dialogs.
const boxes = (form) => all("[data-select-row]", form);

const countSelected = (form) => {
  const list = boxes(form);
  const n = list.filter((box) => box.checked).length;
  const everything = find("[data-select-all]", form) || {};
  everything.checked = n > 0 && n === list.length;
  everything.indeterminate = n > 0 && n < list.length;
  const count = find(".bulk-count", form);
  count.parentElement.classList.toggle("on", n > 0);
  count.textContent = n ? count.dataset.words.replace("0", n) : "";
};

let lastBox = null;
on("click", "[data-select-row]", (event, box) => {
  const list = boxes(box.form);
  const from = list.indexOf(lastBox);
  if (event.shiftKey && from >= 0) {
    const to = list.indexOf(box);
    list.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((other) => (other.checked = box.checked));
  }
  lastBox = box;
  countSelected(box.form);
});
on("change", "[data-select-all]", (_, box) => {
  boxes(box.form).forEach((other) => (other.checked = box.checked));
  countSelected(box.form);
});
on("reset", "[data-bulk]", (_, form) => setTimeout(countSelected, 0, form));
ready((root) => all("[data-bulk]", root).forEach(countSelected));
addEventListener("pageshow", () => all("[data-bulk]").forEach(countSelected));

// A list that was replaced says how much it shows now; if its search box was typed
// in meanwhile, it asks again.
let found = "";
listen("htmx:afterSettle", ({ detail: { elt, xhr } }) => {
  if (elt.matches("[data-live]")) return;
  const sent = new URL(xhr.responseURL).searchParams;
  found = sent.get("q");
  const box = find("[data-search][hx-preserve]", elt);
  if (box && box.value !== (sent.get(box.name) || "")) return htmx.trigger(box.form, "submit");
  const shown = find(".pager .muted", elt);
  if (shown) say(shown.textContent.trim());
});

// Menus are <details>: one open at a time, upwards where there is no room below.
const closeMenus = (except) => all("details[data-menu][open]").forEach((menu) => menu.contains(except) || (menu.open = false));
listen("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.("details[data-menu]") || !menu.open) return;
  closeMenus(menu);
  const list = menu.lastElementChild.getBoundingClientRect();
  if (list.bottom > innerHeight - 8 && list.height < menu.getBoundingClientRect().top) menu.classList.add("up");
}, true);
listen("click", (event) => closeMenus(event.target));
on("focusout", "details[data-menu]", (event, menu) => event.relatedTarget && !menu.contains(event.relatedTarget) && (menu.open = false));
on("keydown", "details[data-menu][open]", (event, menu) => {
  const items = all(".menu-list :is(a, button, input)", menu);
  const at = items.indexOf(document.activeElement);
  const go = { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Escape") {
    menu.open = false;
    find("summary", menu).focus();
  } else if (go === undefined || !items.length) return;
  else items[go % items.length].focus();
  event.preventDefault();
  event.stopPropagation();
});

// A row's menu is made when it is first opened, from the template of its table.
// The path is percent-encoded, so it can add no markup.
on("click", "a[data-menu-for]", (event, link) => {
  event.preventDefault();
  const path = link.pathname;
  const html = document.getElementById(link.dataset.menuFor).innerHTML;
  link.insertAdjacentHTML("afterend", html.replaceAll("{}", path).replaceAll("{key}", path.split("/").pop()));
  const menu = link.nextElementSibling;
  const summary = find("summary", menu);
  summary.ariaLabel = link.ariaLabel;
  link.remove();
  menu.open = true;
  summary.focus();
});

on("click", "[data-dialog]", (_, button) => {
  closeMenus();
  document.getElementById(button.dataset.dialog).showModal();
});
on("click", "dialog", (event, dialog) => event.target === dialog && dialog.close());
