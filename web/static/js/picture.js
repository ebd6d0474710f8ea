// A script of its own, on pages with a picture to choose. A picture is cropped to a square before it is sent: drag, zoom, arrow keys. The
// crop travels as x, y and size in pixels of the file; the server cuts.
const complain = (input, text) => input.dispatchEvent(new CustomEvent("complain", { detail: text, bubbles: true }));

const isPicture = async (file) => {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  return (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) || (head[0] === 0x89 && head[1] === 0x50 && head[2] === 0x4e);
};

const cropper = (box) => {
  const input = box.querySelector("[type=file]");
  const panel = box.querySelector("[data-crop]");
  const [view, result] = panel.querySelectorAll("canvas");
  const zoom = panel.querySelector("[data-zoom]");
  const fileName = box.querySelector("[data-file-name]");
  const field = (name) => box.querySelector(`[name=${name}]`);
  const frame = 200;
  const margin = (view.width - frame) / 2;
  let image = null;
  let x = 0, y = 0, size = 0;

  const draw = () => {
    size = (Math.min(image.width, image.height) * 100) / zoom.value;
    x = Math.max(0, Math.min(image.width - size, x));
    y = Math.max(0, Math.min(image.height - size, y));
    const scale = frame / size;
    const paint = view.getContext("2d");
    paint.clearRect(0, 0, view.width, view.height);
    paint.drawImage(image, margin - x * scale, margin - y * scale, image.width * scale, image.height * scale);
    paint.fillStyle = "#0009";
    paint.beginPath();
    paint.rect(0, 0, view.width, view.height);
    paint.rect(margin, margin, frame, frame);
    paint.fill("evenodd");
    paint.strokeStyle = "#fff";
    paint.lineWidth = 2;
    paint.strokeRect(margin, margin, frame, frame);
    const small = result.getContext("2d");
    small.clearRect(0, 0, result.width, result.height);
    small.drawImage(image, x, y, size, size, 0, 0, result.width, result.height);
    field("x").value = Math.floor(x);
    field("y").value = Math.floor(y);
    field("size").value = Math.floor(size);
  };
  const move = (dx, dy) => {
    x += (dx * size) / frame;
    y += (dy * size) / frame;
    draw();
  };
  const scaleTo = (value) => {
    const before = size;
    zoom.value = value;
    const after = (Math.min(image.width, image.height) * 100) / zoom.value;
    x += (before - after) / 2;
    y += (before - after) / 2;
    draw();
  };
  const clear = () => {
    input.value = field("x").value = field("y").value = field("size").value = "";
    fileName.textContent = "";
    panel.hidden = true;
    image = null;
  };
  const open = async () => {
    const [file] = input.files;
    if (!file) return clear();
    complain(input, "");
    const max = Number(box.dataset.max);
    const refuse = (text) => {
      clear();
      complain(input, text);
    };
    if (max && file.size > max) return refuse(box.dataset.tooBig);
    if (!(await isPicture(file))) return refuse(box.dataset.notImage);
    try {
      // Turned upright, as the server turns it before it cuts.
      image = await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch {
      return refuse(box.dataset.notImage);
    }
    zoom.value = 100;
    size = Math.min(image.width, image.height);
    x = (image.width - size) / 2;
    y = (image.height - size) / 2;
    fileName.textContent = file.name;
    panel.hidden = false;
    draw();
  };

  input.addEventListener("change", open);
  panel.querySelector("[data-crop-clear]").addEventListener("click", () => {
    clear();
    input.focus();
  });
  zoom.addEventListener("input", () => {
    const value = zoom.value;
    zoom.value = (Math.min(image.width, image.height) * 100) / size;
    scaleTo(value);
  });
  view.addEventListener("pointerdown", (event) => view.setPointerCapture(event.pointerId));
  view.addEventListener("pointermove", (event) => event.buttons && move(-event.movementX, -event.movementY));
  view.addEventListener("wheel", (event) => {
    event.preventDefault();
    scaleTo(Number(zoom.value) - Math.sign(event.deltaY) * 10);
  }, { passive: false });
  view.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 20 : 4;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (by) move(...by);
    else if (event.key === "+" || event.key === "=") scaleTo(Number(zoom.value) + 10);
    else if (event.key === "-") scaleTo(Number(zoom.value) - 10);
    else return;
    event.preventDefault();
  });
};
const start = () => document.querySelectorAll("[data-picture]:not([data-ready])").forEach((box) => {
  box.dataset.ready = "1";
  cropper(box);
});
start();
document.addEventListener("htmx:load", start);
