// Draws the charts and moves the stick figures. It stands within the page and asks nothing of any other machine.
"use strict";
const figures = {};
for (const box of document.querySelectorAll(".chart")) {
  const figure = JSON.parse(document.getElementById(box.id + "-data").textContent);
  // a finger scrolls the page; only a mouse zooms
  figure.layout.xaxis.fixedrange = matchMedia("(pointer: coarse)").matches;
  figures[box.id] = figure;
  Plotly.newPlot(box.id, figure.data, figure.layout, {responsive: true, displayModeBar: false});
}

for (const box of document.querySelectorAll(".stick")) {
  const {time, bones, views} = JSON.parse(document.getElementById(box.id + "-data").textContent);
  const slider = box.querySelector("input");
  const button = box.querySelector("button");
  const clock = box.querySelector("output");
  const lines = [...box.querySelectorAll("svg")].map((drawing) =>
    bones.map(([, , side]) => {
      const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
      line.setAttribute("class", "bone " + side);
      drawing.append(line);
      return line;
    })
  );
  let playing = false;
  let began = 0;

  const show = (frame) => {
    slider.value = frame;
    clock.textContent = time[frame].toFixed(2) + " s";
    views.forEach((frames, view) => {
      const points = frames[frame];
      bones.forEach(([a, b], number) => {
        const ends = [points[2 * a], points[2 * a + 1], points[2 * b], points[2 * b + 1]];
        const line = lines[view][number];
        line.style.visibility = ends.includes(null) ? "hidden" : "visible";
        ["x1", "y1", "x2", "y2"].forEach((name, i) => line.setAttribute(name, ends[i] ?? 0));
      });
    });
  };
  const step = (now) => {
    if (!playing) return;
    const length = time[time.length - 1] - time[0];
    const wanted = time[0] + (((now - began) / 1000) % length);
    const next = time.findIndex((t) => t >= wanted);
    show(next < 0 ? time.length - 1 : next);
    requestAnimationFrame(step);
  };
  const turn = (on) => {
    playing = on;
    button.textContent = on ? "Pause" : "Play";
    if (on) {
      began = performance.now() - 1000 * (time[slider.value] - time[0]);
      requestAnimationFrame(step);
    }
  };
  slider.max = time.length - 1;
  slider.addEventListener("input", () => { turn(false); show(Number(slider.value)); });
  button.addEventListener("click", () => turn(!playing));
  show(0);
}
