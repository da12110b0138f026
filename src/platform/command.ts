import {
  buildCommand,
  type Command,
  type CommandContext,
  type FlagParametersForType,
  type StricliProcess,
} from '@stricli/core';
import type { Config } from './config.ts';
import type { Instance, Opening } from './instance.ts';
import type { Json } from './pure/canonical-json.ts';
import { withoutControls } from './pure/words.ts';
import type { Refusal, RefusalKind } from './refusal.ts';

/** What a command answers: one JSON document for machines, a report for people, and the number it exits with. */
export type Outcome = { exit: number; json: Json; text: string };

/** The numbers a command exits with. */
export const exits = {
  done: 0,
  fault: 1,
  usage: 2,
  noAuthority: 3,
  notFound: 4,
  conflict: 5,
  smallerSet: 10,
  refused: 11,
  notVerified: 12,
} as const;

const exitOf: Record<RefusalKind, number> = {
  'no-authority': exits.noAuthority,
  'not-found': exits.notFound,
  conflict: exits.conflict,
  stopped: exits.conflict,
  invalid: exits.usage,
  unverified: exits.notVerified,
  wait: exits.conflict,
  rules: exits.refused,
};

/** What a command has at hand. The instance is opened when first asked for, and closed by whoever runs the command. */
export type CommandAt = CommandContext & {
  process: StricliProcess;
  /** Where the caller stands: paths that are not absolute start here. */
  folder: string;
  now: string;
  /** What the environment asks for. Throws `CannotStart`. */
  config(): Config;
  instance(opening: Opening): Promise<Instance>;
};

/** A refusal, as a command answers it. */
export function refusedOutcome(refusal: Refusal): Outcome {
  const { kind, code, says } = refusal;
  return { exit: exitOf[kind], json: { error: { code, says } }, text: says };
}

type WithJson<Flags> = Flags & { json: boolean };

/**
 * A command with `--json`. With it, standard output is one JSON document, also when the answer is no; without it, the
 * report for people. What the flags are is said by stricli's own parameter types.
 */
export function command<
  Flags extends Readonly<Record<string, unknown>>,
  Args extends readonly string[] = [],
>(about: {
  brief: string;
  full?: string;
  flags: FlagParametersForType<Flags, CommandAt>;
  args?: { [at in keyof Args]: { brief: string; placeholder: string } } | 'many files';
  run: (at: CommandAt, flags: Flags, ...args: Args) => Promise<Outcome>;
}): Command<CommandAt> {
  const parse = (text: string) => text;
  const positional =
    about.args === 'many files'
      ? {
          kind: 'array' as const,
          minimum: 1,
          parameter: { brief: 'What to look at', placeholder: 'PATH', parse },
        }
      : {
          kind: 'tuple' as const,
          parameters: (about.args ?? []).map((arg: { brief: string; placeholder: string }) => ({
            ...arg,
            parse,
          })),
        };
  return buildCommand({
    docs: { brief: about.brief, ...(about.full === undefined ? {} : { fullDescription: about.full }) },
    parameters: {
      flags: {
        ...about.flags,
        json: { kind: 'boolean', brief: 'Print one JSON document', default: false, withNegated: false },
      },
      positional,
    } as never,
    func: async function (this: CommandAt, flags: WithJson<Flags>, ...args: Args) {
      const outcome = await about.run(this, flags, ...args);
      const text = withoutControls(flags.json ? JSON.stringify(outcome.json, null, 2) : outcome.text);
      const toError = !flags.json && outcome.exit !== 0 && isError(outcome.json);
      (toError ? this.process.stderr : this.process.stdout).write(`${text}\n`);
      this.process.exitCode = outcome.exit;
    } as never,
  });
}

/** A flag that takes one value and must be given. */
export function value(placeholder: string, brief: string) {
  const parse = (text: string) => {
    if (text.trim() === '') throw new Error('it is empty');
    return text;
  };
  return { kind: 'parsed' as const, parse, placeholder, brief };
}

/** A flag that takes one value and may be given several times, or not at all. */
export function values(placeholder: string, brief: string) {
  return { ...value(placeholder, brief), variadic: true as const, optional: true as const };
}

/** A flag that takes one value and may be left out. */
export function optionalValue(placeholder: string, brief: string) {
  return { ...value(placeholder, brief), optional: true as const };
}

/** A flag that may be given several times, and must be once; each value is one of `allowed`. */
export function oneOfSeveral<Word extends string>(allowed: readonly Word[], brief: string) {
  const parse = (text: string) => {
    const word = allowed.find((one) => one === text);
    if (word === undefined) throw new Error(`there is no ${text}; there are ${allowed.join(', ')}`);
    return word;
  };
  return { kind: 'parsed' as const, parse, placeholder: 'WORD', brief, variadic: true as const };
}

function isError(json: Json): boolean {
  return typeof json === 'object' && json !== null && 'error' in json;
}
