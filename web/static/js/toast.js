// Messages: they leave by themselves unless they report a failure, and wait while
// somebody points at them.
const leave = (toast, after) =>
  setTimeout(() => (toast.matches(":hover, :focus-within") ? leave(toast, 2000) : toast.remove()), after);

const watchToasts = (root) => {
  for (const toast of all("[data-toast]", root.parentElement || root)) {
    if (toast.dataset.seen || !toast.closest("#toasts")) continue;
    toast.dataset.seen = "1";
    if (!toast.matches(".danger, .warn")) leave(toast, find("form", toast) ? 20000 : 8000);
  }
};
ready(watchToasts);
on("click", "[data-dismiss]", (_, button) => button.closest("[data-toast]").remove());

const fail = (text) => {
  const region = find("#toasts");
  const toast = find("#toast-failure").content.firstElementChild.cloneNode(true);
  find("p", toast).textContent = text;
  region.append(toast);
};

// htmx: no answer, or an answer that is no message of ours.
for (const type of ["htmx:sendError", "htmx:timeout"]) listen(type, ({ detail: { elt } }) => elt.matches?.("[data-live]") || fail(find("#toasts").dataset.offline));
listen("htmx:beforeSwap", (event) => {
  if (!event.detail.isError || event.detail.xhr.response.includes("data-toast")) return;
  event.detail.shouldSwap = false;
  fail(find("#toasts").dataset.broken);
});

on("click", "[data-copy]", async (_, button) => {
  const { copy, copied, copyFailed } = button.dataset;
  let done = true;
  try {
    await navigator.clipboard.writeText(copy);
  } catch {
    done = copyByHand(copy, button);
  }
  say(done ? copied : copyFailed);
  if (!done) return fail(copyFailed);
  if (button.dataset.copiedNow) return;
  const [icon, label] = button.children;
  const before = label.textContent;
  const show = (from, to, text) => {
    icon.classList.replace(from, to);
    label.textContent = text;
  };
  show("i-copy", "i-check", copied);
  button.dataset.copiedNow = "1";
  setTimeout(() => {
    show("i-check", "i-copy", before);
    delete button.dataset.copiedNow;
  }, 1600);
});

// copyByHand is for plain http, where browsers hide the clipboard.
const copyByHand = (text, button) => {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr";
  button.after(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  button.focus();
  return done;
};
