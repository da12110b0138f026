import { posix } from 'node:path';
import { readXml } from './xml.ts';
import type { Archive } from './zip.ts';

/** What a part of an office file refers to: another part, by its name in small letters, or an address outside. */
export type Relation = { id: string; type: string; part: string; outside: boolean };

/** What a part refers to; the archive itself where no part is named. Throws `Unreadable` where it does not say. */
export async function relationsOf(archive: Archive, of: string): Promise<Relation[]> {
  const part = posix.join(posix.dirname(of), '_rels', `${posix.basename(of)}.rels`);
  const relations: Relation[] = [];
  await readXml(archive.read(part.toLowerCase()), {
    open(name, { Id = '', Type = '', Target = '', TargetMode }) {
      if (name !== 'Relationship') return;
      const outside = TargetMode === 'External';
      const inside = Target.startsWith('/') ? Target.slice(1) : posix.join(posix.dirname(of), Target);
      const to = outside ? Target : inside.toLowerCase();
      relations.push({ id: Id, type: posix.basename(Type), part: to, outside });
    },
  });
  return relations;
}
