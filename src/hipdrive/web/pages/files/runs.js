// Brings in runs, one file after the other, and says what came of each. The page has the form; see runs.py.
(() => {
  const API = "/api/v1/runs/file";
  const MEGABYTE = 1024 * 1024;
  const MOST_NAMED = 200;
  const MOST_OPEN = 5;
  let going = false;

  const at = (part) => document.querySelector(`[data-runs="${part}"]`);
  const say = (text) => { at("said").textContent = text; };
  const show = (sending) => {
    at("progress").hidden = !sending;
    at("drop").hidden = sending;
  };
  const counted = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;

  // Sends one file; gives what was kept, or one sentence in `wrong`.
  function send(file, where) {
    return new Promise((done) => {
      const request = new XMLHttpRequest(); // fetch does not tell how much is sent
      request.open("POST", `${API}?${new URLSearchParams({ name: file.name })}`);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.upload.onprogress = (event) => {
        at("progress").value = event.loaded / (event.total || 1);
        const mb = file.size > MEGABYTE ? `: ${Math.round(event.loaded / MEGABYTE)} of ${Math.round(file.size / MEGABYTE)} MB` : "";
        say(`Sending ${file.name}${where}${mb}`);
      };
      request.upload.onload = () => {
        at("progress").removeAttribute("value");
        say(`Reading ${file.name}${where}. A large export takes some minutes; you can leave this page, it goes on.`);
      };
      request.onload = () => {
        try {
          const told = JSON.parse(request.responseText);
          done(request.status === 200 ? told : { wrong: told.detail });
        } catch (error) {
          done({ wrong: `${file.name} was not read: try it again` });
        }
      };
      request.onerror = () => done({ wrong: `The connection broke at ${file.name}: send it again` });
      request.send(file);
    });
  }

  function line(text, parent, tag = "p") {
    parent.appendChild(document.createElement(tag)).textContent = text;
  }

  function tell(kept, refused, reasons) {
    const box = at("kept");
    box.replaceChildren();
    line(`${counted(kept.new, "new run")}.`, box);
    if (kept.known) line(`${counted(kept.known, "run")} in the diary already, or in several of these files.`, box);
    const others = [...reasons].sort((one, other) => other[1] - one[1]);
    if (others.length) line(`Left out: ${others.map(([why, number]) => `${number} x ${why}`).join(", ")}.`, box);
    if (kept.new) {
      const link = box.appendChild(document.createElement("a"));
      link.href = location.pathname + location.search;
      link.textContent = "See them";
    }
    if (refused.length) {
      const part = box.appendChild(document.createElement("details"));
      part.open = refused.length <= MOST_OPEN;
      line(`${counted(refused.length, "file")} could not be taken`, part, "summary");
      const list = part.appendChild(document.createElement("ul"));
      for (const sentence of refused.slice(0, MOST_NAMED)) line(`${sentence}.`, list, "li");
      if (refused.length > MOST_NAMED) line(`and ${refused.length - MOST_NAMED} more.`, list, "li");
    }
    box.hidden = false;
  }

  async function bring(chosen) {
    if (going || !chosen.length) return;
    going = true;
    show(true);
    const drop = at("drop").dataset;
    const kept = { new: 0, known: 0 };
    const refused = [];
    const reasons = new Map();
    const files = [...chosen].slice(0, Number(drop.mostFiles));
    if (chosen.length > files.length) {
      refused.push(`${chosen.length - files.length} of ${chosen.length} files were not sent, at most ${files.length} go at once: pack them into a ZIP file`);
    }
    for (const [number, file] of files.entries()) {
      if (file.size > Number(drop.mostBytes)) {
        refused.push(`${file.name} is larger than ${Math.round(drop.mostBytes / MEGABYTE)} MB: unpack it, and bring it in parts`);
        continue;
      }
      const told = await send(file, files.length > 1 ? ` (${number + 1} of ${files.length})` : "");
      if (told.wrong) {
        refused.push(told.wrong);
        continue;
      }
      kept.new += told.new;
      kept.known += told.known;
      for (const one of told.left_out) {
        if (one.damaged) refused.push(one.why);
        else reasons.set(one.why, (reasons.get(one.why) || 0) + 1);
      }
    }
    say("");
    tell(kept, refused, reasons);
    show(false);
    going = false;
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-runs=file]")) {
      bring(event.target.files).then(() => { event.target.value = ""; });
    }
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const drop = at("drop");
      if (!drop || drop.hidden) return;
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
      if (kind === "drop") bring(event.dataTransfer.files);
    });
  }
})();
