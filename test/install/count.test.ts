import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../.ci/count.js', import.meta.url));
const nothing = {
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  success: true,
  testResults: [],
};
const broken = { status: 'failed', assertionResults: [] };

test.each([
  ['all passed', { ...nothing, numPassedTests: 123 }, '123 passed, 0 failed\n', 0],
  [
    'some skipped',
    { ...nothing, numPassedTests: 9, numPendingTests: 2, numTodoTests: 1 },
    '9 passed, 0 failed, 3 skipped\n',
    0,
  ],
  [
    'one failed',
    { ...nothing, numPassedTests: 9, numFailedTests: 1, success: false },
    '9 passed, 1 failed\n',
    1,
  ],
  [
    'a file did not load',
    { ...nothing, numPassedTests: 9, success: false, testResults: [broken] },
    '9 passed, 1 failed\n',
    1,
  ],
  ['an error outside any test', { ...nothing, numPassedTests: 9, success: false }, '9 passed, 0 failed\n', 1],
  ['no report', null, '0 passed, 1 failed\n', 1],
])('counts the tests: %s', (_case, report, line, code) => {
  const folder = mkdtempSync(join(tmpdir(), 'chirograph-count-'));
  const file = join(folder, 'tests.json');
  if (report !== null) writeFileSync(file, JSON.stringify(report));
  const { stdout, status } = spawnSync(process.execPath, [script, file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect({ stdout, status }).toEqual({ stdout: line, status: code });
});
