type Key = Readonly<Record<string, string>>;
type Fields = Readonly<Record<string, unknown>>;
type Kept = Record<string, unknown>;

/** A workload's records in memory. */
export function memoryRecords() {
  const all = new Map<string, Kept>();
  const idOf = (key: Key) => JSON.stringify(Object.values(key));
  const now = () => new Date().toISOString();
  return {
    async upsert(key: Key, fields: Fields, signal: AbortSignal): Promise<void> {
      signal.throwIfAborted();
      const before = all.get(idOf(key)) ?? { createdAt: now() };
      all.set(idOf(key), { ...before, ...key, ...structuredClone(fields), updatedAt: now() });
    },

    async get(key: Key): Promise<Kept | undefined> {
      return structuredClone(all.get(idOf(key)));
    },

    async *list(partition: Key, _pageSize: number, after?: Key): AsyncGenerator<Kept> {
      const [[name = '', value] = []] = Object.entries(partition);
      const found = [...all].filter(([id, record]) => record[name] === value && (!after || id > idOf(after)));
      found.sort(([one], [other]) => (one < other ? -1 : 1));
      for (const [, record] of found) yield structuredClone(record);
    },

    async change(key: Key, fields: Fields, updatedAt: string): Promise<Kept | undefined> {
      const before = all.get(idOf(key));
      if (before?.updatedAt !== updatedAt) return undefined;
      const later = new Date(Math.max(Date.now(), Date.parse(updatedAt) + 1)).toISOString();
      const record = { ...before, ...structuredClone(fields), updatedAt: later };
      all.set(idOf(key), record);
      return structuredClone(record);
    },

    async remove(key: Key): Promise<void> {
      all.delete(idOf(key));
    },
  };
}
