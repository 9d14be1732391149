import type { ZodType } from 'zod';

/** Something that a workload has made and keeps for a tenant. */
export interface CatalogEntry {
  /** Unique for the tenant. */
  catalogId: string;
}

/** A file of entries in somebody else's format, written entry by entry. */
export interface ExportFormat {
  readonly contentType: string;
  /** What a file begins with. `fields`: the custom fields that get columns of their own. */
  start(fields: readonly string[]): string;
  /** An entry's part of the file. */
  text(entry: CatalogEntry, fields: readonly string[]): string;
}

/** What a workload has made and keeps. Every call sees one tenant's entries only. */
export interface Catalog {
  /** Schema of an entry as its tenant sees it. */
  readonly schema: ZodType<CatalogEntry>;
  /** Schema of the part of an entry that its tenant may change. */
  readonly metadata: ZodType;
  readonly formats: Readonly<Record<string, ExportFormat>>;
  /** The entries in the order of their ids, those after `after`; read `pageSize` at a time. */
  entries(tenant: string, pageSize: number, after?: string): AsyncIterable<CatalogEntry>;
  /** Undefined if the tenant has no such entry. */
  entry(tenant: string, catalogId: string): Promise<CatalogEntry | undefined>;
  /**
   * Changes an entry's metadata. `edit` gets what is there, and the schema that the result must fit; it may be called
   * again if the entry changes meanwhile, and `busy` is that it always did.
   */
  change(
    tenant: string,
    catalogId: string,
    edit: (metadata: unknown, schema: ZodType) => unknown,
  ): Promise<CatalogEntry | 'missing' | 'busy'>;
  /** Removes an entry with all its objects. Repeating it changes nothing. */
  remove(tenant: string, catalogId: string): Promise<void>;
}
