import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect, test } from 'vitest';
import { sha256Hex } from '../platform/pure/hash.ts';
import { sealOutput } from './seal-output.ts';

test('what is encrypted is the file that was reported, or nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'seal-'));
  try {
    const path = join(folder, 'out.csv');
    const recipients = [await identityToRecipient(await generateX25519Identity())];
    const reported = { path, form: 'csv' as const, sha256: sha256Hex('a\n1\n'), bytes: 4, rows: 1 };
    await writeFile(path, 'a\n1\n');
    await expect(sealOutput(reported, join(folder, 'one.age'), recipients)).resolves.toBeTruthy();
    await writeFile(path, 'a\n2\n');
    await expect(sealOutput(reported, join(folder, 'two.age'), recipients)).rejects.toThrow(
      'What was encrypted is not what was checked',
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
