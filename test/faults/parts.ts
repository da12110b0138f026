/** What came of one kind of fault: how often it was done, what was found wrong, and figures in words. */
export type Row = { what: string; times: number; faults: string[]; figures: string };

/** What a part is asked for. */
export type Asked = {
  seed: number;
  /** One run to repeat, or null for all. */
  run: number | null;
  count: number;
  /** Nothing is begun after so long. */
  minutes: number;
  atOnce: number;
  say: (line: string) => void;
};

/** A part of the suite. */
export type Part = (asked: Asked) => Promise<Row[]>;
