// Sends clips in parts, goes on where it stopped, and says how far it is. The page has the forms; see upload.py.
(() => {
  const API = "/api/v1/uploads";
  const MEGABYTE = 1024 * 1024;
  const MOST_TRIES = 20;
  const sending = new Map(); // of each form, what it sends

  const at = (form, part) => form.querySelector(`[data-upload="${part}"]`);
  const formOf = (element) => element.closest("[data-upload=form]");
  function say(form, text, wrong = false) {
    const line = at(form, "said");
    line.textContent = text;
    line.classList.toggle("wrong", wrong);
  }
  function show(form, busy) {
    at(form, "progress").hidden = !busy;
    at(form, "cancel").hidden = !busy;
    at(form, "drop").hidden = busy;
  }
  const wait = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

  // One request; gives the answer and its JSON, or null when there was no connection.
  async function ask(url, options) {
    try {
      const answer = await fetch(url, options);
      return { ok: answer.ok, status: answer.status, said: answer.status === 204 ? {} : await answer.json() };
    } catch (error) {
      return null;
    }
  }

  async function send(form, file) {
    if (sending.has(form)) return;
    const mine = { cancelled: false, id: null, sending: new AbortController() };
    sending.set(form, mine);
    show(form, true);
    try {
      await sendAll(form, file, mine);
      if (mine.cancelled && mine.id) await ask(`${API}/${mine.id}`, { method: "DELETE" }); // whatever was on its way is there
    } finally {
      sending.delete(form);
      show(form, false);
    }
  }

  async function sendAll(form, file, mine) {
    const asked = new URLSearchParams(form.dataset.asked);
    asked.set("name", file.name);
    asked.set("size", file.size);
    for (const field of document.querySelectorAll("input[data-asked]:checked")) {
      if (field.value) asked.set(field.name, field.value);
    }
    say(form, `Sending ${file.name}`);
    let answer = await ask(`${API}?${asked}`, { method: "POST" });
    if (!answer || !answer.ok) return say(form, answer ? answer.said.detail : "There is no connection. Try again.", true);
    let state = answer.said;
    mine.id = state.id;
    let tries = 0;
    while (!state.job && !mine.cancelled) {
      at(form, "progress").value = state.offset / state.size;
      say(form, `Sending ${file.name}: ${Math.round(state.offset / MEGABYTE)} of ${Math.round(state.size / MEGABYTE)} MB`);
      const part = file.slice(state.offset, state.offset + state.part_bytes);
      answer = await ask(`${API}/${state.id}?offset=${state.offset}`, { method: "PUT", body: part, signal: mine.sending.signal });
      if (mine.cancelled) break;
      if (answer && answer.ok) {
        state = answer.said;
        tries = 0;
        continue;
      }
      if (answer && ![408, 409].includes(answer.status)) return say(form, answer.said.detail, true);
      tries += 1;
      if (tries > MOST_TRIES) return say(form, "The connection does not come back. Choose the file again.", true);
      say(form, "The connection broke; going on in a moment.");
      await wait(Math.min(tries, 5));
      answer = await ask(`${API}/${state.id}`, {});
      if (answer && answer.ok) state = answer.said;
      else if (answer) return say(form, answer.said.detail, true);
    }
    if (mine.cancelled) return;
    at(form, "progress").value = 1;
    say(form, `${file.name} is there.`);
    if (form.dataset.then) location.assign(`${form.dataset.then}${state.id}`);
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-upload=file]") && event.target.files.length) {
      send(formOf(event.target), event.target.files[0]);
      event.target.value = "";
    }
  });
  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-upload=cancel]") && formOf(event.target);
    const mine = form && sending.get(form);
    if (mine) {
      mine.cancelled = true;
      mine.sending.abort();
      say(form, "Cancelled.");
    }
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const forms = document.querySelectorAll("[data-upload=form]");
      if (!forms.length) return;
      event.preventDefault(); // wherever it is dropped, the page stays
      const meant = forms.length === 1 ? forms[0] : formOf(event.target); // where there is one, the page is its form
      for (const form of forms) at(form, "drop").classList.toggle("over", kind === "dragover" && form === meant);
      const files = event.dataTransfer.files;
      if (kind === "drop" && meant && !at(meant, "drop").hidden && files.length) send(meant, files[0]);
    });
  }
})();
