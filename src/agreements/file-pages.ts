import { actorOf, callerOf, type Role, roles } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import type { Database, Db } from '../platform/database.ts';
import type { Route } from '../platform/http/index.ts';
import { showInstant } from '../platform/pure/dates.ts';
import { refuse } from '../platform/refusal.ts';
import { forms, type Standing, unsigned } from './export/forms.ts';
import { writeInThread } from './export/write-in-thread.ts';
import { proofsOf } from './proofs.ts';
import { findAgreement, type KeptAgreement } from './store.ts';
import { exportAgreement } from './verify-agreement.ts';

const notFound = {
  refused: refuse('not-found', 'agreement.not-found', 'Your organisation has no such agreement.'),
};

/** An agreement as files, for its parties: signed, as YAML, and as Word and PDF to read and print. */
export function fileRoutes(database: Database): Route[] {
  const written = (['docx', 'pdf', 'yaml'] as const).map(
    (form): Route => ({
      method: 'GET',
      path: paths.writtenAgreement(':reference', form),
      who: 'signed-in',
      handle: async ({ visitor, params }) => {
        const reference = params['reference'] ?? '';
        const found = await database.read(actorOf(callerOf(visitor)), async (db) => {
          const kept = await findAgreement(db, reference);
          return kept && { agreement: kept.agreement, standing: await standingOf(db, kept) };
        });
        if (!found) return notFound;
        const file = await writeInThread({ form, ...found });
        return Buffer.isBuffer(file)
          ? { file, name: `${reference}.${form}`, type: forms[form] }
          : { refused: file };
      },
    }),
  );
  return [
    ...written,
    {
      method: 'GET',
      path: paths.signedAgreement(':reference'),
      who: 'signed-in',
      handle: async ({ visitor, params }) => {
        const reference = params['reference'] ?? '';
        const kept = await database.read(actorOf(callerOf(visitor)), (db) => findAgreement(db, reference));
        if (!kept || kept.signatures.length === 0) return notFound;
        const file = Buffer.from(exportAgreement(kept));
        return { file, name: `${reference}.json`, type: 'application/json' };
      },
    },
  ];
}

/** Who has signed an agreement, proved now; its files are dated with the last signature. */
async function standingOf(db: Db, kept: KeptAgreement): Promise<Standing> {
  const proofs = await proofsOf(db, kept);
  const signatures = kept.signatures.flatMap(({ organisationId, role, signedAt }) => {
    const proof = proofs.find((one) => one.organisationId === organisationId);
    if (!proof) return [];
    const { organisation, fingerprint, proved } = proof;
    return [
      { organisation, role: roles[role as Role] ?? role, at: showInstant(signedAt), fingerprint, proved },
    ];
  });
  const at = kept.signatures
    .map(({ signedAt }) => signedAt)
    .sort()
    .at(-1);
  return at === undefined ? unsigned(kept.agreement) : { signatures, open: 0, at };
}
