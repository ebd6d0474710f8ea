// The board and a conversation: what is replaced under the reader and what is not,
// waiting times, and the composer. Everything works without it.
const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const listen = document.addEventListener.bind(document);

// A part is replaced node by node. What somebody typed, ticked or opened stays, and
// so does what they fetched of older messages.
const keep = Idiomorph.defaults.callbacks;
keep.beforeNodeMorphed = (old) => !old.matches?.("[data-keep]");
keep.beforeNodeRemoved = (old) => !old.matches?.("[data-older], [data-menu-open]");
keep.beforeAttributeUpdated = (name, node) => !(name === "open" && node.matches("details")) && !(["checked", "value"].includes(name) && node.matches("input, textarea, option"));

// While somebody has scrolled, selected or opened something, or reads a later page, the
// list stays, and says how much is new instead.
const held = (part) => {
  const scrolled = find("[data-scroll]", part);
  return part.dataset.hold === "always" || (scrolled ? scrolled.scrollTop > 40 : scrollY > 160) || find(":checked[data-select-row], details[open]", part);
};
listen("live", (event) => {
  const part = event.target.closest?.("[data-hold]");
  if (!part || event.target !== part || !held(part)) return;
  event.stopImmediatePropagation();
  part.dataset.behind = "1";
  // Whoever asked for the part shall not wait for an answer.
  part.dispatchEvent(new CustomEvent("htmx:afterRequest", { bubbles: true, detail: { elt: part, successful: true } }));
  const news = find("[data-news]", part);
  if (news) htmx.trigger(news, "news");
}, true);

const catchUp = () => {
  for (const part of all("[data-behind]")) {
    if (held(part)) continue;
    delete part.dataset.behind;
    htmx.trigger(part, "live");
  }
};
for (const type of ["scrollend", "change", "reset"]) listen(type, () => setTimeout(catchUp), true);

// The element that had the focus has it again when its part was replaced.
let focused = "";
listen("htmx:beforeSwap", () => (focused = document.activeElement?.closest("[id]")?.id || ""));
listen("htmx:afterSwap", () => {
  const lost = document.activeElement === document.body && focused && document.getElementById(focused);
  if (lost) (lost.matches("a, button, input, textarea") ? lost : find("a, button, input, textarea", lost) || lost).focus({ preventScroll: true });
});

// Where an earlier page joins, its last day is not said twice.
const sayDaysOnce = () => {
  let last = "";
  for (const day of all("#flow .day")) {
    day.hidden = day.textContent === last;
    last = day.textContent;
  }
};
listen("htmx:afterSettle", sayDaysOnce);

// Waiting times go on. The server's clock counts.
const skew = Date.now() - Number(document.body.dataset.now || Date.now());
const forms = (find("#spans")?.dataset.words || "").split("|");
const span = (seconds) => {
  const two = (form, a, b) => form.replace("0", Math.floor(a)).replace(/\b1\b/, Math.floor(b));
  if (seconds < 60) return two(forms[0], seconds, 0);
  if (seconds < 3600) return two(forms[1], seconds / 60, 0);
  if (seconds < 86400) return two(forms[2], seconds / 3600, (seconds % 3600) / 60);
  return two(forms[3], seconds / 86400, (seconds % 86400) / 3600);
};
setInterval(() => {
  if (document.hidden || forms.length < 4) return;
  for (const time of all("time[data-span]")) {
    const text = span(Math.max(0, (Date.now() - skew - Date.parse(time.dateTime)) / 1000));
    if (time.textContent !== text) time.textContent = text;
  }
}, 5000);

// The composer: ctrl-Enter sends, a long text shows how it will be cut.
listen("keydown", (event) => {
  const form = event.target.form;
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing || !form?.matches("[data-compose]")) return;
  event.preventDefault();
  form.requestSubmit(find("button.primary", form));
});
const bytes = (text) => new TextEncoder().encode(text).length;
let asked = 0;
listen("input", (event) => {
  const area = event.target;
  if (!area.dataset?.split) return;
  clearTimeout(asked);
  const place = find("#split");
  if (bytes(area.value) <= Number(area.dataset.limit)) return place.replaceChildren();
  asked = setTimeout(() => htmx.ajax("POST", area.dataset.split, { source: area, target: place, swap: "innerHTML", values: { text: area.value } }), 300);
});
listen("change", (event) => {
  const input = event.target;
  if (input.type !== "file" || !input.closest("[data-file]")) return;
  const file = input.files[0];
  find("[data-file-name]", input.closest("[data-file]")).textContent = file ? `${file.name} · ${Math.ceil(file.size / 1024)} KB` : "";
});
const shown = find("[data-compose] .kind-fields :is(textarea, input):not([type=hidden])[autofocus]");
if (shown && matchMedia("(pointer: fine)").matches) shown.focus();
