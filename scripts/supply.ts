import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

// What is in the product: a CycloneDX bill of materials of what it runs with, made from the lockfile, in build/sbom.cdx.json.
// And what is known against it: the registry's audit, where the registry answers. What it does not answer is said, and is
// not a fault of the code; test/install/lockfile.test.ts holds what can be held without asking anybody.

const root = join(import.meta.dirname, '..');
const production = ['--omit=dev', '--package-lock-only'];

const Bom = z.looseObject({
  metadata: z.looseObject({ component: z.looseObject({ name: z.string() }) }),
  components: z.array(z.unknown()),
});
const Package = z.object({ name: z.string() });
const Audit = z.object({
  vulnerabilities: z.record(z.string(), z.object({ severity: z.string(), range: z.string() })),
});

const { components } = writeBom();
process.stdout.write(`sbom: ${components.length} components in build/sbom.cdx.json\n`);
process.stdout.write(`audit: ${audit()}\n`);

function writeBom(): z.infer<typeof Bom> {
  const { stdout, stderr, status } = npm(['sbom', ...production, '--sbom-format=cyclonedx']);
  if (status !== 0) throw new Error(`npm sbom failed:\n${stderr}`);
  const bom = Bom.parse(JSON.parse(stdout));
  // npm calls it after the folder that it lies in.
  bom.metadata.component.name = Package.parse(
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')),
  ).name;
  mkdirSync(join(root, 'build'), { recursive: true });
  writeFileSync(join(root, 'build/sbom.cdx.json'), `${JSON.stringify(bom, null, 2)}\n`);
  return bom;
}

/** What the registry knows against what is run, in words. Anything known fails. */
function audit(): string {
  const { stdout } = npm(['audit', ...production, '--json']);
  const read = Audit.safeParse(parsed(stdout));
  if (!read.success)
    return 'NOT DONE, because the registry here has no audit. Run "npm run supply" where it has.';
  const known = Object.entries(read.data.vulnerabilities);
  if (known.length === 0) return 'nothing is known against any of them';
  process.exitCode = 1;
  return [
    'known vulnerabilities',
    ...known.map(([name, one]) => `  ${one.severity} ${name} ${one.range}`),
  ].join('\n');
}

function npm(args: string[]) {
  return spawnSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 64 * 1024 * 1024,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
