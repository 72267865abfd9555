// The live coach in the browser: sends pictures of the camera to this machine and shows what comes back.
// Words come as text and are written as text, never as HTML.

const LONGEST_SIDE_PX = 640;
const QUALITY = 0.8; // of JPEG: 30 to 60 kB
const MOST_IN_FLIGHT = 2;
const SURE = 40; // confidence in percent, below which a joint is not drawn
const MUTE = "hipdrive_mute";

// Joints of the network's 33, in pairs.
const BONES = [
  [11, 12], [23, 24], [11, 23], [12, 24], [11, 13], [13, 15], [12, 14], [14, 16],
  [23, 25], [25, 27], [24, 26], [26, 28], [27, 29], [29, 31], [27, 31], [28, 30], [30, 32], [28, 32],
];

export function live(root, movements) {
  const part = (name) => root.querySelector(`[data-part=${name}]`);
  const video = part("video"), drawing = part("drawing"), pen = drawing.getContext("2d");
  const small = document.createElement("canvas");
  let stream = null, socket = null, inFlight = 0, running = false, spoken = 0, hinted = "", phase = null, awake = null;

  const show = (name, shown) => { part(name).hidden = !shown; };
  const write = (name, text) => { if (part(name).textContent !== text) part(name).textContent = text; };
  const stage = (name) => {
    for (const one of ["setting-up", "set", "summary"]) show(one, one === name);
  };
  const chosen = () => movements[part("movement").value];

  // -- speaking ------------------------------------------------------------------------------------------------

  const muted = () => localStorage.getItem(MUTE) === "1";
  const showMute = () => {
    part("mute").setAttribute("aria-pressed", String(muted()));
    write("mute", muted() ? "Voice: off" : "Voice: on");
  };
  const speak = (text) => {
    if (muted() || !("speechSynthesis" in window)) return;
    const said = new SpeechSynthesisUtterance(text);
    said.lang = "en";
    speechSynthesis.cancel(); // what is old is not worth hearing
    speechSynthesis.speak(said);
  };
  part("mute").addEventListener("click", () => {
    localStorage.setItem(MUTE, muted() ? "0" : "1");
    if (muted() && "speechSynthesis" in window) speechSynthesis.cancel();
    showMute();
  });

  // -- the set -------------------------------------------------------------------------------------------------

  const placing = () => {
    for (const picture of root.querySelectorAll("[data-movement]")) {
      picture.hidden = picture.dataset.movement !== (part("movement").value || "glute_bridge");
    }
  };
  part("movement").addEventListener("change", placing);

  async function start() {
    write("wrong", "");
    if (!navigator.mediaDevices) {
      write("wrong", "This browser gives no camera to this address: open hipdrive as https://, or on its own machine.");
      return;
    }
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: part("camera").value, width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } },
      });
    } catch (error) {
      write("wrong", error.name === "NotAllowedError"
        ? "The camera is not allowed: allow it for this page, beside the address, and start again."
        : "No camera was found, or another program has it.");
      return;
    }
    video.srcObject = stream;
    try { await video.play(); } catch { return stop("The camera gave no picture."); }
    try { awake = await navigator.wakeLock?.request("screen"); } catch { awake = null; } // only a comfort
    [inFlight, spoken, hinted, phase] = [0, 0, "", null];
    for (const name of ["count", "cue", "hint", "phase"]) write(name, name === "count" ? "0" : "");
    show("tempo", false);
    show("stop", true);
    stage("set");
    part("stop").focus();
    connect();
  }

  function connect() {
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/live`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => tell({ do: "begin", movement: part("movement").value || null });
    socket.onmessage = (event) => heed(JSON.parse(event.data));
    socket.onclose = () => {
      if (running || stream) stop("The coach is gone: start again.");
      else if (!part("summary").hidden && !part("choice").hidden) gone("This set was let go, as it waited for too long.");
    };
  }

  const tell = (words) => socket.send(JSON.stringify(words));

  function heed(told) {
    if (told.kind === "ready") { running = true; next(); }
    else if (told.kind === "sight") { inFlight -= 1; if (running) see(told); }
    else if (told.kind === "summary") sum(told);
    else if (told.kind === "nothing" || told.kind === "refused") stop(sentence(told.say));
    else if (told.kind === "kept") kept(told);
    else if (told.kind === "not_kept") notKept(told);
  }

  function next() {
    if (!running) return;
    if (inFlight < MOST_IN_FLIGHT && video.videoWidth) send();
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(next);
    else requestAnimationFrame(next);
  }

  function send() {
    const scale = Math.min(1, LONGEST_SIDE_PX / Math.max(video.videoWidth, video.videoHeight));
    const width = Math.round(video.videoWidth * scale), height = Math.round(video.videoHeight * scale);
    if (small.width !== width || small.height !== height) [small.width, small.height] = [width, height];
    small.getContext("2d").drawImage(video, 0, 0, width, height);
    const clock = performance.now();
    inFlight += 1;
    small.toBlob(async (blob) => {
      const bytes = await blob.arrayBuffer();
      if (!running || socket.readyState !== WebSocket.OPEN) return;
      const message = new Uint8Array(8 + bytes.byteLength);
      new DataView(message.buffer).setFloat64(0, clock);
      message.set(new Uint8Array(bytes), 8);
      socket.send(message);
    }, "image/jpeg", QUALITY);
  }

  function see(told) {
    draw(told.points);
    root.dataset.delayMs = String(Math.round(performance.now() - told.clock_ms));
    root.dataset.looks = String(Number(root.dataset.looks || 0) + 1);
    write("count", String(told.count));
    const hint = told.hint ? told.hint.say : "";
    write("hint", hint);
    if (hint && hint !== hinted) speak(hint);
    hinted = hint;
    if (told.cue) {
      write("cue", told.cue.say);
      if (told.cue.number > spoken) {
        spoken = told.cue.number;
        speak(told.cue.say);
        const seen = told.clock_ms - 1000 * (told.time_s - told.cue.at_s); // the last picture that it rests on
        root.dataset.cueDelayMs = String(Math.round(performance.now() - seen));
      }
    } else write("cue", "");
    tempo(told);
    if (told.ended) { write("why", sentence(told.ended)); finish(); }
  }

  function tempo(told) {
    const movement = movements[told.movement] || chosen();
    const words = movement && movement.words, aim = movement && movement.tempo[told.phase];
    phase = told.phase;
    write("phase", phase && words ? `${words[phase]} ${told.phase_s.toFixed(0)} s` : "");
    show("tempo", Boolean(aim));
    if (aim) {
      part("tempo").value = Math.min(1, told.phase_s / aim);
      part("tempo").setAttribute("aria-label", `${words[phase]}: at least ${aim} seconds`);
    }
  }

  function draw(points) {
    if (drawing.width !== small.width || drawing.height !== small.height) {
      [drawing.width, drawing.height] = [small.width, small.height];
    }
    pen.clearRect(0, 0, drawing.width, drawing.height);
    if (!points) return;
    const at = (joint) => points.slice(3 * joint, 3 * joint + 3);
    pen.lineCap = "round";
    for (const [colour, width] of [["rgba(0, 0, 0, 0.55)", 7], ["#ffd34d", 4]]) { // dark below, so that it is seen on all
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.beginPath();
      for (const [from, to] of BONES) {
        const [a, b] = [at(from), at(to)];
        if (a[2] < SURE || b[2] < SURE) continue;
        pen.moveTo(a[0], a[1]);
        pen.lineTo(b[0], b[1]);
      }
      pen.stroke();
    }
  }

  // -- the end -------------------------------------------------------------------------------------------------

  function finish() {
    if (!running) return;
    running = false;
    release();
    pen.drawImage(small, 0, 0); // the last picture stays while the set is looked at
    for (const name of ["stop", "tempo"]) show(name, false);
    write("cue", "");
    write("hint", "");
    write("phase", "Looking at the whole set …");
    tell({ do: "finish" });
  }

  function sum(told) {
    const all = told.count === 1 ? told.unit : `${told.unit}s`;
    write("sum", `${told.count} ${all}`);
    write("what", told.name);
    const list = part("advice");
    list.replaceChildren();
    for (const one of told.advice) list.append(item([one.say, one.why, one.next]));
    for (const one of told.praise) list.append(item([one]));
    for (const one of told.warnings) list.append(item([sentence(one)], "soft"));
    write("kept", "");
    show("look", false);
    for (const name of ["rpe", "pain", "where"]) part(name).value = "";
    for (const name of ["hurts", "again"]) show(name, false);
    show("choice", true);
    part("keep").disabled = false;
    stage("summary");
    part("keep").focus();
    speak(`${told.count} ${all}.`);
  }

  function kept(told) {
    write("kept", sentence(told.say));
    for (const [name, shown] of [["look", told.result], ["again", true]]) show(name, Boolean(shown));
    if (told.result) part("look").href = `/result/${encodeURIComponent(told.result)}`;
    part(told.result ? "look" : "again").focus();
    hang();
  }

  function notKept(told) {
    write("kept", sentence(told.say));
    part("keep").disabled = false;
    part("keep").focus();
  }

  function keep() {
    const number = (name) => (part(name).value === "" ? null : Number(part(name).value));
    part("keep").disabled = true; // once
    tell({ do: "keep", rpe: number("rpe"), pain: number("pain"), where: part("where").value });
  }

  function item(lines, kind = "") {
    const made = document.createElement("li");
    made.className = kind;
    for (const [number, line] of lines.entries()) {
      const words = document.createElement(number ? "span" : "strong");
      words.textContent = `${line} `;
      made.append(words);
    }
    return made;
  }

  function release() {
    for (const track of stream?.getTracks() || []) track.stop();
    stream = null;
    awake?.release().catch(() => {});
    awake = null;
    pen.clearRect(0, 0, drawing.width, drawing.height);
  }

  function hang() {
    show("choice", false);
    if (socket) { socket.onclose = null; socket.close(); }
    socket = null;
  }

  function gone(why) {
    write("kept", why);
    show("again", true);
    hang();
    part("again").focus();
  }

  function stop(why) {
    running = false;
    release();
    hang();
    stage("setting-up");
    write("wrong", why);
    part("start").focus();
  }

  const sentence = (text) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

  part("start").addEventListener("click", start);
  part("stop").addEventListener("click", () => { write("why", ""); running ? finish() : stop(""); });
  part("keep").addEventListener("click", keep);
  part("pain").addEventListener("change", () => show("hurts", Number(part("pain").value) > 0));
  part("throw").addEventListener("click", () => gone("Thrown away. Nothing was kept."));
  part("again").addEventListener("click", () => { hang(); stage("setting-up"); write("wrong", ""); part("start").focus(); });
  window.addEventListener("pagehide", () => { release(); hang(); });
  showMute();
  placing();
  stage("setting-up");
  root.dataset.ready = "1";
}
