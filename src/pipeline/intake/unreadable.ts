import type { ProblemCheck } from '../report.ts';

/** Ends the reading of a file, from however deep, because of what the file is. Whoever began to read it makes a refusal of it. */
export class Unreadable extends Error {
  override name = 'Unreadable';
  readonly check: ProblemCheck;

  constructor(check: ProblemCheck) {
    super(check);
    this.check = check;
  }
}
