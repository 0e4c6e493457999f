// One run: its models, learning curves, confusion matrix and report.

import { get } from "./api.js";
import { confusion } from "./confusion.js";
import { curves } from "./curves.js";
import { choice, fill, h } from "./dom.js";
import { PROTOCOLS, figure, interval, moment, plural, titled } from "./words.js";

/** The panel of a run. `run` is its row of the list, `record` its metrics.json, `scale` that of its losses. */
export function runPanel(run, record, scale) {
  const address = `/runs/${encodeURIComponent(run.name)}`;
  const compared = run.kind === "comparison";
  const models = compared
    ? record.models.filter((model) => model.status === "ok")
    : [{ name: run.best, title: run.best }];
  const details = h("div", { class: "details" });
  let current = models.find((model) => model.name === run.best) ?? models[0];
  const history = compared ? get(`/api${address}/history`) : Promise.resolve([]);
  const pick = choice(
    "Model",
    models.map((model) => [model.name, model.title]),
    current?.name,
    (name) => {
      current = models.find((model) => model.name === name);
      draw();
    },
  );

  async function draw() {
    const mine = current;
    const hardest = run.judged_by ?? "strict";
    const found = compared && mine.protocols?.[hardest];
    const matrix = found ? found.confusion : compared ? mine.splits?.test?.confusion : record.figures?.confusion;
    const repeated = !run.judged_by || record.protocols.find(({ name }) => name === hardest)?.repeats > 1;
    const counted = found
      ? [run.titles[hardest] ?? hardest, repeated && "means over the repeats"]
      : compared
        ? [run.judged_by ? run.titles.given : "given test"]
        : [];
    const drawn = h("section", { class: "card", "aria-label": "Learning curves" });
    fill(
      details,
      compared && !run.judged_by ? drawn : null,
      matrix &&
        confusion(`/api${address}`, compared ? mine.name : null, record.classes ?? record.data.classes, matrix, counted),
    );
    fill(drawn, h("h2", {}, "Learning curves"), h("p", { class: "soft" }, "Loading…"));
    try {
      const steps = (await history).filter((step) => step.model === mine.name);
      const show = () =>
        fill(
          drawn,
          h("h2", {}, "Learning curves"),
          mine.members ? averaged(mine) : curves(steps, mine.best_epoch, scale),
        );
      scale.put(details, steps, show);
      show();
    } catch (error) {
      fill(drawn, h("h2", {}, "Learning curves"), h("p", {}, error.message));
    }
  }

  function averaged({ members }) {
    const titles = members.map((name) => models.find((model) => model.name === name)?.title ?? name);
    return h(
      "p",
      { class: "soft" },
      `It averages ${titles.join(", ")}, each trained by itself. Choose one of them for its curves.`,
    );
  }

  if (current) draw();
  return h(
    "section",
    { class: "panel", "aria-label": run.name },
    h(
      "div",
      { class: "card" },
      h("h2", { class: "path" }, run.name),
      h(
        "p",
        { class: "soft" },
        [
          moment(run.created),
          run.folder,
          compared ? plural(models.length, "model") : "evaluation",
          run.judged_by && "judged",
        ]
          .filter(Boolean)
          .join(" · "),
      ),
      record.synthetic && h("p", { class: "banner" }, "Synthetic phantom slices: the scores say nothing of patients."),
      record.random_weights && h("p", { class: "banner" }, "Random weights: the scores mean nothing."),
      run.judged_by &&
        h(
          "p",
          { class: "soft" },
          `The predictions in ${record.settings.predictions} were made elsewhere. hilum cannot know what else the models `,
          "were trained and tuned on.",
        ),
      scores(run, record.judged && !record.judged.chosen_on_valid ? "highest here" : "best on valid"),
      !compared &&
        h("p", { class: "soft" }, "Beside what it reached on these slices: its scores from when it was trained."),
      h("p", { class: "soft" }, record.notice),
    ),
    models.length > 1 && h("div", { class: "picker" }, pick),
    details,
    run.report && report(address, run.name),
  );
}

function scores(run, chosen) {
  const known = Object.keys(run.titles).length ? run.titles : PROTOCOLS;
  const title = (key) => (key === "evaluated" ? "On these slices" : titled(run.titles[key] ?? PROTOCOLS[key][0]));
  const beside = [
    ["Floor", (model) => model.floor, (floor) => floor.name],
    ["Lead", (model) => model.lead],
  ];
  const columns = ["evaluated", ...Object.keys(known)]
    .flatMap((key) => [[title(key), (model) => model.scores[key]], ...(key === (run.judged_by ?? "strict") ? beside : [])])
    .filter(([, of]) => run.models.some(of));
  const cell = (found, words) =>
    h(
      "td",
      { class: "number" },
      found ? [figure(found.value), h("small", {}, interval(found)), words && h("small", {}, words(found))] : "–",
    );
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": `Scores of ${run.name}` },
    h(
      "table",
      {},
      h("caption", {}, "Macro-F1 with 95 % intervals"),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, "Model"),
          columns.map(([text]) => h("th", { scope: "col" }, text)),
        ),
      ),
      h(
        "tbody",
        {},
        run.models.map((model) =>
          h(
            "tr",
            { class: model.name === run.best ? "best" : null },
            h(
              "th",
              { scope: "row" },
              model.title,
              model.name === run.best && run.models.length > 1 && h("small", {}, chosen),
            ),
            columns.map(([, of, words]) => cell(of(model), words)),
          ),
        ),
      ),
    ),
  );
}

/** The report as its own page, which may draw and nothing else. */
function report(address, name) {
  const frame = h("div");
  return h(
    "details",
    {
      class: "card report",
      toggle: (event) => {
        if (event.target.open && !frame.firstChild) {
          frame.append(
            h(
              "a",
              { href: `${address}/report.html`, target: "_blank", rel: "noopener" },
              "Open it in a tab of its own",
            ),
          );
          frame.append(
            h("iframe", { src: `${address}/report.html`, sandbox: "", title: `Report of ${name}`, loading: "lazy" }),
          );
        }
      },
    },
    h("summary", {}, "Report"),
    frame,
  );
}
