// Learning curves: loss and accuracy an epoch, or a strength of the penalty.

import { h, resized, s } from "./dom.js";

const HEIGHT = 190;
const EDGE = { left: 44, right: 12, top: 12, bottom: 36 };

/** A scale of losses that charts of several panels share: the largest that any of them shows. */
export function lossScale() {
  const shown = new Map(); // the largest loss and the redrawing, by panel
  return {
    get most() {
      return Math.max(1e-6, ...[...shown.values()].map(({ most }) => most));
    },
    /** Puts what a panel shows now in the place of what it showed, and has the others drawn anew. */
    put(panel, steps, redraw) {
      const before = this.most;
      shown.set(panel, { most: Math.max(0, ...valuesOf(steps, "loss")), redraw });
      if (this.most !== before) for (const [other, { redraw: again }] of shown) if (other !== panel) again();
    },
  };
}

const valuesOf = (steps, what) =>
  steps.flatMap((step) => [step[`train_${what}`], step[`valid_${what}`]]).filter(Number.isFinite);

/** Two charts of a model's rows of history.csv, the losses up to the most of a scale. */
export function curves(steps, best, scale) {
  if (!steps.length) return h("p", { class: "soft" }, "The run kept no curves of this model.");
  const byStrength = steps.every((step) => step.strength !== null && step.strength !== undefined);
  const place = byStrength ? (step) => Math.log10(step.strength) : (step) => step.epoch;
  return [
    h(
      "ul",
      { class: "legend" },
      h("li", {}, h("i", { class: "key held" }), "held out"),
      h("li", {}, h("i", { class: "key train" }), "train"),
      h("li", {}, h("i", { class: "key chosen" }), "chosen"),
    ),
    h(
      "div",
      { class: "charts" },
      ["loss", "accuracy"].map((what) =>
        h(
          "figure",
          { role: "img", "aria-label": words(steps, what, best) },
          h("figcaption", {}, what),
          resized((width) => chart(steps, what, place, byStrength, best, width, scale.most), { class: "chart" }),
        ),
      ),
    ),
  ];
}

function words(steps, what, best) {
  const chosen = steps.find((step) => step.epoch === best) ?? steps.at(-1);
  const held = chosen[`valid_${what}`];
  return `${what} over ${steps.length} steps; ${held === null ? "" : `${held.toFixed(3)} held out at the chosen one`}`;
}

function chart(steps, what, place, byStrength, best, width, loss) {
  const most = what === "accuracy" ? 1 : nice(loss);
  const places = steps.map(place);
  const [first, last] = [Math.min(...places), Math.max(...places)];
  const x = (at) => EDGE.left + (width - EDGE.left - EDGE.right) * (last > first ? (at - first) / (last - first) : 0.5);
  const y = (value) => EDGE.top + (HEIGHT - EDGE.top - EDGE.bottom) * (1 - value / most);
  const line = (kind) => {
    let pen = "M";
    return steps
      .map((step) => {
        const value = step[`${kind}_${what}`];
        if (value === null) {
          pen = "M";
          return "";
        }
        const drawn = `${pen}${x(place(step)).toFixed(1)} ${y(value).toFixed(1)}`;
        pen = "L";
        return drawn;
      })
      .join("");
  };
  const svg = s("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, "aria-hidden": "true" });
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    svg.append(
      s("line", { class: "rule", x1: EDGE.left, x2: width - EDGE.right, y1: y(share * most), y2: y(share * most) }),
      s(
        "text",
        { x: EDGE.left - 6, y: y(share * most) + 4, "text-anchor": "end" },
        String(Number((share * most).toPrecision(2))),
      ),
    );
  }
  for (const tick of ticks(first, last, byStrength)) {
    svg.append(
      s(
        "text",
        { x: x(tick), y: HEIGHT - 20, "text-anchor": "middle" },
        byStrength ? String(Number((10 ** tick).toPrecision(1))) : String(tick),
      ),
    );
  }
  svg.append(
    s(
      "text",
      { class: "name", x: (width + EDGE.left) / 2, y: HEIGHT - 4, "text-anchor": "middle" },
      byStrength ? "strength (a smaller one is a stronger penalty)" : "epoch",
    ),
  );
  svg.append(s("path", { class: "line train", d: line("train") }), s("path", { class: "line held", d: line("valid") }));
  const chosen = steps.find((step) => step.epoch === best);
  if (chosen && chosen[`valid_${what}`] !== null) {
    const [cx, cy] = [x(place(chosen)), y(chosen[`valid_${what}`])];
    svg.append(s("path", { class: "chosen", d: `M${cx} ${cy - 6}l6 6l-6 6l-6 -6z` }));
  }
  return svg;
}

function ticks(first, last, byStrength) {
  const step = byStrength ? 1 : Math.max(1, Math.ceil((last - first) / 6));
  const found = [];
  for (let at = Math.ceil(first - 1e-9); at <= last + 1e-9; at += step) found.push(at);
  return found.length ? found : [first];
}

/** The least round number that is not less. */
function nice(value) {
  const unit = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 3, 4, 5, 6, 8, 10].map((times) => times * unit).find((one) => one >= value - 1e-12);
}
