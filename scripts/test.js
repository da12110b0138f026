// `npm test`: plain JavaScript for Node 20.19 and later, because it runs before anything is installed.
// What follows `npm test --` goes to vitest. The results are also in build/tests.json.
import { delimiter, join } from 'node:path';
import { findChromium } from './lib/chromium.js';
import { install } from './lib/install.js';
import { main } from './lib/main.js';
import { nodeCommand } from './lib/node.js';
import { root } from './lib/root.js';
import { run } from './lib/run.js';

await main(async () => {
  await install({ development: true });
  const chromium = await findChromium();
  if (chromium === null) {
    process.stderr.write('There is no Chromium: set CHROMIUM_PATH to one. Tests in a browser will fail.\n');
  }
  const env = {
    ...process.env,
    PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter),
    ...(chromium === null ? {} : { CHROMIUM_PATH: chromium }),
  };
  const reports = ['--reporter=default', '--reporter=json', '--outputFile.json=build/tests.json'];
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...reports, ...process.argv.slice(2)];
  return run([...nodeCommand(), ...vitest], { cwd: root, env });
});
