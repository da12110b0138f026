import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { withoutNetwork } from './no-network.ts';

const [command = '', ...rest] = withoutNetwork();

it.skipIf(command === '')(
  'a command runs with no network at all (skipped where the system forbids it)',
  () => {
    const interfaces = execFileSync(command, [
      ...rest,
      process.execPath,
      '--print',
      'Object.keys(os.networkInterfaces())',
    ]);
    expect(interfaces.toString()).toBe('[]\n');
  },
);
