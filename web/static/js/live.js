// Live parts: an element with data-live="topic topic", hx-get and hx-trigger="live" asks again for itself when one of its
// topics has changed. It must hold no form that somebody types in.
const light = find("#live");
const due = new Set();
let port, watched, upTo, pending, spoken;

const showLive = (state) => {
  const at = ["live", "wait", "off"].indexOf(state);
  const text = light.dataset.words.split("|")[at];
  light.className = "dot live " + ["ok", "warn", "danger"][at];
  light.textContent = text;
  // A short break is no news; neither is a page that has just been opened.
  if (spoken && spoken !== state) say(text);
  spoken = state;
};

// A part is not replaced while its last answer is under way, or while somebody is in a menu of it.
const asking = new Set();
const askAgain = () => {
  pending = 0;
  if (document.hidden) return;
  for (const part of due) {
    if (!part.isConnected) due.delete(part);
    else if (!asking.has(part) && !find("details[data-menu][open]", part)) {
      due.delete(part);
      asking.add(part);
      htmx.trigger(part, "live");
    }
  }
  if (due.size) soon(1000);
};
// Browsers that watch the same thing do not ask at the same moment, and one asks once for what comes in a row.
const soon = (least) => (pending ||= setTimeout(askAgain, least + Math.random() * 120));
const changed = (touches) => {
  all("[data-live]").forEach((part) => touches(part.dataset.live.split(" ")) && due.add(part));
  if (due.size) soon(30);
};

let settle;
const hearLive = ({ data }) => {
  if (data.reset) changed(() => true);
  if (data.topics) changed((own) => own.some((topic) => data.topics.includes(topic)));
  if (!data.state) return;
  clearTimeout(settle);
  settle = setTimeout(showLive, data.state === "live" ? 0 : 3000, data.state);
};

const isPart = ({ detail: { elt } }) => elt.matches?.("[data-live]");
listen("htmx:afterRequest", (event) => {
  const part = event.detail.elt;
  if (!asking.delete(part) || event.detail.successful) return;
  due.add(part);
  soon(5000);
});
// Nobody asked for this answer: if it is an error, or the way to sign in, it must not take what is on the page away.
listen("htmx:beforeOnLoad", (event) => isPart(event) && event.detail.xhr.status >= 400 && event.preventDefault());
// What was chosen in a part stays chosen.
listen("htmx:beforeSwap", (event) => {
  if (!isPart(event)) return;
  const part = event.detail.elt;
  const chosen = all("[data-select-row]:checked", part).map((box) => box.value);
  const at = find("tr.cursor a[href]", part)?.href;
  part.addEventListener("htmx:afterSwap", () => {
    all("[data-select-row]", part).forEach((box) => (box.checked = chosen.includes(box.value)));
    all("tbody tr", part).find((row) => at && find("a[href]", row)?.href === at)?.classList.add("cursor");
    const form = part.closest("[data-bulk]") || find("[data-bulk]", part);
    if (form) countSelected(form);
  }, { once: true });
});

const watch = () => {
  const topics = [...new Set(all("[data-live]").flatMap((part) => part.dataset.live.split(" ")))].sort();
  if (watched === topics.join()) return;
  watched = topics.join();
  port?.postMessage({ topics, after: upTo });
};
const unwatch = () => {
  port?.postMessage({ leave: true });
  watched = null;
};

const startLive = async () => {
  upTo = Number(light.dataset.seq);
  if (window.SharedWorker) port = new SharedWorker(light.dataset.worker).port;
  else {
    const script = document.createElement("script");
    script.src = light.dataset.worker;
    await new Promise((loaded) => {
      script.onload = loaded;
      document.head.append(script);
    });
    const pipe = new MessageChannel();
    self.onconnect({ ports: [pipe.port1] });
    port = pipe.port2;
    // Few connections go to one host; a tab that nobody sees needs none.
    listen("visibilitychange", () => (document.hidden ? unwatch() : watch()));
  }
  port.onmessage = hearLive;
  watch();
  listen("htmx:load", watch);
  listen("visibilitychange", () => due.size && soon(0));
  addEventListener("pagehide", unwatch);
  addEventListener("pageshow", (event) => event.persisted && watch());
};
if (light) startLive();
