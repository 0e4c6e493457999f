// A confusion matrix whose cells open the slices in them.

import { get } from "./api.js";
import { fill, h, say } from "./dom.js";
import { percent, plural, readable, titled } from "./words.js";

const NONE = "None by mean probabilities. Runs of earlier versions name no slices of strict.";
const hasShares = (row) => Object.keys(row.probabilities).length > 0; // judged predictions may be classes alone
const written = (count) => count.toLocaleString("en", { maximumFractionDigits: 1 });

/**
 * The matrix of a model (null: the run has one alone); rows are the labels, columns what the model said.
 * `counted` says how: the protocol, and whether counts are means over its repeats, so that they need a decimal.
 */
export function confusion(address, model, classes, matrix, counted) {
  const slices = h("div", { class: "opened", tabindex: "-1" });
  let open = null;
  const cells = matrix.map((row, label) => {
    const sum = row.reduce((total, count) => total + count, 0);
    const of = written(sum);
    return row.map((count, predicted) => {
      const right = label === predicted;
      const button = h(
        "button",
        {
          type: "button",
          class: `cell ${right ? "right" : "wrong"}`,
          disabled: !count,
          "aria-expanded": "false",
          "aria-label": `${written(count)} of ${of} labelled ${readable(classes[label])} and called ${readable(classes[predicted])}`,
          click: () => show(button, classes[label], classes[predicted]),
        },
        written(count),
      );
      button.style.setProperty("--share", sum && count ? 0.2 + (0.8 * count) / sum : 0);
      return button;
    });
  });

  async function show(button, label, predicted) {
    open?.setAttribute("aria-expanded", "false");
    if (open === button) {
      open = null;
      fill(slices);
      return;
    }
    open = button;
    button.setAttribute("aria-expanded", "true");
    const title =
      label === predicted ? `${titled(label)}, called so` : `${titled(label)}, called ${readable(predicted)}`;
    fill(slices, h("h3", {}, title), h("p", { class: "soft" }, "Loading…"));
    try {
      const query = new URLSearchParams({ ...(model && { model }), label, predicted });
      const { rows, total } = await get(`${address}/predictions?${query}`);
      if (open !== button) return;
      fill(
        slices,
        h("h3", {}, title),
        h(
          "p",
          { class: "soft" },
          rows.length ? `${plural(total, "slice")}${hasShares(rows[0]) ? ", the surest first" : ""}.` : NONE,
          total > rows.length && ` The first ${rows.length} are shown.`,
          rows.some((row) => !row.thumbnail) && " Pictures need the slices: start the server with --slices.",
        ),
        h(
          "ul",
          { class: "slices-found", tabindex: "0", role: "list", "aria-label": title },
          rows.map((row) => found(row, label, predicted, look)),
        ),
      );
      say(`${plural(rows.length, "slice")}: ${title}`);
    } catch (error) {
      fill(slices, h("h3", {}, title), h("p", {}, error.message));
    }
  }

  /** Shows a slice as large as there is room for, until it is closed. */
  async function look(row, words) {
    const picture = h("img", { src: row.thumbnail, alt: "" }); // its name stands above it
    const note = h("p", { class: "soft" }, words);
    const dialog = h(
      "dialog",
      {
        class: "larger",
        "aria-labelledby": "larger-name",
        close: () => dialog.remove(),
        click: (event) => event.target === dialog && dialog.close(), // beside it
      },
      h("h2", { class: "path", id: "larger-name" }, row.path),
      picture,
      note,
      h("button", { type: "button", click: () => dialog.close() }, "Close"),
    );
    section.append(dialog);
    dialog.showModal();
    try {
      picture.src = (await get(`${address}/slice?${new URLSearchParams({ path: row.path })}`)).picture;
    } catch (error) {
      note.append(` ${error.message}`);
    }
  }

  const section = h(
    "section",
    { class: "card", "aria-label": "Confusion matrix" },
    h("h2", {}, ["Confusion matrix", ...counted.slice(0, 1)].join(", ")),
    h(
      "p",
      { class: "soft" },
      "Rows are the labels, columns what the model said. A number opens its slices.",
      counted[1] && ` Numbers are ${counted[1]}; slices are sorted by their mean probabilities.`,
    ),
    h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "Confusion matrix" },
      h(
        "table",
        { class: "confusion" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("td"),
            classes.map((name) => h("th", { scope: "col" }, readable(name))),
          ),
        ),
        h(
          "tbody",
          {},
          cells.map((row, label) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, readable(classes[label])),
              row.map((cell) => h("td", {}, cell)),
            ),
          ),
        ),
      ),
    ),
    slices,
  );
  return section;
}

function found(row, label, predicted, look) {
  const share = (name) => percent(row.probabilities[name]);
  const words = `${readable(predicted)} ${share(predicted)}${
    label === predicted ? "" : `, ${readable(label)} ${share(label)}`
  }`;
  return h(
    "li",
    {},
    row.thumbnail
      ? h(
          "button",
          { type: "button", class: "look", "aria-label": `Show ${row.path} larger`, click: () => look(row, words) },
          h("img", { src: row.thumbnail, alt: "", width: 192, height: 192, loading: "lazy" }),
        )
      : h("span", { class: "none" }, "no picture"),
    h("span", { class: "path", title: row.path }, row.path),
    h("small", {}, words),
  );
}
