// The picture of a slice with a map over it: zoom, move, and for DICOM a free window.

import { h } from "./dom.js";

const MOST_ZOOM = 12;
const STEP = 1.25;

/** A viewer; `onWindow(centre, width)` is told when the user drags another window. */
export function viewer(onWindow) {
  const canvas = h("canvas", { role: "img" });
  const node = h(
    "div",
    {
      class: "viewer",
      tabindex: "0",
      role: "group",
      "aria-label": "Picture. Plus and minus zoom, arrows move, 0 fits.",
      keydown: onKey,
      pointerdown: onDown,
      pointermove: onMove,
      pointerup: onUp,
      pointercancel: onUp,
      wheel: onWheel,
    },
    canvas,
  );
  const pointers = new Map();
  const state = {
    base: null,
    map: null,
    opacity: 0.5,
    zoom: 1,
    x: 0.5,
    y: 0.5,
    values: null,
    window: null,
    free: false, // whether the window is the user's own
    dragsWindow: false,
  };
  let size = [1, 1];
  let pending = false;
  let start = null; // of a drag: where, and what was then

  new ResizeObserver(redraw).observe(canvas);

  /** Shows an explanation's slice as the server windowed it, or where it is to be kept under the user's own window. */
  async function show(explanation, keep = false) {
    const picture = await image(explanation.picture);
    const own = keep && state.free ? state.window : null;
    size = explanation.size;
    canvas.style.aspectRatio = `${size[0]} / ${size[1]}`;
    canvas.style.setProperty("--ratio", size[0] / size[1]);
    state.base = picture;
    state.values = explanation.values && valuesOf(explanation.values);
    state.window = explanation.window ?? (state.values && spanOf(state.values.numbers));
    state.free = false;
    if (own) setWindow(own.center, own.width);
    redraw();
  }

  async function showMap(address) {
    state.map = address ? await image(address) : null;
    redraw();
  }

  function setOpacity(value) {
    state.opacity = value;
    redraw();
  }

  /** Lays a window over the values that came along, without asking the server. */
  function setWindow(center, width) {
    if (!state.values) return;
    state.window = { center, width: Math.max(1, width) };
    state.free = true;
    state.base = windowed(state.values, state.window);
    redraw();
  }

  function zoomBy(factor, x = state.x, y = state.y) {
    const zoom = Math.max(1, Math.min(MOST_ZOOM, state.zoom * factor));
    // The point x, y of the slice stays where it is seen.
    state.x = x + ((state.x - x) * state.zoom) / zoom;
    state.y = y + ((state.y - y) * state.zoom) / zoom;
    state.zoom = zoom;
    redraw();
  }

  function moveBy(x, y) {
    state.x += x / state.zoom;
    state.y += y / state.zoom;
    redraw();
  }

  function fit() {
    Object.assign(state, { zoom: 1, x: 0.5, y: 0.5 });
    redraw();
  }

  function redraw() {
    if (pending) return;
    pending = true;
    requestAnimationFrame(() => {
      pending = false;
      draw();
    });
  }

  function draw() {
    if (!state.base || !canvas.clientWidth) return;
    const scale = devicePixelRatio || 1;
    const [width, height] = [Math.round(canvas.clientWidth * scale), Math.round(canvas.clientHeight * scale)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const half = 0.5 / state.zoom;
    state.x = Math.max(half, Math.min(1 - half, state.x));
    state.y = Math.max(half, Math.min(1 - half, state.y));
    const context = canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, height);
    context.setTransform(
      width * state.zoom,
      0,
      0,
      height * state.zoom,
      width * (0.5 - state.x * state.zoom),
      height * (0.5 - state.y * state.zoom),
    );
    context.imageSmoothingEnabled = state.zoom * canvas.clientWidth < 4 * size[0];
    context.drawImage(state.base, 0, 0, 1, 1);
    if (state.map) {
      context.imageSmoothingEnabled = true;
      context.globalAlpha = state.opacity;
      context.drawImage(state.map, 0, 0, 1, 1);
      context.globalAlpha = 1;
    }
    const taken = state.dragsWindow && state.values;
    canvas.style.touchAction = state.zoom > 1 || taken ? "none" : "pan-y"; // a page has to scroll on a phone
    canvas.style.cursor = taken ? "crosshair" : state.zoom > 1 ? "grab" : "default";
    node.dataset.zoom = state.zoom.toFixed(2);
  }

  function onKey(event) {
    const step = 0.1;
    const keys = {
      "+": () => zoomBy(STEP),
      "=": () => zoomBy(STEP),
      "-": () => zoomBy(1 / STEP),
      0: fit,
      ArrowLeft: () => moveBy(-step, 0),
      ArrowRight: () => moveBy(step, 0),
      ArrowUp: () => moveBy(0, -step),
      ArrowDown: () => moveBy(0, step),
    };
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || (event.key.startsWith("Arrow") && state.zoom === 1))
      return;
    event.preventDefault();
    act();
  }

  function onDown(event) {
    if (event.button !== 0) return;
    pointers.set(event.pointerId, event);
    node.setPointerCapture(event.pointerId);
    start = { x: event.clientX, y: event.clientY, window: state.window };
  }

  function onMove(event) {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const { width, height } = canvas.getBoundingClientRect();
    if (pointers.size === 2) {
      const [other] = [...pointers.values()].filter((one) => one.pointerId !== event.pointerId);
      const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
      zoomBy(apart(event) / apart(before));
    } else if (state.dragsWindow && state.values) {
      const { center, width: wide } = start.window;
      setWindow(center + ((event.clientY - start.y) * wide) / 256, wide * 2 ** ((event.clientX - start.x) / 128));
      onWindow(state.window.center, state.window.width);
    } else {
      moveBy((before.clientX - event.clientX) / width, (before.clientY - event.clientY) / height);
    }
    pointers.set(event.pointerId, event);
  }

  function onUp(event) {
    pointers.delete(event.pointerId);
  }

  function onWheel(event) {
    if (!event.ctrlKey && !event.metaKey) return; // without them the page scrolls
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    const at = (offset, span, middle) => middle + (offset / span - 0.5) / state.zoom;
    zoomBy(
      event.deltaY < 0 ? STEP : 1 / STEP,
      at(event.clientX - box.left, box.width, state.x),
      at(event.clientY - box.top, box.height, state.y),
    );
  }

  return {
    node,
    show,
    showMap,
    setOpacity,
    setWindow,
    fit,
    zoomIn: () => zoomBy(STEP),
    zoomOut: () => zoomBy(1 / STEP),
    name: (text) => canvas.setAttribute("aria-label", text),
    dragWindow: (on) => {
      state.dragsWindow = on;
      redraw();
    },
    get window() {
      return state.window;
    },
    get hasValues() {
      return state.values !== null;
    },
  };
}

