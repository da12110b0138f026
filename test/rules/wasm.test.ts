import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildWasm, wasmModules } from '../../scripts/build-wasm.ts';

test.each(Object.entries(wasmModules))(
  '%s is made from %s as it is: if not, run npm run build:wasm',
  async (module, source) => {
    const made = await readFile(join(import.meta.dirname, '../..', module));
    expect(made.equals(await buildWasm(source))).toBe(true);
  },
);
