import type { Job } from './job.ts';
import type { Slice, SliceRef } from './slice.ts';

/** State of the task that sends the notice of a job's end. */
export interface NoticeNote {
  /** The request body: the job as it was when it ended. */
  body?: string;
  /** Result of the last try. */
  lastStatus?: number;
  lastError?: string;
  /** Set when there are no more tries. */
  outcome?: 'delivered' | 'failed';
}

const prefix = 'notify-';

/** Each round ends once and has its own notice. */
export const noticeId = ({ rounds = 0 }: Pick<Job, 'rounds'>): string => `${prefix}${rounds}`;

/** Whether a message points to a notice. Only those concern jobs that have ended. */
export const isNotice = ({ sliceId }: Pick<SliceRef, 'sliceId'>): boolean => sliceId.startsWith(prefix);

/** The id by which receivers tell notices apart. */
export const sentId = ({ jobId, id }: Pick<Slice, 'jobId' | 'id'>): string =>
  `${jobId}_${id.slice(prefix.length)}`;
