/** Ends the reading of a file, from however deep, because of what the file is. Whoever began to read it makes a refusal of it. */
export class Unreadable<Why extends string = string> extends Error {
  override name = 'Unreadable';
  readonly check: Why;

  constructor(check: Why) {
    super(check);
    this.check = check;
  }
}
