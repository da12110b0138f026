/** Numbers that look random and are the same at every seeding (mulberry32). */
export function chanceOf(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const bytes = (count: number) => Buffer.from(Array.from({ length: count }, () => below(256)));
  return {
    next,
    below,
    bytes,
    /** An id as the service would have made it at a moment: UUID version 7. */
    idAt(moment: number): string {
      const raw = bytes(16);
      raw.writeUIntBE(Math.floor(moment), 0, 6);
      raw.writeUInt8((raw.readUInt8(6) & 0x0f) | 0x70, 6);
      raw.writeUInt8((raw.readUInt8(8) & 0x3f) | 0x80, 8);
      return raw.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    },
  };
}

export type Chance = ReturnType<typeof chanceOf>;
