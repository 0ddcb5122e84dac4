/**
 * Runs the named lanes of tests one after the other, cheapest first, and closes with `N passed, N failed`. Exit status 0
 * only when every lane ran at least one test and none failed.
 */

import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const results = path.join(root, "build", "test-results");
const lanes = process.argv.slice(2);
let passed = 0;
let failed = 0;

for (const lane of lanes) {
  const report = path.join(results, `${lane}.json`);
  rmSync(report, { force: true });
  const run = spawnSync(
    process.execPath,
    [
      path.join(root, "node_modules/vitest/vitest.mjs"),
      "run",
      "--project",
      lane,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ],
    { cwd: root, stdio: "inherit" },
  );
  const counts = readCounts(report);
  passed += counts.passed;
  // A lane that could not even start, or that ran nothing, is a failure like any other.
  failed += counts.failed > 0 || (run.status === 0 && counts.passed > 0) ? counts.failed : 1;
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** What Vitest's JSON report counts; nothing at all when there is no report. */
function readCounts(report: string): { passed: number; failed: number } {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
    return { passed: numPassedTests, failed: numFailedTests };
  } catch {
    return { passed: 0, failed: 0 };
  }
}
