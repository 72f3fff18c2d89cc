// Adds up vitest's JSON reports and prints "N passed, N failed, N skipped"; fails unless all are there, green, and ran.
import { existsSync, readFileSync } from "node:fs";

const files = process.argv.slice(2);
const missing = files.filter((file) => !existsSync(file));
for (const file of missing) process.stdout.write(`No report ${file}: its tests did not run\n`);

const reports = files
  .filter((file) => existsSync(file))
  .map((file) => JSON.parse(readFileSync(file, "utf8")));
const sum = (count) => reports.reduce((total, report) => total + count(report), 0);
const passed = sum((report) => report.numPassedTests);
// A file that does not load has no tests to count, and fails all the same.
const failed = sum(
  (report) =>
    report.numFailedTests +
    report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0)
      .length,
);
// Nothing may be skipped in CI, which has every tool. A test that has to be: by its full name, with the reason beside it.
const MAY_BE_SKIPPED = [];
const unexpected = reports
  .flatMap((report) => report.testResults)
  .flatMap((file) => file.assertionResults)
  .filter(
    ({ status, fullName }) => !["passed", "failed"].includes(status) && !MAY_BE_SKIPPED.includes(fullName),
  );
for (const { fullName } of unexpected) process.stdout.write(`Expected to run, was skipped: ${fullName}\n`);

const skipped = sum((report) => report.numPendingTests + report.numTodoTests);
process.stdout.write(`${passed} passed, ${failed + missing.length} failed, ${skipped} skipped\n`);
process.exitCode = failed > 0 || unexpected.length > 0 || missing.length > 0 || passed === 0 ? 1 : 0;
