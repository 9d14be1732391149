import { postponedIn } from '../../core/engine/errors.ts';
import type { ItemContext, Workload } from '../../core/jobs/workload.ts';
import { defineWorkload } from '../define.ts';
import type { WorkloadPorts } from '../ports.ts';
import { createBatchWriter } from './batch-writer.ts';
import { bodyOf, createWriter } from './emails.ts';
import { leadOf } from './lead.ts';
import { leadFigures } from './plan.ts';
import { createProgress } from './progress.ts';
import { columnsOf, emailRequest } from './prompt.ts';
import { createResearcher } from './research.ts';
import {
  type EnrichLeadsOptions,
  enrichLeadsOptions,
  type LeadRow,
  leadRow,
  optionalColumns,
  requiredColumns,
  sliceSize,
} from './schema.ts';
import { groqAccount, serperAccount } from './upstreams/accounts.ts';

type Context = ItemContext<EnrichLeadsOptions>;

/** A lead's own columns, the research and the e-mail. */
type EnrichedLead = LeadRow & {
  research: string;
  /** Separated by blanks. */
  research_sources: string;
  email_body: string;
};

/**
 * Researches each lead's company on the web, once for all leads with the same domain, and has a language model
 * write an e-mail to the contact. It sends nothing, so a redelivery has no outside effect to repeat.
 */
export function enrichLeads(ports: WorkloadPorts): Workload {
  const { metrics } = ports.upstreamDeps;
  const researcher = createResearcher(ports);
  const writer = createWriter(ports);
  const batches = createBatchWriter(ports);
  const progress = createProgress();

  const enrich = async (row: LeadRow, context: Context): Promise<EnrichedLead> => {
    const { options, index } = context;
    // Taken before the research, so that a batch knows which rows to wait for.
    const seat = options.emailMode === 'batch' ? batches.enter(context) : undefined;
    try {
      const lead = leadOf(row);
      const { summary, sources } = await researcher.research(lead.domain, options, context);
      const request = emailRequest({ row, lead, research: summary, options, seed: index });
      const completion = await (seat ? seat.write(request) : writer.write(request, options.tier, context));
      const email_body = bodyOf(completion);
      metrics.count('EnrichLeads/Emails', 1);
      metrics.count('EnrichLeads/Tokens', completion.promptTokens + completion.completionTokens);
      return { ...row, research: summary, research_sources: sources.join(' '), email_body };
    } finally {
      seat?.leave();
    }
  };

  return defineWorkload<LeadRow, EnrichLeadsOptions, EnrichedLead>({
    name: 'enrich-leads',
    description: 'Researches companies on the web and writes an e-mail to each lead',
    item: leadRow,
    options: enrichLeadsOptions,
    columns: ({ prompt }) => [...new Set([...requiredColumns, ...columnsOf(prompt)])],
    optionalColumns,
    upstreams: [serperAccount, groqAccount],
    limits: { concurrency: 20, sliceSize, checkpointMs: 1_000, expectedMsPerUnit: 3_500 },
    figures: (options) => leadFigures(options, ports.accounts),
    decisiveOptions: ({ parallel: _, tier: __, ...decisive }) => decisive,
    weight: () => 1,
    tune: ({ parallel, emailMode }) => ({ concurrency: emailMode === 'batch' ? sliceSize : parallel }),
    async run(row, context) {
      progress.begin(context);
      try {
        const enriched = await enrich(row, context);
        progress.end(context, false);
        return enriched;
      } catch (error) {
        const decided = !(context.signal.aborted || postponedIn(error));
        if (decided) progress.end(context, true);
        throw error;
      }
    },
  });
}
