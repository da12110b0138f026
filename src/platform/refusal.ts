/** Why something was not done. The kind says what sort of no it is; the web and the command line each have one table from kind to number. */
export type RefusalKind =
  /** Nobody, or a person without the role. */
  | 'no-authority'
  /** It is not there, or not yours to see: the two look alike. */
  | 'not-found'
  /** It cannot be done in the state things are in. */
  | 'conflict'
  /** What was given cannot be understood. */
  | 'invalid'
  /** Something of ours must be put right first, and only who runs the service can. */
  | 'stopped'
  /** What was given is not what it says it is, or was not made by whom it should be. */
  | 'unverified'
  /** Too many wrong attempts. It says when to try again. */
  | 'wait'
  /** The rules or the data say no. */
  | 'rules';

/** A refusal is a value: a code that stays the same, and words that say what happened and what to do. */
export type Refusal = {
  ok: false;
  kind: RefusalKind;
  code: string;
  says: string;
  /** The form field it is about, where there is one. */
  field?: string;
  /** Seconds until trying again can help, where that is known. */
  retryAfter?: number;
};

/** A refusal, ready to return. */
export function refuse(kind: RefusalKind, code: string, says: string, field?: string): Refusal {
  return { ok: false, kind, code, says, ...(field === undefined ? {} : { field }) };
}

/** What is wrong with a form, as its schema found it: the first thing about each field, in the form's order. */
export function refuseForm(
  code: string,
  issues: readonly { path: readonly PropertyKey[]; message: string }[],
): readonly [Refusal, ...Refusal[]] {
  const fieldOf = (issue: { path: readonly PropertyKey[] }) => String(issue.path[0] ?? '');
  const [first, ...rest] = issues
    .filter((one, at) => issues.findIndex((other) => fieldOf(other) === fieldOf(one)) === at)
    .map((one) => refuse('invalid', `${code}.${fieldOf(one)}`, one.message, fieldOf(one)));
  if (!first) throw new Error('A form was refused, and nothing is wrong with it');
  return [first, ...rest];
}
