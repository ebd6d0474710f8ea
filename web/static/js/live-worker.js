// The connection by which the console says what has changed. As a SharedWorker it is one for all tabs of a browser, which may
// open few connections to one host; where there is no SharedWorker, the page runs this file itself.
// A tab says {topics, after} when it comes or asks for other topics, and {leave: true} when it goes. It is told {state} and
// {topics} that have changed, or {reset: true} when nobody knows which.
const tabs = new Map();
// Of the connection: its topics, the place it began at, what came since by topic, and where to take up again.
let source, topics, began, came, last;
let state = "wait", watchdog, again, giveUp;
let pause = 1000;

const tell = (news) => tabs.forEach((_, port) => port.postMessage(news));
const become = (next) => {
  clearTimeout(giveUp);
  if (next === "wait") giveUp = setTimeout(become, 20000, "off");
  if (next === "wait" && state === "off") return;
  if (next !== state) tell({ state: (state = next) });
};

// The console gives a sign of life every 5 seconds; a connection that died without a word shows by its silence.
const alive = () => {
  clearTimeout(watchdog);
  watchdog = setTimeout(connect, 17000);
  pause = 1000;
  become("live");
};

const note = (event) => {
  alive();
  if (event.lastEventId) last = Number(event.lastEventId);
};

const close = () => {
  source?.close();
  source = null;
  [watchdog, again].forEach(clearTimeout);
};

const connect = () => {
  close();
  if (!tabs.size) return;
  become("wait");
  topics = [...new Set([...tabs.values()].flat())];
  [began, came] = [last, {}];
  const query = new URLSearchParams(topics.map((topic) => ["topic", topic]));
  query.set("after", last);
  source = new EventSource("/live?" + query);
  source.onopen = alive;
  source.addEventListener("beat", alive);
  source.addEventListener("reset", (event) => {
    note(event);
    tell({ reset: true });
  });
  source.onmessage = (event) => {
    note(event);
    const { seq, topic } = JSON.parse(event.data);
    came[topic] = seq;
    tabs.forEach((wanted, port) => wanted.includes(topic) && port.postMessage({ topics: [topic] }));
  };
  source.onerror = () => {
    become("wait");
    if (source.readyState !== EventSource.CLOSED) return;
    // Refused, such as after a sign-out: the browser does not try again by itself.
    close();
    again = setTimeout(connect, pause * (0.5 + Math.random()));
    pause = Math.min(pause * 2, 30000);
  };
};

const hear = (port, { data }) => {
  if (data.leave) {
    tabs.delete(port);
    if (!tabs.size) close();
    return;
  }
  tabs.set(port, data.topics);
  port.postMessage({ state });
  // A page is as old as its answer: what came between that and now is news to it.
  const covered = source && data.after >= began && data.topics.every((topic) => topics.includes(topic));
  if (covered) {
    const missed = data.topics.filter((topic) => came[topic] > data.after);
    if (missed.length) port.postMessage({ topics: missed });
    return;
  }
  last = tabs.size > 1 ? Math.min(last, data.after) : data.after;
  connect();
};

self.onconnect = ({ ports: [port] }) => {
  port.onmessage = (event) => hear(port, event);
};
