import type { ConfigFile } from './config-file.ts';
import { cardConfig } from './recommend-cards/config-file.ts';

/** How the configuration files of those workloads are read that have their own kind, by workload. */
export const configFiles: ReadonlyMap<string, ConfigFile> = new Map([['recommend-cards', cardConfig]]);
