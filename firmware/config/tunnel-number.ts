const FIRST_HASHED = 0x1000;
const LAST = 0xffff;

/**
 * Gives each tunnel a number from 1 to 65535 that depends on its name, so that adding one on a reload leaves the others
 * alone: `Tunnel7` is 8; a name without a small number at its end gets one from 4096 up by a hash. Where two names meet,
 * the later in alphabetical order steps aside.
 */
export function tunnelNumbers(names: readonly string[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  const taken = new Set<number>();
  for (const name of [...names].sort()) {
    let number = preferred(name);
    while (taken.has(number))
      number = number >= LAST ? FIRST_HASHED : Math.max(number + 1, FIRST_HASHED);
    taken.add(number);
    numbers.set(name, number);
  }
  return numbers;
}

function preferred(name: string): number {
  const ending = /^Tunnel(0|[1-9]\d{0,3})$/i.exec(name)?.[1];
  if (ending !== undefined && Number(ending) + 1 < FIRST_HASHED) return Number(ending) + 1;
  // FNV-1a, 32 bits.
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++)
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193) >>> 0;
  return FIRST_HASHED + (hash % (LAST - FIRST_HASHED + 1));
}
