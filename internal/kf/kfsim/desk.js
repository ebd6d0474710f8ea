import { call, fileFields, follow, recalls, submits, toEnd } from '/_sim/chat.js';

const page = document.body.dataset;
const chat = { account: page.account, customer: page.customer, userid: page.userid };
const find = (id) => document.getElementById(id);

const query = { userid: page.userid, lang: page.lang };
if (page.customer) Object.assign(query, { account: page.account, customer: page.customer });
const refresh = follow('/_sim/desk/pane?' + new URLSearchParams(query), 'pane', 1000, (atEnd) => { if (atEnd) toEnd(); });

async function act(path, body) {
  try {
    await call(path, body);
  } finally {
    await refresh();
  }
}

async function send(type, fields) {
  await act('desk/send', { ...chat, type, fields });
  toEnd();
}

function ratingMenu() {
  const list = page.menuItems.split('|').map((content, i) => ({ type: 'click', click: { id: 'rate_' + (i + 1), content } }));
  return { head_content: page.menuHead, list, tail_content: page.menuTail };
}

const does = {
  pick: async (b) => {
    const at = { account: b.account, customer: b.customer };
    await act('desk/pick', { ...at, userid: page.userid });
    location.assign('/_sim/desk?' + new URLSearchParams({ userid: page.userid, ...at, lang: page.lang }));
  },
  end: () => act('desk/end', chat),
  reopen: () => act('desk/reopen', chat),
  reject: (b) => act('desk/reject', { ...chat, on: b.on === 'true' }),
  status: (b) => act('desk/status', { account: b.account, userid: page.userid, status: b.status }),
};

document.addEventListener('click', (e) => {
  const data = e.target.closest('button')?.dataset;
  if (data?.do) does[data.do](data).catch(() => {});
  if (data?.send) send(data.send, data.send === 'msgmenu' ? ratingMenu() : {}).catch(() => {});
});
document.addEventListener('submit', (e) => {
  if (e.target.id === 'transfer') {
    e.preventDefault();
    const to = find('to').value;
    if (to) act('desk/transfer', { ...chat, to }).catch(() => {});
  }
  if (e.target.id === 'write') {
    e.preventDefault();
    const text = find('text');
    const content = text.value.trim();
    if (!content) return;
    text.value = '';
    send('text', { content }).catch(() => { text.value = content; });
  }
});
document.addEventListener('change', async (e) => {
  if (e.target.id === 'userid') e.target.form.requestSubmit();
  if (e.target.id === 'picture' && e.target.files[0]) {
    const input = e.target;
    await send('image', await fileFields(input.files[0])).catch(() => {});
    input.value = '';
  }
});
recalls((msgid) => act('desk/recall', { ...chat, msgid }).catch(() => {}));
if (find('write')) submits(find('text'), find('write'));
toEnd();
