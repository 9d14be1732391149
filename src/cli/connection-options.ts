/** The options of every command that talks to a service. */
export interface ConnectionOptions {
  endpoint?: string;
  apiKey?: string;
  dataDir: string;
  maxWorkers?: number;
  verbose?: boolean;
  /** The command waits for work to finish, so an embedded service starts its workers in advance. */
  works?: boolean;
}

/** The caller of the embedded service. */
export const embeddedTenant = 'local';
