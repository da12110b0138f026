import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const styles = fileURLToPath(new URL('styles', import.meta.url));
const root = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * The stylesheet's text. It is compiled into `build/` when what it is made of has changed (2 to 4 seconds, said by
 * `report`); otherwise Sass is not even loaded.
 */
export async function readStylesheet(report: (line: string) => void = () => {}): Promise<string> {
  const path = join(root, 'build', `app.${await hashOfSources()}.css`);
  const built = await readFile(path, 'utf8').catch(() => null);
  if (built !== null) return built;
  report('Making the stylesheet');
  const css = await compile();
  await keep(path, css).catch((error: NodeJS.ErrnoException) => {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code ?? '')) throw error; // made again by the next start
  });
  return css;
}

async function keep(path: string, css: string): Promise<void> {
  const beside = `${path}.${process.pid}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(beside, css);
  await rename(beside, path); // whole or not at all: another process may be starting too
}

async function compile(): Promise<string> {
  const { compileAsync } = await import('sass');
  const { css } = await compileAsync(join(styles, 'app.scss'), {
    loadPaths: [join(root, 'node_modules')],
    quietDeps: true,
    style: 'compressed',
  });
  return css;
}

async function hashOfSources(): Promise<string> {
  const packages = ['govuk-frontend', 'sass'].map((name) => join(root, 'node_modules', name, 'package.json'));
  const sources = (await readdir(styles)).sort().map((name) => join(styles, name));
  const sum = createHash('sha256');
  for (const path of [...packages, ...sources]) sum.update(await readFile(path));
  return sum.digest('hex').slice(0, 16);
}
