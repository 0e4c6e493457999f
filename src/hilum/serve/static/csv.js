// Rows as the CSV that `hilum predict --csv` writes, to the letter.

// What makes a spreadsheet take a cell for a formula.
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** The table of some rows; every line ends with a line feed. */
export function csv(rows, classes) {
  const head = [
    "path",
    "frame",
    "decision",
    "class",
    ...classes.map((name) => safe(`probability ${name}`)),
    "outlier_score",
    "reason",
  ];
  return [head, ...rows.map((row) => cells(row, classes))].map((line) => `${line.map(cell).join(",")}\n`).join("");
}

function cells(row, classes) {
  const shares = classes.map((name) => decimal(row.probabilities?.[name]));
  const [path, label, reason] = [harmless(row.path), row.class ?? "", row.reason].map(safe);
  return [path, row.frame, row.decision, label, ...shares, decimal(row.outlier_score), reason];
}

/** A path that no spreadsheet takes for a formula. */
function harmless(path) {
  return FORMULA.test(path) ? `./${path}` : path;
}

/** A number as Python writes it. */
function decimal(value) {
  if (value === null || value === undefined) return "";
  if (Number.isInteger(value)) return `${value}.0`;
  if (Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}

/** A text without control characters that is no formula, as `to_cell` in src/hilum/text.py writes it. */
function safe(text) {
  const spelt = text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]|\\(?=u00[0-9a-f]{2})/g, (letter) => {
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return FORMULA.test(spelt.replace(/^'+/, "")) ? `'${spelt}` : spelt;
}

function cell(value) {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
