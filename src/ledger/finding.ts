/**
 * One thing that an audit found: the table and the row, by what people call it and by its key; what is wrong with it; and
 * what to do. No content of the row is in it.
 */
export type Finding = { table: string; row: string; wrong: string; todo: string };

/** What to do about a finding, by what was done. */
export const todo = {
  changed:
    'Do not use this row or write it back by hand. Find out who could write to the database, keep a copy of it as it is, and restore the row from a backup in which an audit finds nothing.',
  gone: 'Restore the row from a backup in which an audit finds nothing. Find out who could write to the database, and keep a copy of it as it is.',
  forged:
    'Do not use this row: the service did not make it. Find out who could write to the database, and keep a copy of it as it is before the row is removed.',
  log: 'Stop sharing. Keep a copy of the database as it is. Compare the checkpoints and receipts that your partners collected with a backup, and restore the log from one in which an audit finds nothing.',
} as const;
