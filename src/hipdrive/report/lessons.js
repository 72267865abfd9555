// Gives every film its pictures and lets those play that are in view. It stands within the page and asks nothing of
// any other machine.
"use strict";
const servedAt = document.querySelector(".lessons").dataset.films; // empty where the films are within the page
const films = servedAt ? {} : JSON.parse(document.getElementById("films").textContent);
const addresses = {};
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const TELLING = 0.4; // of a film: the moment that shows most, where it stands still

const address = (name) => {
  if (servedAt) return servedAt + "/" + name + ".mp4";
  if (!(name in addresses)) {
    const bytes = Uint8Array.from(atob(films[name]), (letter) => letter.charCodeAt(0));
    addresses[name] = URL.createObjectURL(new Blob([bytes], {type: "video/mp4"}));
  }
  return addresses[name];
};

const groups = [...document.querySelectorAll(".films")].map((box) => {
  const group = {
    videos: [...box.querySelectorAll("video")],
    button: box.querySelector("button"),
    playing: false,
    inView: false,
    stopped: calm.matches, // by whoever looks
  };
  group.show = () => {
    const play = group.inView && !group.stopped;
    group.button.textContent = group.stopped ? "Play" : "Pause";
    group.button.setAttribute("aria-label", group.button.textContent + ": " + box.dataset.name);
    if (play && !group.playing) {
      for (const video of group.videos) {
        video.currentTime = 0; // together
        video.play().catch(() => {}); // a browser that does not want to shows the still picture
      }
    } else if (!play && group.playing) {
      for (const video of group.videos) video.pause();
    }
    group.playing = play;
  };
  group.button.addEventListener("click", () => {
    group.stopped = !group.stopped;
    group.inView = true; // its button is
    group.show();
    nameAll();
  });
  group.button.hidden = false;
  return group;
});

const all = document.getElementById("all-films");
const nameAll = () => {
  all.textContent = groups.every((group) => group.stopped) ? "Play the films" : "Pause all films";
};
all.addEventListener("click", () => {
  const stopped = !groups.every((group) => group.stopped);
  for (const group of groups) {
    group.stopped = stopped;
    group.show();
  }
  nameAll();
});
all.hidden = false;
calm.addEventListener("change", () => {
  for (const group of groups) {
    group.stopped = calm.matches;
    group.show();
  }
  nameAll();
});

const load = (group) => {
  for (const video of group.videos) {
    if (video.src) continue;
    video.addEventListener("loadedmetadata", () => {
      if (group.playing) video.play().catch(() => {});
      else video.currentTime = video.duration * TELLING;
    }, {once: true});
    video.src = address(video.dataset.film);
  }
};
const groupOf = new Map(groups.map((group) => [group.button.closest(".films"), group]));
const near = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) load(groupOf.get(entry.target));
}, {rootMargin: "600px"});
const inView = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const group = groupOf.get(entry.target);
    group.inView = entry.isIntersecting;
    group.show();
  }
}, {threshold: 0.5});
for (const box of groupOf.keys()) {
  near.observe(box);
  inView.observe(box);
}

// On paper all is open; a link to a cue opens it, and what was opened is not scrolled away by what closes above it.
const cues = [...document.querySelectorAll(".cues details")];
addEventListener("beforeprint", () => {
  for (const cue of cues) {
    cue.dataset.name = cue.getAttribute("name");
    cue.removeAttribute("name");
    cue.dataset.open = cue.open;
    cue.open = true;
  }
  groups.forEach(load);
});
addEventListener("afterprint", () => {
  for (const cue of cues) {
    cue.open = cue.dataset.open === "true";
    cue.setAttribute("name", cue.dataset.name);
  }
});
const openNamed = () => {
  const cue = cues.find((one) => one.id === location.hash.slice(1));
  if (!cue) return;
  cue.open = true;
  cue.scrollIntoView();
};
addEventListener("hashchange", openNamed);
for (const cue of cues) cue.addEventListener("toggle", () => {
  if (cue.open && cue.getBoundingClientRect().top < 0) cue.scrollIntoView();
});
for (const group of groups) group.show();
nameAll();
openNamed();
