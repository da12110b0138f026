// `npm start`: plain JavaScript for Node 20.19 and later, because it runs before anything is installed.
import { join } from 'node:path';
import { install } from './lib/install.js';
import { main } from './lib/main.js';
import { nodeCommand } from './lib/node.js';
import { root } from './lib/root.js';
import { run } from './lib/run.js';

await main(async () => {
  await install({ development: false });
  // The service ends by itself, and can be told to take its time about it: longer than this it never does.
  return run([...nodeCommand(), join(root, 'src/main/server.ts')], { patience: 660_000 });
});
