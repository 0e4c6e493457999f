// Where files come in: by dropping them anywhere on the page, or by choosing files or a folder.

import { choice, h, s } from "./dom.js";
import { dropped, picked } from "./files.js";
import { WINDOW_WORDS } from "./words.js";

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** The large place of an empty page, or the small one above results. */
export function intake(session, onFiles, small) {
  const take = (event) => {
    const files = picked(event.target.files);
    event.target.value = ""; // so that the same files can be chosen again
    if (files.length) onFiles(files);
  };
  const files = h("input", { type: "file", multiple: true, hidden: true, id: "pick-files", change: take });
  const folder = h("input", {
    type: "file",
    multiple: true,
    webkitdirectory: true,
    hidden: true,
    id: "pick-folder",
    change: take,
  });
  const buttons = h(
    "div",
    { class: "buttons" },
    h(
      "button",
      { class: small ? null : "main", type: "button", click: () => files.click() },
      small ? "Add files" : "Choose files",
    ),
    h("button", { type: "button", click: () => folder.click() }, small ? "Add a folder" : "Choose a folder"),
  );
  if (small) return h("div", { class: "intake small" }, files, folder, buttons);
  const windows = session.model.windows.map((name) => [name, WINDOW_WORDS[name] ?? name]);
  const place = LOOPBACK.includes(location.hostname)
    ? "the server on this machine"
    : `the server at ${location.hostname}`;
  return h(
    "section",
    { class: "intake drop", "aria-label": "Slices to read" },
    files,
    folder,
    s(
      "svg",
      { viewBox: "0 0 48 48", width: 56, height: 56, "aria-hidden": "true", class: "arrow" },
      s("path", { d: "M24 31V9M15 17l9-9l9 9M8 30v7a4 4 0 0 0 4 4h24a4 4 0 0 0 4-4v-7" }),
    ),
    h("h2", {}, "Drop chest CT slices here"),
    h("p", {}, "PNG, JPEG or DICOM: one slice, many, or whole folders and series."),
    buttons,
    choice(
      "Window for DICOM",
      windows,
      session.window,
      (name) => {
        session.window = name;
      },
      { id: "window-all" },
    ),
    h(
      "p",
      { class: "soft" },
      `Slices go to ${place} and nowhere else. It keeps them in memory while it answers, and writes none.`,
    ),
  );
}

/** Has the whole page take drops. */
export function takeDrops(onFiles) {
  let depth = 0;
  const mark = (change) => {
    depth = Math.max(0, depth + change);
    document.body.classList.toggle("dragging", depth > 0);
  };
  const ours = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  addEventListener("dragenter", (event) => {
    if (ours(event)) mark(1);
  });
  addEventListener("dragleave", (event) => {
    if (ours(event)) mark(-1);
  });
  addEventListener("dragover", (event) => {
    if (ours(event)) event.preventDefault();
  });
  addEventListener("drop", async (event) => {
    if (!ours(event)) return;
    event.preventDefault();
    mark(-depth);
    const files = await dropped(event.dataTransfer);
    if (files.length) onFiles(files);
  });
}
