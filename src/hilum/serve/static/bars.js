// Figures as bars and as points with their intervals.

import { h } from "./dom.js";
import { PROTOCOLS, figure, interval, percent, readable, titled, top } from "./words.js";

/** A row's probabilities, a bar a class, with the limit from which the model answers. */
export function probabilities(row, model) {
  const best = top(row)?.[0];
  return h(
    "ul",
    { class: "bars", "aria-label": "Probabilities" },
    Object.entries(row.probabilities).map(([name, share]) => {
      const bar = h(
        "span",
        { class: "bar", "aria-hidden": "true" },
        h("i"),
        h("b", { title: "From here up the model answers" }),
      );
      bar.firstChild.style.inlineSize = `${share * 100}%`;
      bar.lastChild.style.insetInlineStart = `${model.thresholds.answer * 100}%`;
      return h(
        "li",
        { class: name === best ? "best" : null },
        h("span", { class: "name" }, readable(name)),
        h("span", { class: "value" }, percent(share)),
        bar,
      );
    }),
  );
}

/** What the model's scores are worth: macro-F1 of each way of scoring, beside what simple models reach. */
export function worth(model) {
  const names = Object.keys(PROTOCOLS).filter((name) => model.scores[name] && name !== "out_of_fold");
  if (!names.length && model.scores.out_of_fold) names.push("out_of_fold");
  const trust = h(
    "ul",
    { class: "trust-lines soft" },
    model.trust.map((sentence) => h("li", {}, sentence)),
  );
  if (!names.length) return [h("p", { class: "soft" }, "This model carries no scores."), trust];
  return [
    h(
      "ul",
      { class: "worth" },
      names.map((name) => line(name, model)),
    ),
    h(
      "p",
      { class: "soft" },
      "Macro-F1 from 0 to 1, which is perfect, with 95 % intervals. A floor (diamond) is reached without seeing the ",
      "disease, by the same network with the lungs blanked or by a simple model: a score near it shows little.",
    ),
    trust,
  ];
}

function line(name, { scores: { [name]: score }, floors: { [name]: floor }, titles }) {
  const [title, meaning] = PROTOCOLS[name];
  return h(
    "li",
    {},
    h("span", { class: "name" }, titled(titles[name] ?? title)),
    h("span", { class: "value" }, h("b", {}, figure(score.value)), " ", interval(score)),
    spread(score, floor),
    h("small", {}, meaning),
    floor && h("small", { class: "floor-words" }, `Floor ${figure(floor.value)} (${floor.name})`),
  );
}

/** A point on a line from 0 to 1, its interval, and the floor. */
function spread(score, floor) {
  const at = (value) => `${100 * Math.max(0, Math.min(1, value))}%`;
  const range = Number.isFinite(score.low) && h("i", { class: "range" });
  const low = Number.isFinite(floor?.value) && h("i", { class: "floor" });
  const point = h("i", { class: "point" });
  if (range) {
    range.style.insetInlineStart = at(score.low);
    range.style.inlineSize = at(score.high - score.low);
  }
  if (low) low.style.insetInlineStart = at(floor.value);
  point.style.insetInlineStart = at(score.value);
  return h("span", { class: "spread", "aria-hidden": "true" }, range, low, point);
}
