// A model in space: bones, and muscles as cords. A small renderer of our own on WebGL: two kinds of surfaces, one light,
// and picking by drawing every muscle in a colour that is its number. The page of the muscles and the lesson use it; it
// stands within them and asks nothing of any other machine.
"use strict";

// -- small mathematics: column-major 4 x 4 matrices ---------------------------------------------------------------

const multiply = (a, b) => {
  const product = new Float32Array(16);
  for (let column = 0; column < 4; column++)
    for (let row = 0; row < 4; row++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += a[4 * k + row] * b[4 * column + k];
      product[4 * column + row] = sum;
    }
  return product;
};
const placed = ([w, x, y, z], [px, py, pz]) => new Float32Array([
  1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y), 0,
  2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x), 0,
  2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y), 0,
  px, py, pz, 1,
]);
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const unit = (a) => {
  const length = Math.max(Math.hypot(...a), 1e-9);
  return [a[0] / length, a[1] / length, a[2] / length];
};

// -- the model on a canvas ----------------------------------------------------------------------------------------

// Without WebGL `works` is false, and nothing is drawn. `pressed` is told the row of the muscle that was pressed, or null.
const space = (scene, base64, canvas, pressed) => {
  // Data: one block of numbers in base64, cut up as the scene says.
  const block = Uint8Array.from(atob(base64.trim()), (letter) => letter.charCodeAt(0)).buffer;
  const kinds = {int16: Int16Array, uint16: Uint16Array, uint8: Uint8Array, float32: Float32Array};
  const numbers = (name) => {
    const [kind, offset, length] = scene.parts[name];
    return new kinds[kind](block, offset, length);
  };
  const bodyPositions = numbers("position");
  const bodyRotations = numbers("rotation");
  const paths = numbers("paths");
  const effort = scene.parts.effort ? numbers("effort") : null;
  const NOT_TOLD = 255; // in effort; all else is half percent
  const FADED = 0.1; // opacity

  // -- the camera ---------------------------------------------------------------------------------------------------

  const VIEW_ANGLE = 30 * Math.PI / 180;
  const camera = {azimuth: scene.camera.azimuth, elevation: scene.camera.elevation, distance: 0, target: [0, 0, 0]};
  const look = (azimuth, elevation, at) => {
    camera.azimuth = azimuth;
    camera.elevation = elevation;
    camera.target = [...at.middle];
    const narrow = Math.min(1, canvas.clientWidth / Math.max(1, canvas.clientHeight));
    camera.distance = at.half / Math.sin(VIEW_ANGLE / 2) / narrow;
    draw();
  };
  const axes = () => {
    const azimuth = camera.azimuth * Math.PI / 180;
    const elevation = camera.elevation * Math.PI / 180;
    const back = [Math.cos(azimuth) * Math.cos(elevation), Math.sin(elevation), -Math.sin(azimuth) * Math.cos(elevation)];
    const right = [-Math.sin(azimuth), 0, -Math.cos(azimuth)];
    return [right, cross(back, right), back];
  };
  const viewMatrix = () => {
    const [right, up, back] = axes();
    const eye = camera.target.map((value, i) => value + camera.distance * back[i]);
    return new Float32Array([
      right[0], up[0], back[0], 0, right[1], up[1], back[1], 0, right[2], up[2], back[2], 0,
      -dot(right, eye), -dot(up, eye), -dot(back, eye), 1,
    ]);
  };
  const perspective = (aspect) => {
    const near = 0.05;
    const far = 30;
    const focal = 1 / Math.tan(VIEW_ANGLE / 2);
    return new Float32Array([
      focal / aspect, 0, 0, 0, 0, focal, 0, 0,
      0, 0, (far + near) / (near - far), -1, 0, 0, 2 * far * near / (near - far), 0,
    ]);
  };

  // -- shapes -------------------------------------------------------------------------------------------------------

  const POINTS = scene.pathPoints;
  const RINGS = 2 * POINTS;
  const SIDES = 10;
  const circle = Array.from({length: SIDES}, (_, i) => 2 * Math.PI * i / SIDES).map((a) => [Math.cos(a), Math.sin(a)]);

  const normalsOf = (vertices, faces) => {
    const normals = new Float32Array(vertices.length);
    for (let i = 0; i < faces.length; i += 3) {
      const [a, b, c] = [0, 1, 2].map((k) => vertices.subarray(3 * faces[i + k], 3 * faces[i + k] + 3));
      const normal = cross([b[0] - a[0], b[1] - a[1], b[2] - a[2]], [c[0] - a[0], c[1] - a[1], c[2] - a[2]]);
      for (let k = 0; k < 3; k++) for (let j = 0; j < 3; j++) normals[3 * faces[i + k] + j] += normal[j];
    }
    return normals;
  };

  // Path of a muscle in a frame with its corners cut once, as the pictures beside this page have it.
  const roundedPath = (frame, muscle) => {
    const at = 3 * POINTS * (frame * scene.muscles.length + muscle);
    const point = (i) => [0, 1, 2].map((k) => paths[at + 3 * i + k] * scene.pathUnit);
    const path = [point(0)];
    for (let i = 0; i + 1 < POINTS; i++) {
      const [a, b] = [point(i), point(i + 1)];
      path.push(a.map((v, k) => 0.75 * v + 0.25 * b[k]), a.map((v, k) => 0.25 * v + 0.75 * b[k]));
    }
    path.push(point(POINTS - 1));
    return path;
  };

  // A cord, thick in the middle: position and normal, six numbers a vertex.
  const tube = (path, radius, out, start) => {
    const along = [0];
    for (let i = 1; i < RINGS; i++)
      along.push(along[i - 1] + Math.hypot(...path[i].map((v, k) => v - path[i - 1][k])));
    let across = null;
    for (let i = 0; i < RINGS; i++) {
      const before = path[Math.max(0, i - 1)];
      const tangent = unit(path[Math.min(RINGS - 1, i + 1)].map((v, k) => v - before[k]));
      if (!across) {
        const least = tangent.map(Math.abs);
        const axis = [0, 0, 0];
        axis[least.indexOf(Math.min(...least))] = 1;
        across = cross(tangent, axis);
      }
      const lean = dot(across, tangent);
      across = unit(across.map((v, k) => v - lean * tangent[k]));
      const third = cross(tangent, across);
      const share = along[i] / Math.max(along[RINGS - 1], 1e-9);
      const thick = radius * (scene.tendon + (1 - scene.tendon) * Math.pow(Math.max(0, Math.sin(Math.PI * share)), 0.8));
      circle.forEach(([c, s], side) => {
        const to = start + 6 * (i * SIDES + side);
        for (let k = 0; k < 3; k++) {
          const direction = c * across[k] + s * third[k];
          out[to + k] = path[i][k] + thick * direction;
          out[to + 3 + k] = direction;
        }
      });
    }
  };
  const tubeFaces = [];
  for (let i = 0; i + 1 < RINGS; i++)
    for (let side = 0; side < SIDES; side++) {
      const [a, b] = [i * SIDES + side, i * SIDES + (side + 1) % SIDES];
      tubeFaces.push(a, b, a + SIDES, b, b + SIDES, a + SIDES);
    }

  // -- what is shown ------------------------------------------------------------------------------------------------

  // Muscles have the colour of their effort where they have none of their own, or where that is asked for. With `fade`,
  // one sees through those that are not chosen.
  const state = {frame: 0, chosen: null, hidden: new Set(), bones: true, byEffort: !scene.own, fade: false};
  const colourOf = (share) => {
    const stops = scene.colours;
    const next = Math.max(1, stops.findIndex(([at]) => at >= share));
    const [[low, from], [high, to]] = [stops[next - 1], stops[next]];
    return from.map((v, k) => v + (to[k] - v) * (share - low) / (high - low));
  };
  const effortAt = (frame, muscle) => {
    const value = effort ? effort[frame * scene.muscles.length + muscle] : NOT_TOLD;
    return value === NOT_TOLD ? null : value / 200;
  };
  const muscleColour = (frame, muscle) => {
    if (!state.byEffort) return scene.own[muscle];
    const share = effortAt(frame, muscle);
    return share === null ? scene.notTold : colourOf(share);
  };

  // -- the renderer -------------------------------------------------------------------------------------------------

  const gl = canvas.getContext("webgl", {antialias: true, preserveDrawingBuffer: true});
  let draw = () => {};
  let pick = () => null;
  if (gl) {
    const shader = (kind, text) => {
      const made = gl.createShader(kind);
      gl.shaderSource(made, text);
      gl.compileShader(made);
      return made;
    };
    const program = gl.createProgram();
    gl.attachShader(program, shader(gl.VERTEX_SHADER, `
      attribute vec3 position; attribute vec3 normal;
      uniform mat4 model, view, lens;
      varying vec3 facing;
      void main() {
        vec4 seen = view * model * vec4(position, 1.0);
        facing = (view * model * vec4(normal, 0.0)).xyz;
        gl_Position = lens * seen;
      }`));
    gl.attachShader(program, shader(gl.FRAGMENT_SHADER, `
      precision mediump float;
      uniform vec4 colour; uniform float flat_, glow;
      varying vec3 facing;
      void main() {
        vec3 n = normalize(facing);
        if (n.z < 0.0) n = -n;
        float light = 0.42 + 0.58 * max(0.0, dot(n, normalize(vec3(0.35, 0.65, 0.68))));
        float rim = pow(1.0 - n.z, 3.0);
        float shine = 0.16 * pow(max(0.0, dot(n, normalize(vec3(0.2, 0.4, 0.9)))), 24.0);
        vec3 lit = colour.rgb * light + vec3(shine) + glow * vec3(0.06 + 0.7 * rim);
        gl_FragColor = flat_ > 0.5 ? colour : vec4(lit, colour.a);
      }`));
    gl.linkProgram(program);
    gl.useProgram(program);
    const attribute = (name) => gl.getAttribLocation(program, name);
    const uniform = Object.fromEntries(
      ["model", "view", "lens", "colour", "flat_", "glow"].map((name) => [name, gl.getUniformLocation(program, name)])
    );
    const [position, normal] = [attribute("position"), attribute("normal")];
    const buffer = (target, data, use = gl.STATIC_DRAW) => {
      const made = gl.createBuffer();
      gl.bindBuffer(target, made);
      gl.bufferData(target, data, use);
      return made;
    };
    const bones = scene.bones.map((bone, i) => {
      const vertices = Float32Array.from(numbers("vertices-" + i), (v) => v * scene.boneUnit);
      const faces = numbers("faces-" + i);
      const normals = normalsOf(vertices, faces);
      const mixed = new Float32Array(2 * vertices.length);
      for (let v = 0; v < vertices.length / 3; v++) {
        mixed.set(vertices.subarray(3 * v, 3 * v + 3), 6 * v);
        mixed.set(unit(normals.subarray(3 * v, 3 * v + 3)), 6 * v + 3);
      }
      return {body: bone.body, vertices: buffer(gl.ARRAY_BUFFER, mixed),
              faces: buffer(gl.ELEMENT_ARRAY_BUFFER, faces), count: faces.length};
    });
    const cordFaces = buffer(gl.ELEMENT_ARRAY_BUFFER, new Uint16Array(tubeFaces));
    const cordNumbers = new Float32Array(6 * RINGS * SIDES);
    const cords = scene.muscles.map(() => ({vertices: gl.createBuffer(), frame: -1}));
    const lines = [];
    for (let i = -6; i <= 6; i++) for (const [a, b] of [[i, -6], [-6, i]])
      lines.push(a / 4, scene.floor, b / 4, 0, 1, 0, (a === i ? i : 6) / 4, scene.floor, (a === i ? 6 : i) / 4, 0, 1, 0);
    const floor = buffer(gl.ARRAY_BUFFER, new Float32Array(lines));
    const still = placed([1, 0, 0, 0], [0, 0, 0]);

    const surface = (vertices, faces, count, model, colour, flat, glow, opacity = 1) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, vertices);
      gl.enableVertexAttribArray(position);
      gl.enableVertexAttribArray(normal);
      gl.vertexAttribPointer(position, 3, gl.FLOAT, false, 24, 0);
      gl.vertexAttribPointer(normal, 3, gl.FLOAT, false, 24, 12);
      gl.uniformMatrix4fv(uniform.model, false, model);
      gl.uniform4f(uniform.colour, ...colour, opacity);
      gl.uniform1f(uniform.flat_, flat ? 1 : 0);
      gl.uniform1f(uniform.glow, glow);
      if (faces) {
        gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, faces);
        gl.drawElements(gl.TRIANGLES, count, gl.UNSIGNED_SHORT, 0);
      } else {
        gl.drawArrays(gl.LINES, 0, count);
      }
    };

    const paint = (picking) => {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
      gl.enable(gl.DEPTH_TEST);
      gl.uniformMatrix4fv(uniform.view, false, viewMatrix());
      gl.uniformMatrix4fv(uniform.lens, false, perspective(canvas.width / canvas.height));
      const bodies = scene.bodies.length;
      if (!picking) surface(floor, null, lines.length / 6, still, [0.36, 0.42, 0.48], true, 0);
      if (state.bones) for (const bone of bones) {
        const at = state.frame * bodies + bone.body;
        const model = placed(bodyRotations.subarray(4 * at, 4 * at + 4), bodyPositions.subarray(3 * at, 3 * at + 3));
        surface(bone.vertices, bone.faces, bone.count, model, picking ? [0, 0, 0] : scene.boneColour, picking, 0);
      }
      const cordOf = (muscle, i, opacity) => {
        const cord = cords[i];
        if (cord.frame !== state.frame) {
          tube(roundedPath(state.frame, i), muscle.radius, cordNumbers, 0);
          gl.bindBuffer(gl.ARRAY_BUFFER, cord.vertices);
          gl.bufferData(gl.ARRAY_BUFFER, cordNumbers, gl.DYNAMIC_DRAW);
          cord.frame = state.frame;
        }
        const colour = picking ? [(i + 1) / 255, 0, 0] : muscleColour(state.frame, i);
        const glow = muscle.row === state.chosen ? 1 : 0;
        surface(cord.vertices, cordFaces, tubeFaces.length, still, colour, picking, glow, opacity);
      };
      const faded = (muscle) => state.fade && !picking && state.chosen !== null && muscle.row !== state.chosen;
      const seen = scene.muscles.map((muscle, i) => [muscle, i]).filter(([muscle]) => !state.hidden.has(muscle.row));
      for (const [muscle, i] of seen) if (!faded(muscle)) cordOf(muscle, i, 1);
      gl.enable(gl.BLEND);
      gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
      gl.depthMask(false);
      for (const [muscle, i] of seen) if (faded(muscle)) cordOf(muscle, i, FADED);
      gl.depthMask(true);
      gl.disable(gl.BLEND);
    };
    draw = () => {
      const sharp = Math.min(devicePixelRatio || 1, 2);
      const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((v) => Math.max(1, Math.round(v * sharp)));
      if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
      paint(false);
    };
    // Number of the muscle at a place of the canvas: what is drawn there when every muscle is drawn in its number.
    pick = (x, y) => {
      const sharp = canvas.width / canvas.clientWidth;
      const pixel = new Uint8Array(4);
      const target = gl.createFramebuffer();
      const texture = gl.createTexture();
      const depth = gl.createRenderbuffer();
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, canvas.width, canvas.height, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
      gl.bindRenderbuffer(gl.RENDERBUFFER, depth);
      gl.renderbufferStorage(gl.RENDERBUFFER, gl.DEPTH_COMPONENT16, canvas.width, canvas.height);
      gl.bindFramebuffer(gl.FRAMEBUFFER, target);
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
      gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.RENDERBUFFER, depth);
      paint(true);
      gl.readPixels(Math.round(x * sharp), Math.round(canvas.height - 1 - y * sharp), 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
      gl.bindFramebuffer(gl.FRAMEBUFFER, null);
      gl.deleteFramebuffer(target);
      gl.deleteTexture(texture);
      gl.deleteRenderbuffer(depth);
      return pixel[0] ? pixel[0] - 1 : null;
    };
    new ResizeObserver(() => draw()).observe(canvas);
  }

  // turning, with fingers, mouse and keys
  const turnBy = (right, up) => {
    camera.azimuth -= right;
    camera.elevation = Math.max(-85, Math.min(85, camera.elevation + up));
    draw();
  };
  const zoomBy = (factor) => {
    camera.distance = Math.max(0.4, Math.min(12, camera.distance * factor));
    draw();
  };
  const fingers = new Map();
  let moved = 0;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, event);
    moved = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
    moved += Math.hypot(dx, dy);
    const spread = () => {
      const [a, b] = [...fingers.values()];
      return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    };
    const wide = fingers.size === 2 ? spread() : 0;
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) zoomBy(wide / Math.max(1, spread()));
    else if (event.shiftKey || event.buttons === 2) {
      const [right, up] = axes();
      const size = camera.distance * Math.tan(VIEW_ANGLE / 2) * 2 / canvas.clientHeight;
      camera.target = camera.target.map((v, k) => v + size * (dy * up[k] - dx * right[k]));
      draw();
    } else turnBy(dx * 0.4, dy * 0.4);
  });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => {
    fingers.delete(event.pointerId);
    if (end === "pointerup" && moved < 5 && event.button === 0) {
      const found = pick(event.offsetX, event.offsetY);
      draw();
      pressed(found === null ? null : scene.muscles[found].row);
    }
  });
  canvas.addEventListener("wheel", (event) => { event.preventDefault(); zoomBy(Math.exp(event.deltaY * 0.001)); }, {passive: false});
  canvas.addEventListener("keydown", (event) => {
    const act = {
      ArrowLeft: () => turnBy(-8, 0), ArrowRight: () => turnBy(8, 0), ArrowUp: () => turnBy(0, 8), ArrowDown: () => turnBy(0, -8),
      "+": () => zoomBy(0.88), "=": () => zoomBy(0.88), "-": () => zoomBy(1.14), Escape: () => pressed(null),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  return {works: gl !== null, camera, state, look, draw: () => draw()};
};
