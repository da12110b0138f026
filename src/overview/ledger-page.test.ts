import { describe, expect, test } from 'vitest';
import { aLog } from '../ledger/a-log.fixture.ts';
import type { Log } from '../ledger/index.ts';
import { entriesOf, ledgerPage } from './ledger-page.ts';

const organisation = { id: 'o1', slug: 'westmarch-police', name: 'Westmarch Police' };
const nameOf = (id: string) => (id.endsWith('a') ? 'Westmarch Police' : 'Westmarch OPCC');

describe('which entries a page shows', () => {
  test.each([
    [0, undefined, 0, 0],
    [4, undefined, 0, 4],
    [120, undefined, 70, 120],
    [120, '70', 20, 70],
    [120, '20', 0, 20],
    [120, '0', 0, 0],
    [120, '999', 70, 120],
    [120, '-1', 70, 120],
    [120, 'x', 70, 120],
    [120, '9999999999999999', 70, 120],
  ])('of %d, before %s: from %d up to %d', (size, before, from, to) => {
    expect(entriesOf(size, before)).toEqual({ from, to });
  });
});

describe('the page of a ledger', () => {
  const log = aLog(120);
  const signedBy = (checkpoint: Buffer): Log => ({
    organisationId: organisation.id,
    log: 1,
    origin: log.origin,
    vkey: log.vkey,
    last: { size: 120, root: Buffer.alloc(32), note: checkpoint },
  });
  const signed = signedBy(log.checkpoint);
  const shown = (before: string | undefined, pending: Buffer[] = []) => {
    const { from, to } = entriesOf(120, before);
    const entries = log.entries.slice(from, to);
    return ledgerPage(
      { organisation, entries, from, pending, log: signed, logs: [signed], witnesses: [], trouble: null },
      nameOf,
    );
  };

  test('newest first, each entry with its number and its receipt', () => {
    const page = shown(undefined);
    expect(page.rows).toHaveLength(50);
    expect(page.rows[0]).toMatchObject({
      number: 119,
      title: 'Data sent',
      receipt: '/ledger/01890000-0000-7000-9000-000000000119.tlog-proof',
    });
    expect(page.says).toBe('Entries 70 to 119 of 120');
  });

  test('older and newer pages meet without a gap', () => {
    expect(shown(undefined)).toMatchObject({ newer: null, older: '/ledger?before=70' });
    expect(shown('70')).toMatchObject({ newer: '/ledger?before=120', older: '/ledger?before=20' });
    expect(shown('20')).toMatchObject({ newer: '/ledger?before=70', older: null });
  });

  test('what is not in the log yet stands at the top of the newest page only, with no receipt', () => {
    const waiting = aLog(1, 500).entries;
    expect(shown(undefined, waiting).rows[0]).toMatchObject({ number: null, receipt: null });
    expect(shown('70', waiting).rows[0]?.number).toBe(69);
  });

  test('the state is what the log signed', () => {
    expect(shown(undefined).checkpoint).toMatchObject({ origin: log.origin, size: 120, vkey: log.vkey });
    const forged = signedBy(aLog(120).checkpoint);
    const forgedPage = {
      organisation,
      entries: [],
      from: 0,
      pending: [],
      log: forged,
      logs: [forged],
      witnesses: [],
      trouble: null,
    };
    expect(() => ledgerPage(forgedPage, nameOf)).toThrow('does not open');
  });

  test('says of each witness how much it has cosigned, and how it last answered', () => {
    const seen = { answer: 'cosigned', answeredAt: '2026-11-22T10:00:00.000Z' } as const;
    const page = ledgerPage(
      {
        ...{ organisation, entries: [], from: 120, pending: [], log: signed, logs: [signed], trouble: null },
        witnesses: [
          { ...seen, vkey: 'westmarch-opcc/witness+0011aabb+BAAB', size: 118 },
          { ...seen, vkey: 'witness.example+0011aabb+BAAB', size: null, answer: 'disagrees' },
        ],
      },
      nameOf,
    );
    expect(page.witnesses).toEqual([
      {
        name: 'westmarch-opcc/witness',
        says: expect.stringContaining('Has cosigned 118 of 120 entries'),
        tag: { text: 'Agrees', classes: 'govuk-tag--green' },
      },
      {
        name: 'witness.example',
        says: expect.stringContaining('Has cosigned nothing yet'),
        tag: { text: 'Disagrees', classes: 'govuk-tag--red' },
      },
    ]);
  });

  test('a log that is not signed yet has no state', () => {
    const page = ledgerPage(
      { organisation, entries: [], from: 0, pending: [], log: null, logs: [], witnesses: [], trouble: null },
      nameOf,
    );
    expect(page).toMatchObject({ rows: [], says: 'No entries yet', checkpoint: null });
  });
});
