import { SpillwayError } from '../engine/errors.ts';
import { type Forecast, scaleWith } from './forecast.ts';
import { forecastErrors } from './forecast-errors.ts';
import { bytesText, countText, durationText, numberText } from './units.ts';

export interface LetterOptions {
  /** The upstream's name in the plan. */
  upstream: string;
  /** Who sends the letter, and how to reach them. */
  from?: string;
  contact?: string;
  /** When the run should start: a date that `Date` can parse. */
  startsAt?: string;
  /** One of the forecast's numbers of workers. Default: the adaptive one. */
  workers?: number;
}

/**
 * A letter that tells an upstream's owner about a large run in advance. It describes the behaviour of
 * `src/core/http/client.ts`, `fault.ts`, `key-gate.ts` and `retry-budget.ts` beside it, and `src/core/limits/breaker.ts`
 * with their defaults. Throws `UPSTREAM_UNKNOWN`, `SCALE_UNKNOWN` or `DATE_INVALID`, naming the value.
 */
export function letter(forecast: Forecast, options: LetterOptions): string {
  const { upstream, from, contact, startsAt, workers } = options;
  const { plan, volumes } = forecast;
  const scale = scaleWith(forecast, workers);
  const planned = plan.upstreams.find(({ name }) => name === upstream);
  const volume = volumes.find((one) => one.upstream === upstream);
  const load = scale.loads.find((one) => one.upstream === upstream);
  if (!planned || !volume || !load) {
    const known = plan.upstreams.map(({ name }) => name).join(', ') || 'none';
    throw new SpillwayError(
      forecastErrors.UPSTREAM_UNKNOWN,
      `The plan has no upstream '${upstream}'; it has: ${known}`,
    );
  }
  const limited = planned.rates.length > 0;
  const average = `about ${numberText(load.underWay)}`;
  const underWay = plan.callsOf
    ? `of which at most ${scale.workers} are under way at the same time, ${average} on average`
    : `from ${scale.workers} worker${scale.workers === 1 ? '' : 's'}, with ${average} under way at the same time`;
  const throughout = 'all our workers stop calling you for as long as it says';
  const onlyOne =
    'the call waits for as long as it says, and each worker that hears it makes fewer calls at a time';

  const paragraphs = [
    `Subject: About ${countText(volume.requests)} requests to ${upstream}, ${startText(startsAt)}`,
    'Hello,',
    `${from ?? 'We'} will run a batch (${plan.name}, ${countText(plan.items)} items) that calls ${upstream}. Please tell us ` +
      'beforehand if any of this does not suit you: we can change all of it.',
    [
      'What to expect',
      `- Start: ${startText(startsAt)}. It will take about ${durationText(scale.durationMs)}.`,
      `- Peak: about ${numberText(load.requestsPerSecond)} requests per second, ${underWay}.`,
      ...(limited
        ? [
            `- Limit that we keep, all workers together: ${planned.rates.map(rateText).join('; ')}. ` +
              'It is never exceeded, retries included.',
          ]
        : ['- We know of no limit on your side. If there is one, we will keep to it exactly.']),
      `- In total: about ${countText(volume.requests)} requests; ${bytesText(volume.bytesIn)} from you, ` +
        `${bytesText(volume.bytesOut)} to you.`,
      `- Per day: at most about ${countText(load.requestsPerDay)} requests and ${bytesText(load.bytesPerDay)}.`,
      `- Bandwidth at the peak: about ${numberText(load.inMbps)} Mbit/s from you, ` +
        `${numberText(load.outMbps)} Mbit/s to you.`,
    ].join('\n'),
    [
      'When something fails',
      '- A request is tried at most three times, with growing, random pauses. Retries are at most a tenth of the ' +
        'requests, plus ten that each worker keeps in reserve, however much fails.',
      `- On 429, or 503 with Retry-After, we do not count a failure: ${limited ? throughout : onlyOne}. ` +
        'Without Retry-After we choose the pause, which grows up to 20 s.',
      '- After five failures in a row in one worker (5xx, timeouts, no connection), or when one request keeps failing ' +
        'and no other is answered, all of them stop. To be sure we may repeat a request that you have answered. One ' +
        'request every 5 s, of all workers together, checks whether you are back; after a minute the run is set ' +
        'aside, and tried again less and less often, down to every five minutes. No item is given up for it.',
      '- If you refuse our key (401, 402, 403), each worker sends it three times at most, and the run ends.',
      '- When your answers become slower, each worker makes fewer calls at a time.',
    ].join('\n'),
    [
      'How to slow us down or stop us',
      '- Slower, at once and without us: answer 429 with Retry-After (seconds or a date).',
      '- Stop, at once and without us: answer 503 with Retry-After to everything. The run waits for you for up ' +
        'to about two days, and continues by itself when you do.',
      `- For good, or at another rate: ${contact ? `write to ${contact}` : 'answer this message'}. We can end a run within ` +
        'seconds.',
      '- Our requests carry the header User-Agent: spillway.',
    ].join('\n'),
    ['Thank you,', from, contact].filter((one) => one !== undefined).join('\n'),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

function rateText({ perSecond, perMinute, burst = 1, counts, unitsPerCall }: Rate): string {
  const rate =
    perSecond === undefined ? `${countText(perMinute ?? 0)} a minute` : `${numberText(perSecond)} a second`;
  // A rate that covers only some requests does not say what each of them takes.
  const units = unitsPerCall <= 1 ? '' : `, of which a request takes ${numberText(unitsPerCall)}`;
  return `${counts === undefined ? '' : `${counts}: `}${rate}${burst > 1 ? `, ${countText(burst)} at once` : ''}${units}`;
}

type Rate = Forecast['plan']['upstreams'][number]['rates'][number];

/** To the minute, in UTC, because the reader may be anywhere. */
function startText(startsAt: string | undefined): string {
  if (startsAt === undefined) return 'at a time to be agreed';
  const at = new Date(startsAt);
  if (Number.isNaN(at.getTime())) {
    throw new SpillwayError(
      forecastErrors.DATE_INVALID,
      `startsAt must be a date and time, but was '${startsAt}'`,
    );
  }
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
