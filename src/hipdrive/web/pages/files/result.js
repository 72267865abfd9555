// Film and curves of one clip on one clock: whichever is moved moves the other, the words, and the model of the muscles.
// The page has the elements; see result.py.
(() => {
  "use strict";
  const SAME_S = 1e-4;
  const LEAST_DRAG_PX = 6; // before a finger that moves sideways is not one that scrolls
  const LONGEST_WAIT_MS = 5000; // for the page's own connection
  const SAID_EVERY_MS = 500; // to those who listen, while the film plays

  const at = (part) => document.querySelector(`[data-result="${part}"]`);
  const element = (name, words) => Object.assign(document.createElement(name), { textContent: words ?? "" });

  function begin(page) {
    const told = JSON.parse(page.dataset.told);
    const film = document.querySelector("video.overlay");
    const slider = at("slider");
    const cursor = at("cursor");
    const cards = new Map([...document.querySelectorAll("[data-span]")].map((card) => [Number(card.dataset.span), card]));
    let frames = []; // time of every picture
    let lines = []; // the curves: name, unit, x and y
    let plot = null; // once it is drawn
    let whole = [0, told.duration_s]; // all of the clip
    let range = whole; // of it, what the curves show
    let close = false;
    let now = 0;
    let until = null; // where a stretch that is played ends
    let dragging = false;
    let saidAt = 0;

    // -- the clock: the film's, or our own where there is none -----------------------------------------------------

    const own = { playing: false, rate: 1, last: 0 };
    const isPlaying = () => (film ? !film.paused : own.playing);
    const pause = () => (film ? film.pause() : turn(false));
    const play = () => (film ? film.play().catch(() => {}) : turn(true)); // a browser may want to be asked first

    function named(on) {
      const button = document.querySelector("[data-play]");
      button.setAttribute("aria-label", on ? "Pause" : "Play");
      button.title = on ? "Pause" : "Play";
      button.firstElementChild.textContent = on ? "pause" : "play_arrow"; // names in the font of icons
    }
    function turn(on) {
      own.playing = on;
      own.last = performance.now();
      named(on);
      if (on && now >= whole[1] - SAME_S) moved(whole[0]);
      if (on) requestAnimationFrame(tick);
    }
    function tick(clock) {
      if (!own.playing) return;
      const next = now + (own.rate * Math.max(0, clock - own.last)) / 1000;
      own.last = clock;
      moved(Math.min(next, whole[1]));
      if (now >= whole[1] - SAME_S) turn(false);
      if (own.playing) requestAnimationFrame(tick);
    }

    function turnPlay() {
      until = null;
      if (isPlaying()) pause();
      else play();
    }
    function wholeScreen() {
      if (film.requestFullscreen) film.requestFullscreen();
      else if (film.webkitEnterFullscreen) film.webkitEnterFullscreen(); // of an iPhone
    }

    let wanted = null; // where the film shall go when it has got where it is going
    function go(time) {
      const to = Math.min(Math.max(time, whole[0]), whole[1]);
      if (film) {
        if (film.seeking) wanted = to;
        else film.currentTime = to;
      }
      moved(to);
    }
    if (film) {
      film.addEventListener("seeked", () => {
        if (wanted !== null) {
          film.currentTime = wanted;
          wanted = null;
        } else if (film.paused) moved(film.currentTime);
      });
      film.addEventListener("timeupdate", () => { if (!film.seeking) moved(film.currentTime); });
      film.addEventListener("play", () => named(true));
      film.addEventListener("pause", () => named(false));
      film.addEventListener("click", () => { if (!film.controls) turnPlay(); });
      film.addEventListener("fullscreenchange", () => { film.controls = document.fullscreenElement === film; });
      if ("requestVideoFrameCallback" in film) {
        const shown = (_, picture) => {
          if (!film.seeking && !dragging) moved(picture.mediaTime);
          film.requestVideoFrameCallback(shown);
        };
        film.requestVideoFrameCallback(shown);
      }
    }

    // -- a moment --------------------------------------------------------------------------------------------------

    function moved(time) {
      now = time;
      if (until !== null && isPlaying() && now >= until) {
        until = null;
        pause();
      }
      const span = spanAt(now);
      const where = span ? `${span.name}${phaseOf(span, now) && `, ${phaseOf(span, now)}`}` : "";
      at("clock").textContent = `${now.toFixed(2)} s`;
      for (const [number, card] of cards) {
        const here = told.spans.some((one) => one.number === number && inside(one, now));
        if (here !== (card.getAttribute("aria-current") === "true")) card.setAttribute("aria-current", here);
      }
      if (slider) {
        say(where);
        follow();
      }
      drawFigure();
      tellModel();
    }
    const inside = (span, time) => span.knots[0] <= time && time <= span.knots[span.knots.length - 1];
    const spanAt = (time) => {
      const under = told.spans.filter((span) => inside(span, time));
      return under.length ? under[under.length - 1] : null;
    };
    const partOf = (span, time) => {
      let part = 0;
      while (part < span.knots.length - 2 && time > span.knots[part + 1]) part += 1;
      return part;
    };
    const phaseOf = (span, time) => span.phases[partOf(span, time)];

    // Position of the last value at or before a time; of a clip with no such value the first.
    function before(times, time) {
      let [low, high] = [0, times.length - 1];
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (times[middle] <= time) low = middle;
        else high = middle - 1;
      }
      return low;
    }
    function step(count) {
      pause();
      until = null;
      if (!frames.length) return go(now + count / told.rate_hz);
      const here = before(frames, now + SAME_S);
      const next = Math.min(Math.max(here + count, 0), frames.length - 1);
      const lasts = next + 1 < frames.length ? frames[next + 1] - frames[next] : 1 / told.rate_hz;
      go(frames[next] + (film ? lasts / 4 : 0)); // a little later, as the clock of a film file is a coarse one
    }

    // -- the curves ------------------------------------------------------------------------------------------------

    function say(where) {
      const values = lines.map(({ name, unit, decimals, x, y }) => {
        const value = y[before(x, now + SAME_S)];
        const seen = value !== null && value !== undefined;
        return [name, seen ? `${(Math.round(value * 10 ** decimals) / 10 ** decimals + 0).toFixed(decimals)} ${unit}` : "not seen"];
      });
      const readout = at("readout");
      readout.replaceChildren(element("strong", `${now.toFixed(2)} s`), where && ` · ${where}`);
      for (const [name, value] of values) readout.append(` · ${name} `, element("strong", value));
      const clock = performance.now();
      if (isPlaying() && clock - saidAt < SAID_EVERY_MS) return;
      saidAt = clock;
      slider.setAttribute("aria-valuenow", now.toFixed(3));
      slider.setAttribute(
        "aria-valuetext", [`${now.toFixed(2)} s`, where, ...values.map((one) => one.join(" "))].filter(Boolean).join(", ")
      );
    }
    const area = () => {
      const axis = plot._fullLayout.xaxis;
      return { left: axis._offset, width: axis._length };
    };
    function follow() {
      if (!plot) return;
      const shown = range[1] - range[0];
      if (close && !dragging && (now < range[0] || now > range[1])) showRange(now - 0.15 * shown);
      const { left, width } = area();
      const share = (now - range[0]) / (range[1] - range[0]);
      cursor.hidden = share < -0.001 || share > 1.001;
      cursor.style.transform = `translateX(${left + share * width}px)`;
    }
    function showRange(from) {
      const shown = close ? Math.min(told.close_s, whole[1] - whole[0]) : whole[1] - whole[0];
      const start = Math.min(Math.max(from, whole[0]), whole[1] - shown);
      range = [start, start + shown];
      Plotly.relayout(plot, { "xaxis.range": [...range] });
    }

    async function drawCurves() {
      const answer = await fetch(slider.dataset.curves);
      if (!answer.ok) throw new Error("no curves");
      const { figure, frame_s, stick } = await answer.json();
      frames = frame_s;
      whole = [frames[0], frames[frames.length - 1]];
      range = whole;
      slider.setAttribute("aria-valuemin", whole[0]);
      slider.setAttribute("aria-valuemax", whole[1]);
      if (stick && !film) prepareFigure(stick);
      if (!figure) return hideCurves();
      await script(slider.dataset.plotly);
      lines = figure.data
        .filter((line) => line.meta && line.meta.unit !== undefined)
        .map((line) => ({ name: line.name, ...line.meta, x: line.x, y: line.y }));
      figure.layout.dragmode = false;
      figure.layout.hovermode = false;
      if (!figure.layout.annotations.some((one) => one.yshift > 4)) figure.layout.margin.t = 28; // no numbers on top
      plot = await Plotly.newPlot(
        at("plot"), figure.data, figure.layout, { responsive: true, displayModeBar: false, staticPlot: true }
      );
      at("waiting").hidden = true;
      at("waiting").style.display = "none";
      plot.on("plotly_afterplot", follow);
      const closer = at("closer");
      closer.hidden = !(told.close_s && told.close_s < 0.8 * (whole[1] - whole[0]));
      closer.addEventListener("click", () => {
        close = !close;
        closer.setAttribute("aria-pressed", close);
        showRange(now - told.close_s / 2);
        follow();
      });
      moved(now);
    }
    // Plotly is heavy: on a slow phone it comes when the page has been heard of, not instead of it.
    async function connected() {
      const until = performance.now() + LONGEST_WAIT_MS;
      while (!(window.socket && window.socket.connected) && performance.now() < until)
        await new Promise((done) => setTimeout(done, 50));
      await new Promise((done) => (window.requestIdleCallback || setTimeout)(done, { timeout: 1000 }));
    }
    function hideCurves() {
      document.querySelector(".curves").hidden = true;
    }
    const script = (address) => new Promise((done, failed) => {
      if (window.Plotly) return done();
      const made = Object.assign(document.createElement("script"), { src: address, onload: done, onerror: failed });
      document.head.append(made);
    });

    if (slider) {
      const timeAt = (event) => {
        const { left, width } = area();
        const share = (event.clientX - slider.getBoundingClientRect().left - slider.clientLeft - left) / width;
        return range[0] + Math.min(Math.max(share, 0), 1) * (range[1] - range[0]);
      };
      let from = null; // of a finger: it may be about to scroll
      const take = (event) => {
        dragging = true;
        until = null;
        pause();
        go(timeAt(event));
      };
      slider.addEventListener("pointerdown", (event) => {
        if (!plot || event.button !== 0) return;
        slider.setPointerCapture(event.pointerId);
        from = event.clientX;
        if (event.pointerType !== "touch") take(event);
      });
      slider.addEventListener("pointermove", (event) => {
        if (from === null) return;
        if (dragging) go(timeAt(event));
        else if (Math.abs(event.clientX - from) >= LEAST_DRAG_PX) take(event);
      });
      slider.addEventListener("pointerup", (event) => {
        if (from !== null && !dragging) take(event);
        from = null;
        dragging = false;
        follow();
      });
      slider.addEventListener("pointercancel", () => { from = null; dragging = false; });
      slider.addEventListener("keydown", (event) => {
        const act = {
          ArrowLeft: () => step(-1), ArrowDown: () => step(-1), ArrowRight: () => step(1), ArrowUp: () => step(1),
          PageDown: () => leap(-1), PageUp: () => leap(1), Home: () => leap(-Infinity), End: () => leap(Infinity),
        }[event.key];
        if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
        event.preventDefault();
        act();
      });
      connected().then(drawCurves).catch(() => {
        at("waiting").textContent = "The curves cannot be drawn here; the full report has them.";
      });
    }
    function leap(seconds) {
      pause();
      until = null;
      go(now + seconds);
    }

    // -- where there is no film: a stick figure --------------------------------------------------------------------

    let figure = null;
    function prepareFigure(stick) {
      const SVG = "http://www.w3.org/2000/svg";
      const drawing = document.createElementNS(SVG, "svg");
      drawing.setAttribute("viewBox", `0 0 ${stick.width} ${stick.height}`);
      drawing.setAttribute("aria-hidden", "true");
      const bones = stick.bones.map(([, , side]) => {
        const bone = document.createElementNS(SVG, "line");
        bone.setAttribute("class", `bone ${side}`);
        drawing.append(bone);
        return bone;
      });
      for (const words of at("figure").children) words.style.display = "none";
      at("figure").append(drawing);
      figure = { stick, bones };
    }
    function drawFigure() {
      if (!figure) return;
      const { stick, bones } = figure;
      const points = stick.views[0][before(stick.time, now + SAME_S)];
      stick.bones.forEach(([a, b], number) => {
        const ends = [points[2 * a], points[2 * a + 1], points[2 * b], points[2 * b + 1]];
        bones[number].style.visibility = ends.includes(null) ? "hidden" : "visible";
        ["x1", "y1", "x2", "y2"].forEach((name, i) => bones[number].setAttribute(name, ends[i] ?? 0));
      });
    }

    // -- the model of the muscles ----------------------------------------------------------------------------------

    const model = { frame: null, moments: null, shown: null };
    function openModel(button) {
      const box = at("model-box");
      const opening = box.hidden;
      box.hidden = !opening;
      button.querySelector(".block, span:last-child").textContent = opening ? "Hide the model" : "Show the model";
      if (!opening) {
        box.replaceChildren();
        Object.assign(model, { frame: null, moments: null, shown: null });
        return;
      }
      model.frame = Object.assign(document.createElement("iframe"), {
        src: button.dataset.src, title: "Bones and muscles in space, moving with the film",
      });
      box.append(model.frame);
    }
    addEventListener("message", (event) => {
      // the model stands in a sandbox, which is of no origin
      if (!model.frame || event.source !== model.frame.contentWindow || event.origin !== "null") return;
      const moments = event.data && event.data.moments_s;
      if (!Array.isArray(moments) || !moments.length || !moments.every(Number.isFinite)) return;
      model.moments = moments;
      model.shown = null;
      tellModel();
    });
    function tellModel() {
      if (!model.moments) return;
      const moment = momentOf(now);
      if (moment === null || moment === model.shown) return;
      model.shown = moment;
      model.frame.contentWindow.postMessage({ moment }, "*"); // a number, to whoever stands in our own frame
    }
    // The model's moment that is in the phase in which the film is: of the same repetition or stride, or another one.
    function momentOf(time) {
      const span = spanAt(time);
      if (told.standing) {
        const standing = span && { left: 1, right: 0 }[span.side]; // who leads with the left stands on the right leg
        return standing === undefined ? null : standing;
      }
      const candidates = [time];
      if (span) {
        const part = partOf(span, time);
        const share = (time - span.knots[part]) / Math.max(span.knots[part + 1] - span.knots[part], SAME_S);
        for (const other of told.spans)
          if (other.side === span.side && other.knots.length === span.knots.length)
            candidates.push(other.knots[part] + share * (other.knots[part + 1] - other.knots[part]));
      }
      let [best, least] = [0, Infinity];
      for (const candidate of candidates)
        model.moments.forEach((moment, number) => {
          const off = Math.abs(moment - candidate);
          if (off < least - SAME_S) [best, least] = [number, off];
        });
      return best;
    }

    // -- buttons ---------------------------------------------------------------------------------------------------

    function pace(button) {
      const rate = Number(button.dataset.pace);
      for (const other of document.querySelectorAll("[data-pace]")) other.setAttribute("aria-pressed", other === button);
      own.rate = rate;
      if (film) film.playbackRate = film.defaultPlaybackRate = rate;
    }
    function jump(button) {
      const to = button.dataset.to === undefined ? null : Number(button.dataset.to);
      pause();
      go(Number(button.dataset.from));
      until = to;
      if (to !== null) play();
      const stage = document.querySelector(".stage");
      const box = stage.getBoundingClientRect();
      if (box.bottom < 0 || box.top > innerHeight) stage.scrollIntoView({ block: "nearest" });
    }
    page.addEventListener("click", (event) => {
      const button = event.target.closest("button, [data-result=model]");
      if (!button) return;
      if (button.dataset.from !== undefined) jump(button);
      else if (button.dataset.step !== undefined) step(Number(button.dataset.step));
      else if (button.dataset.pace !== undefined) pace(button);
      else if (button.dataset.play !== undefined) turnPlay();
      else if (button.dataset.whole !== undefined) wholeScreen();
      else if (button.dataset.result === "model") openModel(button);
    });
  }

  // The page is put together after this script has come.
  const seen = new MutationObserver(look);
  function look() {
    const page = at("page");
    if (!page) return;
    seen.disconnect();
    if (at("clock")) begin(page);
  }
  seen.observe(document, { childList: true, subtree: true });
  look();
})();
