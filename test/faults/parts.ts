/** What came of one kind of fault: how often it was done, what was found wrong, and figures in words. */
export type Row = { what: string; times: number; faults: string[]; figures: string };

/** What a part is asked for. */
export type Asked = { seed: number; run: number | null; count: number; say: (line: string) => void };

/** A part of the suite. */
export type Part = (asked: Asked) => Promise<Row[]>;
