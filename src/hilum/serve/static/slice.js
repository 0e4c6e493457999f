// One slice: its picture with the map over it, the answer and its reason, and the training slices nearest to it.

import { probabilities, worth } from "./bars.js";
import { choice, fill, h, say } from "./dom.js";
import { badge } from "./table.js";
import { viewer } from "./viewer.js";
import { METHOD_WORDS, WINDOW_WORDS, explained, readable, titled, top } from "./words.js";

/** The view of an item among others, each an item of the session. */
export function oneSlice(session, item, others) {
  const { model } = session;
  const shown = {
    window: session.window,
    method: model.methods[0],
    map: item.row.class ?? top(item.row)?.[0] ?? model.classes[0],
    on: null, // until it is known what the map is worth
  };
  let answer = null;
  let under = null; // the window that the answer was asked under
  let asked = 0;

  const centre = h("input", { type: "number", step: "1", id: "centre", input: typed });
  const wide = h("input", { type: "number", step: "1", min: "1", id: "width", input: typed });
  const view = viewer((center, width) => numbers({ center, width }));
  const state = h("p", { class: "state" });
  const remarks = h("p", { class: "remarks" });
  const decision = h("section", { class: "card decision", "aria-label": "Answer" });
  const nearest = h("section", { class: "card nearest", "aria-labelledby": "nearest-title" });
  const free = h("div", { class: "free", hidden: true });
  const maps = choice(
    "Map for",
    model.classes.map((name) => [name, readable(name)]),
    shown.map,
    (name) => {
      shown.map = name;
      showMap();
    },
    { id: "map-class" },
  );
  const methods = choice(
    "Method",
    model.methods.map((name) => [name, METHOD_WORDS[name] ?? name]),
    shown.method,
    (name) => {
      shown.method = name;
      ask();
    },
    { id: "method" },
  );
  const windows = choice(
    "Window",
    model.windows.map((name) => [name, WINDOW_WORDS[name] ?? name]),
    shown.window,
    (name) => {
      shown.window = name;
      ask();
    },
    { id: "window" },
  );
  const opacity = h("input", {
    type: "range",
    id: "opacity",
    min: 0,
    max: 100,
    value: 65,
    input: () => {
      view.setOpacity(opacity.value / 100);
      opacity.setAttribute("aria-valuetext", `${opacity.value} %`);
    },
  });
  const drag = h("input", { type: "checkbox", id: "drag", checked: true, change: () => view.dragWindow(drag.checked) });
  const power = h("input", {
    type: "checkbox",
    id: "map-on",
    change: () => {
      shown.on = power.checked;
      showMap();
    },
  });
  fill(
    free,
    h("label", { class: "field" }, h("span", {}, "Centre"), centre),
    h("label", { class: "field" }, h("span", {}, "Width"), wide),
    h("label", { class: "check" }, drag, "Dragging changes it"),
    h(
      "button",
      {
        type: "button",
        click: () => view.show(answer).then(() => numbers(view.window)),
      },
      "As read",
    ),
    h("p", { class: "soft" }, "Only what you see changes, not what the model reads."),
  );
  view.setOpacity(opacity.value / 100);
  view.dragWindow(true);

  const node = h(
    "article",
    { class: "one" },
    h(
      "div",
      { class: "headline" },
      h(
        "div",
        {},
        h("a", { class: "back", href: "#/" }, "All slices"),
        h(
          "h1",
          { tabindex: "-1", class: "path" },
          item.row.frame ? `${item.row.path} · frame ${item.row.frame}` : item.row.path,
        ),
      ),
      steps(item, others),
    ),
    h(
      "div",
      { class: "columns" },
      h(
        "section",
        { class: "card stage", "aria-label": "Slice" },
        view.node,
        state,
        h(
          "div",
          { class: "tools" },
          h(
            "div",
            { class: "buttons zoom", role: "group", "aria-label": "Zoom" },
            h("button", { type: "button", "aria-label": "Zoom out", click: view.zoomOut }, "−"),
            h("button", { type: "button", "aria-label": "Fit the picture", click: view.fit }, "Fit"),
            h("button", { type: "button", "aria-label": "Zoom in", click: view.zoomIn }, "+"),
          ),
          h("label", { class: "check" }, power, "Map"),
          h("label", { class: "field grow" }, h("span", {}, "Map opacity"), opacity),
          h(
            "p",
            { class: "soft key-words" },
            h("span", {}, h("i", { class: "swatch for" }), "for the class"),
            h("span", {}, h("i", { class: "swatch against" }), "against it"),
          ),
        ),
        remarks,
        h("div", { class: "choices" }, maps, model.methods.length > 1 && methods, windows),
        free,
      ),
      h(
        "div",
        { class: "side" },
        decision,
        h(
          "details",
          { class: "card trust", open: true },
          h("summary", {}, "What this model's scores are worth"),
          worth(model),
        ),
      ),
      nearest,
    ),
  );

  ask();
  return node;

  async function ask() {
    const mine = (asked += 1);
    state.textContent = "Reading the slice…";
    node.setAttribute("aria-busy", "true");
    const { window, method } = shown;
    try {
      const came = await session.explain(item, window, method);
      if (mine !== asked) return;
      answer = came;
      await view.show(answer, window === under); // another map is no reason to lose one's own window
      under = window;
      shown.on ??= power.checked = !answer.warning; // a map that passed no trial is shown only to those who ask
      await showMap();
      state.textContent = "";
      drawDecision();
      drawNearest();
      windows.hidden = !answer.values && !answer.window;
      free.hidden = !answer.values;
      numbers(view.window);
      view.name(`${item.row.path}, with the map for ${readable(shown.map)}`);
    } catch (error) {
      if (mine === asked) state.textContent = error.message;
    }
    node.removeAttribute("aria-busy");
  }

  function showMap() {
    remarks.textContent = answer ? [...answer.remarks[shown.map], answer.warning ?? ""].join(" ") : "";
    return view.showMap(shown.on ? answer?.maps[shown.map] : null);
  }

  function drawDecision() {
    const [headline, text] = explained(answer.row, model);
    fill(
      decision,
      badge(answer.row.decision),
      h("h2", {}, headline),
      h("p", {}, text),
      answer.row.decision !== item.row.decision || answer.row.class !== item.row.class
        ? h("p", { class: "soft" }, "The table's answer was given under another window.")
        : null,
      answer.row.probabilities && probabilities(answer.row, model),
      h(
        "p",
        { class: "soft" },
        `Outlier score ${answer.row.outlier_score.toFixed(3)}, limit ${model.thresholds.outlier.toFixed(3)}: `,
        "the distance to the training slices.",
      ),
    );
    say(`${headline}. ${text}`);
  }

  function drawNearest() {
    fill(
      nearest,
      h("h2", { id: "nearest-title" }, "Nearest training slices"),
      h(
        "ol",
        { class: "neighbours" },
        answer.neighbours.map((one) =>
          h(
            "li",
            {},
            one.thumbnail
              ? h("img", { src: one.thumbnail, alt: "", width: 96, height: 96 })
              : h("span", { class: "none" }, "no picture"),
            h("b", {}, titled(one.label)),
            h("small", {}, `distance ${one.distance.toFixed(3)}`),
            h("small", { class: "path", title: one.path }, one.path.split("/").at(-1)),
          ),
        ),
      ),
      answer.neighbours.some((one) => !one.thumbnail) &&
        h("p", { class: "soft" }, "Pictures need the training folder: start the server with --slices."),
    );
  }

  function typed() {
    if (centre.value !== "" && Number(wide.value) >= 1) view.setWindow(Number(centre.value), Number(wide.value));
  }

  function numbers(window) {
    if (!window) return;
    centre.value = Math.round(window.center);
    wide.value = Math.round(window.width);
  }
}

function steps(item, others) {
  if (others.length < 2) return null;
  const place = others.indexOf(item);
  const link = (text, to) =>
    to
      ? h("a", { class: "button", href: `#/slice/${to.key}` }, text)
      : h("button", { type: "button", disabled: true }, text);
  return h(
    "nav",
    { class: "buttons", "aria-label": "Slices" },
    link("Previous", others[place - 1]),
    h("span", { class: "soft" }, `${place + 1} of ${others.length}`),
    link("Next", others[place + 1]),
  );
}
