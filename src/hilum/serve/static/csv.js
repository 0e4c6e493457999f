// Rows as the CSV that `hilum predict --csv` writes, to the letter.

/** The table of some rows; every line ends with a line feed. */
export function csv(rows, classes) {
  const head = [
    "path",
    "frame",
    "decision",
    "class",
    ...classes.map((name) => `probability ${name}`),
    "outlier_score",
    "reason",
  ];
  return [head, ...rows.map((row) => cells(row, classes))].map((line) => `${line.map(cell).join(",")}\n`).join("");
}

function cells(row, classes) {
  const shares = classes.map((name) => decimal(row.probabilities?.[name]));
  return [harmless(row.path), row.frame, row.decision, row.class, ...shares, decimal(row.outlier_score), row.reason];
}

/** A path that no spreadsheet takes for a formula. */
function harmless(path) {
  return /^[=+\-@]/.test(path) ? `./${path}` : path;
}

/** A number as Python writes it. */
function decimal(value) {
  if (value === null || value === undefined) return "";
  if (Number.isInteger(value)) return `${value}.0`;
  if (Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}

function cell(value) {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
