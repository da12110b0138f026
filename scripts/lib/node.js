import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.js';

/**
 * A Node that runs TypeScript: this one if it is 22.18 or later, else the one among the packages.
 * Experimental warnings are off: Node 22 gives one for TypeScript.
 */
export function nodeCommand() {
  return [nodeProgram(), '--disable-warning=ExperimentalWarning'];
}

function nodeProgram() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  const packaged = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(packaged)) return packaged;
  throw new Error(
    `Chirograph needs Node 22.18 or later. This is ${process.version}, and there is no packaged Node for this computer. ` +
      'Install Node 24 and try again.',
  );
}
