import type { UpstreamErrorCode } from './upstream-error.ts';

/** An HTTP answer. */
export interface Answer {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  /** The parsed body if it is JSON, otherwise its text. */
  body: unknown;
  /** The body is no JSON. */
  isText?: true;
}

/** What an answer means for the call, for the shared limits and for other calls. */
export type Verdict =
  /**
   * `spent`: units that the call really took, by rate; `pauseMs`: how long the upstream wants no calls, in
   * milliseconds.
   */
  | { kind: 'fine'; spent?: Readonly<Record<string, number>>; pauseMs?: number }
  /** Too fast. The call is not at fault: it waits and is sent again. */
  | { kind: 'throttled'; pauseMs?: number }
  | {
      kind: 'failed';
      code: UpstreamErrorCode;
      /** In the upstream's own words, if it gave any. */
      message: string;
      retryable: boolean;
      /** The upstream itself is in trouble, not just this call. */
      down: boolean;
    };

/** Statuses besides 5xx that a retry may change (RFC 9110; 425: RFC 8470). */
const transient: ReadonlySet<number> = new Set([408, 425]);
/** 501 and 505: a retry can never help. */
const never: ReadonlySet<number> = new Set([501, 505]);

/** The verdict by HTTP's rules. An upstream with its own conventions applies its judgement first. */
export function httpVerdict({ status, headers, body }: Answer): Verdict {
  if (status >= 200 && status < 300) return { kind: 'fine' };
  const pause = pauseOf(headers);
  if (status === 429 || (status === 503 && headers['retry-after'] !== undefined)) {
    return { kind: 'throttled', ...pause };
  }
  const message = `${status} ${excerpt(body)}`.trim();
  if (status >= 500 || transient.has(status)) {
    const retryable = !never.has(status);
    return { kind: 'failed', code: 'UPSTREAM_FAILED', message, retryable, down: retryable };
  }
  const code =
    status === 401 || status === 402 || status === 403 ? 'CREDENTIALS_REFUSED' : 'UPSTREAM_REFUSED';
  return { kind: 'failed', code, message, retryable: false, down: false };
}

/** HTTP's verdict for an API that must answer with JSON: a page of a proxy or a login, say, is a failure. */
export function jsonVerdict(answer: Answer): Verdict {
  const verdict = httpVerdict(answer);
  if (verdict.kind !== 'fine' || !answer.isText) return verdict;
  const message = `${answer.status}, but the answer is no JSON: ${excerpt(answer.body)}`.trim();
  return { kind: 'failed', code: 'UPSTREAM_FAILED', message, retryable: true, down: false };
}

/** `Retry-After` in seconds or as a date (RFC 9110, 10.2.3). */
function pauseOf(headers: Answer['headers']): { pauseMs?: number } {
  const value = headers['retry-after'];
  if (value === undefined) return {};
  const ms = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? { pauseMs: Math.max(0, ms) } : {};
}

const excerptLength = 200;

function excerpt(body: unknown): string {
  const text = typeof body === 'string' ? body : (JSON.stringify(body) ?? '');
  return text.length > excerptLength ? `${text.slice(0, excerptLength)}…` : text;
}
