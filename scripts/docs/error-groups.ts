import { edgeErrors } from '../../handlers/edge/edge-errors.ts';
import { commandErrors } from '../../src/cli/command-errors.ts';
import { clientErrors } from '../../src/client/client-errors.ts';
import { environmentErrors } from '../../src/core/engine/environment.ts';
import { type DeclaredError, itemErrors } from '../../src/core/engine/errors.ts';
import { forecastErrors } from '../../src/core/forecast/forecast-errors.ts';
import { fileErrors } from '../../src/core/formats/file-error.ts';
import { formatErrors } from '../../src/core/formats/format-errors.ts';
import { rowProblems } from '../../src/core/formats/rows.ts';
import { accountErrors } from '../../src/core/http/accounts.ts';
import { downloadErrors } from '../../src/core/http/download-error.ts';
import { httpErrors } from '../../src/core/http/http-errors.ts';
import { upstreamErrors } from '../../src/core/http/upstream-error.ts';
import { jobErrors } from '../../src/core/jobs/model/job-errors.ts';
import { portErrors } from '../../src/core/jobs/model/port-errors.ts';
import { limitErrors } from '../../src/core/limits/limit-errors.ts';
import { gatewayErrors, localErrors } from '../../src/local/local-errors.ts';
import { analysisErrors } from '../../src/workloads/analyze-products/analysis-errors.ts';
import { callErrors } from '../../src/workloads/call-api/call-errors.ts';
import { photoErrors } from '../../src/workloads/create-products/pictures/photo-errors.ts';
import { productErrors } from '../../src/workloads/create-products/product-errors.ts';
import { echoErrors } from '../../src/workloads/echo/echo-errors.ts';
import { leadErrors } from '../../src/workloads/enrich-leads/lead-errors.ts';
import { extractErrors } from '../../src/workloads/extract-files/extract-error.ts';
import { cardErrors } from '../../src/workloads/recommend-cards/card-errors.ts';
import { workloadErrors } from '../../src/workloads/workload-errors.ts';

/** Declarations that belong together for a reader, whichever rooms they come from. */
export interface ErrorGroup {
  title: string;
  /** Where one meets these codes. */
  intro: string;
  declarations: readonly Readonly<Record<string, DeclaredError>>[];
}

/** Every declaration of the project, in the order of `docs/errors.md`. */
export const errorGroups: readonly ErrorGroup[] = [
  {
    title: 'Requests and jobs',
    intro: 'In problem documents, in the `error` of an outcome, and in the `error` and `lastError` of a job.',
    declarations: [edgeErrors, jobErrors, itemErrors],
  },
  {
    title: 'Files and rows',
    intro: 'A file with one of these cannot be used. The codes without a status fail one row, and no other.',
    declarations: [fileErrors, rowProblems],
  },
  {
    title: 'Photos and products',
    intro: 'In the outcomes of `create-products`.',
    declarations: [photoErrors, productErrors],
  },
  { title: 'Documents', intro: 'In the outcomes of `extract-files`.', declarations: [extractErrors] },
  { title: 'Leads', intro: 'In the outcomes of `enrich-leads`.', declarations: [leadErrors] },
  {
    title: 'Product analysis',
    intro: 'In the outcomes of `analyze-products`.',
    declarations: [analysisErrors],
  },
  {
    title: 'Calls of any API',
    intro: 'In the outcomes of `call-api` and `recommend-cards`, and when their options are read.',
    declarations: [callErrors, cardErrors],
  },
  { title: 'Trials', intro: 'In the outcomes of `echo`.', declarations: [echoErrors] },
  {
    title: 'Upstreams',
    intro: 'In the outcomes of every workload that calls an upstream.',
    declarations: [upstreamErrors, limitErrors, httpErrors],
  },
  {
    title: 'Downloads and webhooks',
    intro: 'In the `lastError` of a webhook, and as the cause of a photo that could not be fetched.',
    declarations: [downloadErrors],
  },
  {
    title: 'The service itself',
    intro: 'In logs, when the service starts, and in the `lastError` of a job that waits.',
    declarations: [environmentErrors, accountErrors, workloadErrors, portErrors, formatErrors],
  },
  {
    title: 'One machine',
    intro: 'When a service starts on one machine, and in the answers of its gateway.',
    declarations: [localErrors, gatewayErrors],
  },
  {
    title: 'The command',
    intro: 'From `spillway` itself. It shows the errors of the service with their own codes.',
    declarations: [commandErrors, clientErrors, forecastErrors],
  },
];
