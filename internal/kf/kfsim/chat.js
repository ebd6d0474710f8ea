// What the phone page and the servicers' page share: calls of the control API, and taking over a page that was fetched again
// without losing focus, scroll or what is being written.

const page = document.body.dataset;

// call posts to the control API and returns its answer. A refusal is shown and thrown.
export async function call(path, body) {
  const answer = await fetch('/_sim/' + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  const value = await answer.json();
  if (!answer.ok) {
    tell(page.problem + ': ' + value.error);
    throw new Error(value.error);
  }
  tell('');
  return value;
}

export function tell(text) {
  const line = document.getElementById('problem');
  line.textContent = text;
  line.hidden = text === '';
}

// merge makes an element like another one, keeping every node that both have.
export function merge(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== 'open' && name !== 'hidden') old.removeAttribute(name);
  }
  for (const { name, value } of [...fresh.attributes]) {
    if (name !== 'open' && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (old.hidden !== fresh.hidden) old.hidden = fresh.hidden;
  if (old.tagName === 'TEXTAREA' || old.tagName === 'INPUT' || old.dataset.typed === 'yes') return;
  const byID = new Map([...old.children].filter((c) => c.id).map((c) => [c.id, c]));
  let at = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const known = next.nodeType === Node.ELEMENT_NODE && next.id ? byID.get(next.id) : null;
    if (known && known !== at) {
      old.insertBefore(known, at);
      at = known;
    }
    if (at && alike(at, next) && (known || !at.id || at.id === next.id)) {
      if (at.nodeType === Node.ELEMENT_NODE) merge(at, next);
      else if (at.nodeValue !== next.nodeValue) at.nodeValue = next.nodeValue;
      at = at.nextSibling;
    } else {
      old.insertBefore(next, at);
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function alike(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id || '') === (b.id || '');
}

// follow fetches an address again and again and merges its answer, while the page can be seen. It returns a function that does so
// at once.
export function follow(address, id, every, after) {
  let last = '';
  let busy = null;
  const look = async () => {
    const answer = await fetch(address);
    if (!answer.ok) return;
    const text = await answer.text();
    if (text === last) return;
    last = text;
    const atEnd = following;
    const fresh = new DOMParser().parseFromString(text, 'text/html').getElementById(id);
    merge(document.getElementById(id), fresh);
    after(atEnd);
  };
  const now = () => {
    busy ??= look().catch(() => {}).finally(() => { busy = null; });
    return busy;
  };
  setInterval(() => { if (!document.hidden) now(); }, every);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) now(); });
  return async () => { await busy; await now(); };
}

let following = true; // the end of the chat is in sight, and stays there when pictures arrive

export function toEnd() {
  const scroll = document.getElementById('scroll');
  if (scroll) scroll.scrollTop = scroll.scrollHeight;
  following = true;
}

document.addEventListener('load', (e) => { if (following && e.target.matches?.('.picture')) toEnd(); }, true);
document.addEventListener('scroll', (e) => {
  if (e.target.id === 'scroll') following = e.target.scrollHeight - e.target.scrollTop - e.target.clientHeight < 80;
}, true);

// fileFields reads a chosen file as the fields of a message.
export async function fileFields(file) {
  const data = await new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(',') + 1));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file);
  });
  return { filename: file.name, data };
}

// recalls lets the recall button of a message be reached by a long press, by a pointer and by keyboard.
export function recalls(recall) {
  const log = () => document.getElementById('log');
  document.addEventListener('contextmenu', (e) => {
    const row = e.target.closest('.row');
    if (!row?.querySelector('[data-recall]') || !log()?.contains(row)) return;
    e.preventDefault();
    for (const other of log().querySelectorAll('.row.held')) other.classList.remove('held');
    row.classList.add('held');
  });
  document.addEventListener('click', (e) => {
    const button = e.target.closest('[data-recall]');
    if (button) recall(button.closest('.row').id.slice(1));
    else for (const row of log()?.querySelectorAll('.row.held') ?? []) row.classList.remove('held');
  });
}

// submits sends on enter; with shift, or while an input method composes, enter stays what it is.
export function submits(textarea, form) {
  textarea.addEventListener('keydown', (e) => {
    if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) {
      e.preventDefault();
      form.requestSubmit();
    }
  });
}
