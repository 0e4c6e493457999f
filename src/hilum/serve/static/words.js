// The words and figures that all parts of the page share.

export const DECISIONS = ["class", "abstain", "outlier", "unreadable"];
export const DECISION_WORDS = { class: "Answered", abstain: "Abstains", outlier: "Outlier", unreadable: "Unreadable" };
export const METHOD_WORDS = {
  linear: "Class activation map",
  hirescam: "HiResCAM",
  gradcam: "Grad-CAM",
  "gradcam++": "Grad-CAM++",
  layercam: "LayerCAM",
};
export const WINDOW_WORDS = {
  auto: "Automatic",
  lung: "Lung",
  mediastinum: "Mediastinum",
  bone: "Bone",
  file: "As the file says",
};
/** Protocols, the one to believe first: a title where the server gives none, and what a score under it means. */
export const PROTOCOLS = {
  strict: ["strict", "Every slice once, by a model trained on no look-alike of it. Nearest to new patients."],
  grouped: ["grouped", "Every slice once, by a model trained on no copy of it."],
  given: ["given test", "The split as it came, copies of training slices included."],
  "no-copies": ["no copies", "Test slices of which training holds no copy."],
  "no-look-alikes": ["no look-alikes", "Test slices of which training holds no look-alike."],
  out_of_fold: ["out of fold", "What the limits of the answers were fitted on."],
};
const DASH = "–";

/** A class name as it is read: `large cell carcinoma`. */
export const readable = (name) => name.replaceAll("_", " ");

/** The same at the start of a line. */
export const titled = (name) => readable(name).replace(/^./u, (first) => first.toUpperCase());

/** 0.974 as `97.4 %`, with as many decimals as it takes not to say 100 of what is less. */
export function percent(share, digits = 1) {
  if (share === null || share === undefined) return DASH;
  if (share < 1 && Number((share * 100).toFixed(digits)) === 100)
    return `>\u00a0${(100 - 10 ** -digits).toFixed(digits)}\u00a0%`;
  return `${(share * 100).toFixed(digits)}\u00a0%`;
}

/** A figure with fixed digits, or a dash. */
export const figure = (value, digits = 3) => (Number.isFinite(value) ? value.toFixed(digits).replace("-", "−") : DASH);

/** The interval of a figure: `[0.89–0.95]`, or `[–]` where there is none. */
export const interval = (found) => {
  const none = !Number.isFinite(found?.low) || !Number.isFinite(found?.high);
  const between = found?.low < 0 ? " to " : DASH; // a dash before a minus sign is easily misread
  return none ? `[${DASH}]` : `[${figure(found.low, 2)}${between}${figure(found.high, 2)}]`;
};

export const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

/** The most probable class of a row and its probability, or null. */
export function top(row) {
  const shares = Object.entries(row.probabilities ?? {});
  return shares.length ? shares.reduce((best, one) => (one[1] > best[1] ? one : best)) : null;
}

/** What a decision means: a headline, and a sentence in plain words. */
export function explained(row, model) {
  const best = top(row);
  const limit = percent(model.thresholds.answer);
  const promise = model.promised ? "" : ", a limit that promises no accuracy";
  if (row.decision === "class") {
    return [titled(row.class), `The model gives this class ${percent(best[1])}. It answers from ${limit} up${promise}.`];
  }
  if (row.decision === "abstain") {
    const text =
      `It is not sure enough: ${percent(best[1])} for ${readable(best[0])}, and it answers from ${limit} up${promise}. ` +
      "Someone should look at this slice.";
    return ["The model abstains", text];
  }
  if (row.decision === "outlier") {
    const unlike = row.reason.startsWith("unlike the training slices");
    const text = unlike
      ? "It is unlike the slices that the model was trained on, so its probabilities should not be trusted."
      : `It does not seem to be an axial CT slice of a chest (${row.reason}), so its probabilities should not be trusted.`;
    return ["Not a slice for this model", text];
  }
  return ["Could not be read", `${row.reason.replace(/^./u, (first) => first.toUpperCase())}.`];
}

/** A date of ISO 8601 as `2026-11-24 03:28`. */
export const moment = (text) => (text ? String(text).slice(0, 16).replace("T", " ") : DASH);

/** Names of files as people sort them, digits by their value. */
export const byName = new Intl.Collator("en", { numeric: true }).compare;
