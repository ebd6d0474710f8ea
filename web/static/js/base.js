// What the other parts share. All files of this folder are joined into one
// script, in the order of their names in static.go, inside one function.
const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

const listen = document.addEventListener.bind(document);

// on listens once at the document for events below a selector.
const on = (type, selector, handle, capture = false) =>
  listen(type, (event) => {
    const element = event.target.closest?.(selector);
    if (element) handle(event, element);
  }, capture);

// ready runs a function for the page and for every part that htmx brings later.
const ready = (run) => {
  run(document.body);
  listen("htmx:load", (event) => event.detail.elt !== document.body && run(event.detail.elt));
};

// say tells screen readers something that the eye sees by itself.
const say = (text) => {
  const region = find("#announce");
  if (!region) return;
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 50);
};

// Relative times. The server's clock counts, so a wrong one here does no harm.
const skew = Date.now() - Number(document.body.dataset.now || Date.now());
const words = (document.body.dataset.ago || "").split("|");
const ago = (seconds) => {
  const [now, s, m, h, many, one] = words;
  const fill = (text, n) => text.replace("0", Math.floor(n));
  if (seconds < 5) return now;
  if (seconds < 60) return fill(s, seconds);
  if (seconds < 3600) return fill(m, seconds / 60);
  if (seconds < 86400) return fill(h, seconds / 3600);
  return seconds < 172800 ? one : fill(many, seconds / 86400);
};
const refreshTimes = () => {
  if (document.hidden || words.length < 6) return;
  for (const time of all("time[data-rel]")) {
    const seconds = (Date.now() - skew - Date.parse(time.dateTime)) / 1000;
    if (seconds > 30 * 86400) continue;
    const text = (time.dataset.rel || "%").replace("%", ago(seconds));
    if (time.textContent !== text) time.textContent = text;
  }
};
setInterval(refreshTimes, 15000);
listen("visibilitychange", refreshTimes);

// The page has announced what was done; the address shall not say it again.
const address = new URL(location.href);
if (address.searchParams.has("done")) {
  address.searchParams.delete("done");
  history.replaceState(history.state, "", address);
}

on("click", "[data-print]", () => window.print());
