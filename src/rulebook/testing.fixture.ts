import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { type ReleaseFacts, releaseFactsSchema } from './facts.ts';

/** The rulebook's folder. */
export const rulebookFolder = fileURLToPath(new URL('../../rulebook', import.meta.url));

const caseSchema = z.strictObject({
  says: z.string(),
  with: z.record(z.string(), z.json()),
  fails: z.array(z.string()).default([]),
  passes: z.array(z.string()).default([]),
  verdict: z.enum(['share', 'smaller-set', 'refer', 'refuse']).default('share'),
});

/** One case file: its name, the facts it stands for and the answer it expects. */
export type Case = Omit<z.infer<typeof caseSchema>, 'with'> & { name: string; facts: ReleaseFacts };

/** Every case of `cases/ALLOW` or `cases/DENY`. */
export function casesIn(answer: 'ALLOW' | 'DENY'): Case[] {
  const folder = join(rulebookFolder, 'cases', answer);
  return readdirSync(folder).map((file) => {
    const { with: changes, ...expected } = caseSchema.parse(
      JSON.parse(readFileSync(join(folder, file), 'utf8')),
    );
    return { name: file.replace(/\.json$/, ''), facts: factsWith(changes), ...expected };
  });
}

/** The facts of `cases/ordinary.json`, with some of them changed: `{ 'data.heldBack': 86 }`. */
export function factsWith(changes: Record<string, unknown> = {}): ReleaseFacts {
  const facts = JSON.parse(readFileSync(join(rulebookFolder, 'cases/ordinary.json'), 'utf8'));
  // A whole part first, so that a change inside a part is made to the part that stays.
  for (const path of Object.keys(changes).sort()) {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    const holder = steps.reduce((part, step) => part[step], facts);
    if (!Object.hasOwn(holder, last)) throw new Error(`cases/ordinary.json has no ${path}`);
    holder[last] = changes[path];
  }
  return releaseFactsSchema.parse(facts);
}

/** A copy of the rulebook that a test may change; removed when the test ends. */
export function copyOfRulebook(): string {
  const folder = mkdtempSync(join(tmpdir(), 'chirograph-rulebook-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(rulebookFolder, folder, { recursive: true });
  return folder;
}
