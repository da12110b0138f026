import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

// The code that verifies, for a browser: the very modules that the command line runs, in one file, with what of Node they
// use put in their place. `src/platform/http/assets/verify.js` is made by this; a test fails when it is not up to date.

const root = join(import.meta.dirname, '..');
const browser = join(root, 'src/overview/browser');

/** Where the script of the verify page lies, from the root of the project. */
export const verifyScript = 'src/platform/http/assets/verify.js';

/** The script of the verify page, as text. */
export async function buildVerify(): Promise<string> {
  const build = await rolldown({
    input: join(browser, 'page.ts'),
    cwd: root,
    platform: 'browser',
    external: /^node:(?!crypto$)/,
    resolve: { alias: { 'node:crypto': join(browser, 'crypto.ts') } },
    // A module that is only passed through, with its database and its files, is left out whole.
    treeshake: {
      moduleSideEffects: (id) => id.endsWith('browser/page.ts') || id.endsWith('browser/globals.ts'),
    },
    shimMissingExports: true,
    logLevel: 'silent',
  });
  const { output } = await build.generate({ format: 'es', minify: true, comments: { legal: true } });
  await build.close();
  return output[0].code;
}

if (process.argv[1] === import.meta.filename) await writeFile(join(root, verifyScript), await buildVerify());
