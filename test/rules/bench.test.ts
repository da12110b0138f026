import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

// The small form of the bench: whoever else does the job makes the same bytes. Times are not looked at.
test('what the pipeline makes is byte for byte what others make of the same file', {
  timeout: 120_000,
}, () => {
  const run = join(import.meta.dirname, '../../bench/pipeline/run.ts');
  const said = execFileSync(process.execPath, [run, '--rows', '20000', '--runs', '1'], { encoding: 'utf8' });
  const [, outputs] = /The (\d+) outputs of the same job were compared/.exec(said) ?? [];
  // Ours and that of Node's streams at the least; Python's, pandas' and Miller's where the machine has them.
  expect(Number(outputs)).toBeGreaterThanOrEqual(2);
});
