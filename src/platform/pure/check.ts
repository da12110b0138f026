/** One thing that was verified: its name, whether it holds, and what was seen. */
export type Check = {
  name: string;
  ok: boolean;
  detail: string;
  /** Does not by itself fail a verification: it asks a person to compare. */
  advisory?: boolean;
};

/** Whether a verification holds: every check that is not advisory does. */
export function allHold(checks: Check[]): boolean {
  return checks.every((check) => check.ok || check.advisory === true);
}
