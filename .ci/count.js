// Prints how many tests passed, failed and were skipped, from vitest's JSON report; fails unless all is well.
import { existsSync, readFileSync } from 'node:fs';

const [, , file = ''] = process.argv;
// Without a report the tests did not even start: that counts as a failed one.
const report = existsSync(file)
  ? JSON.parse(readFileSync(file, 'utf8'))
  : {
      testResults: [],
      numPassedTests: 0,
      numFailedTests: 1,
      numPendingTests: 0,
      numTodoTests: 0,
      success: false,
    };
// So does a file that could not be loaded: it has no tests to count.
const broken = report.testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
).length;
const failed = report.numFailedTests + broken;
const skipped = report.numPendingTests + report.numTodoTests;
console.log(`${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = report.success && failed === 0 ? 0 : 1;
