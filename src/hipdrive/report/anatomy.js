// The lesson about the muscles: a list and words, and beside them a model in space (space.js) or a still picture. It stands
// within the page, whose server gives the model; where there is none, the model is within the page, or missing.
"use strict";
const box = document.querySelector(".anatomy");
const find = (selector) => box.querySelector(selector);
const all = (selector) => [...box.querySelectorAll(selector)];
const SLOWER = {running: 6}; // as it was, a stride could not be followed
const still = find(".still");
const canvas = find("canvas");
const slider = find("input");
const state = {chosen: null, move: "standing", moment: 0, playing: false};
let model = null; // {scene, view}, once it is there

const choose = (muscle) => {
  state.chosen = muscle;
  const buttons = all("[data-muscle]");
  for (const button of buttons) button.setAttribute("aria-pressed", button.dataset.muscle === muscle);
  for (const about of all("[data-about]")) about.hidden = about.dataset.about !== muscle;
  find(".none-chosen").hidden = muscle !== null;
  const chosen = buttons.find((button) => button.dataset.muscle === muscle);
  still.src = (chosen || box).dataset.still;
  still.alt = chosen ? "Bones of hip and leg, with only this muscle: " + chosen.textContent : still.dataset.alt;
  find(".which").textContent = chosen ? chosen.textContent + ": what it does stands in words below." : "";
  if (!model) return;
  model.view.state.chosen = muscle;
  const {camera, look, draw} = model.view;
  const wanted = place();
  if (wanted === model.place) draw();
  else look(camera.azimuth, camera.elevation, wanted);
  model.place = wanted;
};

// What is looked at: the hips, or whole legs where the muscle that is chosen goes down there.
const place = () => {
  const {movements, long, legs} = model.scene;
  return state.move === "standing" && long.includes(state.chosen) ? legs : movements[state.move].at;
};

const show = (moment) => {
  const {order} = model.scene.movements[state.move];
  state.moment = moment;
  slider.value = moment;
  slider.setAttribute("aria-valuetext", `${moment + 1} of ${order.length}`);
  model.view.state.frame = order[moment];
  model.view.draw();
};

const play = (on) => {
  state.playing = on;
  find(".play").textContent = on ? "Pause" : "Play";
  if (!on) return;
  const {order, step} = model.scene.movements[state.move];
  const pace_ms = 1000 * step * (SLOWER[state.move] || 1);
  const began = performance.now() - state.moment * pace_ms;
  const move = state.move;
  const next = (now) => {
    if (!state.playing || state.move !== move || !canvas.isConnected) return;
    const moment = Math.floor(Math.max(0, now - began) / pace_ms) % order.length;
    if (moment !== state.moment) show(moment);
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
};

const turnTo = (move) => {
  play(false);
  state.move = move;
  const {order, azimuth, elevation} = model.scene.movements[move];
  const standing = move === "standing";
  for (const button of all("[data-move]")) button.setAttribute("aria-pressed", button.dataset.move === move);
  for (const card of all("[data-in]")) card.classList.toggle("now", card.dataset.in === move);
  find(".effort-scale").hidden = find(".time").hidden = standing;
  slider.max = order.length - 1;
  model.view.state.byEffort = !standing;
  show(0);
  model.place = place();
  model.view.look(azimuth, elevation, model.place);
};

const begin = (scene) => {
  canvas.hidden = false;
  const view = space(scene, scene.numbers, canvas, choose);
  if (!view.works) {
    canvas.hidden = true;
    find(".why-still").textContent = "This browser cannot draw in space here (it has no WebGL), so a picture stands for the model.";
    find(".why-still").hidden = false;
    return;
  }
  model = {scene, view};
  view.state.fade = true;
  still.hidden = true;
  find(".moves").hidden = find("#anatomy-keys").hidden = false;
  turnTo("standing");
  choose(state.chosen);
  box.classList.add("in-space");
};

still.dataset.alt = still.alt;
for (const button of all("[data-muscle]")) button.addEventListener("click", () =>
  choose(state.chosen === button.dataset.muscle ? null : button.dataset.muscle));
for (const button of all("[data-move]")) button.addEventListener("click", () => turnTo(button.dataset.move));
find(".play").addEventListener("click", () => play(!state.playing));
slider.addEventListener("input", () => { play(false); show(Number(slider.value)); });
choose(null);

const within = document.getElementById("anatomy-model");
if (within) begin(JSON.parse(within.textContent));
else if (box.dataset.model) {
  const why = find(".why-still");
  why.textContent = "The model is being fetched; until it is there, a picture stands for it.";
  why.hidden = false;
  fetch(box.dataset.model).then((answer) => {
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.json();
  }).then((scene) => { why.hidden = true; begin(scene); }).catch(() => {
    why.textContent = "The model could not be fetched, so a picture stands for it.";
  });
} else {
  find(".why-still").textContent = "With bones and muscles installed (pip install 'hipdrive[muscles]') there is a model to turn instead of this picture.";
  find(".why-still").hidden = false;
}
