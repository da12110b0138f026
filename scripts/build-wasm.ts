import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

// What the pipeline runs as WebAssembly, from AssemblyScript in `wasm/`: a test fails when it is not up to date.

const root = join(import.meta.dirname, '..');

/** The modules that are made, from the root of the project, and their sources. */
export const wasmModules: Readonly<Record<string, string>> = {
  'src/pipeline/hmac.wasm': 'wasm/hmac.ts',
  'src/pipeline/intake/rows.wasm': 'wasm/rows.ts',
};

/** The bytes of a module. Throws what the compiler says is wrong. */
export async function buildWasm(source: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'chirograph-wasm-'));
  try {
    const out = join(folder, 'module.wasm');
    const options = ['-O3', '--converge', '--runtime', 'stub', '--enable', 'simd', '--noAssert'];
    const { error, stderr } = await asc.main([
      join(root, source),
      ...['--outFile', out, '--initialMemory', '10', '--baseDir', root],
      ...options,
    ]);
    if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
    return await readFile(out);
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  for (const [module, source] of Object.entries(wasmModules))
    await writeFile(join(root, module), await buildWasm(source));
}
