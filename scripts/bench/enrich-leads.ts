/**
 * 1,000 leads at 300 companies: 1 s of search and 2 s of writing each, by stand-ins of Serper (50 searches a second) and
 * Groq (flex tier: 10,000 requests and 3,000,000 tokens a minute), in real time and with their limits. In a faster time a
 * call that comes a few milliseconds after its turn would be lost, and the machine be measured.
 *
 * What is done by hand is measured on a sample of the rows, and its mean is taken for all: one row after the other, and
 * the pool of 20 threads that the workload replaces, without a cache. Spillway's run is a whole job: planned, researched,
 * written, put together, by 15 workers of 20 rows.
 *
 * Limit: the slots' own time, or what the limits allow, whichever is more.
 */
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { randomOf } from '../../src/stand-ins/physics/chance.ts';
import { enrichLeadsOptions } from '../../src/workloads/enrich-leads/schema.ts';
import type { Bench, Report } from './bench.ts';
import { startChild } from './child.ts';
import { pythonCommand } from './latency/python.ts';
import { type SandboxProcess, startSandboxProcess } from './sandbox-process.ts';
import { startWorkers } from './workers.ts';

export interface Setup {
  leads: number;
  companies: number;
  workers: number;
  parallel: number;
  threads: number;
  /** Rows that each thread does by hand, before its mean is taken for all. */
  sample: number;
  timeScale: number;
}

/** Milliseconds of the stand-ins' time. */
const searchMs = 1_000;
const writeMs = 2_000;
const searchesPerSecond = 50;
const latencies = {
  serper: { latency: { kind: 'constant', ms: searchMs } },
  groq: { latency: { kind: 'constant', ms: writeMs } },
} as const;

interface BenchLead {
  company: string;
  domain: string;
  contact: string;
  role: string;
}

/** In no order: a company's leads stand anywhere, as in a list that was gathered over time. */
function leadsOf({ leads, companies }: Setup): BenchLead[] {
  const random = randomOf(1, 'leads');
  const places = Array.from({ length: leads }, (_, n) => ({ n, at: random() })).sort((a, b) => a.at - b.at);
  return places.map(({ n }) => {
    const company = n % companies;
    return {
      company: `Company ${company}`,
      domain: `company-${company}.com`,
      contact: `Contact ${n}`,
      role: 'CTO',
    };
  });
}

export function enrichLeadsBench(setup: Setup): Bench {
  return {
    name: 'enrich-leads',
    group: 'workloads',
    about: `${setup.leads} leads at ${setup.companies} companies, beside one by one and a pool of ${setup.threads} threads`,
    async run(report) {
      const sandbox = await startSandboxProcess(setup.timeScale);
      try {
        const leads = leadsOf(setup);
        const oneByOne = await measure(report, { setup, sandbox, leads, threads: 1, system: 'one by one' });
        await measure(report, {
          setup,
          sandbox,
          leads,
          threads: setup.threads,
          system: `Python, ${setup.threads} threads`,
        });
        await spillway(report, setup, sandbox, leads, oneByOne);
      } finally {
        await sandbox.stop();
      }
    },
  };
}

export const enrichLeadsAtSize = enrichLeadsBench({
  ...{ leads: 1_000, companies: 300, workers: 15, parallel: 20, threads: 20, sample: 10, timeScale: 1 },
});

interface ByHand {
  setup: Setup;
  sandbox: SandboxProcess;
  leads: readonly BenchLead[];
  threads: number;
  system: string;
}

/** The least time for so many slots, by the slots themselves: each row has its own search. */
const slotSeconds = ({ leads, timeScale }: Setup, slots: number) =>
  ((Math.ceil(leads / slots) * (searchMs + writeMs)) / 1000) * timeScale;

/** Resolves to the seconds for all leads, by the mean of a sample. */
async function measure(report: Report, { setup, sandbox, leads, threads, system }: ByHand): Promise<number> {
  report.note(system);
  await sandbox.reset(latencies);
  const some = leads.slice(0, setup.sample * threads);
  const { model, maxEmailTokens: maxTokens } = enrichLeadsOptions.parse({});
  const [serper, groq] = [`${sandbox.url}/serper`, `${sandbox.url}/groq`];
  const input = JSON.stringify({ serper, groq, threads, leads: some, model, maxTokens });
  const program = fileURLToPath(new URL('./enrich-leads/pool.py', import.meta.url));
  const child = startChild(pythonCommand, [program], { input });
  const { seconds: measured, results }: { seconds: number; results: string[] } = JSON.parse(
    await child.output,
  );
  const seconds = (measured * leads.length) / some.length;
  report.row({
    system,
    seconds,
    items: leads.length,
    limitSeconds: slotSeconds(setup, threads),
    checked:
      results.length === some.length && some.every(({ contact }, n) => results[n]?.includes(`${contact},`)),
    extra: { ...(await callsOf(sandbox)), measuredRows: some.length },
  });
  return seconds;
}

async function spillway(
  report: Report,
  setup: Setup,
  sandbox: SandboxProcess,
  leads: readonly BenchLead[],
  oneByOne: number,
): Promise<void> {
  const { workers, parallel, timeScale, companies } = setup;
  report.note(`spillway: ${workers} workers of ${parallel} rows`);
  await sandbox.reset(latencies);
  const crew = await startWorkers({
    workers,
    env: { SPILLWAY_SANDBOX_URL: sandbox.url, SPILLWAY_SANDBOX_TIME_SCALE: String(timeScale) },
  });
  try {
    const lines = leads.map(({ company, domain, contact, role }) =>
      [company, domain, contact, role].join(','),
    );
    const file = ['company,domain,contact,role', ...lines, ''].join('\n');
    const cpu = process.cpuUsage();
    const { job, seconds } = await crew.run('enrich-leads', file, { parallel, tier: 'flex' });
    const { user, system } = process.cpuUsage(cpu);
    const rows: Record<string, string>[] = parse(await crew.read(job.files?.output ?? ''), { columns: true });
    const calls = await callsOf(sandbox);
    const searching =
      (Math.max(0, companies - searchesPerSecond) / searchesPerSecond + searchMs / 1000) * timeScale;
    report.row({
      system: 'spillway',
      seconds,
      items: leads.length,
      limitSeconds: Math.max(slotSeconds(setup, workers * parallel), searching),
      checked:
        job.status === 'completed' &&
        calls.searches === companies &&
        rows.length === leads.length &&
        leads.every(
          ({ contact }, n) => rows[n]?.contact === contact && rows[n]?.email_body?.includes(`${contact},`),
        ),
      extra: { ...calls, timesOneByOne: oneByOne / seconds, cpuSeconds: (user + system) / 1e6 },
    });
  } finally {
    await crew.stop();
  }
}

async function callsOf(sandbox: SandboxProcess) {
  const operations = await sandbox.stats();
  const of = (api: string, operation: string) =>
    operations.find((stats) => stats.api === api && stats.operation === operation);
  const [search, chat] = [of('serper', 'search'), of('groq', 'chat')];
  return {
    searches: search?.admitted ?? 0,
    chats: chat?.admitted ?? 0,
    refused: (search?.rejected ?? 0) + (chat?.rejected ?? 0),
  };
}
