// Forms: counters, patterns, the name to type, one submit at a time. The server
// checks everything again.
const used = (input) => (input.dataset.unit === "bytes" ? new TextEncoder().encode(input.value).length : [...input.value].length);

const complain = (input, text) => {
  const place = document.getElementById(input.id + "-error");
  if (place && place.textContent !== text) place.textContent = text;
  input[text ? "setAttribute" : "removeAttribute"]("aria-invalid", "true");
  input.closest(".field")?.classList.toggle("bad", !!text);
};

on("complain", "input", (event, input) => complain(input, event.detail));
on("input", "[data-limit]", (_, input) => {
  const count = document.getElementById(input.id + "-count");
  const n = used(input);
  count.textContent = count.textContent.replace(/\d+/, n);
  count.classList.toggle("over", n > input.dataset.limit);
});
on("input", ".field :is(input, textarea, select)", (_, input) => {
  if (input.type === "file") return;
  const { pattern, patternError } = input.dataset;
  const wrong = pattern && input.value && !new RegExp(`^(?:${pattern})$`, "u").test(input.value);
  complain(input, wrong ? patternError : "");
});

const wake = (input) => {
  const match = input.value.trim() === input.dataset.confirmWord.trim();
  find("[data-confirm]", input.form).disabled = !match;
};
on("input", "[data-confirm-word]", (_, input) => wake(input));
ready((root) => all("[data-confirm-word]", root).forEach(wake));

const release = (form) => {
  delete form.dataset.sent;
  for (const button of all("[aria-busy]", form)) {
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
};
on("submit", "form[data-once]", (event, form) => {
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  const button = event.submitter;
  // Later, because a disabled button would not send its name and value.
  if (button) setTimeout(() => {
    button.setAttribute("aria-busy", "true");
    button.disabled = true;
  });
  setTimeout(release, 20000, form);
});
listen("htmx:afterRequest", (event) => event.detail.elt.matches("form[data-once]") && release(event.detail.elt));
addEventListener("pageshow", (event) => event.persisted && all("form[data-once]").forEach(release));

// After a refused form the first field to correct has the focus.
const wrongField = find("[aria-invalid='true']");
if (wrongField && wrongField !== document.activeElement) wrongField.focus();
