// Sends a clip in parts, goes on where it stopped, and says how far it is. The page has the form; see upload.py.
(() => {
  const API = "/api/v1/uploads";
  const MEGABYTE = 1024 * 1024;
  const MOST_TRIES = 20;
  let current = null;

  const at = (part) => document.querySelector(`[data-upload="${part}"]`);
  const say = (text, wrong = false) => {
    const line = at("said");
    line.textContent = text;
    line.classList.toggle("wrong", wrong);
  };
  const show = (sending) => {
    at("progress").hidden = !sending;
    at("cancel").hidden = !sending;
    at("drop").hidden = sending;
  };
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

  async function send(file) {
    if (current) return;
    const mine = (current = { cancelled: false, id: null });
    show(true);
    try {
      await sendAll(file, mine);
    } finally {
      current = null;
      show(false);
    }
  }

  async function sendAll(file, mine) {
    const asked = new URLSearchParams({ name: file.name, size: file.size });
    const movement = document.querySelector("input[name=movement]:checked");
    if (movement && movement.value) asked.set("movement", movement.value);
    say(`Sending ${file.name}`);
    let answer = await ask(`${API}?${asked}`, { method: "POST" });
    if (!answer || !answer.ok) return say(answer ? answer.said.detail : "There is no connection. Try again.", true);
    let state = answer.said;
    mine.id = state.id;
    let tries = 0;
    while (!state.job && !mine.cancelled) {
      at("progress").value = state.offset / state.size;
      say(`Sending ${file.name}: ${Math.round(state.offset / MEGABYTE)} of ${Math.round(state.size / MEGABYTE)} MB`);
      const part = file.slice(state.offset, state.offset + state.part_bytes);
      answer = await ask(`${API}/${state.id}?offset=${state.offset}`, { method: "PUT", body: part });
      if (mine.cancelled) break;
      if (answer && answer.ok) {
        state = answer.said;
        tries = 0;
        continue;
      }
      if (answer && ![408, 409].includes(answer.status)) return say(answer.said.detail, true);
      tries += 1;
      if (tries > MOST_TRIES) return say("The connection does not come back. Choose the file again.", true);
      say("The connection broke; going on in a moment.");
      await wait(Math.min(tries, 5));
      answer = await ask(`${API}/${state.id}`, {});
      if (answer && answer.ok) state = answer.said;
      else if (answer) return say(answer.said.detail, true);
    }
    if (mine.cancelled) return;
    at("progress").value = 1;
    say(`${file.name} is there.`);
    location.assign(`/result/${state.id}`);
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-upload=file]") && event.target.files.length) {
      send(event.target.files[0]);
      event.target.value = "";
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-upload=cancel]") && current) {
      current.cancelled = true;
      if (current.id) ask(`${API}/${current.id}`, { method: "DELETE" });
      say("Cancelled.");
    }
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const drop = at("drop");
      if (!drop || drop.hidden) return;
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
    });
  }
})();
