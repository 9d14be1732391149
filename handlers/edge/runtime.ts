import type { JobsContext } from '../../src/core/jobs/model/jobs-context.ts';
import { openService } from '../../src/service.ts';
import { readSettings, type ServiceSettings } from '../../src/settings.ts';
import { deadline } from './deadline.ts';
import { log, metrics } from './powertools.ts';

/** Made once per instance, at cold start: a wrong configuration stops the function before its first event. */
export const settings: ServiceSettings = readSettings(process.env);
export const jobs: JobsContext = openService(settings, log, metrics, deadline);