async function image(address) {
  const made = new Image();
  made.src = address;
  await made.decode();
  return made;
}

function valuesOf({ rows, columns, slope, base64 }) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return { rows, columns, slope, numbers: new Int16Array(bytes.buffer) };
}

const PADDING = -32768; // stands for no value

function spanOf(numbers) {
  const [low, high] = numbers.reduce(
    ([least, most], one) => (one === PADDING ? [least, most] : [Math.min(least, one), Math.max(most, one)]),
    [32767, PADDING],
  );
  return { center: (low + high) / 2, width: Math.max(1, high - low) };
}

/** Grey levels of values under a window (DICOM PS3.3, C.11.2.1.2), as a canvas. */
function windowed({ rows, columns, slope, numbers }, { center, width }) {
  const greys = new Uint8ClampedArray(65536);
  for (let number = -32768; number < 32768; number += 1) {
    const value = number * slope;
    greys[number & 65535] =
      width > 1 ? 255 * ((value - (center - 0.5)) / (width - 1) + 0.5) : 255 * (value > center - 0.5);
  }
  const canvas = Object.assign(document.createElement("canvas"), { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const picture = context.createImageData(columns, rows);
  const pixels = new Uint32Array(picture.data.buffer);
  numbers.forEach((number, at) => {
    pixels[at] = 0xff000000 | (greys[number & 65535] * 0x010101);
  });
  context.putImageData(picture, 0, 0);
  return canvas;
}
