// The page of the muscles: the model in space (space.js), the list, and the moments. It stands within the page and asks
// nothing of any other machine.
"use strict";

const scene = JSON.parse(document.getElementById("scene").textContent);
const frames = scene.time.length;
const element = (id) => document.getElementById(id);
const canvas = element("stage");
const {works, camera, state, look, draw} = space(scene, element("numbers").textContent, canvas, (row) => choose(row));
if (!works) document.body.classList.add("no-webgl");

// -- the page -----------------------------------------------------------------------------------------------------

const rows = [...document.querySelectorAll("#muscles [data-row]")];
const choose = (row) => {
  state.chosen = row;
  for (const other of rows) other.querySelector("button").setAttribute("aria-pressed", other.dataset.row === row);
  for (const text of document.querySelectorAll("#about [data-about]")) text.hidden = text.dataset.about !== row;
  element("nothing-chosen").hidden = row !== null;
  element("about-buttons").hidden = row === null;
  draw();
};
const hide = (row, hidden) => {
  if (hidden) state.hidden.add(row);
  else state.hidden.delete(row);
  const line = rows.find((one) => one.dataset.row === row);
  line.querySelector("input").checked = !hidden;
  draw();
};
for (const line of rows) {
  line.querySelector("button").addEventListener("click", () => choose(state.chosen === line.dataset.row ? null : line.dataset.row));
  line.querySelector("input").addEventListener("change", (event) => hide(line.dataset.row, !event.target.checked));
}
element("hide-chosen").addEventListener("click", () => { hide(state.chosen, true); choose(null); canvas.focus(); });
element("only-gluteal").addEventListener("click", () => rows.forEach((line) => hide(line.dataset.row, !("gluteal" in line.dataset))));
element("show-all").addEventListener("click", () => rows.forEach((line) => hide(line.dataset.row, false)));
element("bones").addEventListener("change", (event) => { state.bones = event.target.checked; draw(); });

// moments
const slider = element("moment");
const show = (frame) => {
  state.frame = frame;
  if (slider) {
    slider.value = frame;
    const text = scene.time[frame].toFixed(2) + " s";
    element("clock").textContent = text;
    slider.setAttribute("aria-valuetext", text);
  }
  draw();
};
if (slider) {
  let playing = false;
  let began = 0;
  const play = element("play");
  const length = scene.time[frames - 1] - scene.time[0];
  const step = (now) => {
    if (!playing) return;
    const wanted = scene.time[0] + (now - began) / 1000 / Number(element("pace").value) % length;
    const next = scene.time.findIndex((t) => t >= wanted);
    show(next < 0 ? frames - 1 : next);
    requestAnimationFrame(step);
  };
  const turn = (on) => {
    playing = on;
    play.textContent = on ? "Pause" : "Play";
    began = performance.now() - 1000 * Number(element("pace").value) * (scene.time[state.frame] - scene.time[0]);
    if (on) requestAnimationFrame(step);
  };
  play.addEventListener("click", () => turn(!playing));
  element("pace").addEventListener("change", () => turn(playing));
  slider.addEventListener("input", () => { turn(false); show(Number(slider.value)); });

  // Within the app this page stands beside the film, which says where it is; others are not listened to.
  if (parent !== window) {
    document.documentElement.classList.add("beside");
    addEventListener("message", (event) => {
      if (event.source !== parent || event.origin !== location.origin || !Number.isInteger(event.data?.moment)) return;
      turn(false);
      show(Math.max(0, Math.min(frames - 1, event.data.moment)));
    });
    parent.postMessage({moments_s: scene.time}, location.origin);
  }
}

for (const button of document.querySelectorAll("[data-azimuth]")) button.addEventListener("click", () =>
  look(Number(button.dataset.azimuth), Number(button.dataset.elevation), scene[button.dataset.at]));

look(camera.azimuth, camera.elevation, scene.whole);
show(scene.start);
