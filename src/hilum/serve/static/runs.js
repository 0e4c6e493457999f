// The runs: their list, one of them, or two side by side.

import { get } from "./api.js";
import { lossScale } from "./curves.js";
import { fill, h, say } from "./dom.js";
import { runPanel } from "./run.js";
import { PROTOCOLS, figure, interval, moment, plural, titled } from "./words.js";

const SIDES = 2;
const HEADS = [["Run"], ["Of", "wide"], ["Slices", "wide"], ["Model"]];

/** The columns of scores: strict, what is left of judged predictions, slices from elsewhere, the given test, evaluations. */
function columns(runs) {
  const external = runs.flatMap((run) => Object.entries(run.titles).filter(([key]) => key.startsWith("external:")));
  const strict = [...new Set(runs.map((run) => run.titles.strict).filter(Boolean))];
  return [
    ["strict", strict.length === 1 ? strict[0] : "strict"],
    ...new Map(runs.filter(leftOf).map((run) => [run.judged_by, PROTOCOLS[run.judged_by][0]])),
    ...new Map(external),
    ["given", "given"],
    ...(runs.some((run) => run.kind === "evaluation") ? [["evaluated", "evaluated"]] : []),
  ];
}

/** Whether a run has a column for what is left of judged predictions. */
const leftOf = (run) => run.judged_by && !["strict", "given"].includes(run.judged_by) && PROTOCOLS[run.judged_by];

/** A warning where runs of comparisons mean different things by strict, else nothing. */
function apart(runs) {
  const strict = [...new Set(runs.map((run) => run.titles.strict).filter(Boolean))];
  return (
    strict.length > 1 &&
    h(
      "p",
      { class: "banner" },
      `${titled(strict.slice(0, -1).join(", "))} and ${strict.at(-1)} are not comparable: they keep different slices apart.`,
    )
  );
}

/** The list of runs. */
export async function runList() {
  const { runs } = await get("/api/runs");
  const chosen = new Set();
  const compare = h(
    "button",
    {
      type: "button",
      class: "main",
      disabled: true,
      click: () => {
        location.hash = `#/runs/${[...chosen].map(encodeURIComponent).join("/")}`;
      },
    },
    "Put two side by side",
  );
  const evaluations = runs.some((run) => run.kind === "evaluation");
  const scores = columns(runs);
  const heads = [...HEADS, ...scores.map(([, title]) => [titled(title)])];
  const boxes = [];
  const pick = (box, name) => {
    if (box.checked) chosen.add(name);
    else chosen.delete(name);
    for (const one of boxes) one.disabled = chosen.size === SIDES && !one.checked;
    compare.disabled = chosen.size !== SIDES;
    say(`${chosen.size} of ${SIDES} runs chosen`);
  };
  const rows = runs.map((run) => {
    const box = h("input", { type: "checkbox", "aria-label": `Choose ${run.name}`, change: () => pick(box, run.name) });
    boxes.push(box);
    return runRow(run, box, scores);
  });
  return h(
    "div",
    { class: "runs" },
    h("div", { class: "headline" }, h("h1", { tabindex: "-1" }, "Runs"), runs.length > 1 && compare),
    runs.length
      ? h(
          "div",
          { class: "card scroll", tabindex: "0", role: "region", "aria-label": "Runs" },
          h(
            "table",
            {},
            h(
              "thead",
              {},
              h(
                "tr",
                {},
                h("td"),
                heads.map(([text, kind]) => h("th", { scope: "col", class: kind }, text)),
              ),
            ),
            h("tbody", {}, rows),
          ),
        )
      : h(
          "p",
          { class: "card" },
          "There is no run in the folder that the server was started with. Make one with hilum compare.",
        ),
    apart(runs),
    runs.length > 0 &&
      h(
        "p",
        { class: "soft" },
        "Macro-F1 with its 95 % interval: of a comparison what its best model reached",
        runs.some((run) => run.judged_by) && ", of judged predictions what is left of it too",
        evaluations && ", of an evaluation what the model reached on those slices",
        `. ${plural(runs.length, "run")}.`,
      ),
  );
}

