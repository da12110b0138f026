import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { type Agreement, parseAgreement } from '../../src/agreements/index.ts';
import { agreementSignatureType } from '../../src/agreements/sign-agreement.ts';
import { canonicalJson } from '../../src/platform/pure/canonical-json.ts';
import { sha256Hex } from '../../src/platform/pure/hash.ts';
import type { SeededAct } from './acts.ts';
import { type Body, personWith } from './bodies.ts';
import { insertAll } from './bulk.ts';
import type { Chance } from './chance.ts';

const day = 86_400_000;

/** An agreement of the seeded instance: `from` shares with `to`. */
export type SeededAgreement = {
  id: string;
  from: Body;
  to: Body;
  agreement: Agreement;
  digest: string;
  signed: boolean;
};

/**
 * Agreements with the words of the example's, each between two bodies of its own and signed by both with their own keys.
 * One in fifty is a draft that its proposer has signed, and one in seven has run out.
 */
export async function makeAgreements(
  database: pg.Client,
  pairs: readonly { from: Body; to: Body }[],
  chance: Chance,
  { since, now }: { since: number; now: number },
  acts: SeededAct[],
): Promise<SeededAgreement[]> {
  const example = readFileSync(join(import.meta.dirname, '../../examples/isa-2026-001.yaml'), 'utf8');
  const parsed = parseAgreement(example);
  if (!parsed.ok) throw new Error('The example is not an agreement');
  const words = canonicalJson(parsed.agreement);
  const made: SeededAgreement[] = [];
  const rows: Record<string, unknown>[] = [];
  const signatures: Record<string, unknown>[] = [];
  for (const [number, { from, to }] of pairs.entries()) {
    const draft = number > 0 && number % 50 === 0;
    const expired = number % 7 === 3 && !draft;
    const createdAt = draft ? now - (3 + chance.below(60)) * day : since + chance.below(60) * day;
    const endsOn = dayOf(
      expired ? now - (1 + chance.below(300)) * day : now + (1 + chance.below(1000)) * day,
    );
    const agreement: Agreement = {
      ...(JSON.parse(between(words, from, to)) as Agreement),
      reference: `ISA-${1000 + number}`,
      title: `Information sharing agreement ${1000 + number} between ${from.name} and ${to.name}`,
      startsOn: dayOf(createdAt + 15 * day),
      endsOn,
    };
    const document = canonicalJson(agreement);
    const digest = `sha256:${sha256Hex(document)}`;
    const id = chance.idAt(createdAt);
    const parties = [from.id, to.id].sort();
    made.push({ id, from, to, agreement, digest, signed: !draft });
    rows.push({
      id,
      reference: agreement.reference,
      version: 1,
      state: draft ? 'draft' : 'signed',
      title: agreement.title,
      starts_on: agreement.startsOn,
      ends_on: endsOn,
      digest,
      document,
      created_at: new Date(createdAt).toISOString(),
      parties,
    });
    const about = { parties, subject: { id, type: 'agreement' } };
    acts.push({
      ...about,
      id: chance.idAt(createdAt),
      at: createdAt,
      act: 'agreement.proposed',
      by: from.id,
      person: personWith(from, 'information-asset-owner').id,
      detail: { digest, reference: agreement.reference, version: 1 },
    });
    for (const [place, body] of (draft ? [from] : [from, to]).entries()) {
      const role = body === from ? 'information-asset-owner' : 'chief-executive';
      const at = createdAt + (place + 1) * day;
      const signedAt = new Date(at).toISOString();
      const header = { typ: agreementSignatureType, organisation: body.slug, role, signedAt };
      const signature = body.sign(header, Buffer.from(document));
      const person = personWith(body, role).id;
      signatures.push({
        agreement_id: id,
        organisation_id: body.id,
        person_id: person,
        role,
        protected_header: signature.protected,
        signature: signature.signature,
        public_key: canonicalJson(body.keys.signing),
        signed_at: signedAt,
        parties,
      });
      acts.push({
        ...about,
        id: chance.idAt(at),
        at,
        act: 'agreement.signed',
        by: body.id,
        person,
        detail: { digest, reference: agreement.reference, role, signature: signature.signature },
      });
    }
  }
  await insertAll(database, 'agreements', rows);
  await insertAll(database, 'agreement_signatures', signatures);
  return made;
}

function between(words: string, from: Body, to: Body): string {
  return words
    .replaceAll('westmarch-police', from.slug)
    .replaceAll('westmarch-opcc', to.slug)
    .replaceAll('Chief Constable of Westmarch Police', from.name)
    .replaceAll('Police and Crime Commissioner for Westmarch', to.name)
    .replaceAll('Westmarch Police', from.name);
}

function dayOf(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10);
}
