import { call, fileFields, follow, recalls, submits, tell, toEnd } from '/_sim/chat.js';

const page = document.body.dataset;
const chat = { account: page.account, customer: page.customer };
const find = (id) => document.getElementById(id);
const text = find('text');

// What can be sent without having one at hand.
const samples = {
  image: {}, voice: {}, file: {}, video: {},
  location: { name: '云杉家居杭州西湖店', address: '杭州市西湖区文三路 478 号', latitude: 30.2784, longitude: 120.1306 },
  link: { title: '「林间」三人位沙发', desc: '可拆洗，五种面料', url: 'https://yunshan.example/sofa/linjian' },
};

const address = '/_sim/phone/chat?' + new URLSearchParams({ ...chat, lang: page.lang });
const refresh = follow(address, 'log', 1000, (atEnd) => {
  find('empty').hidden = find('log').children.length > 0;
  if (atEnd) toEnd();
});

async function enter() {
  await call('customer/enter', {
    account: page.account, scene: page.scene, scene_param: page.param,
    customer: { external_userid: page.customer, name: page.nickname },
  });
  await refresh();
  toEnd();
}

async function send(type, fields) {
  await call('customer/send', { ...chat, type, fields });
  await refresh();
  toEnd();
}

async function sendFile(input, type) {
  const file = input.files[0];
  if (!file) return;
  openTray(false);
  await send(type, await fileFields(file)).finally(() => { input.value = ''; });
}

function openTray(open) {
  find('tray').hidden = !open;
  find('more').setAttribute('aria-expanded', String(open));
  if (open) toEnd();
}

function typed() {
  const some = text.value.trim() !== '';
  find('send').hidden = !some;
  find('more').hidden = some;
  if (some) openTray(false);
  text.rows = Math.min(5, text.value.split('\n').length + Math.floor(text.value.length / 24));
}

text.addEventListener('input', typed);
submits(text, find('write'));
find('write').addEventListener('submit', async (e) => {
  e.preventDefault();
  const content = text.value.trim();
  if (!content) return;
  text.value = '';
  typed();
  try {
    await send('text', { content });
  } catch {
    text.value = content;
    typed();
  }
  text.focus();
});
find('more').addEventListener('click', () => openTray(find('tray').hidden));
find('tray').addEventListener('click', (e) => {
  const type = e.target.closest('[data-send]')?.dataset.send;
  if (!type) return;
  openTray(false);
  send(type, samples[type]);
});
find('picture').addEventListener('change', (e) => sendFile(e.target, 'image'));
find('file').addEventListener('change', (e) => sendFile(e.target, 'file'));
find('log').addEventListener('click', async (e) => {
  const button = e.target.closest('[data-item]');
  if (!button) return;
  await call('customer/click', { ...chat, msgid: button.closest('.row').id.slice(1), item: button.dataset.item });
  await refresh();
  toEnd();
});
recalls(async (msgid) => {
  await call('customer/recall', { ...chat, msgid });
  await refresh();
});
find('refuse').addEventListener('change', (e) => {
  call('customer/refuse', { ...chat, on: e.target.checked }).catch(() => { e.target.checked = !e.target.checked; });
});
find('again').addEventListener('click', () => {
  find('settings').open = false;
  enter();
});
document.addEventListener('click', (e) => {
  if (!find('settings').contains(e.target)) find('settings').open = false;
});
document.addEventListener('keydown', (e) => {
  if (e.key !== 'Escape') return;
  find('settings').open = false;
  openTray(false);
});

enter().catch((e) => tell(e.message));