function runRow(run, box, scores) {
  const best = run.models.find((model) => model.name === run.best) ?? run.models[0];
  const compared = run.kind === "comparison";
  // An evaluation has one figure; its model's own scores are not of these slices.
  const known = compared ? best?.scores : { evaluated: best?.scores.evaluated };
  const score = ([key, title]) => {
    const found = known?.[key];
    const own = run.titles[key] ?? title;
    const words = found && [figure(found.value), h("small", {}, interval(found)), own !== title && h("small", {}, own)];
    return h("td", { class: "number" }, words || "–");
  };
  return h(
    "tr",
    {},
    h("td", {}, box),
    h(
      "th",
      { scope: "row" },
      h("a", { class: "path", href: `#/runs/${encodeURIComponent(run.name)}` }, run.name),
      h("small", {}, moment(run.created)),
    ),
    h(
      "td",
      { class: "wide" },
      compared ? plural(run.models.length, "model") : "an evaluation",
      run.judged_by && h("small", {}, "judged"),
    ),
    h("td", { class: "path wide" }, run.folder ?? "–", run.synthetic && h("small", {}, "synthetic")),
    h("td", {}, best?.title ?? "–"),
    scores.map(score),
  );
}

/** One run, or two beside each other with what sets them apart. */
export async function runView(names) {
  const [{ runs }, ...records] = await Promise.all([
    get("/api/runs"),
    ...names.map((name) => get(`/api/runs/${encodeURIComponent(name)}`)),
  ]);
  const scale = lossScale();
  const panels = h("div", { class: names.length > 1 ? "panels two" : "panels" });
  fill(
    panels,
    names.map((name, place) =>
      runPanel(
        runs.find((run) => run.name === name),
        records[place],
        scale,
      ),
    ),
  );
  return h(
    "div",
    { class: "runs" },
    h(
      "div",
      { class: "headline" },
      h(
        "div",
        {},
        h("a", { class: "back", href: "#/runs" }, "All runs"),
        h("h1", { tabindex: "-1", class: "path" }, names.join(" and ")),
      ),
    ),
    names.length > 1 && apart(runs.filter((run) => names.includes(run.name))),
    names.length > 1 && differences(names, records),
    panels,
  );
}

/** The settings and data in which two runs differ. */
function differences(names, records) {
  const [one, other] = records.map((record) => ({
    ...flat(record.settings ?? {}),
    "data folder": record.data?.folder,
    "data digest": record.data?.digest?.slice(0, 12),
    classes: (record.classes ?? record.data?.classes ?? []).join(", "),
    model: record.model?.name,
    hilum: record.versions?.hilum,
  }));
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (key) => text(one[key]) !== text(other[key]),
  );
  return h(
    "section",
    { class: "card scroll", tabindex: "0", role: "region", "aria-label": "What sets them apart" },
    h("h2", {}, "What sets them apart"),
    keys.length
      ? h(
          "table",
          {},
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              h("td"),
              names.map((name) => h("th", { scope: "col", class: "path" }, name)),
            ),
          ),
          h(
            "tbody",
            {},
            keys.map((key) =>
              h(
                "tr",
                {},
                h("th", { scope: "row" }, key.replaceAll("_", " ")),
                h("td", { class: "path" }, text(one[key])),
                h("td", { class: "path" }, text(other[key])),
              ),
            ),
          ),
        )
      : h("p", {}, "The same settings on the same slices."),
  );
}

function flat(settings) {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.flat().map(named).join(", ") : value instanceof Object ? mapped(value) : value,
    ]),
  );
}

/** The classes of a folder by what stands for them. */
const mapped = (classes) =>
  Object.entries(classes)
    .map((pair) => pair.join(" = "))
    .join(", ");

/** A part of a setting; slices from elsewhere are objects. */
const named = (part) => (part?.folder ? `${part.name}: ${part.folder}` : part);

const text = (value) => (value === null || value === undefined || value === "" ? "–" : String(value));
