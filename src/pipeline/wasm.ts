import { readFileSync } from 'node:fs';

/** Starts a module that `npm run build:wasm` made, by its address, and gives what it exports. */
export function startModule<Exports>(module: URL): Exports {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(module)), {
    env: {
      abort: () => {
        throw new Error('A WebAssembly module stopped.');
      },
    },
  });
  return exports as Exports;
}
