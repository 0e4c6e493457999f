// Many slices: how far it is, what came out, and which to look at.

import { csv } from "./csv.js";
import { fill, h, save, say } from "./dom.js";
import { intake } from "./intake.js";
import { strip } from "./strip.js";
import { table } from "./table.js";
import { DECISIONS, DECISION_WORDS, plural } from "./words.js";

/** The view of a session that holds something. Its parts are kept between visits, so that nothing jumps. */
export function manySlices(session, onFiles) {
  const progress = h("div", { class: "progress" });
  const filters = h("div", { class: "filters", role: "group", "aria-label": "Show the slices by decision" });
  const strips = h("div", { class: "strips" });
  const rows = table(session);
  const seen = new Map(); // strips by series
  let wanted = null;

  const download = h(
    "button",
    {
      type: "button",
      id: "csv",
      click: () => {
        const shown = session.items.map((item) => item.row);
        save(csv(shown, session.model.classes), "hilum-predictions.csv", "text/csv;charset=utf-8");
        say(`${plural(shown.length, "row")} saved as hilum-predictions.csv`);
      },
    },
    "Download CSV",
  );
  const clear = h(
    "button",
    {
      type: "button",
      click: () => {
        seen.clear();
        fill(strips);
        wanted = null;
        session.clear();
      },
    },
    "Clear",
  );
  const node = h(
    "div",
    { class: "many" },
    h(
      "div",
      { class: "headline" },
      h("h1", { tabindex: "-1" }, "Slices"),
      h("div", { class: "buttons" }, intake(session, onFiles, true), download, clear),
    ),
    progress,
    strips,
    filters,
    rows.node,
  );

  function draw() {
    const items = session.items;
    const state = session.progress;
    fill(progress, progressOf(session, state));
    download.disabled = !items.length;
    drawFilters(items);
    drawStrips(items);
    rows.show(wanted ? items.filter((item) => item.row.decision === wanted) : items);
  }

  function drawFilters(items) {
    const focused = filters.contains(document.activeElement) ? document.activeElement.dataset.decision : null;
    const chips = [null, ...DECISIONS].map((decision) => {
      const count = decision ? items.filter((item) => item.row.decision === decision).length : items.length;
      return h(
        "button",
        {
          type: "button",
          class: `chip ${decision ?? ""}`,
          "aria-pressed": String(wanted === decision),
          "data-decision": decision ?? "all",
          disabled: decision && !count && wanted !== decision,
          click: () => {
            wanted = decision;
            draw();
            say(`${plural(count, "slice")} shown`);
          },
        },
        decision ? DECISION_WORDS[decision] : "All",
        h("span", { class: "count" }, count.toLocaleString("en")),
      );
    });
    fill(filters, chips);
    if (focused) filters.querySelector(`[data-decision="${focused}"]`)?.focus();
  }

  function drawStrips(items) {
    const bySeries = new Map();
    for (const item of items.filter((one) => one.series)) {
      if (!bySeries.has(item.series)) bySeries.set(item.series, []);
      bySeries.get(item.series).push(item);
    }
    for (const [series, slices] of bySeries) {
      if (slices.length < 2) continue;
      if (!seen.has(series)) {
        seen.set(series, strip(session, seen.size + 1));
        strips.append(seen.get(series).node);
      }
      seen.get(series).show(slices);
    }
  }

  return { node, draw };
}

function progressOf(session, { total, done, failed, why, busy }) {
  if (busy) {
    return [
      h("label", { for: "progress-bar" }, `${done.toLocaleString("en")} of ${plural(total, "file")} read`),
      h("progress", { id: "progress-bar", max: total, value: done }),
      h("button", { type: "button", click: () => session.stop() }, "Stop"),
    ];
  }
  if (!failed) return null;
  return h(
    "div",
    { class: "banner", role: "alert" },
    h("p", {}, `${plural(failed, "file")} ${failed === 1 ? "was" : "were"} not answered. ${why}`),
    h("button", { type: "button", click: () => session.retry() }, "Send again"),
  );
}
