import { ItemError } from '../../core/engine/errors.ts';
import type { UpstreamDeps } from '../../core/http/client.ts';
import type { Budgeted } from '../../core/http/coalesce.ts';
import type { WorkloadPorts } from '../ports.ts';
import { leadErrors } from './lead-errors.ts';
import { groqAccount } from './upstreams/accounts.ts';
import { createGroq, type Groq, type ServiceTier } from './upstreams/groq.ts';
import type { ChatRequest, Completion } from './upstreams/groq-chat.ts';

/** Writes e-mails one by one. */
export interface Writer {
  write(request: ChatRequest, tier: ServiceTier, budget: Budgeted): Promise<Completion>;
}

/** Concurrent calls at the start and at most: as many as rows. */
const concurrency = { start: 20, max: 200 };

/** Each model and tier has its own limits, hence its own client. */
export function createWriter({
  accounts,
  upstreamDeps,
}: Pick<WorkloadPorts, 'accounts' | 'upstreamDeps'>): Writer {
  const clients = new Map<string, Groq>();
  return {
    write(request, tier, budget) {
      const name = clientName(request.model, tier);
      const client = clients.get(name) ?? openClient(name, tier, accounts, upstreamDeps);
      clients.set(name, client);
      return client.chat(request, budget);
    },
  };
}

function openClient(
  name: string,
  tier: ServiceTier,
  accounts: WorkloadPorts['accounts'],
  deps: UpstreamDeps,
): Groq {
  const account = accounts.open(groqAccount);
  return createGroq({ ...account, name, tier, tuning: { concurrency, ...account.tuning }, deps });
}

function clientName(model: string, tier: ServiceTier): string {
  const slug = model.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return `groq-${tier === 'flex' ? 'flex-' : ''}${slug}`;
}

/** The e-mail. Throws `EMAIL_CUT_OFF` or `EMAIL_EMPTY`: neither is fit to send. */
export function bodyOf({ content, finishReason }: Completion): string {
  if (finishReason === 'length') {
    throw new ItemError(leadErrors.EMAIL_CUT_OFF, 'The e-mail is longer than maxEmailTokens allows');
  }
  const body = content
    .replace(/\r\n?/g, '\n')
    // An e-mail needs no control characters but tab and line break, and no data marks.
    .replace(/[^\P{Cc}\t\n]/gu, '')
    .replace(/[⟦⟧]/g, '')
    .trim();
  if (body === '') throw new ItemError(leadErrors.EMAIL_EMPTY, 'The model wrote nothing');
  return body;
}
