import { expect, test } from 'vitest';
import { canMount, fillDisks } from './disk-part.ts';

test.skipIf(!canMount)(
  'a disk that is full is told in words, loses nothing, and what was asked goes on once there is space',
  async () => {
    const rows = await fillDisks(2);
    expect(rows.flatMap(({ what, faults }) => faults.map((fault) => `${what}: ${fault}`))).toEqual([]);
    expect(rows).toHaveLength(3);
  },
);
